//! What the kinds of workbooks share: a thread reads the sheet and hands rows over,
//! a bounded number ahead. Should the library that reads it give up, only that
//! thread ends, and the file is called damaged.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use calamine::{DataRef, ExcelDateTime, Sheet, SheetType, SheetVisible};
use jiff::civil::DateTime;
use siyu_govern::sealing::StoredFile;
use siyu_types::{Error, Result};

use super::super::cell::Cell;
use super::super::faults::{RowCode, RowFault};
use super::super::mapping::COLUMNS_MAX;
use super::super::rows::{
    Choice, ColumnInfo, HEADER_ROWS, Opened, RowShape, Rows, header_index, titles, unsupported,
};

/// Rows handed over together, and batches that may wait.
const BATCH_ROWS: usize = 256;
const AHEAD: usize = 4;
/// A spreadsheet keeps 15 digits; beyond, the last ones are zeros it made up.
const EXACT_MAX: f64 = 1e15;

/// What the reading thread tells.
pub enum Told {
    Sheets {
        names: Vec<String>,
        chosen: String,
        /// Rows, if the sheet says so.
        rows: Option<u64>,
    },
    Batch(Vec<NumberedRow>),
    Failed(Error),
}

/// A row with its number in the sheet, 1 being the first.
pub type NumberedRow = (u64, Vec<Cell>);

/// Hands rows over in batches; an error means that nobody listens any more.
pub struct Handover {
    sender: SyncSender<Told>,
    batch: Vec<NumberedRow>,
}

pub struct Gone;

impl Handover {
    pub fn sheets(&self, names: Vec<String>, chosen: String, rows: Option<u64>) -> Result<(), Gone> {
        self.sender.send(Told::Sheets { names, chosen, rows }).map_err(|_| Gone)
    }

    pub fn row(&mut self, number: u64, cells: Vec<Cell>) -> Result<(), Gone> {
        self.batch.push((number, cells));
        if self.batch.len() >= BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    pub fn flush(&mut self) -> Result<(), Gone> {
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() { Ok(()) } else { self.sender.send(Told::Batch(batch)).map_err(|_| Gone) }
    }
}

/// How one kind reads a workbook; an error of the outer kind ends the file.
pub type ReadWorkbook = fn(&StoredFile, Option<&str>, &mut Handover) -> Result<Result<(), Gone>>;

pub fn open(path: &StoredFile, choice: &Choice, read: ReadWorkbook) -> Result<Opened> {
    let (sender, told) = sync_channel(AHEAD);
    let (path, sheet) = (path.clone(), choice.sheet.clone());
    let thread = std::thread::Builder::new().name("workbook".to_owned()).spawn(move || {
        let mut handover = Handover { sender: sender.clone(), batch: Vec::new() };
        if let Err(error) = read(&path, sheet.as_deref(), &mut handover) {
            // Nobody may be listening any more.
            let _gone = sender.send(Told::Failed(error));
        }
    })?;
    let mut rows =
        SheetRows { told, thread: Some(thread), waiting: VecDeque::new(), width: 0, row: 0, header_row: 0 };
    let (names, chosen, total) = match rows.told.recv() {
        Ok(Told::Sheets { names, chosen, rows }) => (names, chosen, rows),
        Ok(Told::Failed(error)) => return Err(error),
        _ => return Err(damaged()),
    };
    let titles = rows.titles(choice)?;
    rows.width = titles.len();
    Ok(Opened {
        encoding: None,
        delimiter: None,
        sheets: names,
        sheet: Some(chosen),
        header_row: rows.header_row as u32,
        columns: titles.into_iter().map(|title| ColumnInfo { title, cell_type: None }).collect(),
        rows: total.map(|rows_in_sheet| rows_in_sheet.saturating_sub(rows.header_row)),
        reader: Box::new(rows),
    })
}

struct SheetRows {
    told: Receiver<Told>,
    thread: Option<std::thread::JoinHandle<()>>,
    waiting: VecDeque<NumberedRow>,
    width: usize,
    row: u64,
    header_row: u64,
}

impl SheetRows {
    fn more(&mut self) -> Result<bool> {
        match self.told.recv() {
            Ok(Told::Batch(rows)) => self.waiting.extend(rows),
            Ok(Told::Failed(error)) => return Err(error),
            Ok(Told::Sheets { .. }) => {}
            // The thread has ended: at the end of the sheet, or because the reader gave up.
            Err(_) => match self.thread.take().map(std::thread::JoinHandle::join) {
                Some(Err(_)) => return Err(damaged()),
                _ => return Ok(false),
            },
        }
        Ok(true)
    }

    fn titles(&mut self, choice: &Choice) -> Result<Vec<String>> {
        while self.waiting.len() < HEADER_ROWS && self.more()? {}
        // A chosen row counts empty ones, as the spreadsheet does.
        let last = self.waiting.iter().take(HEADER_ROWS).map(|(number, _)| *number).max().unwrap_or_default();
        if last == 0 {
            return Err(unsupported("the sheet has no rows", "empty"));
        }
        let last = usize::try_from(last).unwrap_or(usize::MAX).min(COLUMNS_MAX.max(HEADER_ROWS));
        let mut first = vec![Vec::new(); last];
        for (number, cells) in self.waiting.iter().take(HEADER_ROWS) {
            if let Some(row) = first.get_mut(*number as usize - 1) {
                *row = cells.iter().map(Cell::text).collect::<Vec<_>>();
            }
        }
        let index = header_index(&first, choice)?;
        let filled =
            |row: &Vec<Option<String>>| row.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        let width = first[index..].iter().map(filled).max().unwrap_or_default();
        let titles = titles(&first[index][..filled(&first[index])], width)?;
        self.header_row = index as u64 + 1;
        self.row = self.header_row;
        while self.waiting.front().is_some_and(|(number, _)| *number <= self.header_row) {
            self.waiting.pop_front();
        }
        Ok(titles)
    }
}

impl Rows for SheetRows {
    fn next_row(&mut self, cells: &mut Vec<Cell>) -> Result<Option<RowShape>> {
        cells.clear();
        while self.waiting.is_empty() {
            if !self.more()? {
                return Ok(None);
            }
        }
        let Some((number, row)) = self.waiting.pop_front() else { return Ok(None) };
        self.row = number;
        *cells = row;
        if cells.len() > self.width {
            return Ok(Some(RowShape::Broken(RowFault::new(RowCode::WrongWidth, None))));
        }
        cells.resize(self.width, Cell::Missing);
        Ok(Some(RowShape::Whole))
    }

    fn row_number(&self) -> u64 {
        self.row.saturating_sub(self.header_row)
    }

    fn bytes_read(&self) -> u64 {
        0
    }
}

pub fn damaged() -> Error {
    unsupported("the workbook is damaged, encrypted or of no kind that is read", "damaged")
}

/// The sheets to try, in order: the chosen one, else those that a person sees.
pub fn candidates(sheets: &[Sheet], chosen: Option<&str>) -> Result<Vec<String>> {
    let names = |visible: bool| {
        let wanted = sheets.iter().filter(move |sheet| {
            sheet.typ == SheetType::WorkSheet && (!visible || sheet.visible == SheetVisible::Visible)
        });
        wanted.map(|sheet| sheet.name.clone()).collect::<Vec<_>>()
    };
    match chosen {
        None => Ok(names(true)),
        Some(chosen) if names(false).iter().any(|name| name == chosen) => Ok(vec![chosen.to_owned()]),
        Some(chosen) => Err(Error::invalid("sheet", "the workbook has no such sheet").with("sheet", chosen)),
    }
}

/// A cell into a row; `None` if it lies too far to the right to be read.
pub fn put(row: &mut Vec<Cell>, column: u32, cell: Cell) -> Result<()> {
    if cell == Cell::Missing {
        return Ok(());
    }
    let column = column as usize;
    if column >= COLUMNS_MAX {
        return Err(
            unsupported("the sheet has too many columns", "columns").with("limit", COLUMNS_MAX.to_string())
        );
    }
    if row.len() <= column {
        row.resize(column + 1, Cell::Missing);
    }
    row[column] = cell;
    Ok(())
}

pub fn cell(data: DataRef<'_>) -> Cell {
    match data {
        DataRef::Empty => Cell::Missing,
        DataRef::Bool(flag) => Cell::Bool(flag),
        DataRef::Int(number) => number_cell(number as f64),
        DataRef::Float(number) => number_cell(number),
        DataRef::String(text) => Cell::of_text(text),
        DataRef::SharedString(text) => Cell::of_text(text.to_owned()),
        DataRef::DateTime(at) => time_cell(&at),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::of_text(text),
        DataRef::Error(_) => Cell::FormulaError,
    }
}

fn number_cell(number: f64) -> Cell {
    match number {
        number if number.abs() >= EXACT_MAX => Cell::Rounded(number),
        number if number.fract() == 0.0 => Cell::Int(number as i64),
        number => Cell::Number(number),
    }
}

/// A date and time as the sheet shows it, in no zone. A time of day without a date
/// stays a text.
fn time_cell(at: &ExcelDateTime) -> Cell {
    if at.is_duration() || !(0.0..2_958_466.0).contains(&at.as_f64()) {
        return Cell::Number(at.as_f64());
    }
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    if at.as_f64() < 1.0 {
        return Cell::Text(format!("{hour:02}:{minute:02}:{second:02}"));
    }
    let part = |part: u8| part as i8;
    let nanos = i32::from(milli) * 1_000_000;
    let local =
        DateTime::new(year as i16, part(month), part(day), part(hour), part(minute), part(second), nanos);
    local.map_or(Cell::FormulaError, Cell::Local)
}
