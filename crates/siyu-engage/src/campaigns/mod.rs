//! Campaigns: one message to one audience, with a control group and a goal.
//!
//! Starting freezes the audience. A job turns it into sends in chunks; delivery
//! decides about each person when their turn comes, for both arms alike, so that
//! the control group holds only people who would have got the message.

mod actions;
mod api;
mod estimate;
mod jobs;
mod model;
mod preview;
mod rules;
mod sends;
pub(crate) mod store;

use std::sync::Arc;

use siyu_connect::channels::kind;
use siyu_db::Db;
use siyu_types::ProjectId;
use siyu_types::error::Result;

pub use actions::advance;
pub(crate) use api::routes;
pub use jobs::Expand;
pub use model::{Campaign, CampaignState, Goal, SendCounts};
pub use rules::{Draft, Move};
pub(crate) use store::{channel_in, finish_if_done, get, pause, purpose_in, users_of};

use crate::audience::Audience;
use crate::content::{Compiled, Content, Setting};
use crate::delivery::Plan;

/// What delivery needs to send a campaign.
pub(crate) async fn plan(
    db: &Db,
    audience: &dyn Audience,
    project: ProjectId,
    campaign: i64,
) -> Result<Plan> {
    plan_of(audience, &store::get(db, project, campaign).await?)
}

pub(crate) fn plan_of(audience: &dyn Audience, campaign: &Campaign) -> Result<Plan> {
    let project = campaign.project;
    Ok(Plan {
        project,
        campaign: campaign.id,
        channel: kind(&campaign.channel)?.id,
        content: Arc::new(compile(audience, project, &campaign.content)?),
        purpose: campaign.purpose.clone(),
        automated: campaign.automated || decides(audience, campaign)?,
        zone: audience.project(project)?.zone,
    })
}

/// Whether a campaign decides about people automatically in the sense of the law:
/// its segment, or its content, uses what was computed to assess them.
pub(crate) fn decides(audience: &dyn Audience, campaign: &Campaign) -> Result<bool> {
    if let Some(segment) = campaign.segment
        && audience.assessed(campaign.project, segment)?
    {
        return Ok(true);
    }
    let compiled = compile(audience, campaign.project, &campaign.content)?;
    let assessing = audience.assessing_tags(campaign.project)?;
    let named = compiled.variables();
    Ok(named.iter().filter_map(|name| name.strip_prefix("person.tags.")).any(|tag| assessing.contains(tag)))
}

pub(crate) async fn channel_of(db: &Db, project: ProjectId, campaign: i64) -> Result<String> {
    Ok(store::get(db, project, campaign).await?.channel)
}

pub(crate) fn compile(audience: &dyn Audience, project: ProjectId, content: &Content) -> Result<Compiled> {
    let view = audience.project(project)?;
    Compiled::new(content, Setting { project: view.name, currency: view.currency, zone: view.zone })
}
