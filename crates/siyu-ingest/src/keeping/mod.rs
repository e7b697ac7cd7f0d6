//! Keeping things in the form in which they are to be kept: when sealing is switched on, or a
//! kind of identifier is to be kept as hashes, a job writes anew what was stored before.

mod jobs;

use std::sync::Arc;

use serde_json::json;
use siyu_db::{Jobs, NewJob, TextColumn, seal_stored};
use siyu_govern::Govern;
use siyu_types::{Error, ProjectId, Result};

use crate::imports::Imports;
use crate::ingest::Ingest;

pub use jobs::{RENEW_JOB, RenewHandler};

/// Until files are looked at again that somebody was at work on.
const AGAIN_MILLIS: i64 = 10 * 60_000;

/// Sees to it that a project is kept as it is to be.
pub struct Keeping {
    ingest: Arc<Ingest>,
    imports: Arc<Imports>,
    govern: Govern,
    jobs: Jobs,
    /// Columns of all tables that are sealed.
    texts: Vec<TextColumn>,
}

impl Keeping {
    pub fn new(
        ingest: Arc<Ingest>,
        imports: Arc<Imports>,
        (govern, jobs): (Govern, Jobs),
        texts: Vec<TextColumn>,
    ) -> Arc<Keeping> {
        Arc::new(Keeping { ingest, imports, govern, jobs, texts })
    }

    /// Files and rows that belong to no project's folder. Answers how many were sealed. What an
    /// import is at work on is looked at again later.
    async fn seal_others(&self, project: ProjectId) -> Result<u64> {
        let govern = self.govern.clone();
        let ingest = Arc::clone(&self.ingest);
        let copies = tokio::task::spawn_blocking(move || {
            ingest.unassigned().renew()?;
            govern.seal_copies()
        });
        let copies = copies.await.map_err(Error::internal)??;
        let (files, left) = self.imports.seal_files().await?;
        if left > 0 {
            let again = NewJob::new(project, RENEW_JOB, json!({})).once(RENEW_JOB);
            self.jobs.enqueue(again.due_at(self.govern.now() + AGAIN_MILLIS)).await?;
        }
        let texts = seal_stored(self.govern.db(), &self.texts).await?;
        if texts > 0 {
            // What stood in the place of a sealed text is to go from the file as well.
            self.govern.db().rewrite().await?;
        }
        Ok(copies + files + texts)
    }

    /// Queues the job of a project where something is stored otherwise. A project whose rules
    /// ask for hashes is refused where what it receives is not sealed.
    pub async fn start(&self, project: ProjectId) -> Result<()> {
        let pipeline = self.ingest.pipeline(project)?;
        if pipeline.project().people.read().graph().rules().keeps_hashes() {
            pipeline.project().require_sealing()?;
        }
        if pipeline.is_behind() {
            self.jobs.enqueue(NewJob::new(project, RENEW_JOB, json!({})).once(RENEW_JOB)).await?;
        }
        Ok(())
    }
}
