//! Files: recognise, preview, map, import as a durable job.

mod api;
mod convert;
mod delimited;
mod guess;
mod jobs;
mod mapping;
mod orders;
mod parquet_rows;
mod preview;
mod rows;
mod run;
mod store;
#[cfg(test)]
mod tests;
mod values;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;
use siyu_db::{Db, Jobs, NewJob, db_error};
use siyu_govern::audit;
use siyu_types::{Error, ErrorCode, Result, Viewer};

use crate::ingest::Ingest;
use store::ImportRow;

pub use api::routes;
pub use convert::RowCode;
pub use jobs::{IMPORT_JOB, ImportHandler};
pub use mapping::{CellType, ColumnMapping, ImportKind, Mapping, Target};
pub use run::{ImportFile, ImportProgress, ImportReport, ImportWatcher, RowError};
pub use values::{Cell, money as cell_money, number as cell_number, time as cell_time};

const NAME_CHARS_MAX: usize = 120;

/// The feature: uploads, their jobs and outcomes.
pub struct Imports {
    ingest: Arc<Ingest>,
    db: Db,
    jobs: Jobs,
    uploads: PathBuf,
    /// Names uploads under way; names of an earlier process may be overwritten.
    next_upload: AtomicU64,
}

impl Imports {
    pub fn new(ingest: Arc<Ingest>, db: Db, jobs: Jobs) -> Arc<Imports> {
        let uploads = ingest.data_dir().join("uploads");
        Arc::new(Imports { ingest, db, jobs, uploads, next_upload: AtomicU64::new(0) })
    }

    /// Where the file of an import waits for its job.
    fn upload(&self, id: i64) -> PathBuf {
        self.uploads.join(format!("{id}.data"))
    }

    /// Removes files that no job will read any more: of failed and cancelled imports,
    /// and of uploads that another process left unfinished.
    async fn sweep(&self) -> Result<()> {
        for entry in std::fs::read_dir(&self.uploads)? {
            let path = entry?.path();
            let number = path.file_stem().and_then(|stem| stem.to_str()?.parse::<i64>().ok());
            let needed = match (path.extension().and_then(|extension| extension.to_str()), number) {
                (Some("data"), Some(id)) => match store::job(&self.db, id).await? {
                    Some((project, job)) => self.jobs.get(project, job).await?.finished_at.is_none(),
                    // It may be about to be queued.
                    None => true,
                },
                (Some("part"), Some(number)) => number < self.next_upload.load(Ordering::Relaxed) as i64,
                _ => true,
            };
            if !needed {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Queues the import of an uploaded file, which is moved into place.
    async fn create(
        &self,
        viewer: &Viewer,
        name: &str,
        mapping: Mapping,
        uploaded: &Path,
    ) -> Result<ImportRow> {
        let zone = self.ingest.projects().get(viewer.project)?.zone();
        let path = uploaded.to_owned();
        let checked = mapping.clone();
        let bytes = tokio::task::spawn_blocking(move || {
            let titles: Vec<String> =
                rows::open(&path)?.columns.into_iter().map(|column| column.title).collect();
            checked.plan(&titles, &zone)?;
            Ok::<_, Error>(std::fs::metadata(&path)?.len())
        })
        .await
        .map_err(Error::internal)??;
        self.sweep().await?;
        let now = self.ingest.clock().now();
        let mut tx = self.db.begin().await?;
        let id = store::id(&mut tx).await?;
        let job = self
            .jobs
            .enqueue_in(&mut tx, NewJob::new(viewer.project, IMPORT_JOB, json!({"import": id})))
            .await?;
        let import = ImportRow {
            id,
            project: viewer.project,
            job,
            name: file_name(name),
            kind: mapping.kind.as_str().to_owned(),
            mapping: serde_json::to_string(&mapping).map_err(Error::internal)?,
            bytes: bytes as i64,
            rows: 0,
            accepted: 0,
            rejected: 0,
            finished: false,
            created_at: now,
        };
        store::insert(&mut tx, &import).await?;
        let detail = json!({"kind": import.kind, "bytes": bytes});
        audit(&mut tx, viewer, "imports.create", &format!("import:{id}"), detail, now).await?;
        // Before the commit: a job must find its file, while a file without a job only takes room.
        std::fs::rename(uploaded, self.upload(id))?;
        tx.commit().await.map_err(db_error)?;
        self.jobs.wake();
        Ok(import)
    }
}

/// Reads a file to its end as an import does and counts its rows; what a row cannot be
/// read as is no error here. For the fuzzer.
pub fn count_rows(path: &Path) -> Result<u64> {
    let mut opened = rows::open(path)?;
    let (mut cells, mut count) = (Vec::new(), 0);
    while opened.reader.next_row(&mut cells)?.is_some() {
        count += 1;
    }
    Ok(count)
}

/// A name to show: no folders, no control characters, not too long.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect();
    if clean.trim().is_empty() { "file".to_owned() } else { clean }
}

fn too_large(limit: u64) -> Error {
    Error::new(ErrorCode::TooLarge, "the file is too large").at("file").with("limit_bytes", limit.to_string())
}
