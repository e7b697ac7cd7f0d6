//! The job that compares what arrives with what is expected, every five minutes.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};
use siyu_db::{JobHandler, JobRun, Jobs, NewJob, db_error};
use siyu_govern::{Govern, audit};
use siyu_types::{ProjectId, Result, Viewer};

use super::model::{Rule, RuleState, Verdict};
use super::{rules, store};
use crate::ingest::Ingest;

const KIND: &str = "quality_check";
const EVERY: i64 = 5 * 60_000;

/// Looks after the expectations of all projects.
pub struct QualityWatch {
    pub ingest: Arc<Ingest>,
    pub govern: Govern,
    pub jobs: Jobs,
}

impl QualityWatch {
    /// Queues the next look at a project's expectations; once per project.
    pub async fn start(&self, project: ProjectId) -> Result<()> {
        let next = (self.ingest.clock().now() / EVERY + 1) * EVERY;
        self.jobs.enqueue(NewJob::new(project, KIND, json!({})).once("regular").due_at(next)).await?;
        Ok(())
    }

    /// Looks at one project now; answers how many rules fire.
    pub async fn check(&self, project: ProjectId) -> Result<usize> {
        let mut firing = 0;
        let now = self.ingest.clock().now();
        let pipeline = self.ingest.pipeline(project)?;
        for rule in store::rules(self.govern.db(), project).await? {
            let verdict = pipeline.counters(|counters| rules::evaluate(&rule, counters, now));
            firing += usize::from(verdict.state == RuleState::Firing);
            self.note(project, &rule, verdict, now).await?;
        }
        Ok(firing)
    }

    /// Writes down what was found; the start and the end of an alert are also in the audit.
    async fn note(&self, project: ProjectId, rule: &Rule, verdict: Verdict, now: i64) -> Result<()> {
        let viewer = Viewer::system(project);
        let object = format!("quality_rule:{}", rule.id);
        let mut tx = self.govern.db().begin().await?;
        if !store::note(&mut tx, project, rule, verdict, now).await? {
            return Ok(());
        }
        let fires = verdict.state == RuleState::Firing;
        if fires && rule.verdict.state != RuleState::Firing {
            store::open_alert(&mut tx, project, rule, verdict, now).await?;
            let detail = json!({ "source": rule.draft.source, "event": rule.draft.event,
                "kind": rule.draft.kind.as_str(), "threshold": rule.draft.threshold,
                "observed": verdict.observed, "expected": verdict.expected });
            audit(&mut tx, &viewer, "quality.alert", &object, detail, now).await?;
        }
        if !fires && store::end_alerts(&mut tx, project, rule.id, now).await? > 0 {
            audit(&mut tx, &viewer, "quality.alert_end", &object, json!({}), now).await?;
        }
        tx.commit().await.map_err(db_error)
    }
}

/// Runs [`QualityWatch::check`].
pub struct QualityHandler(pub Arc<QualityWatch>);

#[async_trait]
impl JobHandler for QualityHandler {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, run: JobRun) -> Result<Value> {
        let firing = self.0.check(run.project).await?;
        self.0.start(run.project).await?;
        Ok(json!({ "firing": firing }))
    }
}
