//! The durable job queue: long work with progress, cancel, retries and recovery.
//!
//! A job is a row. A worker takes it with a lease that it keeps renewing; when the
//! process dies the lease runs out and the job runs again, so **every handler may
//! run twice** and must make the second run harmless.
//!
//! `Jobs::enqueue` from anywhere, one `JobHandler` per kind in the feature's `jobs.rs`,
//! the list of handlers in `siyu`. Tests call `run_pending` instead of the worker loop.

mod model;
mod store;
mod worker;

use std::sync::Arc;

use siyu_types::{Clock, ProjectId, Result};
use tokio::sync::Notify;

pub use model::{Job, JobHandler, JobState, NewJob};
pub use worker::JobRun;

use crate::{Db, Tx, db_error};

/// A worker renews its lease several times within this span.
pub const LEASE_MILLIS: i64 = 60_000;
/// How long to wait before each further run after an error that may pass, where a kind of job says
/// nothing else; then the job is given up.
pub const WAITS_MILLIS: [i64; 3] = [5_000, 10_000, 20_000];

/// The queue; cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    db: Db,
    clock: Arc<dyn Clock>,
    wake: Arc<Notify>,
}

impl Jobs {
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Jobs {
        Jobs { db, clock, wake: Arc::new(Notify::new()) }
    }

    /// Queues a job and answers its id. A job of the same project, kind and dedupe
    /// key that is still waiting is answered instead of a second one.
    pub async fn enqueue(&self, job: NewJob) -> Result<i64> {
        let mut tx = self.db.begin().await?;
        let id = self.enqueue_in(&mut tx, job).await?;
        tx.commit().await.map_err(db_error)?;
        self.wake();
        Ok(id)
    }

    /// As `enqueue`, within the caller's transaction; call `wake` after the commit.
    pub async fn enqueue_in(&self, tx: &mut Tx, job: NewJob) -> Result<i64> {
        store::enqueue(tx, &job, self.clock.now()).await
    }

    /// Tells the worker loop that there may be work.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    pub async fn get(&self, project: ProjectId, id: i64) -> Result<Job> {
        store::get(&self.db, project, id).await
    }

    /// Newest first, ids below `before`.
    pub async fn list(&self, project: ProjectId, before: Option<i64>, limit: i64) -> Result<Vec<Job>> {
        store::list(&self.db, project, before, limit).await
    }

    /// Cancels a waiting job at once; a running one is asked to stop, which it does
    /// at its next `progress`.
    pub async fn cancel(&self, project: ProjectId, id: i64) -> Result<Job> {
        let mut tx = self.db.begin().await?;
        store::cancel(&mut tx, project, id, self.clock.now()).await?;
        tx.commit().await.map_err(db_error)?;
        self.get(project, id).await
    }

    /// Makes the jobs of a process that is gone ready to run. On SQLite there is one
    /// process, so everything that is marked running was left behind by a crash.
    pub async fn recover(&self) -> Result<u64> {
        let recovered = store::recover(&self.db, self.clock.now()).await?;
        self.wake();
        Ok(recovered)
    }

    /// Jobs waiting or running, over all projects.
    pub async fn depth(&self) -> Result<i64> {
        store::depth(&self.db).await
    }
}
