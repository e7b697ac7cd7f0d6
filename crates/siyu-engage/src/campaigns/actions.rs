//! What people do with campaigns, each in one transaction with its audit row.

use siyu_db::db_error;
use siyu_govern::audit;
use siyu_govern::consent::MARKETING;
use siyu_types::Viewer;
use siyu_types::error::{Error, ErrorCode, Result};

use super::api::{CampaignChange, NewCampaign, content_of, detail};
use super::model::CampaignState;
use super::rules::{Draft, Move, editable, moved};
use super::{compile, decides, jobs, store};
use crate::Engage;

pub(super) async fn create(engage: &Engage, viewer: &Viewer, body: NewCampaign) -> Result<i64> {
    let draft = Draft {
        content: content_of(&body.channel, body.content)?,
        name: body.name,
        channel: body.channel,
        segment: body.segment_id,
        control_percent: body.control_percent,
        goal: body.goal,
        purpose: body.purpose.unwrap_or_else(|| MARKETING.to_owned()),
        automated: body.automated,
    };
    check(engage, viewer, &draft).await?;
    let now = engage.clock.now();
    let mut tx = engage.db.begin().await?;
    let id = store::create(&mut tx, viewer.project, &draft, now).await?;
    let detail = detail(&draft.name, &draft.channel);
    audit(&mut tx, viewer, "campaigns.create", &format!("campaign:{id}"), detail, now).await?;
    tx.commit().await.map_err(db_error)?;
    Ok(id)
}

async fn check(engage: &Engage, viewer: &Viewer, draft: &Draft) -> Result<()> {
    draft.validate()?;
    match engage.govern.purpose(viewer.project, &draft.purpose).await {
        Err(error) if error.code == ErrorCode::NotFound => Err(unknown_purpose(&draft.purpose)),
        other => other.map(|_| ()),
    }
}

fn unknown_purpose(purpose: &str) -> Error {
    Error::new(ErrorCode::UnknownName, "there is no such purpose").with("name", purpose).at("purpose")
}

pub(super) async fn change(engage: &Engage, viewer: &Viewer, id: i64, body: CampaignChange) -> Result<()> {
    let now = engage.clock.now();
    let purposes = engage.govern.purposes(viewer.project).await?;
    let mut tx = engage.db.begin().await?;
    let campaign = store::get_in(&mut tx, viewer.project, id).await?;
    editable(&campaign)?;
    let channel = body.channel.unwrap_or_else(|| campaign.channel.clone());
    let content = match body.content {
        None if channel == campaign.channel => campaign.content,
        json => content_of(&channel, json)?,
    };
    let draft = Draft {
        name: body.name.unwrap_or(campaign.name),
        channel,
        segment: body.segment_id.unwrap_or(campaign.segment),
        content,
        control_percent: body.control_percent.unwrap_or(campaign.control_percent),
        goal: body.goal.unwrap_or(campaign.goal),
        purpose: body.purpose.unwrap_or(campaign.purpose),
        automated: body.automated.unwrap_or(campaign.automated),
    };
    draft.validate()?;
    if !purposes.iter().any(|purpose| purpose.id == draft.purpose) {
        return Err(unknown_purpose(&draft.purpose));
    }
    store::update(&mut tx, viewer.project, id, &draft, now).await?;
    let detail = detail(&draft.name, &draft.channel);
    audit(&mut tx, viewer, "campaigns.change", &format!("campaign:{id}"), detail, now).await?;
    tx.commit().await.map_err(db_error)
}

pub(super) async fn remove(engage: &Engage, viewer: &Viewer, id: i64) -> Result<()> {
    let now = engage.clock.now();
    let mut tx = engage.db.begin().await?;
    let campaign = store::get_in(&mut tx, viewer.project, id).await?;
    editable(&campaign)?;
    store::delete(&mut tx, viewer.project, id).await?;
    let detail = detail(&campaign.name, &campaign.channel);
    audit(&mut tx, viewer, "campaigns.delete", &format!("campaign:{id}"), detail, now).await?;
    tx.commit().await.map_err(db_error)
}

/// Starts, pauses, resumes or cancels.
pub async fn advance(engage: &Engage, viewer: &Viewer, id: i64, step: Move) -> Result<()> {
    let campaign = store::get(&engage.db, viewer.project, id).await?;
    let to = moved(campaign.state, step)?;
    let mut automated = campaign.automated;
    let members = match step {
        Move::Start => {
            // Everything that would stop every single send is found before the first.
            compile(&*engage.audience, viewer.project, &campaign.content)?;
            engage.channels.open(viewer.project, &campaign.channel).await?;
            let segment = campaign.segment.ok_or_else(|| Error::invalid("segment_id", "choose a segment"))?;
            automated = automated || decides(&*engage.audience, &campaign)?;
            Some(engage.members(viewer.project, segment).await?)
        }
        _ => None,
    };
    let now = engage.clock.now();
    let mut tx = engage.db.begin().await?;
    if !store::change_state(&mut tx, id, campaign.state, to, now).await? {
        // Somebody was faster; what they made of it decides.
        let now_is = store::get_in(&mut tx, viewer.project, id).await?;
        return moved(now_is.state, step)
            .and(Err(Error::new(ErrorCode::Conflict, "the campaign was changed at the same time")));
    }
    let mut people = campaign.chosen;
    if let Some(members) = &members {
        people = members.len();
        store::start(&mut tx, id, members, automated, now).await?;
        engage.jobs.enqueue_in(&mut tx, jobs::expand(viewer.project, id)).await?;
    }
    if to == CampaignState::Cancelled {
        crate::delivery::cancel_waiting(&mut tx, id, now).await?;
    }
    let mut detail = detail(&campaign.name, &campaign.channel);
    detail["people"] = people.into();
    let action = format!("campaigns.{}", step.as_str());
    audit(&mut tx, viewer, &action, &format!("campaign:{id}"), detail, now).await?;
    tx.commit().await.map_err(db_error)?;
    engage.jobs.wake();
    engage.delivery.wake();
    Ok(())
}
