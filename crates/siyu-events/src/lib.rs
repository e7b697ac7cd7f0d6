//! The append-only column store: durable log, Parquet segments, recent run, scan,
//! compaction, recovery.

pub mod block;

pub use block::{Block, Column, Remap, Scan, ScanBlock};
