//! The job that tells one receiver of one change.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use siyu_db::{JobHandler, JobRun, NewJob};
use siyu_types::clock::Millis;
use siyu_types::{Error, ProjectId, Result};

use crate::alerts::AlertWatch;

const KIND: &str = "alerts_tell";
const MINUTE: Millis = 60_000;
/// A mail server that does not know a sender puts it off for minutes up to half an hour; two hours
/// later an alert is hardly news.
pub(super) const WAITS_MILLIS: [Millis; 6] =
    [MINUTE / 6, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 60 * MINUTE];

/// What is stored with the job: the number alone, so that no address stands in the list of jobs.
#[derive(Serialize, Deserialize)]
struct Params {
    telling: i64,
}

pub(super) fn job(project: ProjectId, telling: i64, send_id: &str) -> Result<NewJob> {
    let params = serde_json::to_value(Params { telling }).map_err(Error::internal)?;
    Ok(NewJob::new(project, KIND, params).once(send_id))
}

/// Runs [`super::carry_out`].
pub struct TellHandler(pub Arc<AlertWatch>);

#[async_trait]
impl JobHandler for TellHandler {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, run: JobRun) -> Result<Value> {
        let Params { telling } = run.params()?;
        let outcome = super::carry_out(&self.0, run.project, telling, run.last).await?;
        Ok(json!({ "outcome": outcome }))
    }

    fn waits(&self) -> &'static [Millis] {
        &WAITS_MILLIS
    }
}
