//! Reads whole columns of a small Parquet file.

use std::fs::File;
use std::path::Path;

use parquet::basic::Type;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::Result;

/// One column; `None` where a row has no value.
pub enum Values {
    Integers(Vec<Option<i64>>),
    Numbers(Vec<Option<f64>>),
    Texts(Vec<Option<String>>),
    /// Milliseconds since 1970, as written: the file knows no zone.
    Instants(Vec<Option<i64>>),
}

/// The named columns of a file, in the order asked for.
pub fn read(path: &Path, names: &[&str]) -> Result<Vec<Values>> {
    let failed = |e: &dyn std::fmt::Display| format!("read {}: {e}", path.display());
    let file = File::open(path).map_err(|e| failed(&e))?;
    let reader = SerializedFileReader::new(file).map_err(|e| failed(&e))?;
    names.iter().map(|name| column(&reader, name).map_err(|e| failed(&e))).collect()
}

fn column(reader: &SerializedFileReader<File>, name: &str) -> Result<Values> {
    let schema = reader.metadata().file_metadata().schema_descr();
    let found = (0..schema.num_columns()).find(|index| schema.column(*index).name() == name);
    let index = found.ok_or_else(|| format!("there is no column {name}"))?;
    let mut values = match schema.column(index).physical_type() {
        Type::INT64 => Values::Integers(Vec::new()),
        Type::DOUBLE => Values::Numbers(Vec::new()),
        Type::BYTE_ARRAY => Values::Texts(Vec::new()),
        Type::INT96 => Values::Instants(Vec::new()),
        other => return Err(format!("column {name} has the unexpected type {other}")),
    };
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(|e| e.to_string())?;
        let rows = usize::try_from(group.metadata().num_rows()).map_err(|e| e.to_string())?;
        let pages = group.get_column_reader(index).map_err(|e| e.to_string())?;
        match (pages, &mut values) {
            (ColumnReader::Int64ColumnReader(pages), Values::Integers(into)) => {
                fill(pages, rows, into, |v| v)?
            }
            (ColumnReader::DoubleColumnReader(pages), Values::Numbers(into)) => {
                fill(pages, rows, into, |v| v)?
            }
            (ColumnReader::ByteArrayColumnReader(pages), Values::Texts(into)) => {
                fill(pages, rows, into, |v| String::from_utf8_lossy(v.data()).into_owned())?;
            }
            (ColumnReader::Int96ColumnReader(pages), Values::Instants(into)) => {
                fill(pages, rows, into, |v| v.to_millis())?;
            }
            _ => return Err(format!("column {name} changes its type")),
        }
    }
    Ok(values)
}

fn fill<D: DataType, T>(
    mut pages: ColumnReaderImpl<D>,
    rows: usize,
    into: &mut Vec<Option<T>>,
    convert: impl Fn(D::T) -> T,
) -> Result<()> {
    let (mut levels, mut values) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    let mut read = 0;
    while read < rows {
        let (records, ..) = pages
            .read_records(rows - read, Some(&mut levels), None, &mut values)
            .map_err(|e| e.to_string())?;
        if records == 0 {
            return Err("the file is cut".to_owned());
        }
        read += records;
    }
    // A required column has no levels: every row has a value.
    let present = |row: usize| levels.is_empty() || levels[row] > 0;
    let mut values = values.into_iter();
    into.extend((0..rows).map(|row| if present(row) { values.next().map(&convert) } else { None }));
    Ok(())
}

impl Values {
    pub fn len(&self) -> usize {
        match self {
            Values::Integers(values) | Values::Instants(values) => values.len(),
            Values::Numbers(values) => values.len(),
            Values::Texts(values) => values.len(),
        }
    }

    pub fn integer(&self, row: usize) -> Option<i64> {
        match self {
            Values::Integers(values) | Values::Instants(values) => values[row],
            _ => None,
        }
    }

    pub fn number(&self, row: usize) -> Option<f64> {
        match self {
            Values::Numbers(values) => values[row],
            _ => None,
        }
    }

    /// The value as a table shows it; empty where there is none.
    pub fn text(&self, row: usize) -> String {
        match self {
            Values::Texts(values) => values[row].clone().unwrap_or_default(),
            Values::Integers(values) | Values::Instants(values) => {
                values[row].map(|value| value.to_string()).unwrap_or_default()
            }
            Values::Numbers(values) => values[row].map(|value| value.to_string()).unwrap_or_default(),
        }
    }
}
