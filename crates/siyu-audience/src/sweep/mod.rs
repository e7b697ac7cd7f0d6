//! The hourly sweep: every tag is computed and every dynamic segment counted anew,
//! what others need first. Between sweeps tags keep their values; segments are
//! worked out whenever they are asked for.

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
        let project: Arc<Project> = audience.inner.projects.get(run.project)?;
        let definitions = project.definitions();
        let tags = definitions.tags.keys().map(|id| Named::Tag(*id));
        let segments = definitions.segments.keys().map(|id| Named::Segment(*id));
        let order = definitions.in_order(tags.chain(segments));
        let total = order.len() as u64;
        let mut failed = 0;
        for (done, named) in order.into_iter().enumerate() {
            run.progress(done as u64, total, "").await?;
            let result = match named {
                Named::Tag(id) => tags::compute(audience, &project, id).await,
                Named::Segment(id) => segments::refresh(audience, &project, id).await.map(|_| ()),
            };
            // A tag keeps its own error; one that fails must not stop the others.
            failed += u64::from(result.is_err());
        }
        run.progress(total, total, "").await?;
        let next = (audience.now() / HOUR + 1) * HOUR;
        let job = NewJob::new(run.project, KIND, json!({})).once("hourly").due_at(next);
        audience.inner.jobs.enqueue(job).await?;
        Ok(json!({ "computed": total - failed, "failed": failed }))
    }
}
