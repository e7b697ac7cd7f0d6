//! Reading an Excel file that nobody vouches for, in bounded memory.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{Data, Xlsx};
use flate2::read::DeflateDecoder;
use siyu_types::{Error, ErrorCode, Result};

/// Rows and columns of a sheet, and the text in it, since few bytes may name many cells.
const ROWS_MAX: usize = 60_000;
const COLUMNS_MAX: u32 = 64;
const TEXT_BYTES_MAX: usize = 64 << 20;
/// How a yes is written.
pub const YES: &str = "yes";

pub fn unsupported(message: &str) -> Error {
    Error::new(ErrorCode::UnsupportedFile, message).at("file")
}

/// The rows of a sheet that hold anything, by their place. Read cell by cell: a
/// sheet whose only cells are the first and the last would fill the memory whole.
pub fn sheet(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<BTreeMap<u32, Vec<String>>> {
    let damaged = |_| unsupported("the Excel file cannot be read");
    let lacks = |_| unsupported("the Excel file lacks a sheet").with("sheet", name);
    let mut cells = book.worksheet_cells_reader(name).map_err(lacks)?;
    let mut rows: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut bytes = 0;
    while let Some(found) = cells.next_cell().map_err(damaged)? {
        let (row, column) = found.get_position();
        if column >= COLUMNS_MAX {
            continue;
        }
        let text = cell(&Data::from(found.get_value().clone()));
        bytes += text.len();
        let line = rows.entry(row).or_default();
        line.resize(line.len().max(column as usize + 1), String::new());
        line[column as usize] = text;
        if rows.len() > ROWS_MAX || bytes > TEXT_BYTES_MAX {
            return Err(unsupported("the Excel file holds too many rows"));
        }
    }
    Ok(rows)
}

fn cell(data: &Data) -> String {
    match data {
        Data::Bool(true) => YES.to_owned(),
        other => other.to_string(),
    }
}

/// Whether a zip's entries inflate to no more than this, whatever its headers say.
pub fn inflates_within(bytes: &[u8], limit: u64) -> bool {
    let number = |at: usize, size: usize| -> Option<usize> {
        let field = bytes.get(at..at.checked_add(size)?)?;
        Some(field.iter().rev().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)))
    };
    let end = bytes.windows(4).rposition(|window| window == b"PK\x05\x06");
    let Some((mut at, entries)) = end.and_then(|end| Some((number(end + 16, 4)?, number(end + 10, 2)?)))
    else {
        return false;
    };
    let mut left = limit;
    for _ in 0..entries {
        let entry = || {
            let (method, packed, local) = (number(at + 10, 2)?, number(at + 20, 4)?, number(at + 42, 4)?);
            let skip = number(at + 28, 2)? + number(at + 30, 2)? + number(at + 32, 2)?;
            let data = local + 30 + number(local + 26, 2)? + number(local + 28, 2)?;
            Some((method, bytes.get(data..data.checked_add(packed)?)?, skip))
        };
        let Some((method, packed, skip)) = entry() else { return false };
        let inflated = if method == 0 {
            Ok(packed.len() as u64)
        } else {
            std::io::copy(&mut DeflateDecoder::new(packed).take(left + 1), &mut std::io::sink())
        };
        match inflated {
            Ok(length) if length <= left => left -= length,
            _ => return false,
        }
        at += 46 + skip;
    }
    true
}
