//! Parquet, with the types of the result.

use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use siyu_types::{Error, Result};

use super::{MARK_TITLE, Marked, text};
use crate::{Cell, ResultTable, SqlKind};

/// Rows of one group.
const GROUP_ROWS: usize = 65_536;

pub(super) fn write(table: &ResultTable, marked: &Marked) -> Result<Vec<u8>> {
    fill(table, marked).map_err(Error::internal)
}

fn fill(table: &ResultTable, marked: &Marked) -> Result<Vec<u8>, ParquetError> {
    let kinds: Vec<SqlKind> = table.columns.iter().map(|column| column.kind).chain([SqlKind::Text]).collect();
    let compression = Compression::ZSTD(ZstdLevel::default());
    let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema(table)?, properties)?;
    for rows in table.rows.chunks(GROUP_ROWS) {
        let mut group = writer.next_row_group()?;
        for (at, kind) in kinds.iter().enumerate() {
            let Some(mut column) = group.next_column()? else { break };
            let mark = Cell::Text(marked.line.clone());
            let cells = rows.iter().map(|row| row.get(at).unwrap_or(&mark));
            put(column.untyped(), *kind, cells, marked)?;
            column.close()?;
        }
        group.close()?;
    }
    writer.into_inner()
}

fn schema(table: &ResultTable) -> Result<Arc<Type>, ParquetError> {
    let mut names: Vec<String> = Vec::new();
    let mut fields = Vec::new();
    let columns = table.columns.iter().map(|column| (column.name.as_str(), column.kind));
    for (name, kind) in columns.chain([(MARK_TITLE, SqlKind::Text)]) {
        // Results may have two columns of one name, files may not.
        let mut free = name.to_owned();
        while names.contains(&free) {
            free.push('_');
        }
        fields.push(Arc::new(field(&free, kind)?));
        names.push(free);
    }
    Ok(Arc::new(Type::group_type_builder("rows").with_fields(fields).build()?))
}

fn field(name: &str, kind: SqlKind) -> Result<Type, ParquetError> {
    let (physical, logical) = match kind {
        SqlKind::Bool => (Physical::BOOLEAN, None),
        SqlKind::Integer => (Physical::INT64, None),
        SqlKind::Number => (Physical::DOUBLE, None),
        SqlKind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        SqlKind::Time => {
            let unit = TimeUnit::MILLIS;
            (Physical::INT64, Some(LogicalType::timestamp(true, unit)))
        }
        SqlKind::Date => (Physical::INT32, Some(LogicalType::Date)),
    };
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

fn put<'c>(
    column: &mut ColumnWriter<'_>,
    kind: SqlKind,
    cells: impl Iterator<Item = &'c Cell> + Clone,
    marked: &Marked,
) -> Result<(), ParquetError> {
    // What does not fit its column, such as a number that is infinite, is no value.
    let there: Vec<i16> = cells.clone().map(|cell| i16::from(fits(kind, cell))).collect();
    let cells = cells.filter(|cell| fits(kind, cell));
    let levels = Some(there.as_slice());
    match column {
        ColumnWriter::BoolColumnWriter(to) => {
            let values: Vec<bool> = cells.map(|cell| matches!(cell, Cell::Bool(true))).collect();
            to.write_batch(&values, levels, None)?;
        }
        ColumnWriter::Int64ColumnWriter(to) => {
            let whole = |cell: &Cell| match cell {
                Cell::Integer(number) | Cell::Time(number) => *number,
                _ => 0,
            };
            to.write_batch(&cells.map(whole).collect::<Vec<_>>(), levels, None)?;
        }
        ColumnWriter::Int32ColumnWriter(to) => {
            let days = |cell: &Cell| if let Cell::Date(days) = cell { *days } else { 0 };
            to.write_batch(&cells.map(days).collect::<Vec<_>>(), levels, None)?;
        }
        ColumnWriter::DoubleColumnWriter(to) => {
            let number = |cell: &Cell| if let Cell::Number(number) = cell { *number } else { 0.0 };
            to.write_batch(&cells.map(number).collect::<Vec<_>>(), levels, None)?;
        }
        ColumnWriter::ByteArrayColumnWriter(to) => {
            let bytes = |cell: &Cell| ByteArray::from(text(cell, &marked.zone).into_bytes());
            to.write_batch(&cells.map(bytes).collect::<Vec<_>>(), levels, None)?;
        }
        _ => return Err(ParquetError::General("a column of a type we do not write".to_owned())),
    }
    Ok(())
}

fn fits(kind: SqlKind, cell: &Cell) -> bool {
    match kind {
        SqlKind::Bool => matches!(cell, Cell::Bool(_)),
        SqlKind::Integer => matches!(cell, Cell::Integer(_)),
        SqlKind::Number => matches!(cell, Cell::Number(_)),
        SqlKind::Text => *cell != Cell::Null,
        SqlKind::Time => matches!(cell, Cell::Time(_)),
        SqlKind::Date => matches!(cell, Cell::Date(_)),
    }
}
