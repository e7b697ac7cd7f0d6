//! What a job is.

use async_trait::async_trait;
use serde_json::Value;
use siyu_types::clock::Millis;
use siyu_types::{ProjectId, Result};

use super::{JobRun, WAITS_MILLIS};

/// A request for work.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub project: ProjectId,
    pub kind: &'static str,
    pub params: Value,
    /// Two waiting jobs with one key are one job.
    pub dedupe: Option<String>,
    /// Not before this instant; at once if it has passed.
    pub due_at: Millis,
}

impl NewJob {
    pub fn new(project: ProjectId, kind: &'static str, params: Value) -> NewJob {
        NewJob { project, kind, params, dedupe: None, due_at: 0 }
    }

    #[must_use]
    pub fn once(mut self, dedupe: impl Into<String>) -> NewJob {
        self.dedupe = Some(dedupe.into());
        self
    }

    #[must_use]
    pub fn due_at(mut self, at: Millis) -> NewJob {
        self.due_at = at;
        self
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JobState {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

impl JobState {
    pub const ALL: &[JobState] =
        &[JobState::Queued, JobState::Running, JobState::Done, JobState::Failed, JobState::Cancelled];

    pub fn as_str(self) -> &'static str {
        match self {
            JobState::Queued => "queued",
            JobState::Running => "running",
            JobState::Done => "done",
            JobState::Failed => "failed",
            JobState::Cancelled => "cancelled",
        }
    }

    pub fn parse(text: &str) -> Option<JobState> {
        JobState::ALL.iter().copied().find(|state| state.as_str() == text)
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct Job {
    pub id: i64,
    pub project: ProjectId,
    pub kind: String,
    pub params: Value,
    pub state: JobState,
    /// Times it was started.
    pub attempts: i64,
    pub cancel: bool,
    pub done: i64,
    pub total: i64,
    pub note: String,
    /// `code: message` of the last failure.
    pub error: Option<String>,
    pub result: Option<Value>,
    pub created_at: Millis,
    pub finished_at: Option<Millis>,
}

/// Does the work of one kind of job. May be run twice for the same job.
#[async_trait]
pub trait JobHandler: Send + Sync + 'static {
    fn kind(&self) -> &'static str;

    /// The answer is kept as the job's result. An error that may pass (`retryable`
    /// or internal) is tried again after a while; any other ends the job.
    async fn run(&self, run: JobRun) -> Result<Value>;

    /// Milliseconds to wait before each further run after an error that may pass.
    fn waits(&self) -> &'static [Millis] {
        &WAITS_MILLIS
    }
}
