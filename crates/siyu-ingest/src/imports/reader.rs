//! The reading side of an import: rows become records, chunk by chunk, on a thread
//! of its own.

use std::sync::Arc;

use jiff::tz::TimeZone;
use siyu_audience::Project;
use siyu_types::{Error, ErrorCode, Identifier, Record, Result};
use tokio::sync::mpsc::Sender;

use super::cell::Cell;
use super::convert::{Converter, Made};
use super::faults::{RowCode, RowFault};
use super::kinds;
use super::rejects::Keeper;
use super::rows::{RowShape, Rows};
use super::run::{Chunk, FAULTS_KEPT, ImportFile, ImportPosition, ImportProgress, ImportReport, RowError};

/// Rows whose records become durable together.
const CHUNK_ROWS: usize = 4_000;

/// Where a file goes.
pub struct Place {
    pub zone: TimeZone,
    pub currency: String,
    pub project: Arc<Project>,
}

/// Reads a file to its end.
pub fn read(file: &ImportFile, place: &Place, chunks: &Sender<Chunk>) -> Result<ImportReport> {
    let (_, opened) = kinds::open(&file.path, &file.mapping.choice())?;
    let titles: Vec<String> = opened.columns.iter().map(|column| column.title.clone()).collect();
    let plan = file.mapping.plan(&titles, &place.zone)?;
    let converter = Converter::new(plan, &place.currency, &file.source, file.created_at);
    let keeper = match &file.rejects {
        Some(path) => Some(Keeper::open(path, file.from.rejects_bytes)?),
        None => None,
    };
    let bytes = file.path.length()?;
    let report = ImportReport { titles, header_row: opened.header_row, ..ImportReport::default() };
    let mut run =
        Run { file, place, converter, keeper, report, records: Vec::new(), rows_known: opened.rows, bytes };
    run.all(opened.reader, chunks)?;
    Ok(run.report)
}

struct Run<'a> {
    file: &'a ImportFile,
    place: &'a Place,
    converter: Converter,
    keeper: Option<Keeper>,
    report: ImportReport,
    records: Vec<Record>,
    rows_known: Option<u64>,
    bytes: u64,
}

impl Run<'_> {
    fn all(&mut self, mut rows: Box<dyn Rows>, chunks: &Sender<Chunk>) -> Result<()> {
        let mut cells = Vec::new();
        self.resume(&mut *rows, &mut cells)?;
        let mut in_chunk = 0;
        while let Some(shape) = rows.next_row(&mut cells)? {
            self.row(shape, &cells, rows.row_number(), true)?;
            in_chunk += 1;
            if in_chunk == CHUNK_ROWS {
                in_chunk = 0;
                self.send(&*rows, chunks, false)?;
            }
        }
        let sums: Vec<Record> = self.converter.finish().collect();
        for record in sums {
            self.add(record);
            if self.records.len() == CHUNK_ROWS {
                self.send(&*rows, chunks, false)?;
            }
        }
        self.send(&*rows, chunks, true)
    }

    /// Goes to where an earlier run ended. Where rows depend on those before them, these
    /// are read again, and not written again.
    fn resume(&mut self, rows: &mut dyn Rows, cells: &mut Vec<Cell>) -> Result<()> {
        let from = self.file.from.clone();
        if from.rows == 0 {
            return Ok(());
        }
        match from.offset.filter(|_| !self.converter.remembers()) {
            Some(offset) => rows.enter(from.row, offset)?,
            None => {
                while self.report.rows < from.rows {
                    let Some(shape) = rows.next_row(cells)? else { break };
                    match self.converter.remembers() {
                        true => self.row(shape, cells, rows.row_number(), false)?,
                        false => self.report.rows += 1,
                    }
                }
            }
        }
        let report = &mut self.report;
        (report.rows, report.accepted, report.rejected) = (from.rows, from.accepted, from.rejected);
        (report.skipped, report.codes) = (from.skipped, from.codes);
        if !self.converter.remembers() {
            report.records = from.records;
        }
        Ok(())
    }

    /// One row; `fresh` if no earlier run dealt with it.
    fn row(&mut self, shape: RowShape, cells: &[Cell], number: u64, fresh: bool) -> Result<()> {
        self.report.rows += 1;
        let made = match shape {
            RowShape::Whole => self.converter.row(cells),
            RowShape::Broken(fault) => Err(fault),
        };
        let fault = match made {
            Ok(Made::Records(records)) => {
                self.report.accepted += 1;
                match fresh {
                    true => records.into_iter().for_each(|record| self.add(record)),
                    false => self.report.records += records.len() as u64,
                }
                return Ok(());
            }
            Ok(Made::Skipped) => {
                self.report.skipped += 1;
                return Ok(());
            }
            Ok(Made::Member(ids)) => match self.known(&ids) {
                Some(person) => {
                    self.report.accepted += 1;
                    self.report.members.insert(person);
                    return Ok(());
                }
                None => RowFault { column: None, code: RowCode::UnknownPerson },
            },
            Err(fault) => fault,
        };
        if fresh && let Some(keeper) = &mut self.keeper {
            keeper.keep(number, &fault, cells)?;
        }
        self.report.refuse(fault, number);
        Ok(())
    }

    fn add(&mut self, record: Record) {
        self.report.records += 1;
        if !self.file.dry_run {
            self.records.push(record);
        }
    }

    /// Whoever the first known identifier belongs to.
    fn known(&self, ids: &[Identifier]) -> Option<u32> {
        let people = self.place.project.people.read();
        ids.iter().find_map(|id| people.lookup(id)).map(|person| person.0)
    }

    fn send(&mut self, rows: &dyn Rows, chunks: &Sender<Chunk>, end: bool) -> Result<()> {
        let rejects_bytes = match &mut self.keeper {
            Some(keeper) => keeper.settle()?,
            None => 0,
        };
        let report = &self.report;
        let read = rows.bytes_read();
        let estimated =
            if read == 0 { 0 } else { (report.rows as f64 * self.bytes as f64 / read as f64) as u64 };
        let rows_total =
            if end { report.rows } else { self.rows_known.unwrap_or(estimated).max(report.rows) };
        let position = ImportPosition {
            rows: report.rows,
            row: rows.row_number(),
            offset: rows.offset(),
            accepted: report.accepted,
            rejected: report.rejected,
            skipped: report.skipped,
            codes: report.codes.clone(),
            rejects_bytes,
            records: report.records,
        };
        let chunk = Chunk {
            records: std::mem::take(&mut self.records),
            progress: ImportProgress { position, rows_total },
        };
        let stopped = || Error::new(ErrorCode::WrongState, "the import was stopped");
        chunks.blocking_send(chunk).map_err(|_| stopped())
    }
}

impl ImportReport {
    fn refuse(&mut self, fault: RowFault, number: u64) {
        self.rejected += 1;
        *self.codes.entry(fault.code).or_default() += 1;
        if self.errors.len() < FAULTS_KEPT {
            self.errors.push(RowError { row: number, column: fault.column, code: fault.code });
        }
    }
}
