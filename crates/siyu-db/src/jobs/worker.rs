//! Runs jobs: the loop of the server, and `run_pending` for tests.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use siyu_types::clock::Millis;
use siyu_types::{Error, ErrorCode, ProjectId, Result};
use tokio::sync::{Semaphore, watch};

use super::store::{self, End, Progress};
use super::{Job, JobHandler, Jobs, LEASE_MILLIS};

/// Jobs running at the same time in one process.
const RUNNING_MAX: usize = 2;
/// How often the queue is looked at without being woken: for jobs with a due time
/// and for those of other processes.
const POLL_MILLIS: u64 = 1_000;

type Handlers = Arc<HashMap<&'static str, Arc<dyn JobHandler>>>;

/// One run of one job, as its handler sees it.
pub struct JobRun {
    pub id: i64,
    pub project: ProjectId,
    pub params: Value,
    /// 1 for the first run.
    pub attempt: i64,
    /// There is no further run after this one.
    pub last: bool,
    job: Job,
    jobs: Jobs,
}

impl JobRun {
    /// Reports progress. An error means: stop (the job was cancelled, or runs
    /// elsewhere); hand it on with `?`.
    pub async fn progress(&self, done: u64, total: u64, note: &str) -> Result<()> {
        let progress = Progress { done: done as i64, total: total as i64, note };
        match store::renew(&self.jobs.db, &self.job, self.jobs.clock.now(), Some(progress)).await? {
            true => Ok(()),
            false => Err(Error::new(ErrorCode::WrongState, "the job was cancelled")),
        }
    }

    /// The parameters as the handler's own type.
    pub fn params<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_value(self.params.clone())
            .map_err(|error| Error::internal(format!("parameters of job {}: {error}", self.id)))
    }
}

impl Jobs {
    /// Runs jobs until `stop` becomes true, then waits for those under way.
    pub async fn work(&self, handlers: Vec<Arc<dyn JobHandler>>, mut stop: watch::Receiver<bool>) {
        let handlers = by_kind(handlers);
        let slots = Arc::new(Semaphore::new(RUNNING_MAX));
        while !*stop.borrow() {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
            match store::claim(&self.db, self.clock.now()).await {
                Ok(Some(job)) => {
                    let (jobs, handlers) = (self.clone(), Arc::clone(&handlers));
                    tokio::spawn(async move {
                        jobs.run(job, &handlers).await;
                        drop(slot);
                        jobs.wake();
                    });
                    continue;
                }
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "the job queue cannot be read"),
            }
            drop(slot);
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep(Duration::from_millis(POLL_MILLIS)) => {}
                _ = stop.changed() => {}
            }
        }
        // All slots free means that nothing is under way any more.
        let _ = slots.acquire_many(RUNNING_MAX as u32).await;
    }

    /// Runs everything that is due by the clock, one after the other, and answers
    /// how many runs that took. For tests.
    pub async fn run_pending(&self, handlers: Vec<Arc<dyn JobHandler>>) -> Result<usize> {
        let handlers = by_kind(handlers);
        let mut runs = 0;
        while let Some(job) = store::claim(&self.db, self.clock.now()).await? {
            self.run(job, &handlers).await;
            runs += 1;
        }
        Ok(runs)
    }

    async fn run(&self, job: Job, handlers: &Handlers) {
        let handler = handlers.get(job.kind.as_str());
        let wait = handler.and_then(|handler| wait(handler.as_ref(), &job));
        let end = match handler {
            Some(handler) => self.run_with(&job, Arc::clone(handler)).await,
            None => End::Failed(Error::new(
                ErrorCode::WrongState,
                format!("this build knows no job of the kind {}", job.kind),
            )),
        };
        if let End::Failed(error) = &end {
            tracing::warn!(job.id, job.kind, job.attempts, error.code = error.code.as_str(), %error, "job failed");
        }
        if let Err(error) = store::finish(&self.db, &job, end, wait, self.clock.now()).await {
            tracing::error!(job.id, %error, "the end of a job cannot be written");
        }
    }

    /// The handler runs as its own task, so that a panic is a failure of this job only.
    async fn run_with(&self, job: &Job, handler: Arc<dyn JobHandler>) -> End {
        let run = JobRun {
            id: job.id,
            project: job.project,
            params: job.params.clone(),
            attempt: job.attempts,
            last: wait(handler.as_ref(), job).is_none(),
            job: job.clone(),
            jobs: self.clone(),
        };
        let mut task = tokio::spawn(async move { handler.run(run).await });
        let every = Duration::from_millis(LEASE_MILLIS as u64 / 4);
        let result = loop {
            tokio::select! {
                result = &mut task => break result,
                () = tokio::time::sleep(every) => {
                    if let Err(error) = store::renew(&self.db, job, self.clock.now(), None).await {
                        tracing::warn!(job.id, %error, "the lease of a job cannot be renewed");
                    }
                }
            }
        };
        match result {
            Ok(Ok(value)) => End::Done(value),
            Ok(Err(error)) => match self.get(job.project, job.id).await {
                Ok(now) if now.cancel => End::Cancelled,
                _ => End::Failed(error),
            },
            Err(panic) => End::Failed(Error::internal(format!("the handler broke: {panic}"))),
        }
    }
}

/// How long to wait before the run after this one, if there may be one.
fn wait(handler: &dyn JobHandler, job: &Job) -> Option<Millis> {
    let run = usize::try_from(job.attempts).ok()?.checked_sub(1)?;
    handler.waits().get(run).copied()
}

fn by_kind(handlers: Vec<Arc<dyn JobHandler>>) -> Handlers {
    Arc::new(handlers.into_iter().map(|handler| (handler.kind(), handler)).collect())
}
