//! Results as files: a kind is one file here and one line in [`FileKind`].

mod csv;
mod parquet;
mod xlsx;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use siyu_types::Result;
use siyu_types::clock::Millis;
use utoipa::ToSchema;

use crate::{Cell, ResultTable};

/// Title of the column that says which export a row is of.
const MARK_TITLE: &str = "siyu_export";

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SqlFileKind)]
pub(crate) enum FileKind {
    Csv,
    Xlsx,
    Parquet,
}

impl FileKind {
    pub fn extension(self) -> &'static str {
        match self {
            FileKind::Csv => "csv",
            FileKind::Xlsx => "xlsx",
            FileKind::Parquet => "parquet",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            FileKind::Csv => "text/csv; charset=utf-8",
            FileKind::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            FileKind::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// What every row of a file carries besides its values.
pub(crate) struct Marked {
    /// In which times are written.
    pub zone: TimeZone,
    /// Which export it is.
    pub line: String,
}

pub(crate) fn write(kind: FileKind, table: &ResultTable, marked: &Marked) -> Result<Vec<u8>> {
    match kind {
        FileKind::Csv => csv::write(table, marked),
        FileKind::Xlsx => xlsx::write(table, marked),
        FileKind::Parquet => parquet::write(table, marked),
    }
}

/// The person a cell names; those without one come last.
pub(crate) fn person(cell: &Cell) -> u32 {
    match cell {
        Cell::Integer(number) => u32::try_from(*number).unwrap_or(u32::MAX),
        _ => u32::MAX,
    }
}

/// A day by its number since 1970.
pub(crate) fn day(days: i32) -> String {
    let first = Date::constant(1970, 1, 1);
    let day = first.checked_add(jiff::Span::new().days(i64::from(days)));
    day.map_or_else(|_| days.to_string(), |day| day.to_string())
}

/// An instant as clocks of the zone show it, with its offset.
fn instant(at: Millis, zone: &TimeZone) -> String {
    match jiff::Timestamp::from_millisecond(at) {
        Ok(at) => at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%.3f%:z").to_string(),
        Err(_) => at.to_string(),
    }
}

/// A cell as people read it.
fn text(cell: &Cell, zone: &TimeZone) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Bool(flag) => flag.to_string(),
        Cell::Integer(number) => number.to_string(),
        Cell::Number(number) => number.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Time(at) => instant(*at, zone),
        Cell::Date(days) => day(*days),
    }
}
