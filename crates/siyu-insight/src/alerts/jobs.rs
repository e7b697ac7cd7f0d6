//! The job that looks at the alerts whose time has come, every five minutes.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};
use siyu_db::{JobHandler, JobRun, Jobs, NewJob};
use siyu_types::ports::Tells;
use siyu_types::{ProjectId, Result};

use super::store;
use crate::Insight;

const KIND: &str = "alerts_look";
const EVERY: i64 = 5 * 60_000;

/// Looks after the alerts of all projects.
pub struct AlertWatch {
    pub insight: Insight,
    pub jobs: Jobs,
    /// Tells whom an alert names.
    pub tells: Arc<dyn Tells>,
    /// How browsers reach this server, without a slash at the end; links in messages start with it.
    pub public_url: String,
}

impl AlertWatch {
    /// Queues the next look at a project's alerts; once per project.
    pub async fn start(&self, project: ProjectId) -> Result<()> {
        let next = (self.insight.now() / EVERY + 1) * EVERY;
        self.jobs.enqueue(NewJob::new(project, KIND, json!({})).once("regular").due_at(next)).await?;
        Ok(())
    }

    /// Looks at what is due in one project; answers how many alerts that were.
    pub async fn check(&self, project: ProjectId) -> Result<usize> {
        let due = store::due(self.insight.db(), project, self.insight.now()).await?;
        let count = due.len();
        for alert in due {
            super::look(self, project, alert).await?;
        }
        Ok(count)
    }
}

/// Runs [`AlertWatch::check`].
pub struct AlertHandler(pub Arc<AlertWatch>);

#[async_trait]
impl JobHandler for AlertHandler {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, run: JobRun) -> Result<Value> {
        // First the next turn: a look that fails for good must not end all looks.
        self.0.start(run.project).await?;
        let looked = self.0.check(run.project).await?;
        Ok(json!({ "looked": looked }))
    }
}
