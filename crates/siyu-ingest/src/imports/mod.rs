//! Files: recognise, preview, map, import as a durable job.

mod convert;
mod delimited;
mod mapping;
mod orders;
mod parquet_rows;
mod rows;
mod run;
mod values;

pub use mapping::{CellType, ColumnMapping, ImportKind, Mapping, Target};
pub use run::{ImportFile, ImportProgress, ImportReport, RowError};
