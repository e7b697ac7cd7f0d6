//! Excel workbooks of before 2007 (`.xls`). The library reads such a workbook whole,
//! about ten times the file, so a large file is refused.

use std::io::{BufReader, Read};

use calamine::{Data, DataRef, Reader, Xls};
use siyu_govern::sealing::StoredFile;
use siyu_types::sealed::cause;
use siyu_types::{Error, ErrorCode, Result};

use super::super::cell::Cell;
use super::super::rows::{Choice, Opened};
use super::sheet::{self, Gone, Handover, candidates, cell, damaged, put};
use super::{FileKind, compound};

pub const KIND: FileKind =
    FileKind { name: "xls", recognises: |head| head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), open };

/// Such a sheet ends at 65,536 rows.
const FILE_BYTES_MAX: u64 = 64 << 20;

fn open(path: &StoredFile, _: &[u8], choice: &Choice) -> Result<Opened> {
    if path.length()? > FILE_BYTES_MAX {
        return Err(Error::new(
            ErrorCode::TooLarge,
            "an .xls file this large is not read; save it as .xlsx or CSV",
        )
        .at("file")
        .with("limit_bytes", FILE_BYTES_MAX.to_string()));
    }
    let mut whole = Vec::new();
    path.open()?.read_to_end(&mut whole).map_err(cause)?;
    if !compound::sound(&whole) {
        return Err(damaged());
    }
    sheet::open(path, choice, read)
}

fn read(path: &StoredFile, chosen: Option<&str>, to: &mut Handover) -> Result<Result<(), Gone>> {
    let mut book: Xls<_> = Xls::new(BufReader::new(path.open()?)).map_err(|_| damaged())?;
    let names = book.sheet_names();
    let candidates = candidates(book.sheets_metadata(), chosen)?;
    for (index, name) in candidates.iter().enumerate() {
        let range = book.worksheet_range(name).map_err(|_| damaged())?;
        if range.is_empty() && index + 1 < candidates.len() {
            continue;
        }
        let rows = range.end().map_or(0, |(row, _)| u64::from(row) + 1);
        if let Err(gone) = to.sheets(names, name.clone(), Some(rows)) {
            return Ok(Err(gone));
        }
        let (from_row, from_column) = range.start().unwrap_or_default();
        for (index, cells) in range.rows().enumerate() {
            let mut row = Vec::<Cell>::new();
            for (column, data) in cells.iter().enumerate() {
                put(&mut row, from_column + column as u32, cell(borrowed(data)))?;
            }
            if !row.is_empty()
                && let Err(gone) = to.row(u64::from(from_row) + index as u64 + 1, row)
            {
                return Ok(Err(gone));
            }
        }
        return Ok(to.flush());
    }
    Ok(Ok(()))
}

fn borrowed(data: &Data) -> DataRef<'_> {
    match data {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(flag) => DataRef::Bool(*flag),
        Data::DateTime(at) => DataRef::DateTime(*at),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}
