//! Parquet files, row by row.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use parquet::basic::{LogicalType, TimeUnit};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::record::reader::RowIter;
use parquet::schema::types::Type;
use siyu_events::SharedFile;
use siyu_govern::sealing::StoredFile;
use siyu_types::sealed::cause;
use siyu_types::{Error, Result};

use super::super::cell::Cell;
use super::super::mapping::{COLUMNS_MAX, CellType};
use super::super::rows::{Choice, ColumnInfo, Opened, RowShape, Rows, unsupported};
use super::FileKind;

pub const KIND: FileKind =
    FileKind { name: "parquet", recognises: |head| head.starts_with(b"PAR1"), open: ParquetRows::open };

pub struct ParquetRows {
    rows: RowIter<'static>,
    kinds: Vec<Kind>,
    row: u64,
}

/// What the row reader does not say by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    /// A time with an instant, or a local one, in this unit.
    Time {
        instant: bool,
        nanos: bool,
    },
}

impl ParquetRows {
    fn open(path: &StoredFile, _: &[u8], _: &Choice) -> Result<Opened> {
        let (vault, place) = path.sealing();
        let file = SharedFile::new(File::open(path.path())?, vault, place).map_err(cause)?;
        let reader = unhurt(|| SerializedFileReader::new(file))
            .and_then(|reader| reader.ok())
            .ok_or_else(|| unsupported("the Parquet file cannot be read", "parquet"))?;
        let metadata = reader.metadata().file_metadata();
        let rows = u64::try_from(metadata.num_rows()).unwrap_or_default();
        let fields = metadata.schema_descr().root_schema().get_fields().to_vec();
        if fields.len() > COLUMNS_MAX {
            return Err(unsupported("the file has too many columns", "columns"));
        }
        unhurt(|| honest_dictionaries(&reader)).flatten().ok_or_else(damaged)?;
        let kinds = fields.iter().map(|field| kind_of(field)).collect();
        let columns = fields
            .iter()
            .map(|field| ColumnInfo { title: field.name().to_owned(), cell_type: Some(cell_type_of(field)) })
            .collect();
        let iterator = unhurt(|| RowIter::from_file_into(Box::new(reader))).ok_or_else(damaged)?;
        let reader = Box::new(ParquetRows { rows: iterator, kinds, row: 0 });
        Ok(Opened {
            encoding: None,
            delimiter: None,
            sheets: Vec::new(),
            sheet: None,
            header_row: 0,
            columns,
            rows: Some(rows),
            reader,
        })
    }
}

/// The reader of Parquet asserts what a damaged file need not keep to (found by fuzzing); a
/// panic of it is an answer like any other. Nothing is read on after one.
fn unhurt<T>(read: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(read)).ok()
}

/// `None` if a dictionary says that it has more values than bytes: the library makes room for
/// all of them before it reads the first. Only headers are read, and the dictionaries.
fn honest_dictionaries(reader: &SerializedFileReader<SharedFile>) -> Option<()> {
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).ok()?;
        for column in 0..group.num_columns() {
            let mut pages = group.get_column_page_reader(column).ok()?;
            while let Some(next) = pages.peek_next_page().ok()? {
                if !next.is_dict {
                    pages.skip_next_page().ok()?;
                    continue;
                }
                match pages.get_next_page().ok()? {
                    Some(page) if page.num_values() as usize <= page.buffer().len() => {}
                    _ => return None,
                }
            }
        }
    }
    Some(())
}

fn damaged() -> Error {
    unsupported("the Parquet file is damaged", "damaged")
}

impl Rows for ParquetRows {
    fn next_row(&mut self, cells: &mut Vec<Cell>) -> Result<Option<RowShape>> {
        cells.clear();
        let Some(row) = unhurt(|| self.rows.next()).ok_or_else(damaged)? else { return Ok(None) };
        let row = row.map_err(|_| damaged())?;
        self.row += 1;
        let fields = row.into_columns().into_iter().zip(&self.kinds);
        cells.extend(fields.map(|((_, field), kind)| cell(field, *kind)));
        Ok(Some(RowShape::Whole))
    }

    fn row_number(&self) -> u64 {
        self.row
    }

    fn bytes_read(&self) -> u64 {
        0
    }
}

fn kind_of(field: &Type) -> Kind {
    match field.get_basic_info().logical_type_ref() {
        Some(LogicalType::Timestamp(time)) => {
            Kind::Time { instant: time.is_adjusted_to_u_t_c, nanos: matches!(time.unit, TimeUnit::NANOS) }
        }
        _ => Kind::Plain,
    }
}

fn cell_type_of(field: &Type) -> CellType {
    use parquet::basic::{ConvertedType, Type as Physical};
    if !field.is_primitive() {
        return CellType::Text;
    }
    if matches!(kind_of(field), Kind::Time { .. }) {
        return CellType::Time;
    }
    match (field.get_physical_type(), field.get_basic_info().converted_type()) {
        (_, ConvertedType::DATE | ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS)
        | (Physical::INT96, _) => CellType::Time,
        (Physical::BOOLEAN, _) => CellType::Bool,
        (Physical::INT32 | Physical::INT64 | Physical::FLOAT | Physical::DOUBLE, _)
        | (_, ConvertedType::DECIMAL) => CellType::Number,
        _ => CellType::Text,
    }
}

fn cell(field: Field, kind: Kind) -> Cell {
    match field {
        Field::Null => Cell::Missing,
        Field::Bool(flag) => Cell::Bool(flag),
        Field::Byte(number) => Cell::Int(number.into()),
        Field::Short(number) => Cell::Int(number.into()),
        Field::Int(number) => Cell::Int(number.into()),
        Field::UByte(number) => Cell::Int(number.into()),
        Field::UShort(number) => Cell::Int(number.into()),
        Field::UInt(number) => Cell::Int(number.into()),
        Field::Long(number) => match kind {
            Kind::Time { instant, nanos: true } => time(number.div_euclid(1_000), instant),
            _ => Cell::Int(number),
        },
        // Beyond what a signed number holds it is an id, and its digits matter.
        Field::ULong(number) => {
            i64::try_from(number).map_or_else(|_| Cell::Text(number.to_string()), Cell::Int)
        }
        Field::Float16(number) => Cell::Number(number.to_f64()),
        Field::Float(number) => number.to_string().parse().map_or(Cell::Missing, Cell::Number),
        Field::Double(number) => Cell::Number(number),
        Field::Str(text) => Cell::of_text(text),
        Field::Bytes(bytes) => {
            std::str::from_utf8(bytes.data()).map_or(Cell::Undecodable, |text| Cell::of_text(text.to_owned()))
        }
        Field::Date(days) => time(i64::from(days) * 86_400_000_000, false),
        Field::TimestampMillis(millis) => time(millis.saturating_mul(1_000), is_instant(kind)),
        Field::TimestampMicros(micros) => time(micros, is_instant(kind)),
        // Decimals, times of day and nested values, as the format writes them.
        other => Cell::Text(other.to_string().trim_matches('"').to_owned()),
    }
}

/// Old files carry no logical type; their converted type means an instant.
fn is_instant(kind: Kind) -> bool {
    !matches!(kind, Kind::Time { instant: false, .. })
}

fn time(micros: i64, instant: bool) -> Cell {
    if instant {
        return Cell::Instant(micros.div_euclid(1_000));
    }
    let local = jiff::Timestamp::from_microsecond(micros).map(|at| at.to_zoned(TimeZone::UTC).datetime());
    local.map_or(Cell::Undecodable, |local: DateTime| Cell::Local(local))
}
