//! A workbook. Texts are texts in it, whatever they begin with.

use rust_xlsxwriter::{Format, Workbook, XlsxError};
use siyu_types::{Error, Result};

use super::{MARK_TITLE, Marked, text};
use crate::{Cell, ResultTable};

/// Letters of one cell.
const CELL_CHARS_MAX: usize = 32_767;
/// Whole numbers beyond it are changed by spreadsheets, which know 15 digits.
const WHOLE_MAX: u64 = 999_999_999_999_999;

pub(super) fn write(table: &ResultTable, marked: &Marked) -> Result<Vec<u8>> {
    fill(table, marked).map_err(Error::internal)
}

fn fill(table: &ResultTable, marked: &Marked) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let sheet = book.add_worksheet();
    sheet.set_name("SQL")?;
    sheet.set_freeze_panes(1, 0)?;
    let titles = table.columns.iter().map(|column| column.name.as_str()).chain([MARK_TITLE]);
    for (column, title) in (0u16..).zip(titles) {
        sheet.write_string_with_format(0, column, cut(title), &bold)?;
    }
    for (line, row) in (1u32..).zip(&table.rows) {
        for (column, cell) in (0u16..).zip(row) {
            match cell {
                Cell::Null => continue,
                Cell::Bool(flag) => sheet.write_boolean(line, column, *flag)?,
                Cell::Integer(number) if number.unsigned_abs() <= WHOLE_MAX => {
                    sheet.write_number(line, column, *number as f64)?
                }
                Cell::Number(number) => sheet.write_number(line, column, *number)?,
                other => sheet.write_string(line, column, cut(&text(other, &marked.zone)))?,
            };
        }
        sheet.write_string(line, row.len() as u16, &marked.line)?;
    }
    book.save_to_buffer()
}

fn cut(text: &str) -> String {
    text.chars().take(CELL_CHARS_MAX).collect()
}
