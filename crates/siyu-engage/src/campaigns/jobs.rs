//! The job that turns a frozen audience into sends. It may stop anywhere and run
//! again: every chunk is one transaction together with how far it came.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value as Json, json};
use siyu_db::{JobHandler, JobRun, NewJob, db_error};
use siyu_types::ProjectId;
use siyu_types::error::Result;

use super::model::CampaignState;
use super::store;
use crate::Engage;
use crate::delivery::{self as outbox, rules};

/// Sends put into the outbox in one transaction.
const CHUNK: usize = 5_000;

pub(super) const EXPAND: &str = "campaign_expand";

pub(super) fn expand(project: ProjectId, campaign: i64) -> NewJob {
    NewJob::new(project, EXPAND, json!({ "campaign": campaign })).once(format!("campaign:{campaign}"))
}

/// Handles the job.
pub struct Expand(pub Arc<Engage>);

#[async_trait]
impl JobHandler for Expand {
    fn kind(&self) -> &'static str {
        EXPAND
    }

    async fn run(&self, run: JobRun) -> Result<Json> {
        #[derive(serde::Deserialize)]
        struct Params {
            campaign: i64,
        }
        let engage = &self.0;
        let Params { campaign } = run.params()?;
        let members = store::audience(&engage.db, campaign).await?;
        let total = members.len();
        loop {
            let mut tx = engage.db.begin().await?;
            let now = engage.clock.now();
            let row = store::get_in(&mut tx, run.project, campaign).await?;
            let going = matches!(row.state, CampaignState::Running | CampaignState::Paused);
            if !going || row.expanded >= total {
                return Ok(json!({ "campaign": campaign, "sends": row.expanded }));
            }
            // Finding the next member goes by containers, so late chunks cost no more than early ones.
            let from = u32::try_from(row.expanded).unwrap_or(u32::MAX);
            let first = members.select(from).unwrap_or(0);
            let sends: Vec<outbox::NewSend> = members
                .range(first..)
                .take(CHUNK)
                .map(|person| outbox::NewSend {
                    send_id: rules::send_id(run.project, campaign, person),
                    person,
                    arm: rules::arm(run.project, campaign, person, row.control_percent),
                })
                .collect();
            outbox::add(&mut tx, run.project, campaign, &sends, now).await?;
            let done = row.expanded + sends.len() as u64;
            store::set_expanded(&mut tx, campaign, done).await?;
            tx.commit().await.map_err(db_error)?;
            engage.delivery.wake();
            run.progress(done, total, "campaign_expand").await?;
        }
    }
}
