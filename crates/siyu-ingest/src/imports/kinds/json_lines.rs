//! JSON lines: one object per line, its members the columns. Objects in it are
//! opened (`properties.amount`), lists are kept as their JSON text.

use std::io::{BufRead, BufReader, Seek, SeekFrom};

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};
use siyu_govern::sealing::StoredFile;
use siyu_types::Result;

use super::super::cell::Cell;
use super::super::faults::{RowCode, RowFault};
use super::super::mapping::COLUMNS_MAX;
use super::super::rows::{Choice, ColumnInfo, Opened, RowShape, Rows, unsupported};
use super::{FileKind, Reading};

pub const KIND: FileKind = FileKind { name: "jsonl", recognises, open };

const LINE_BYTES_MAX: usize = 4 << 20;
/// How much of the file is looked through for columns. A member that first appears
/// later is not lost quietly: its row is refused.
const COLUMNS_BYTES: u64 = 32 << 20;
const BUFFER_BYTES: usize = 1 << 18;
/// Objects in objects that are opened.
const DEPTH_MAX: usize = 4;
const MARK: &[u8] = b"\xef\xbb\xbf";

fn recognises(head: &[u8]) -> bool {
    let head = head.strip_prefix(MARK).unwrap_or(head).trim_ascii_start();
    let Some(inside) = head.strip_prefix(b"{") else { return false };
    matches!(inside.trim_ascii_start().first(), None | Some(b'"' | b'}'))
}

fn open(path: &StoredFile, head: &[u8], _: &Choice) -> Result<Opened> {
    let mut file = path.open()?;
    let mark = if head.starts_with(MARK) { MARK.len() as u64 } else { 0 };
    file.seek(SeekFrom::Start(mark))?;
    let mut reader = JsonLines {
        source: BufReader::with_capacity(BUFFER_BYTES, file),
        line: Vec::new(),
        columns: FxHashMap::default(),
        offset: mark,
        row: 0,
    };
    let mut titles: Vec<String> = Vec::new();
    while reader.offset < COLUMNS_BYTES {
        let Some(long) = reader.read()? else { break };
        let Some(members) = (!long).then(|| members(&reader.line)).flatten() else { continue };
        for (title, _) in members {
            if !reader.columns.contains_key(&title) {
                reader.columns.insert(title.clone(), titles.len());
                titles.push(title);
            }
        }
        if titles.len() > COLUMNS_MAX {
            return Err(unsupported("the file has too many columns", "columns")
                .with("limit", COLUMNS_MAX.to_string()));
        }
    }
    if titles.is_empty() {
        return Err(unsupported("no line holds an object with members", "json"));
    }
    reader.enter(0, mark)?;
    Ok(Opened {
        encoding: Some("UTF-8".to_owned()),
        delimiter: None,
        sheets: Vec::new(),
        sheet: None,
        header_row: 0,
        columns: titles.into_iter().map(|title| ColumnInfo { title, cell_type: None }).collect(),
        rows: None,
        reader: Box::new(reader),
    })
}

struct JsonLines {
    source: BufReader<Reading>,
    line: Vec<u8>,
    columns: FxHashMap<String, usize>,
    offset: u64,
    row: u64,
}

impl JsonLines {
    /// The next line that is not blank into `line`, and whether it was too long.
    fn read(&mut self) -> Result<Option<bool>> {
        loop {
            self.line.clear();
            let (mut long, mut any) = (false, false);
            loop {
                let input = self.source.fill_buf()?;
                if input.is_empty() {
                    break;
                }
                any = true;
                let end = input.iter().position(|byte| *byte == b'\n');
                let text = &input[..end.unwrap_or(input.len())];
                if self.line.len() + text.len() > LINE_BYTES_MAX {
                    long = true;
                } else {
                    self.line.extend_from_slice(text);
                }
                let taken = end.map_or(input.len(), |end| end + 1);
                self.source.consume(taken);
                self.offset += taken as u64;
                if end.is_some() {
                    break;
                }
            }
            if !any {
                return Ok(None);
            }
            self.row += 1;
            if long || !self.line.trim_ascii().is_empty() {
                return Ok(Some(long));
            }
        }
    }
}

impl Rows for JsonLines {
    fn next_row(&mut self, cells: &mut Vec<Cell>) -> Result<Option<RowShape>> {
        cells.clear();
        let broken = |code, column: Option<String>| Ok(Some(RowShape::Broken(RowFault { column, code })));
        match self.read()? {
            None => return Ok(None),
            Some(true) => return broken(RowCode::TooLarge, None),
            Some(false) => {}
        }
        cells.resize(self.columns.len(), Cell::Missing);
        let Some(members) = members(&self.line) else { return broken(RowCode::BadJson, None) };
        let mut unknown = None;
        for (title, cell) in members {
            match self.columns.get(&title) {
                Some(index) => cells[*index] = cell,
                None => unknown = Some(title),
            }
        }
        match unknown {
            Some(title) => broken(RowCode::UnknownColumn, Some(title)),
            None => Ok(Some(RowShape::Whole)),
        }
    }

    fn row_number(&self) -> u64 {
        self.row
    }

    fn bytes_read(&self) -> u64 {
        self.offset
    }

    fn offset(&self) -> Option<u64> {
        Some(self.offset)
    }

    fn enter(&mut self, row: u64, offset: u64) -> Result<()> {
        self.source.seek(SeekFrom::Start(offset))?;
        (self.offset, self.row) = (offset, row);
        Ok(())
    }
}

/// The members of a line's object; `None` if it is none. Half a character, as
/// clients cut them, makes the line unreadable.
fn members(line: &[u8]) -> Option<Vec<(String, Cell)>> {
    let object: Map<String, Value> = serde_json::from_slice(line).ok()?;
    let mut members = Vec::with_capacity(object.len());
    open_object(object, "", 0, &mut members);
    Some(members)
}

fn open_object(object: Map<String, Value>, path: &str, depth: usize, members: &mut Vec<(String, Cell)>) {
    for (name, value) in object {
        let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
        let title = if path.is_empty() { name } else { format!("{path}.{name}") };
        match value {
            Value::Object(inner) if depth < DEPTH_MAX => open_object(inner, &title, depth + 1, members),
            value => members.push((title, cell(value))),
        }
    }
}

fn cell(value: Value) -> Cell {
    match value {
        Value::Null => Cell::Missing,
        Value::Bool(flag) => Cell::Bool(flag),
        Value::String(text) => Cell::of_text(text),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Cell::Int(whole),
            _ if number.is_u64() => Cell::Text(number.to_string()),
            (None, Some(number)) if number.abs() >= 1e15 => Cell::Rounded(number),
            (None, number) => number.map_or(Cell::Missing, Cell::Number),
        },
        value => Cell::of_text(value.to_string()),
    }
}
