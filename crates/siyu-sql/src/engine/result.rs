//! A result as plain rows, of whatever types the engine came up with.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Field, Float64Type, Int64Type, SchemaRef, TimeUnit,
};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::common::Result;
use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use utoipa::ToSchema;

use crate::tables::{MASKED_MARK, PERSON_MARK};

/// What a column of a result holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SqlKind {
    Bool,
    /// Whole numbers; beyond 2^53 they are texts in JSON.
    Integer,
    Number,
    Text,
    /// An instant.
    Time,
    /// A day without a zone, `2026-11-21`.
    Date,
}

#[derive(Clone, PartialEq, Debug)]
pub struct ResultColumn {
    pub name: String,
    pub kind: SqlKind,
    /// It holds numbers of people.
    pub person: bool,
    /// Its values are masked for the caller.
    pub masked: bool,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    Null,
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    Time(Millis),
    /// Days since 1970.
    Date(i32),
}

#[derive(Clone, PartialEq, Default, Debug)]
pub struct ResultTable {
    pub columns: Vec<ResultColumn>,
    pub rows: Vec<Vec<Cell>>,
    /// There are more rows than may be answered.
    pub truncated: bool,
}

impl ResultTable {
    pub fn of(schema: &SchemaRef) -> ResultTable {
        let columns = schema.fields().iter().map(|field| column(field)).collect();
        ResultTable { columns, ..ResultTable::default() }
    }

    /// Adds rows until there are `rows_max`, or as many bytes as `room` is left for.
    /// False: that was not all of them.
    pub fn add(&mut self, batch: &RecordBatch, rows_max: usize, room: &mut usize) -> Result<bool> {
        let columns: Vec<Cells> = self
            .columns
            .iter()
            .zip(batch.columns())
            .map(|(column, array)| Cells::of(column.kind, array))
            .collect::<Result<_>>()?;
        for row in 0..batch.num_rows() {
            if self.rows.len() >= rows_max {
                return Ok(false);
            }
            let cells: Vec<Cell> = columns.iter().map(|cells| cells.at(row)).collect::<Result<_>>()?;
            let bytes: usize = cells.iter().map(Cell::bytes).sum();
            if bytes > *room {
                return Ok(false);
            }
            *room -= bytes;
            self.rows.push(cells);
        }
        Ok(true)
    }

    /// The column that says whom a row is about.
    pub fn person_column(&self) -> Option<usize> {
        let marked = self.columns.iter().position(|column| column.person);
        let named = |column: &ResultColumn| column.kind == SqlKind::Integer && column.name == "person_no";
        marked.or_else(|| self.columns.iter().position(named))
    }

    /// The numbers in the person column, each once; `None` without such a column.
    pub fn people(&self) -> Option<Vec<u32>> {
        let at = self.person_column()?;
        let numbers = self.rows.iter().filter_map(|row| match row.get(at) {
            Some(Cell::Integer(number)) => u32::try_from(*number).ok(),
            _ => None,
        });
        let people: roaring::RoaringBitmap = numbers.collect();
        Some(people.into_iter().collect())
    }
}

impl Cell {
    fn bytes(&self) -> usize {
        match self {
            Cell::Text(text) => text.len() + size_of::<Cell>(),
            _ => size_of::<Cell>(),
        }
    }
}

fn column(field: &Field) -> ResultColumn {
    ResultColumn {
        name: field.name().clone(),
        kind: kind(field.data_type()),
        person: field.metadata().contains_key(PERSON_MARK) && field.data_type().is_integer(),
        masked: field.metadata().contains_key(MASKED_MARK),
    }
}

fn kind(of: &DataType) -> SqlKind {
    match of {
        DataType::Boolean => SqlKind::Bool,
        of if of.is_integer() => SqlKind::Integer,
        of if of.is_floating() || of.is_decimal() => SqlKind::Number,
        DataType::Timestamp(..) => SqlKind::Time,
        DataType::Date32 | DataType::Date64 => SqlKind::Date,
        _ => SqlKind::Text,
    }
}

/// The values of one column of a batch.
enum Cells {
    Ready(SqlKind, ArrayRef),
    /// Shown by the engine, such as lists.
    Shown(ArrayRef),
}

impl Cells {
    fn of(kind: SqlKind, array: &ArrayRef) -> Result<Cells> {
        let target = match kind {
            SqlKind::Bool => DataType::Boolean,
            SqlKind::Integer => DataType::Int64,
            SqlKind::Number => DataType::Float64,
            SqlKind::Date => DataType::Date32,
            SqlKind::Text
                if matches!(array.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) =>
            {
                DataType::Utf8View
            }
            SqlKind::Text => return Ok(Cells::Shown(ArrayRef::clone(array))),
            SqlKind::Time => {
                // As numbers, so that no zone is taken into account twice.
                let DataType::Timestamp(unit, _) = array.data_type() else {
                    return Ok(Cells::Shown(ArrayRef::clone(array)));
                };
                let raw = cast(array, &DataType::Int64)?;
                let per_milli = match unit {
                    TimeUnit::Second => {
                        return Ok(Cells::Ready(kind, scaled(&raw, |at| at.saturating_mul(1_000))));
                    }
                    TimeUnit::Millisecond => return Ok(Cells::Ready(kind, raw)),
                    TimeUnit::Microsecond => 1_000,
                    TimeUnit::Nanosecond => 1_000_000,
                };
                return Ok(Cells::Ready(kind, scaled(&raw, move |at| at.div_euclid(per_milli))));
            }
        };
        Ok(Cells::Ready(kind, cast(array, &target)?))
    }

    fn at(&self, row: usize) -> Result<Cell> {
        Ok(match self {
            Cells::Ready(_, array) | Cells::Shown(array) if array.is_null(row) => Cell::Null,
            // Of a bare `null` there is no mark which rows have none.
            Cells::Shown(array) if *array.data_type() == DataType::Null => Cell::Null,
            Cells::Ready(kind, array) => match kind {
                SqlKind::Bool => Cell::Bool(array.as_boolean().value(row)),
                SqlKind::Integer => Cell::Integer(array.as_primitive::<Int64Type>().value(row)),
                SqlKind::Number => match array.as_primitive::<Float64Type>().value(row) {
                    number if number.is_finite() => Cell::Number(number),
                    other => Cell::Text(other.to_string()),
                },
                SqlKind::Text => Cell::Text(array.as_string_view().value(row).to_owned()),
                SqlKind::Time => Cell::Time(array.as_primitive::<Int64Type>().value(row)),
                SqlKind::Date => Cell::Date(array.as_primitive::<Date32Type>().value(row)),
            },
            Cells::Shown(array) => {
                let options = FormatOptions::default();
                Cell::Text(ArrayFormatter::try_new(array, &options)?.value(row).to_string())
            }
        })
    }
}

fn scaled(raw: &ArrayRef, scale: impl Fn(i64) -> i64) -> ArrayRef {
    std::sync::Arc::new(raw.as_primitive::<Int64Type>().unary::<_, Int64Type>(scale))
}
