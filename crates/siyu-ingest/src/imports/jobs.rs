//! The job that imports an uploaded file. Records carry keys made from their rows,
//! so a second run, from the start, changes nothing that the first one wrote.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use siyu_db::{Db, JobHandler, JobRun};
use siyu_types::ports::PortFuture;
use siyu_types::{Error, Result};

use super::run::{ImportProgress, ImportWatcher};
use super::{ImportFile, Imports, store};

pub const IMPORT_JOB: &str = "import";

/// Runs imports.
pub struct ImportHandler(pub Arc<Imports>);

#[derive(Deserialize)]
struct Params {
    import: i64,
}

#[async_trait]
impl JobHandler for ImportHandler {
    fn kind(&self) -> &'static str {
        IMPORT_JOB
    }

    async fn run(&self, run: JobRun) -> Result<Value> {
        let Imports { ingest, db, .. } = &*self.0;
        let params: Params = run.params()?;
        let import = store::get(db, run.project, params.import).await?;
        let result =
            |rows, accepted, rejected| json!({"rows": rows, "accepted": accepted, "rejected": rejected});
        if import.finished {
            // The process died after the outcome was written.
            return Ok(result(import.rows, import.accepted, import.rejected));
        }
        let path = self.0.upload(import.id);
        let file = ImportFile {
            path: path.clone(),
            mapping: serde_json::from_str(&import.mapping).map_err(Error::internal)?,
            source: import.name.clone(),
            created_at: import.created_at,
        };
        let watcher = Watcher { run: &run, db, import: import.id };
        let report = ingest.import_file(run.project, &file, &watcher).await?;
        store::finish(db, import.id, &report).await?;
        // The outcome stands; a file that stays only takes room.
        if let Err(error) = std::fs::remove_file(&path) {
            tracing::warn!(import = import.id, %error, "an imported file could not be removed");
        }
        Ok(result(report.rows as i64, report.accepted as i64, report.rejected as i64))
    }
}

/// Passes progress on to the job, whose cancellation stops the import.
struct Watcher<'a> {
    run: &'a JobRun,
    db: &'a Db,
    import: i64,
}

impl ImportWatcher for Watcher<'_> {
    fn progress(&self, progress: ImportProgress) -> PortFuture<'_, Result<()>> {
        Box::pin(async move {
            self.run.progress(progress.rows, progress.rows_total, "").await?;
            store::progress(self.db, self.import, progress.rows as i64, progress.rejected as i64).await
        })
    }
}
