//! Rows, options, stored state and answers of the event store.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use siyu_types::ports::Vault;
use siyu_types::value::ValueKind;
use siyu_types::{Identifier, PersonNo, Props};

use crate::remap::Remap;

/// One event of one person.
#[derive(Clone, PartialEq, Debug)]
pub struct EventRow {
    /// The number it was recorded under; merges are resolved when reading.
    pub person: PersonNo,
    pub time: Millis,
    /// Order of arrival, unique; decides between equal times.
    pub seq: u64,
    pub name: String,
    pub props: Props,
    /// Kept as received.
    pub ids: Vec<Identifier>,
    /// Name of the source (key or import) it came from.
    pub source: String,
    pub received_at: Millis,
}

#[cfg(test)]
impl EventRow {
    /// An event with nothing but its name.
    pub fn bare(person: u32, time: Millis, seq: u64, name: &str) -> EventRow {
        EventRow {
            person: PersonNo(person),
            time,
            seq,
            name: name.to_owned(),
            props: Props::new(),
            ids: Vec::new(),
            source: "test".to_owned(),
            received_at: 0,
        }
    }
}

/// Limits of a store.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Decoded columns kept in memory.
    pub cache_bytes: usize,
    /// Properties with a typed column of their own; the others are kept as JSON.
    pub columns_max: usize,
    /// Rows per Parquet row group: what reading one person's timeline decodes.
    pub group_rows: usize,
    /// Of a partition with more segments than this the smaller ones are merged.
    pub segments_max: usize,
    /// Of the files that compaction makes.
    pub compaction_bytes_per_second: u64,
    /// Seals files as they are written, and opens them again.
    pub vault: Option<Arc<dyn Vault>>,
    /// What the vault ties them to, such as `events/3`.
    pub place: String,
}

impl Default for StoreOptions {
    fn default() -> StoreOptions {
        StoreOptions {
            cache_bytes: 2 << 30,
            columns_max: 400,
            group_rows: 65_536,
            segments_max: 4,
            compaction_bytes_per_second: 16 << 20,
            vault: None,
            place: "events".to_owned(),
        }
    }
}

/// Where files go, and how.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    pub dir: PathBuf,
    pub vault: Option<Arc<dyn Vault>>,
    pub place: String,
}

impl Folder {
    pub fn path(&self, file: u64) -> PathBuf {
        self.dir.join(format!("{file:010}.parquet"))
    }

    /// What the vault ties one file to.
    pub fn place_of(&self, file: u64) -> String {
        format!("{}/{file}", self.place)
    }

    /// Whether what is written now is sealed.
    pub fn seals(&self) -> bool {
        self.vault.as_ref().is_some_and(|vault| vault.seals())
    }
}

/// What a store consists of on disk. Belongs into the caller's manifest.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct StoreState {
    pub version: u32,
    /// Number the next file will have.
    pub next_file: u64,
    pub segments: Vec<SegmentState>,
    /// In order of their code.
    pub events: Vec<EventState>,
    /// Properties with a typed column, in order of promotion.
    pub columns: Vec<ColumnState>,
    /// Numbers whose rows nobody may see, and which are about to go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<u32>,
}

/// One Parquet file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SegmentState {
    pub file: u64,
    pub partition: u32,
    pub rows: u64,
    pub bytes: u64,
    pub time_min: Millis,
    pub time_max: Millis,
    /// Event names that occur.
    pub events: Vec<u16>,
    /// Promoted properties that occur.
    pub columns: Vec<u16>,
    pub groups: Vec<GroupState>,
}

/// One row group of a file.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct GroupState {
    pub rows: u32,
    pub person_min: u32,
    pub person_max: u32,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct EventState {
    pub name: String,
    pub count: u64,
    pub first: Millis,
    pub last: Millis,
    pub properties: Vec<EventProperty>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ColumnState {
    pub name: String,
    pub kind: ValueKind,
}

/// What a scan should hold.
#[derive(Clone, Copy)]
pub struct ScanRequest<'a> {
    /// Properties to decode; unknown ones are left out.
    pub columns: &'a [&'a str],
    /// Hint: only these events will be looked at. Others may be missing from the answer.
    pub events: Option<&'a [&'a str]>,
    /// Hint: only events at or after this instant will be looked at.
    pub from: Option<Millis>,
    /// Hint: only events before this instant will be looked at.
    pub to: Option<Millis>,
    pub remap: &'a Remap,
}

/// A page of a timeline: events strictly before `(time, seq)`, newest first.
#[derive(Clone, Copy, Debug)]
pub struct TimelinePage {
    pub before: Option<(Millis, u64)>,
    pub limit: usize,
}

#[derive(Clone, PartialEq, Debug)]
pub struct EventName {
    pub name: String,
    pub count: u64,
    pub first_seen: Millis,
    pub last_seen: Millis,
}

/// A property seen on an event. `kind` is the type of its column, or of its first
/// value where it has none.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct EventProperty {
    pub name: String,
    pub kind: ValueKind,
    pub count: u64,
}

#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct CompactReport {
    /// Partitions that were rewritten.
    pub partitions: usize,
    pub segments_before: usize,
    pub segments_after: usize,
    pub rows: u64,
    /// Of the files it made.
    pub bytes: u64,
}

#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct StoreStats {
    pub events: u64,
    pub segments: u64,
    pub disk_bytes: u64,
    pub memory_bytes: u64,
}
