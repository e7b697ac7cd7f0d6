//! The sweep: every tag is computed and every dynamic segment counted anew, what
//! others need first; when a project is opened and then hourly. Between sweeps tags
//! keep their values; segments are worked out whenever they are asked for.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};
use siyu_db::{JobHandler, JobRun, NewJob};
use siyu_types::Result;

use crate::Audience;
use crate::projects::{Named, Project};
use crate::{segments, tags};

pub(crate) const KIND: &str = "audience_sweep";
const HOUR: i64 = 3_600_000;

pub(crate) struct Sweep(pub Audience);

#[async_trait]
impl JobHandler for Sweep {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, run: JobRun) -> Result<Value> {
        let audience = &self.0;
        let project = audience.inner.projects.get(run.project)?;
        let order = order(&project);
        let total = order.len() as u64;
        let mut failed = 0;
        for (done, named) in order.into_iter().enumerate() {
            run.progress(done as u64, total, "").await?;
            failed += u64::from(renew(audience, &project, named).await.is_err());
        }
        run.progress(total, total, "").await?;
        schedule(audience, &project).await?;
        Ok(json!({ "computed": total - failed, "failed": failed }))
    }
}

/// All tags and segments, what others need first.
fn order(project: &Project) -> Vec<Named> {
    let definitions = project.definitions();
    let tags = definitions.tags.keys().map(|id| Named::Tag(*id));
    let segments = definitions.segments.keys().map(|id| Named::Segment(*id));
    definitions.in_order(tags.chain(segments))
}

/// A tag keeps its own error; one that fails must not stop the others.
async fn renew(audience: &Audience, project: &Arc<Project>, named: Named) -> Result<()> {
    match named {
        Named::Tag(id) => tags::compute(audience, project, id).await,
        Named::Segment(id) => segments::refresh(audience, project, id).await.map(|_| ()),
    }
}

/// Computes everything before the project is used: tag values are kept in memory
/// only, and an audience chosen without them would be a wrong one.
pub(crate) async fn run_first(audience: &Audience, project: &Arc<Project>) -> Result<()> {
    for named in order(project) {
        if let Err(error) = renew(audience, project, named).await {
            tracing::warn!(project.id = project.id.0, ?named, %error, "not computed");
        }
    }
    schedule(audience, project).await
}

async fn schedule(audience: &Audience, project: &Project) -> Result<()> {
    let next = (audience.now() / HOUR + 1) * HOUR;
    let job = NewJob::new(project.id, KIND, json!({})).once("hourly").due_at(next);
    audience.inner.jobs.enqueue(job).await?;
    Ok(())
}
