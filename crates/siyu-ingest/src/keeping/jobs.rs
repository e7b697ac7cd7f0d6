//! The jobs that write anew what is stored: one kind for what has to be sealed, one for
//! identifiers that became hashes. They do the same, and are told apart for who watches.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};
use siyu_audience::identity::HASH_STORED;
use siyu_db::{JobHandler, JobRun};
use siyu_types::{Error, Result};

use super::Keeping;
use crate::pipeline::Renewing;

/// The job that seals what was stored before sealing was switched on.
pub const RENEW_JOB: &str = "seal_stored";
/// Of the progress that is shown; each step has as much of it.
const STEP_PARTS: u64 = 1_000;

pub struct RenewHandler {
    keeping: Arc<Keeping>,
    kind: &'static str,
}

impl RenewHandler {
    /// One for each kind.
    pub fn all(keeping: &Arc<Keeping>) -> [RenewHandler; 2] {
        [RENEW_JOB, HASH_STORED].map(|kind| RenewHandler { keeping: Arc::clone(keeping), kind })
    }
}

#[async_trait]
impl JobHandler for RenewHandler {
    fn kind(&self) -> &'static str {
        self.kind
    }

    async fn run(&self, run: JobRun) -> Result<Value> {
        let pipeline = self.keeping.ingest.pipeline(run.project)?;
        // What was decided before it was queued is applied by now.
        pipeline.drain().await?;
        let others = self.keeping.seal_others(run.project).await?;
        let runtime = tokio::runtime::Handle::current();
        let work = move || {
            let total = Renewing::ALL.len() as u64 * STEP_PARTS;
            let mut told = |step: Renewing, done: u64, all: u64| {
                let before = Renewing::ALL.iter().position(|one| *one == step).unwrap_or(0) as u64;
                let done = before * STEP_PARTS + done * STEP_PARTS / all.max(1);
                if let Err(error) = runtime.block_on(run.progress(done, total, "")) {
                    tracing::warn!(%error, "the progress of a job was not noted");
                }
            };
            let renewed = pipeline.renew(&mut told)?;
            Ok(json!({ "events_changed": renewed.events_changed, "event_files": renewed.event_files,
                "log_records": renewed.log_records, "files": others }))
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }
}
