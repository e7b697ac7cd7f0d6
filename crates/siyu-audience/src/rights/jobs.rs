//! The job that makes a copy, and the one that removes copies after their time.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use siyu_db::{JobHandler, JobRun, NewJob};
use siyu_govern::rights::CopyState;
use siyu_types::Result;

use super::copy;
use crate::Audience;

pub(super) const COPY: &str = "rights_copy";
const EXPIRE: &str = "rights_expire";

pub(crate) struct MakeCopy(pub Audience);

#[derive(Deserialize)]
struct Params {
    copy: i64,
}

#[async_trait]
impl JobHandler for MakeCopy {
    fn kind(&self) -> &'static str {
        COPY
    }

    async fn run(&self, run: JobRun) -> Result<Value> {
        let Params { copy: id } = run.params()?;
        let govern = &self.0.inner.govern;
        let copy = govern.copy(run.project, id).await?;
        if matches!(copy.state, CopyState::Ready | CopyState::Removed) {
            return Ok(json!({ "copy": id }));
        }
        let made = match copy::make(&self.0, &copy, &run).await {
            Ok(made) => made,
            Err(error) => {
                govern.copy_failed(id).await?;
                return Err(error);
            }
        };
        govern.copy_made(id, &made).await?;
        let expire = NewJob::new(run.project, EXPIRE, json!({})).once(format!("copy:{id}"));
        self.0.inner.jobs.enqueue(expire.due_at(copy.expires_at)).await?;
        Ok(json!({ "copy": id, "bytes": made.bytes }))
    }
}

pub(crate) struct ExpireCopies(pub Audience);

#[async_trait]
impl JobHandler for ExpireCopies {
    fn kind(&self) -> &'static str {
        EXPIRE
    }

    async fn run(&self, _: JobRun) -> Result<Value> {
        let removed = self.0.inner.govern.remove_expired_copies().await?;
        Ok(json!({ "removed": removed }))
    }
}
