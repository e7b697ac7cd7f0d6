//! The Parquet layout of a segment. Any Parquet tool reads these files:
//!
//! | column | meaning |
//! |---|---|
//! | `person` | the number the event was recorded under |
//! | `time` | when it happened, milliseconds UTC |
//! | `seq` | order of arrival |
//! | `event` | its name |
//! | `source` | where it came from |
//! | `delay` | milliseconds from `time` to its receipt |
//! | `ids` | identifiers as received, JSON pairs |
//! | `raw` | JSON of the property values that fit no column |
//! | `p.<name>` | a property |
//!
//! Rows are sorted by person, time, seq. The key-value metadata `siyu.version`
//! is the version of this layout.

use std::io;
use std::sync::Arc;

use parquet::basic::{Compression, Encoding, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use siyu_types::value::ValueKind;
use siyu_types::{Error, ErrorCode, Result};

use super::model::ColumnState;

pub(crate) const VERSION: u32 = 1;
pub(crate) const VERSION_KEY: &str = "siyu.version";
/// Columns before the properties, in this order.
pub(crate) const PERSON: usize = 0;
pub(crate) const TIME: usize = 1;
pub(crate) const SEQ: usize = 2;
pub(crate) const EVENT: usize = 3;
pub(crate) const SOURCE: usize = 4;
pub(crate) const DELAY: usize = 5;
pub(crate) const IDS: usize = 6;
pub(crate) const RAW: usize = 7;
pub(crate) const PROPERTIES: usize = 8;

const PAGE_ROWS: usize = 16_384;
const ZSTD_LEVEL: i32 = 3;

pub(crate) fn schema(columns: &[&ColumnState]) -> Result<TypePtr> {
    let required = |name, physical, logical| field(name, physical, Repetition::REQUIRED, logical);
    let mut fields = vec![
        required("person", Physical::INT32, None)?,
        required(
            "time",
            Physical::INT64,
            Some(LogicalType::timestamp(true, parquet::basic::TimeUnit::MILLIS)),
        )?,
        required("seq", Physical::INT64, None)?,
        required("event", Physical::BYTE_ARRAY, Some(LogicalType::String))?,
        required("source", Physical::BYTE_ARRAY, Some(LogicalType::String))?,
        required("delay", Physical::INT64, None)?,
        required("ids", Physical::BYTE_ARRAY, Some(LogicalType::Json))?,
        field("raw", Physical::BYTE_ARRAY, Repetition::OPTIONAL, Some(LogicalType::Json))?,
    ];
    for column in columns {
        let (physical, logical) = match column.kind {
            ValueKind::Number => (Physical::DOUBLE, None),
            ValueKind::Bool => (Physical::BOOLEAN, None),
            ValueKind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            ValueKind::List => (Physical::BYTE_ARRAY, Some(LogicalType::Json)),
        };
        fields.push(field(&format!("p.{}", column.name), physical, Repetition::OPTIONAL, logical)?);
    }
    let root = Type::group_type_builder("event").with_fields(fields).build();
    Ok(Arc::new(root.map_err(parquet_error)?))
}

fn field(
    name: &str,
    physical: Physical,
    repetition: Repetition,
    logical: Option<LogicalType>,
) -> Result<TypePtr> {
    let field = Type::primitive_type_builder(name, physical)
        .with_repetition(repetition)
        .with_logical_type(logical)
        .build();
    Ok(Arc::new(field.map_err(parquet_error)?))
}

pub(crate) fn properties() -> Result<WriterProperties> {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(parquet_error)?;
    let path = |name: &str| ColumnPath::new(vec![name.to_owned()]);
    let mut builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by("siyu".to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_max_row_group_row_count(None)
        .set_key_value_metadata(Some(vec![KeyValue::new(VERSION_KEY.to_owned(), VERSION.to_string())]));
    // Numbers that grow slowly: persons as differences; instants and sequence
    // numbers byte by byte, so that their slow upper bytes compress to nothing.
    let encodings = [
        ("person", Encoding::DELTA_BINARY_PACKED),
        ("time", Encoding::BYTE_STREAM_SPLIT),
        ("seq", Encoding::BYTE_STREAM_SPLIT),
        ("delay", Encoding::BYTE_STREAM_SPLIT),
    ];
    for (name, encoding) in encodings {
        builder = builder
            .set_column_dictionary_enabled(path(name), false)
            .set_column_encoding(path(name), encoding)
            .set_column_statistics_enabled(path(name), EnabledStatistics::Chunk);
    }
    Ok(builder.build())
}

pub(crate) fn parquet_error(error: ParquetError) -> Error {
    if let ParquetError::External(cause) = &error
        && let Some(io) = cause.downcast_ref::<io::Error>()
    {
        return disk_error(io);
    }
    Error::internal(error)
}

pub(crate) fn disk_error(error: &io::Error) -> Error {
    if let Some(cause) = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>()) {
        return cause.clone();
    }
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Error::new(ErrorCode::DiskFull, "the disk has no room for events")
        }
        _ => Error::internal(error),
    }
}
