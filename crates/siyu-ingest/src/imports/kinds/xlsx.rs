//! Excel workbooks (`.xlsx`, `.xlsm`): one sheet is read as a stream; the shared texts
//! of the workbook stay in memory while it is.

use std::io::BufReader;

use calamine::{Reader, Xlsx};
use siyu_govern::sealing::StoredFile;
use siyu_types::Result;

use super::super::cell::Cell;
use super::super::rows::{Choice, Opened};
use super::sheet::{self, Gone, Handover, candidates, cell, damaged, put};
use super::{FileKind, Reading, archive};

pub const KIND: FileKind =
    FileKind { name: "xlsx", recognises: |head| head.starts_with(b"PK\x03\x04"), open };

fn open(path: &StoredFile, _: &[u8], choice: &Choice) -> Result<Opened> {
    sheet::open(path, choice, read)
}

fn read(path: &StoredFile, chosen: Option<&str>, to: &mut Handover) -> Result<Result<(), Gone>> {
    archive::check(path)?;
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(path.open()?)).map_err(|_| damaged())?;
    let names = book.sheet_names();
    let candidates = candidates(book.sheets_metadata(), chosen)?;
    for (index, name) in candidates.iter().enumerate() {
        let last = index + 1 == candidates.len();
        match read_sheet(&mut book, name, &names, last, to)? {
            Ok(true) => return Ok(Ok(())),
            // An empty sheet before the one with the data.
            Ok(false) => {}
            Err(gone) => return Ok(Err(gone)),
        }
    }
    Ok(Ok(()))
}

/// Hands the rows over; false if there were none and other sheets may have some.
fn read_sheet(
    book: &mut Xlsx<BufReader<Reading>>,
    name: &str,
    names: &[String],
    last: bool,
    to: &mut Handover,
) -> Result<Result<bool, Gone>> {
    let mut cells = book.worksheet_cells_reader(name).map_err(|_| damaged())?;
    let dimensions = cells.dimensions();
    let rows = Some(u64::from(dimensions.end.0) + 1).filter(|rows| *rows > 1);
    let (mut told, mut row, mut number) = (false, Vec::<Cell>::new(), 0);
    loop {
        let next = cells.next_cell().map_err(|_| damaged())?;
        let position = next.as_ref().map(|next| next.get_position());
        if position.is_none_or(|(at, _)| u64::from(at) + 1 != number) && !row.is_empty() {
            if !told {
                told = true;
                if let Err(gone) = to.sheets(names.to_vec(), name.to_owned(), rows) {
                    return Ok(Err(gone));
                }
            }
            if let Err(gone) = to.row(number, std::mem::take(&mut row)) {
                return Ok(Err(gone));
            }
        }
        let (Some(next), Some((at, column))) = (next, position) else { break };
        number = u64::from(at) + 1;
        put(&mut row, column, cell(next.get_value().clone()))?;
    }
    if !told
        && last
        && let Err(gone) = to.sheets(names.to_vec(), name.to_owned(), Some(0))
    {
        return Ok(Err(gone));
    }
    Ok(to.flush().map(|()| told || last))
}
