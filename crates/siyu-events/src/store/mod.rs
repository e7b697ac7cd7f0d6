//! The event store: a recent run in memory and Parquet segments on disk.

mod model;

use std::path::Path;

use siyu_types::Result;

pub use self::model::{
    CompactReport, EventName, EventProperty, EventRow, ScanRequest, StoreOptions, StoreState, StoreStats,
    TimelinePage,
};
use crate::block::Scan;

/// Events of one project. Internally synchronised; nothing here is durable
/// before [`EventStore::checkpoint`] and the caller's commit of its answer.
pub struct EventStore {}

impl EventStore {
    /// Opens the segments that `state` names; files it does not name are leftovers
    /// of a crash and are removed. Without a state the store starts empty.
    pub fn open(_dir: &Path, _options: StoreOptions, _state: Option<&StoreState>) -> Result<EventStore> {
        unimplemented!("skeleton")
    }

    /// Adds rows to the recent run.
    pub fn append(&self, _rows: Vec<EventRow>) -> Result<()> {
        unimplemented!("skeleton")
    }

    /// Writes the recent run as segments, synced. The answer becomes current when the
    /// caller has stored it; then call [`EventStore::retire`] with it.
    pub fn checkpoint(&self) -> Result<StoreState> {
        unimplemented!("skeleton")
    }

    /// Deletes replaced files that the now stored `state` does not name.
    pub fn retire(&self, _state: &StoreState) -> Result<()> {
        unimplemented!("skeleton")
    }

    /// Merges small segments. Takes effect on disk with the next checkpoint; may run
    /// on another thread than append and checkpoint.
    pub fn compact(&self) -> Result<CompactReport> {
        unimplemented!("skeleton")
    }

    /// A consistent view of all events.
    pub fn scan(&self, _request: &ScanRequest<'_>) -> Result<Scan> {
        unimplemented!("skeleton")
    }

    /// Events of a person (all its numbers), newest first.
    pub fn person(&self, _numbers: &[u32], _page: TimelinePage) -> Result<Vec<EventRow>> {
        unimplemented!("skeleton")
    }

    /// Every event name ever stored, in order of appearance (= code).
    pub fn event_names(&self) -> Vec<EventName> {
        unimplemented!("skeleton")
    }

    pub fn event_code(&self, _name: &str) -> Option<u16> {
        unimplemented!("skeleton")
    }

    /// Properties seen on an event (of all events if empty), by name.
    pub fn properties(&self, _event: &str) -> Vec<EventProperty> {
        unimplemented!("skeleton")
    }

    /// The most frequent values of a property on an event, as text.
    pub fn values(
        &self,
        _event: &str,
        _property: &str,
        _prefix: &str,
        _limit: usize,
    ) -> Result<Vec<(String, u64)>> {
        unimplemented!("skeleton")
    }

    pub fn stats(&self) -> StoreStats {
        unimplemented!("skeleton")
    }
}
