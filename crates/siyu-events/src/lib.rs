//! The append-only column store: durable log, Parquet segments, recent run, scan,
//! compaction, recovery.

pub mod beside;
pub mod block;
pub mod faults;
pub mod log;
pub mod memory;
pub mod parallel;
pub mod places;
pub mod remap;
pub mod skip;
pub mod store;

pub use beside::{Beside, Kept, Made};
pub use block::{BOOL_MISSING, Block, Column, Loose, Scan, ScanBlock, Skeleton, TEXT_MISSING};
pub use log::{Log, LogOptions, LogPosition, RewriteReport};
pub use memory::give_back;
pub use parallel::{Begin, parallel};
pub use places::Places;
pub use remap::Remap;
pub use skip::Skip;
pub use store::{
    Amendment, ColumnState, CompactReport, EventName, EventProperty, EventRow, EventStore, Forgotten,
    ForgottenRows, Moment, ScanRequest, SharedFile, StoreOptions, StoreState, StoreStats, Timeline,
    TimelinePage,
};
