//! A file as columns and rows, whatever its format; read in bounded memory.

use std::path::Path;

use siyu_types::{Error, ErrorCode, Result};

use super::delimited::{self, Delimited};
use super::mapping::CellType;
use super::parquet_rows::ParquetRows;
use super::values::Cell;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Csv,
    Parquet,
}

impl Format {
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Parquet => "parquet",
        }
    }
}

/// What a file is, before any row is read.
pub struct Opened {
    pub format: Format,
    /// Of CSV.
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    pub columns: Vec<ColumnInfo>,
    /// Rows, where the file says so.
    pub rows: Option<u64>,
    pub reader: Box<dyn Rows>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct ColumnInfo {
    pub title: String,
    /// As the file's format says; CSV says nothing.
    pub cell_type: Option<CellType>,
}

/// The rows of a file, in order.
pub trait Rows {
    /// The next row: as many cells as there are columns, or why it cannot be read.
    /// `None` at the end. An outer error ends the file.
    fn next_row(&mut self, cells: &mut Vec<Cell>) -> Result<Option<RowShape>>;
    /// Bytes of the file read so far, for files that do not know their rows.
    fn bytes_read(&self) -> u64;
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowShape {
    Whole,
    /// Another number of cells than the header has.
    WrongWidth,
}

/// Recognises a file by its bytes; its name says nothing reliable.
pub fn open(path: &Path) -> Result<Opened> {
    let head = delimited::head(path)?;
    if head.is_empty() {
        return Err(unsupported("the file is empty", "empty"));
    }
    if head.starts_with(b"PAR1") {
        return ParquetRows::open(path);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(unsupported("is a spreadsheet or archive; save it as CSV", "spreadsheet"));
    }
    if head.starts_with(&[0x1f, 0x8b]) || head.starts_with(b"%PDF") {
        return Err(unsupported("is compressed or not a table", "compressed"));
    }
    Delimited::open(path, &head)
}

pub fn unsupported(message: &str, reason: &str) -> Error {
    Error::new(ErrorCode::UnsupportedFile, message).at("file").with("reason", reason)
}
