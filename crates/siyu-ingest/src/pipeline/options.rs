//! What can be set about a pipeline.

use std::sync::Arc;
use std::time::Duration;

use siyu_events::{LogOptions, StoreOptions};
use siyu_govern::sealing::IdentifierHashes;
use siyu_types::ports::Vault;

#[derive(Clone, Debug)]
pub struct PipelineOptions {
    pub log: LogOptions,
    pub store: StoreOptions,
    /// A checkpoint is written after this many records, or this long after the
    /// last one if there is anything new.
    pub checkpoint_records: u64,
    pub checkpoint_every: Duration,
    /// Applied frames kept in the log for repairs.
    pub keep_frames: u64,
    /// How long applying waits for a disk that refuses before it tries again.
    pub retry_every: Duration,
    /// Accepted but not yet applied bytes beyond which new ones are refused for now.
    pub backlog_bytes_max: i64,
    /// Seals everything that is written of a project.
    pub vault: Option<Arc<dyn Vault>>,
    /// Hashes values of identifiers of which only a hash is kept.
    pub hashes: Option<IdentifierHashes>,
}

impl Default for PipelineOptions {
    fn default() -> PipelineOptions {
        PipelineOptions {
            log: LogOptions::default(),
            store: StoreOptions::default(),
            checkpoint_records: 1_000_000,
            checkpoint_every: Duration::from_secs(60),
            keep_frames: 100_000,
            retry_every: Duration::from_secs(2),
            backlog_bytes_max: 1 << 30,
            vault: None,
            hashes: None,
        }
    }
}
