//! The job that takes what is left of a person away, step by step. A step that is done stays
//! done; one that was interrupted is done again from its beginning, which is harmless.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use siyu_db::{JobHandler, JobRun, db_error};
use siyu_types::{Error, Result};

use super::rules::{STEPS, together};
use super::{apply, store};
use crate::Audience;

pub(crate) const ERASE_JOB: &str = "people.erase";

#[derive(Deserialize)]
struct EraseParams {
    erasure: i64,
}

pub(crate) struct Erase(pub Audience);

#[async_trait]
impl JobHandler for Erase {
    fn kind(&self) -> &'static str {
        ERASE_JOB
    }

    async fn run(&self, run: JobRun) -> Result<Value> {
        let EraseParams { erasure: id } = run.params()?;
        let (audience, project) = (&self.0, run.project);
        let parts = audience.erasure_parts()?;
        apply(audience, &parts, project, id).await?;
        let erased = parts.erasures.erased(project, id)?;
        let erased = erased.ok_or_else(|| Error::internal("an order was applied and not obeyed"))?;
        let names = parts.erasures.names(project, &erased)?;
        let begun = store::steps(audience.db(), id).await?;
        for (seq, step) in STEPS.iter().enumerate() {
            let known = begun.get(seq);
            if known.is_some_and(|known| known.finished_at.is_some()) {
                continue;
            }
            run.progress(seq as u64, STEPS.len() as u64, step).await?;
            let mut tx = audience.db().begin().await?;
            store::begin(&mut tx, id, (seq, step), audience.now()).await?;
            tx.commit().await.map_err(db_error)?;
            let part = parts.traces.iter().find(|part| part.steps().contains(step));
            let removed = match part {
                Some(part) => part.remove(step, project, &erased, &names).await?,
                None => super::traces::remove(audience, step, project, &erased).await?,
            };
            let removed = together(known.map(|known| known.removed.clone()).unwrap_or_default(), removed);
            let mut tx = audience.db().begin().await?;
            store::end(&mut tx, id, seq, &removed, audience.now()).await?;
            if seq + 1 == STEPS.len() {
                store::finish(&mut tx, id, audience.now()).await?;
            }
            tx.commit().await.map_err(db_error)?;
        }
        Ok(json!({ "erasure": id }))
    }
}
