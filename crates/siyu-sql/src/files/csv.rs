//! Comma-separated values, as spreadsheets read them.

use csv::Writer;
use siyu_govern::personal::harmless;
use siyu_types::{Error, Result};

use super::{MARK_TITLE, Marked, text};
use crate::{Cell, ResultTable};

pub(super) fn write(table: &ResultTable, marked: &Marked) -> Result<Vec<u8>> {
    // With a mark, so that spreadsheets see the encoding.
    let mut writer = Writer::from_writer(b"\xef\xbb\xbf".to_vec());
    let titles = table.columns.iter().map(|column| harmless(&column.name));
    writer.write_record(titles.chain([MARK_TITLE.to_owned()])).map_err(Error::internal)?;
    let line = harmless(&marked.line);
    for row in &table.rows {
        let cells = row.iter().map(|cell| match cell {
            // Only texts may be formulas; a number below zero is none.
            Cell::Text(text) => harmless(text),
            other => text(other, &marked.zone),
        });
        writer.write_record(cells.chain([line.clone()])).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(Error::internal)
}
