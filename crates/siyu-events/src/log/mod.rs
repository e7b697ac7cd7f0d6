//! The durable log: records are acknowledged only after they are on disk.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use siyu_types::Result;

/// Sequence number of a log record; the first record ever has 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LogPosition(pub u64);

impl LogPosition {
    pub fn next(self) -> LogPosition {
        LogPosition(self.0 + 1)
    }
}

/// Limits of a log.
#[derive(Clone, Debug)]
pub struct LogOptions {
    /// A segment is sealed when the next group would make it larger than this.
    pub segment_bytes: u64,
    /// Payload bytes that may wait for the writer before `append` answers `Overloaded`.
    pub queue_bytes_max: usize,
    /// Calls of `append` that may wait for the writer.
    pub queue_appends_max: usize,
    /// The largest single record.
    pub record_bytes_max: usize,
}

impl Default for LogOptions {
    fn default() -> LogOptions {
        LogOptions {
            segment_bytes: 64 << 20,
            queue_bytes_max: 64 << 20,
            queue_appends_max: 65_536,
            record_bytes_max: 32 << 20,
        }
    }
}

/// An append-only sequence of records in one folder. One process at a time.
pub struct Log {}

impl Log {
    /// Opens or creates the log; cuts a torn tail, which was never acknowledged.
    pub fn open(_dir: &Path, _options: LogOptions) -> Result<Log> {
        unimplemented!("skeleton")
    }

    /// Queues records. `done` is called once, on the writer's thread (or at once on
    /// refusal), with the position of the *last* of them, after all are on disk.
    pub fn append(&self, _payloads: Vec<Bytes>, _done: impl FnOnce(Result<LogPosition>) + Send + 'static) {
        unimplemented!("skeleton")
    }

    /// As [`Log::append`], waiting for the answer.
    pub fn append_and_wait(&self, _payloads: Vec<Bytes>) -> Result<LogPosition> {
        unimplemented!("skeleton")
    }

    /// Synced records from `from` on: at least one if there is one, then up to `max_bytes`.
    pub fn read(&self, _from: LogPosition, _max_bytes: usize) -> Result<Vec<(LogPosition, Bytes)>> {
        unimplemented!("skeleton")
    }

    /// The first record still kept.
    pub fn start(&self) -> LogPosition {
        unimplemented!("skeleton")
    }

    /// One past the last synced record.
    pub fn end(&self) -> LogPosition {
        unimplemented!("skeleton")
    }

    /// Waits until the record at `position` can be read (true) or `stop` is set
    /// (false); after setting `stop`, call [`Log::wake`].
    pub fn wait_for(&self, _position: LogPosition, _stop: &AtomicBool) -> bool {
        unimplemented!("skeleton")
    }

    /// Makes every `wait_for` look at its `stop` flag again.
    pub fn wake(&self) {
        unimplemented!("skeleton")
    }

    /// Deletes sealed segments that only hold records before `before`.
    pub fn trim(&self, _before: LogPosition) -> Result<()> {
        unimplemented!("skeleton")
    }

    /// Writes what is queued and ends the writer. Later appends are refused.
    pub fn close(&self) {
        unimplemented!("skeleton")
    }
}
