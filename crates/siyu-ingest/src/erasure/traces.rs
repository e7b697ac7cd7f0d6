//! The steps in which erased people leave the quarantine, the event store and the log.

use std::sync::Arc;

use siyu_types::erasure::{Erased, Removed};
use siyu_types::ports::{Erasures, NamesErased, PortFuture, Traces};
use siyu_types::{Error, ProjectId, Result};

use crate::ingest::Ingest;
use crate::pipeline::Pipeline;

const QUARANTINE: &str = "quarantine";
const EVENTS: &str = "events";
const LOG: &str = "log";

impl Erasures for Ingest {
    fn erased(&self, project: ProjectId, erasure: i64) -> Result<Option<Erased>> {
        Ok(self.pipeline(project)?.erased(erasure))
    }

    fn names(&self, project: ProjectId, erased: &Erased) -> Result<Arc<NamesErased>> {
        Ok(self.pipeline(project)?.names_erased(erased.erasure))
    }
}

impl Traces for Ingest {
    fn steps(&self) -> &'static [&'static str] {
        &[QUARANTINE, EVENTS, LOG]
    }

    fn remove<'a>(
        &'a self,
        step: &'a str,
        project: ProjectId,
        erased: &'a Erased,
        names: &'a Arc<NamesErased>,
    ) -> PortFuture<'a, Result<Vec<Removed>>> {
        Box::pin(async move {
            let (pipeline, erased) = (self.pipeline(project)?, erased.clone());
            if step == QUARANTINE {
                let strays = self.unassigned().forget(&**names)?;
                let entries = blocking(move || pipeline.clean_quarantine()).await?;
                return Ok(vec![
                    Removed::new("quarantine_entries", entries),
                    Removed::new("unassigned_requests", strays),
                ]);
            }
            let events = step == EVENTS;
            blocking(move || if events { events_step(&pipeline, &erased) } else { log_step(&pipeline) }).await
        })
    }
}

/// With it goes everything that is written with a checkpoint: people and their columns, the
/// index of the quarantine, the live view, and every file of theirs that is replaced.
fn events_step(pipeline: &Pipeline, erased: &Erased) -> Result<Vec<Removed>> {
    let rows = pipeline.forget_events(erased)?;
    pipeline.checkpoint()?;
    pipeline.unhide(erased);
    Ok(vec![
        Removed::new("identifiers", erased.identifiers),
        Removed::new("numbers", erased.numbers.len() as u64),
        Removed::new("events", rows.rows),
        Removed::new("events_of_others_changed", rows.rows_changed),
        Removed::new("event_files_rewritten", rows.files),
    ])
}

fn log_step(pipeline: &Pipeline) -> Result<Vec<Removed>> {
    let (report, records) = pipeline.clean_log()?;
    Ok(vec![
        Removed::new("log_records", records),
        Removed::new("log_frames_rewritten", report.records_changed),
        Removed::new("log_frames_searched", report.records_read),
    ])
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
