//! Files: recognise, preview, map, import as a durable job.

mod answers;
mod api;
mod cell;
mod convert;
mod erase;
mod faults;
mod guess;
mod jobs;
mod kinds;
mod mapping;
mod orders;
mod person_rows;
mod preview;
mod reader;
mod rejects;
mod rows;
mod run;
mod said;
mod store;
mod templates;
#[cfg(test)]
mod tests;
mod uploads;
mod values;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::tz::TimeZone;
use serde_json::json;
use siyu_audience::Audience;
use siyu_db::{Db, Jobs, NewJob, Tx, db_error};
use siyu_govern::audit;
use siyu_govern::sealing::StoredFile;
use siyu_types::clock::Millis;
use siyu_types::{Error, ErrorCode, Permission, Result, Viewer};

use crate::ingest::Ingest;
use store::ImportRow;

pub use api::routes;
pub use cell::Cell;
pub use faults::RowCode;
pub use jobs::{IMPORT_JOB, ImportHandler};
pub use mapping::{CellType, ColumnMapping, ImportKind, Mapping, OrderState, Target};
pub use run::{ImportFile, ImportPosition, ImportProgress, ImportReport, ImportWatcher, RowError};
pub use values::{money as cell_money, number as cell_number, time as cell_time};

const NAME_CHARS_MAX: usize = 120;
const UPLOADS: &str = "uploads";

/// The feature: uploads, their jobs and outcomes.
pub struct Imports {
    ingest: Arc<Ingest>,
    db: Db,
    jobs: Jobs,
    audience: Audience,
    uploads: PathBuf,
    /// Names files of forms under way; names of an earlier process may be overwritten.
    next_form: AtomicU64,
    writing: uploads::Writing,
}

impl Imports {
    pub fn new(ingest: Arc<Ingest>, db: Db, jobs: Jobs, audience: Audience) -> Arc<Imports> {
        let uploads = ingest.data_dir().join(UPLOADS);
        let (next_form, writing) = (AtomicU64::new(0), uploads::Writing::default());
        Arc::new(Imports { ingest, db, jobs, audience, uploads, next_form, writing })
    }

    fn now(&self) -> Millis {
        self.ingest.clock().now()
    }

    /// A file in the folder of uploads. All are tied to the folder, since a form's is moved.
    fn stored(&self, path: PathBuf) -> StoredFile {
        StoredFile::new(path, self.ingest.vault().cloned(), UPLOADS.to_owned())
    }

    /// Where the refused rows of an import are kept.
    fn rejects(&self, id: i64) -> StoredFile {
        self.stored(self.uploads.join(format!("{id}.rejects")))
    }

    /// Removes files that nobody will read any more: uploads left alone, refused rows
    /// after their time, forms that another process left unfinished.
    async fn sweep(&self) -> Result<()> {
        std::fs::create_dir_all(&self.uploads)?;
        let now = self.now();
        for id in uploads::store::left_alone(&self.db, now - uploads::KEPT_MILLIS).await? {
            if !self.is_upload_needed(id).await? {
                self.forget_upload(id).await?;
            }
        }
        for entry in std::fs::read_dir(&self.uploads)? {
            let path = entry?.path();
            let number = path.file_stem().and_then(|stem| stem.to_str()?.parse::<i64>().ok());
            let needed = match (path.extension().and_then(|extension| extension.to_str()), number) {
                (Some("rejects"), Some(id)) => match store::created_at(&self.db, id).await? {
                    Some(created_at) => now - created_at < rejects::KEPT_MILLIS,
                    None => false,
                },
                (Some("part"), Some(number)) => number < self.next_form.load(Ordering::Relaxed) as i64,
                (Some("data"), Some(id)) => match store::job(&self.db, id).await? {
                    // The file of an import from before uploads had rows of their own.
                    Some((project, job)) => self.jobs.get(project, job).await?.finished_at.is_none(),
                    None => true,
                },
                _ => true,
            };
            if !needed {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Seals the files that lie open although what is written now is sealed. Answers how many,
    /// and how many an import is at work on, which are for a later time.
    pub async fn seal_files(&self) -> Result<(u64, u64)> {
        let (mut sealed, mut left) = (0, 0);
        let Ok(folder) = std::fs::read_dir(&self.uploads) else { return Ok((0, 0)) };
        for entry in folder {
            let path = entry?.path();
            let id = path.file_stem().and_then(|stem| stem.to_str()?.parse::<i64>().ok());
            let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default().to_owned();
            let (Some(id), true) = (id, ["data", "rejects"].contains(&end.as_str())) else { continue };
            let file = self.stored(path);
            if !file.is_open()? {
                continue;
            }
            let busy = match end.as_str() {
                "data" => self.is_upload_needed(id).await?,
                _ => match store::job(&self.db, id).await? {
                    Some((project, job)) => self.jobs.get(project, job).await?.finished_at.is_none(),
                    None => false,
                },
            };
            // Nobody adds to it meanwhile.
            let turn = if end == "data" { self.writing.take(id).ok() } else { None };
            if busy || (end == "data" && turn.is_none()) {
                left += 1;
                continue;
            }
            blocking(move || file.rewrite()).await?;
            sealed += 1;
        }
        Ok((sealed, left))
    }

    /// Queues the import of a file that came with a form, which is moved into place.
    async fn create(
        &self,
        viewer: &Viewer,
        name: &str,
        mapping: Mapping,
        uploaded: &StoredFile,
        dry_run: bool,
    ) -> Result<ImportRow> {
        self.check(viewer, &mapping, uploaded.clone()).await?;
        self.sweep().await?;
        let now = self.now();
        let bytes = uploaded.length()?;
        let mut tx = self.db.begin().await?;
        let id = store::id(&mut tx).await?;
        let (name, project) = (file_name(name), viewer.project);
        let row = uploads::store::UploadRow { id, project, name, bytes, touched_at: now };
        uploads::store::insert(&mut tx, &row).await?;
        let import = self.queue(&mut tx, viewer, &row, mapping, dry_run).await?;
        // Before the commit: a job must find its file, while a file without a job only takes room.
        std::fs::rename(uploaded.path(), self.upload(id).path())?;
        tx.commit().await.map_err(db_error)?;
        self.jobs.wake();
        Ok(import)
    }

    /// Queues the import of an upload that is all here. One at a time really imports.
    async fn start(
        &self,
        viewer: &Viewer,
        upload: i64,
        mapping: Mapping,
        dry_run: bool,
    ) -> Result<ImportRow> {
        let (row, path) = self.whole_upload(viewer.project, upload).await?;
        self.check(viewer, &mapping, path).await?;
        let mut tx = self.db.begin().await?;
        for job in store::real_jobs_of(&mut tx, upload).await? {
            if self.jobs.get(viewer.project, job).await?.finished_at.is_none() {
                return Err(Error::new(ErrorCode::WrongState, "this file is being imported already"));
            }
        }
        uploads::store::touch(&mut tx, upload, self.now()).await?;
        let import = self.queue(&mut tx, viewer, &row, mapping, dry_run).await?;
        tx.commit().await.map_err(db_error)?;
        self.jobs.wake();
        Ok(import)
    }

    /// Whether the mapping fits the file, and the viewer may make what it makes.
    async fn check(&self, viewer: &Viewer, mapping: &Mapping, path: StoredFile) -> Result<()> {
        let project = self.ingest.projects().get(viewer.project)?;
        if mapping.kind == ImportKind::List {
            viewer.require(Permission::SegmentsWrite)?;
            let wanted = mapping.list.as_deref().unwrap_or_default().trim();
            if project.definitions().segments.values().any(|segment| segment.name == wanted) {
                return Err(
                    Error::new(ErrorCode::Conflict, "a segment of this name exists").at("mapping.list")
                );
            }
        }
        let (zone, checked) = (project.zone(), mapping.clone());
        tokio::task::spawn_blocking(move || {
            let (_, opened) = kinds::open(&path, &checked.choice())?;
            let titles: Vec<String> = opened.columns.into_iter().map(|column| column.title).collect();
            checked.plan(&titles, &zone).map(|_| ())
        })
        .await
        .map_err(Error::internal)?
    }

    async fn queue(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        upload: &uploads::store::UploadRow,
        mapping: Mapping,
        dry_run: bool,
    ) -> Result<ImportRow> {
        let now = self.now();
        // Kept in text columns, where U+0000 has no place; see also the titles.
        let text = serde_json::to_string(&mapping).map_err(Error::internal)?;
        let id = store::id(tx).await?;
        let job =
            self.jobs.enqueue_in(tx, NewJob::new(viewer.project, IMPORT_JOB, json!({"import": id}))).await?;
        let import = ImportRow {
            id,
            project: viewer.project,
            job,
            name: upload.name.clone(),
            kind: mapping.kind.as_str().to_owned(),
            mapping: text,
            bytes: upload.bytes as i64,
            rows: 0,
            accepted: 0,
            rejected: 0,
            finished: false,
            created_at: now,
            upload: Some(upload.id),
            dry_run,
            position: None,
            outcome: None,
        };
        store::insert(tx, &import).await?;
        let detail = json!({"kind": import.kind, "bytes": import.bytes, "dry_run": dry_run});
        audit(tx, viewer, "imports.create", &format!("import:{id}"), detail, now).await?;
        Ok(import)
    }
}

/// Reads a file to its end as an import with the guessed mapping does, and counts its rows;
/// what a row cannot be read as is no error here. For the fuzzer.
pub fn count_rows(path: &Path) -> Result<u64> {
    let (_, mut opened) = kinds::open(&StoredFile::plain(path), &rows::Choice::default())?;
    let columns = opened.columns.iter();
    let columns: Vec<(String, CellType)> =
        columns.map(|column| (column.title.clone(), column.cell_type.unwrap_or(CellType::Text))).collect();
    let titles: Vec<String> = columns.iter().map(|(title, _)| title.clone()).collect();
    let (mapping, _) = guess::guess(&columns, &vec![Vec::new(); columns.len()]);
    let plan = mapping.plan(&titles, &TimeZone::UTC).ok();
    let mut converter = plan.map(|plan| convert::Converter::new(plan, "CNY", "file", 0));
    let (mut cells, mut count) = (Vec::new(), 0);
    while let Some(shape) = opened.reader.next_row(&mut cells)? {
        count += 1;
        if let (rows::RowShape::Whole, Some(converter)) = (shape, &mut converter) {
            // A row of which nothing can be made is refused, which is as good an answer.
            let _either = converter.row(&cells);
        }
    }
    let sums = converter.iter_mut().flat_map(convert::Converter::finish);
    sums.for_each(drop);
    Ok(count)
}

/// Work that waits for the disk.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
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
