//! Uploads: a file arrives in pieces, so that a lost connection costs one piece, and
//! stays for a day: to be looked at, checked and imported without sending it again.

mod api;
pub mod store;

use std::collections::HashSet;
use std::io::Write;

use parking_lot::Mutex;
use siyu_db::db_error;
use siyu_govern::sealing::StoredFile;
use siyu_types::sealed::cause;
use siyu_types::{Error, ErrorCode, ProjectId, Result, Viewer};

use super::{Imports, blocking, file_name, too_large};
use store::UploadRow;

pub use api::routes;

/// The largest file; it is read as a stream, so this is about the disk.
pub const FILE_BYTES_MAX: u64 = 32 << 30;
/// Uploads of one project that are not imported yet.
const WAITING_MAX: i64 = 50;
/// An upload that nobody touched for this long is removed.
pub const KEPT_MILLIS: i64 = 24 * 3_600_000;

/// Uploads that are being written to: one piece at a time each.
#[derive(Default)]
pub struct Writing(Mutex<HashSet<i64>>);

pub(super) struct Turn<'a> {
    writing: &'a Writing,
    id: i64,
}

impl Writing {
    pub(super) fn take(&self, id: i64) -> Result<Turn<'_>> {
        if self.0.lock().insert(id) {
            return Ok(Turn { writing: self, id });
        }
        Err(Error::new(ErrorCode::Conflict, "another piece of this upload is being written"))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.writing.0.lock().remove(&self.id);
    }
}

/// An upload and how much of it is here.
#[derive(Clone, PartialEq, Debug)]
pub struct Upload {
    pub row: UploadRow,
    pub received: u64,
}

impl Imports {
    /// Where the file of an upload lies.
    pub(super) fn upload(&self, id: i64) -> StoredFile {
        self.stored(self.uploads.join(format!("{id}.data")))
    }

    /// Announces a file.
    async fn begin_upload(&self, viewer: &Viewer, name: &str, bytes: u64) -> Result<Upload> {
        if bytes == 0 {
            return Err(Error::invalid("bytes", "an empty file cannot be imported"));
        }
        if bytes > FILE_BYTES_MAX {
            return Err(too_large(FILE_BYTES_MAX));
        }
        self.sweep().await?;
        let now = self.now();
        let mut tx = self.db.begin().await?;
        if store::count(&mut tx, viewer.project).await? >= WAITING_MAX {
            return Err(Error::new(ErrorCode::TooComplex, "too many uploads wait to be imported")
                .with("limit", WAITING_MAX.to_string()));
        }
        let row = UploadRow {
            id: super::store::id(&mut tx).await?,
            project: viewer.project,
            name: file_name(name),
            bytes,
            touched_at: now,
        };
        store::insert(&mut tx, &row).await?;
        tx.commit().await.map_err(db_error)?;
        std::fs::create_dir_all(&self.uploads)?;
        Ok(Upload { row, received: 0 })
    }

    /// An upload of the project.
    pub(super) async fn find_upload(&self, project: ProjectId, id: i64) -> Result<Upload> {
        let row = store::get(&self.db, project, id).await?;
        let file = self.upload(id);
        let received =
            tokio::task::spawn_blocking(move || file.length()).await.map_err(Error::internal)??;
        let received = received.min(row.bytes);
        Ok(Upload { row, received })
    }

    /// The file of an upload that is all here.
    pub(super) async fn whole_upload(&self, project: ProjectId, id: i64) -> Result<(UploadRow, StoredFile)> {
        let Upload { row, received } = self.find_upload(project, id).await?;
        if received < row.bytes {
            return Err(Error::new(ErrorCode::WrongState, "the upload is not complete")
                .with("received", received.to_string())
                .with("bytes", row.bytes.to_string()));
        }
        Ok((row, self.upload(id)))
    }

    /// Writes a piece that begins at `from`, which must be where the last one ended.
    /// What arrived of it before a connection broke stays.
    async fn write_piece(
        &self,
        project: ProjectId,
        id: i64,
        from: u64,
        body: axum::body::Body,
    ) -> Result<Upload> {
        let _turn = self.writing.take(id)?;
        let mut upload = self.find_upload(project, id).await?;
        if from != upload.received {
            return Err(Error::new(ErrorCode::Conflict, "the piece does not begin where the last one ended")
                .at("content-range")
                .with("received", upload.received.to_string()));
        }
        let written = append(self.upload(id), &mut upload, body).await;
        let mut tx = self.db.begin().await?;
        store::touch(&mut tx, id, self.now()).await?;
        tx.commit().await.map_err(db_error)?;
        written.map(|()| upload)
    }

    async fn remove_upload(&self, project: ProjectId, id: i64) -> Result<()> {
        store::get(&self.db, project, id).await?;
        if self.is_upload_needed(id).await? {
            return Err(Error::new(ErrorCode::InUse, "an import is reading this file"));
        }
        self.forget_upload(id).await
    }

    /// Removes an upload and its file.
    pub(super) async fn forget_upload(&self, id: i64) -> Result<()> {
        let mut tx = self.db.begin().await?;
        store::delete(&mut tx, id).await?;
        tx.commit().await.map_err(db_error)?;
        match std::fs::remove_file(self.upload(id).path()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Whether a job that has not ended reads it.
    pub(super) async fn is_upload_needed(&self, id: i64) -> Result<bool> {
        for (project, job) in super::store::jobs_of(&self.db, id).await? {
            if self.jobs.get(project, job).await?.finished_at.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

async fn append(file: StoredFile, upload: &mut Upload, body: axum::body::Body) -> Result<()> {
    use http_body_util::BodyExt;
    let received = upload.received;
    let (mut out, _) = blocking(move || file.append(received)).await?;
    let mut body = body;
    let mut outcome = Ok(());
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            outcome = Err(Error::new(ErrorCode::MalformedBody, "the connection broke within the piece"));
            break;
        };
        let Ok(data) = frame.into_data() else { continue };
        if upload.received + data.len() as u64 > upload.row.bytes {
            outcome = Err(too_large(upload.row.bytes));
            break;
        }
        upload.received += data.len() as u64;
        out = blocking(move || {
            out.write_all(&data).map_err(cause)?;
            Ok(out)
        })
        .await?;
    }
    // What is called received must survive what a promise survives.
    blocking(move || out.settle()).await?;
    outcome
}
