//! Imports one file: a thread reads and converts, this side makes the records
//! durable. Memory stays bounded; running it again changes nothing, and a run that
//! was cut short goes on where its last durable rows ended.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use siyu_govern::sealing::StoredFile;
use siyu_types::clock::Millis;
use siyu_types::ports::PortFuture;
use siyu_types::{Error, ErrorCode, ProjectId, Record, Result};
use tokio::sync::mpsc::{Receiver, channel};

use super::faults::RowCode;
use super::mapping::Mapping;
use super::reader::{self, Place};
use crate::frame::ProtocolId;
use crate::ingest::Ingest;

/// Chunks that may wait.
const AHEAD: usize = 4;
/// Row faults kept in the business database to be shown; all are counted.
pub const FAULTS_KEPT: usize = 1_000;

/// A file to import.
#[derive(Clone, Debug)]
pub struct ImportFile {
    pub path: StoredFile,
    pub mapping: Mapping,
    /// Name of the source its records will carry.
    pub source: String,
    /// Stands in for times that the file does not say; the same on every run.
    pub created_at: Millis,
    /// Where refused rows are kept, if they are.
    pub rejects: Option<StoredFile>,
    /// Only looks: nothing becomes a record.
    pub dry_run: bool,
    /// Where an earlier run ended.
    pub from: ImportPosition,
}

/// How far an import is, to go on from there after a crash.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct ImportPosition {
    /// Rows read.
    pub rows: u64,
    /// The number of the last of them, which counts empty ones.
    pub row: u64,
    /// Where the next row begins, in files that can be entered there.
    pub offset: Option<u64>,
    pub accepted: u64,
    pub rejected: u64,
    pub skipped: u64,
    pub codes: BTreeMap<RowCode, u64>,
    /// Bytes of the kept refused rows.
    pub rejects_bytes: u64,
    /// Events that would be or were written.
    pub records: u64,
}

/// How far an import is.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ImportProgress {
    pub position: ImportPosition,
    /// Estimated where the file does not say.
    pub rows_total: u64,
}

/// Is told how far an import is, and may stop it.
pub trait ImportWatcher: Send + Sync {
    fn progress(&self, progress: ImportProgress) -> PortFuture<'_, Result<()>>;
}

/// Nobody watches.
impl ImportWatcher for () {
    fn progress(&self, _: ImportProgress) -> PortFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct RowError {
    /// 1 is the first row after the titles.
    pub row: u64,
    pub column: Option<String>,
    pub code: RowCode,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub struct ImportReport {
    pub rows: u64,
    pub accepted: u64,
    pub rejected: u64,
    /// Orders that were never paid.
    pub skipped: u64,
    pub codes: BTreeMap<RowCode, u64>,
    /// The first of them.
    pub errors: Vec<RowError>,
    /// Of a list: the people on it.
    pub members: RoaringBitmap,
    /// Records that the rows became.
    pub records: u64,
    /// Titles of the file, and the row they stand in (0: none).
    pub titles: Vec<String>,
    pub header_row: u32,
}

pub struct Chunk {
    pub records: Vec<Record>,
    pub progress: ImportProgress,
}

impl Ingest {
    /// Imports a file and waits until its records are applied. The watcher is told
    /// after each chunk; its error stops the import, keeping what is durable.
    pub async fn import_file(
        &self,
        project: ProjectId,
        file: &ImportFile,
        watcher: &dyn ImportWatcher,
    ) -> Result<ImportReport> {
        let open = self.projects().get(project)?;
        let place = Place { zone: open.zone(), currency: open.currency(), project: open };
        let (sender, mut receiver) = channel(AHEAD);
        let job = file.clone();
        let reading = tokio::task::spawn_blocking(move || reader::read(&job, &place, &sender));
        let written = self.write_chunks(project, &file.source, &mut receiver, watcher).await;
        // Without a receiver the reader stops at its next chunk.
        drop(receiver);
        let read = reading.await.map_err(Error::internal)?;
        written?;
        let report = read?;
        self.drain(project).await?;
        Ok(report)
    }

    async fn write_chunks(
        &self,
        project: ProjectId,
        source: &str,
        chunks: &mut Receiver<Chunk>,
        watcher: &dyn ImportWatcher,
    ) -> Result<()> {
        while let Some(chunk) = chunks.recv().await {
            while !chunk.records.is_empty() {
                match self.write(project, ProtocolId::Import, source, &chunk.records).await {
                    Ok(()) => break,
                    // Clients come first; a file can wait until the rest is applied.
                    Err(error) if error.code == ErrorCode::Overloaded => self.drain(project).await?,
                    Err(error) => return Err(error),
                }
            }
            // Only now: what the position leaves behind is durable.
            watcher.progress(chunk.progress).await?;
        }
        Ok(())
    }
}
