//! The job that computes one tag.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use siyu_db::{JobHandler, JobRun};
use siyu_types::Result;

use crate::Audience;

pub(crate) const KIND: &str = "tag_compute";

pub(crate) struct ComputeTag(pub Audience);

#[derive(Deserialize)]
struct Params {
    tag: i64,
}

#[async_trait]
impl JobHandler for ComputeTag {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, run: JobRun) -> Result<Value> {
        let Params { tag } = run.params()?;
        let project = self.0.inner.projects.get(run.project)?;
        super::compute(&self.0, &project, tag).await?;
        Ok(json!({ "tag": tag }))
    }
}
