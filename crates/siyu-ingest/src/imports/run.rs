//! Imports one file: a thread reads and converts, this side makes the records
//! durable. Memory stays bounded; running it again changes nothing.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use siyu_types::clock::Millis;
use siyu_types::ports::PortFuture;
use siyu_types::{Error, ErrorCode, ProjectId, Record, Result};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::convert::{Converter, RowCode, RowFault};
use super::mapping::Mapping;
use super::rows::{self, RowShape};
use crate::frame::ProtocolId;
use crate::ingest::Ingest;

/// Records that become durable together.
const CHUNK: usize = 4_000;
/// Chunks that may wait.
const AHEAD: usize = 4;
/// Row faults kept to be shown; all are counted.
pub const FAULTS_KEPT: usize = 1_000;

/// A file to import.
#[derive(Clone, Debug)]
pub struct ImportFile {
    pub path: PathBuf,
    pub mapping: Mapping,
    /// Name of the source its records will carry.
    pub source: String,
    /// Stands in for times that the file does not say; the same on every run.
    pub created_at: Millis,
}

/// How far an import is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ImportProgress {
    pub rows: u64,
    /// Estimated where the file does not say.
    pub rows_total: u64,
    pub rejected: u64,
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
    /// The first of them.
    pub errors: Vec<RowError>,
}

struct Chunk {
    records: Vec<Record>,
    progress: ImportProgress,
}

/// Where a file goes.
struct Place {
    zone: TimeZone,
    currency: String,
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
        let place = Place { zone: open.zone(), currency: open.currency() };
        let (sender, mut receiver) = channel(AHEAD);
        let job = file.clone();
        let reading = tokio::task::spawn_blocking(move || read(&job, &place, &sender));
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
            loop {
                match self.write(project, ProtocolId::Import, source, &chunk.records).await {
                    Ok(()) => break,
                    // Clients come first; a file can wait until the rest is applied.
                    Err(error) if error.code == ErrorCode::Overloaded => self.drain(project).await?,
                    Err(error) => return Err(error),
                }
            }
            watcher.progress(chunk.progress).await?;
        }
        Ok(())
    }
}

/// Reads the entire file on a thread of its own.
fn read(file: &ImportFile, place: &Place, chunks: &Sender<Chunk>) -> Result<ImportReport> {
    let mut opened = rows::open(&file.path)?;
    let titles: Vec<String> = opened.columns.iter().map(|column| column.title.clone()).collect();
    let plan = file.mapping.plan(&titles, &place.zone)?;
    let mut converter = Converter::new(plan, &place.currency, &file.source, file.created_at);
    let bytes = file_bytes(&file.path)?;
    let (mut report, mut records, mut cells) =
        (ImportReport::default(), Vec::with_capacity(CHUNK), Vec::new());
    while let Some(shape) = opened.reader.next_row(&mut cells)? {
        report.rows += 1;
        let converted = match shape {
            RowShape::Whole => converter.row(&cells),
            RowShape::WrongWidth => Err(RowFault::new(RowCode::WrongWidth, None)),
        };
        match converted {
            Ok(record) => {
                report.accepted += 1;
                records.push(record);
            }
            Err(fault) => report.refuse(fault),
        }
        if records.len() == CHUNK {
            let total =
                opened.rows.unwrap_or_else(|| estimate(report.rows, opened.reader.bytes_read(), bytes));
            send(chunks, &mut records, &report, total)?;
        }
    }
    for record in converter.finish() {
        records.push(record);
        if records.len() == CHUNK {
            send(chunks, &mut records, &report, report.rows)?;
        }
    }
    send(chunks, &mut records, &report, report.rows)?;
    Ok(report)
}

fn send(chunks: &Sender<Chunk>, records: &mut Vec<Record>, report: &ImportReport, total: u64) -> Result<()> {
    let progress = ImportProgress { rows: report.rows, rows_total: total, rejected: report.rejected };
    let records = std::mem::replace(records, Vec::with_capacity(CHUNK));
    let stopped = || Error::new(ErrorCode::WrongState, "the import was stopped");
    chunks.blocking_send(Chunk { records, progress }).map_err(|_| stopped())
}

fn file_bytes(path: &Path) -> Result<u64> {
    Ok(std::fs::metadata(path)?.len())
}

fn estimate(rows: u64, read: u64, bytes: u64) -> u64 {
    if read == 0 { rows } else { (rows as f64 * bytes as f64 / read as f64) as u64 }
}

impl ImportReport {
    fn refuse(&mut self, fault: RowFault) {
        self.rejected += 1;
        if self.errors.len() < FAULTS_KEPT {
            self.errors.push(RowError { row: self.rows, column: fault.column, code: fault.code });
        }
    }
}
