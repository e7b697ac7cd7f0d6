//! A file as columns and rows, whatever its kind; read in bounded memory.

use std::collections::HashSet;

use siyu_types::{Error, ErrorCode, Result};

use super::cell::Cell;
use super::faults::RowFault;
use super::mapping::{COLUMNS_MAX, CellType};

/// Rows at the start of a file among which the titles are looked for: exports put
/// a name and a date range above them.
pub const HEADER_ROWS: usize = 20;
const TITLE_CHARS_MAX: usize = 200;

/// What somebody chose about a file that it does not say itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choice {
    /// Of a workbook; the first that holds anything if absent.
    pub sheet: Option<String>,
    /// Row of the titles, 1 being the first; looked for if absent.
    pub header_row: Option<u32>,
}

/// What a file is, before any row is read.
pub struct Opened {
    /// Of CSV.
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    /// Of a workbook: all sheets, and the one that is read.
    pub sheets: Vec<String>,
    pub sheet: Option<String>,
    /// Row of the titles, 1 being the first; 0 where the columns have names of their own.
    pub header_row: u32,
    pub columns: Vec<ColumnInfo>,
    /// Rows, where the file says so.
    pub rows: Option<u64>,
    pub reader: Box<dyn Rows>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct ColumnInfo {
    pub title: String,
    /// As the file's format says; text formats say nothing.
    pub cell_type: Option<CellType>,
}

/// The rows of a file, in order.
pub trait Rows {
    /// The next row that holds anything: as many cells as there are columns, or why
    /// it cannot be read, with what can be shown of it. `None` at the end. An outer
    /// error ends the file.
    fn next_row(&mut self, cells: &mut Vec<Cell>) -> Result<Option<RowShape>>;
    /// Number of the row just read; 1 is the first after the titles.
    fn row_number(&self) -> u64;
    /// Bytes of the file read so far, for files that do not know their rows.
    fn bytes_read(&self) -> u64;
    /// Where the next row begins, for files that can be entered there.
    fn offset(&self) -> Option<u64> {
        None
    }
    /// Goes on behind row `row`, which ended at `offset` of an earlier run.
    fn enter(&mut self, _row: u64, _offset: u64) -> Result<()> {
        Err(Error::internal("this kind of file cannot be entered in the middle"))
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowShape {
    Whole,
    Broken(RowFault),
}

pub fn unsupported(message: &str, reason: &str) -> Error {
    Error::new(ErrorCode::UnsupportedFile, message).at("file").with("reason", reason)
}

/// Titles without control characters, unique and never empty; columns beyond the
/// named ones get a number.
pub fn titles(cells: &[Option<String>], width: usize) -> Result<Vec<String>> {
    let width = width.max(cells.len());
    if width > COLUMNS_MAX {
        return Err(
            unsupported("the file has too many columns", "columns").with("limit", COLUMNS_MAX.to_string())
        );
    }
    let mut seen = HashSet::new();
    let mut titles = Vec::with_capacity(width);
    for index in 0..width {
        let text = cells.get(index).cloned().flatten().unwrap_or_default();
        let text: String = text.chars().filter(|c| !c.is_control()).take(TITLE_CHARS_MAX).collect();
        let text = text.trim();
        let base = if text.is_empty() { format!("column {}", index + 1) } else { text.to_owned() };
        let mut title = base.clone();
        let mut copy = 2;
        while !seen.insert(title.clone()) {
            title = format!("{base} ({copy})");
            copy += 1;
        }
        titles.push(title);
    }
    Ok(titles)
}

/// Index of the title row among the first rows, each given by its cells' texts: the
/// first that is about as wide as most rows get. A name or a date range above the
/// titles fills a cell or two; a single row that is too wide says nothing.
pub fn find_header(rows: &[Vec<Option<String>>]) -> usize {
    let filled = |row: &Vec<Option<String>>| row.iter().flatten().count();
    let mut widths: Vec<usize> = rows.iter().map(filled).filter(|width| *width > 0).collect();
    widths.sort_unstable();
    let usual = widths.get(widths.len() * 3 / 4).copied().unwrap_or_default();
    rows.iter().position(|row| filled(row) > 0 && filled(row) * 5 >= usual * 3).unwrap_or_default()
}

/// The index of the title row: the chosen one, if there is such a row.
pub fn header_index(rows: &[Vec<Option<String>>], choice: &Choice) -> Result<usize> {
    let Some(row) = choice.header_row else { return Ok(find_header(rows)) };
    let index = (row as usize).checked_sub(1).filter(|index| *index < rows.len());
    index.ok_or_else(|| {
        Error::invalid("header_row", "the titles must stand in one of the first rows")
            .with("limit", rows.len().to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_found_below_what_exports_put_above_them() {
        let row = |text: &str| text.split(',').map(|c| (!c.is_empty()).then(|| c.to_owned())).collect();
        let cases: &[(&[&str], usize)] = &[
            (&["a,b,c", "1,2,3"], 0),
            (&["单店销售明细,,,", "2026-01-01 至 2026-01-31,,,", "单号,门店,金额,", "1,静安,5,"], 2),
            (&["a", "1", "2"], 0),
            (&["a,,c,d", "1,2,3,4"], 0),
            (&[",,", "a,b,c", "1,,"], 1),
            (&["a,b", "1,2", "1,2", "1,2", "1,2,3,4,5,6"], 0),
            (&["导出时间,2026-01-01,,,", "a,b,c,d,e", "1,2,3,4,5"], 1),
        ];
        for (rows, expected) in cases {
            let rows: Vec<Vec<Option<String>>> = rows.iter().map(|text| row(text)).collect();
            assert_eq!(find_header(&rows), *expected, "{rows:?}");
        }
        let cells = [Some("a".to_owned()), Some("a".to_owned()), None, Some(" b\0\n".to_owned())];
        assert_eq!(titles(&cells, 5).expect("titles"), ["a", "a (2)", "column 3", "b", "column 5"]);
        assert!(titles(&[], COLUMNS_MAX + 1).is_err());
    }
}
