//! The event store: a recent run in memory and Parquet segments on disk, one set
//! per partition of [`crate::remap::PARTITION_BITS`] consecutive person numbers.

mod amend;
mod cache;
#[cfg(test)]
mod cache_tests;
mod catalog;
mod chunk;
mod compact;
mod erase;
#[cfg(test)]
mod erase_tests;
mod file;
#[cfg(test)]
mod flat;
mod format;
mod gather;
mod join;
mod model;
mod overlay;
mod pace;
mod pages;
mod part;
mod pieces;
mod plan;
mod read;
mod ready;
mod recent;
mod scan;
#[cfg(test)]
mod sealed_tests;
mod settled;
mod source;
#[cfg(test)]
mod tests;
mod texts;
mod tiers;
mod timeline;
mod values;
mod write;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};
use roaring::RoaringBitmap;
use siyu_types::{Error, Result};

pub use self::amend::Amendment;
use self::cache::Cache;
use self::catalog::Catalog;
pub use self::erase::{Forgotten, ForgottenRows};
pub use self::file::SharedFile;
use self::model::Folder;
pub use self::model::{
    ColumnState, CompactReport, EventName, EventProperty, EventRow, EventState, GroupState, ScanRequest,
    SegmentState, StoreOptions, StoreState, StoreStats, TimelinePage,
};
use self::pace::Pace;
use self::plan::Plan;
use self::read::{Segment, open_all};
use self::ready::Ready;
use self::recent::Recent;
use self::settled::{Settled, settle};
use self::tiers::Overlays;
pub use self::timeline::{Moment, Timeline};
use self::write::SegmentWriter;
use crate::parallel::{Begin, all_done};
use crate::remap::partition_of;

/// Version of [`StoreState`].
const STATE_VERSION: u32 = 1;
/// Where files go that no state claims when a store is opened without a state.
const UNCLAIMED: &str = "unclaimed";

/// Events of one project. Internally synchronised; nothing here is durable
/// before [`EventStore::checkpoint`] and the caller's commit of its answer.
///
/// Locks are taken in this order: `compacting`, `joining`, `writing`, `reading`, `inner`, then the
/// caches. Whoever changes `inner` holds `writing`.
pub struct EventStore {
    folder: Folder,
    options: StoreOptions,
    inner: RwLock<Inner>,
    writing: Mutex<()>,
    compacting: Mutex<()>,
    /// Segments are being read into memory that nobody asks for yet.
    joining: Mutex<()>,
    pace: Pace,
    next_file: AtomicU64,
    cache: Cache,
    overlays: Overlays,
    plan: Mutex<Arc<Plan>>,
    ready: Ready,
    /// Scans that read from disk take turns: each reads on all cores anyway, what one has read serves the
    /// next, and memory is for one at a time.
    reading: Mutex<()>,
    /// Rows appended since the store was opened.
    appended: AtomicU64,
    /// Replaced files that a committed state may still name.
    obsolete: Mutex<Vec<(u64, PathBuf)>>,
}

#[derive(Default)]
struct Inner {
    catalog: Catalog,
    partitions: BTreeMap<u32, Vec<Arc<Segment>>>,
    /// The same, as they are read.
    settled: BTreeMap<u32, Vec<Arc<Settled>>>,
    recent: BTreeMap<u32, Recent>,
    editions: u64,
    /// Numbers whose rows nobody may see.
    hidden: Arc<RoaringBitmap>,
}

impl Inner {
    /// The segments of a partition, and how they are read.
    fn of(&self, partition: u32) -> (&[Arc<Segment>], &[Arc<Settled>]) {
        let segments = self.partitions.get(&partition).map_or(&[][..], |segments| segments);
        (segments, self.settled.get(&partition).map_or(&[][..], |settled| settled))
    }
}

impl EventStore {
    /// Opens the segments that `state` names; files it does not name are leftovers
    /// of a crash and are removed. Without a state the store starts empty, and
    /// files that are there are set aside, not removed.
    pub fn open(dir: &Path, options: StoreOptions, state: Option<&StoreState>) -> Result<EventStore> {
        let folder =
            Folder { dir: dir.to_owned(), vault: options.vault.clone(), place: options.place.clone() };
        std::fs::create_dir_all(dir)?;
        clear_leftovers(dir, state)?;
        let mut inner = Inner::default();
        let mut next_file = 0;
        if let Some(state) = state {
            if state.version != STATE_VERSION {
                return Err(Error::internal(format!(
                    "event store state has version {}, this program knows {STATE_VERSION}",
                    state.version
                )));
            }
            inner.catalog = Catalog::from_state(&state.events, &state.columns);
            for segment in open_all(&folder, &state.segments, inner.catalog.names())? {
                inner.partitions.entry(segment.state.partition).or_default().push(segment);
            }
            let settled =
                inner.partitions.iter().map(|(&partition, segments)| (partition, settle(segments, &[])));
            inner.settled = settled.collect();
            next_file = state.next_file;
            inner.hidden = Arc::new(state.hidden.iter().copied().collect());
        }
        Ok(EventStore {
            folder,
            cache: Cache::new(options.cache_bytes),
            options,
            inner: RwLock::new(inner),
            writing: Mutex::default(),
            compacting: Mutex::default(),
            joining: Mutex::default(),
            pace: Pace::default(),
            next_file: AtomicU64::new(next_file),
            overlays: Overlays::default(),
            plan: Mutex::default(),
            ready: Ready::default(),
            reading: Mutex::default(),
            appended: AtomicU64::default(),
            obsolete: Mutex::default(),
        })
    }

    /// Adds rows to the recent run. Scans see all of them or none.
    pub fn append(&self, rows: Vec<EventRow>) -> Result<()> {
        let _writing = self.writing.lock();
        let mut inner = self.inner.write();
        inner.editions += 1;
        let Inner { catalog, recent, editions, .. } = &mut *inner;
        for row in &rows {
            let recent = recent.entry(partition_of(row.person.0)).or_insert_with(|| Recent::new(*editions));
            recent.time_min = recent.time_min.min(row.time);
            recent.time_max = recent.time_max.max(row.time);
            recent.chunk.push(row, catalog, self.options.columns_max)?;
        }
        self.appended.fetch_add(rows.len() as u64, Ordering::Release);
        Ok(())
    }

    fn appended(&self) -> u64 {
        self.appended.load(Ordering::Acquire)
    }

    /// Writes the recent run as segments, synced. The answer becomes current when the
    /// caller has stored it; then call [`EventStore::retire`] with it.
    pub fn checkpoint(&self) -> Result<StoreState> {
        let _writing = self.writing.lock();
        let inner = self.inner.read();
        let recent: Vec<(u32, &Recent)> = inner.recent.iter().map(|(&at, recent)| (at, recent)).collect();
        let files: Vec<u64> = recent.iter().map(|_| self.file()).collect();
        let recent: Vec<(u64, u32, &Recent)> =
            files.iter().zip(recent).map(|(&file, (partition, recent))| (file, partition, recent)).collect();
        let written = all_done(Begin::AtOnce, &recent, |&(file, partition, recent)| {
            self.write(file, partition, recent, &inner.catalog)
        });
        let written = written.and_then(|states| {
            self.sync_dir()?;
            open_all(&self.folder, &states, inner.catalog.names())
        });
        drop(inner);
        let written = written.inspect_err(|_| self.remove_failed(&files))?;
        let mut inner = self.inner.write();
        for segment in written {
            let partition = segment.state.partition;
            inner.partitions.entry(partition).or_default().push(segment);
            self.settle(&mut inner, partition);
        }
        inner.recent.clear();
        Ok(self.state(&inner))
    }

    fn write(&self, file: u64, partition: u32, recent: &Recent, catalog: &Catalog) -> Result<SegmentState> {
        let chunk = &recent.chunk;
        let mut columns: Vec<u16> = chunk.props.keys().copied().collect();
        columns.sort_unstable();
        let names = Arc::clone(catalog.names());
        let mut writer =
            SegmentWriter::create(&self.folder, file, partition, names, columns, catalog.columns())?;
        for rows in recent.order().chunks(self.options.group_rows) {
            writer.group(chunk, rows)?;
        }
        writer.finish()
    }

    /// Frees what a failed checkpoint wrote; a full disk needs the room. What cannot be removed now goes when
    /// the store is opened next.
    fn remove_failed(&self, files: &[u64]) {
        for &file in files {
            let path = self.folder.path(file);
            if path.exists() {
                let removed = std::fs::remove_file(&path);
                tracing::warn!(file, ok = removed.is_ok(), "removed a segment of a failed checkpoint");
            }
        }
    }

    fn state(&self, inner: &Inner) -> StoreState {
        let (events, columns) = inner.catalog.states();
        StoreState {
            version: STATE_VERSION,
            next_file: self.next_file.load(Ordering::Acquire),
            segments: inner.partitions.values().flatten().map(|segment| segment.state.clone()).collect(),
            events,
            columns,
            hidden: inner.hidden.iter().collect(),
        }
    }

    /// Deletes replaced files that the now stored `state` does not name.
    pub fn retire(&self, state: &StoreState) -> Result<()> {
        let mut obsolete = self.obsolete.lock();
        let mut outcome = Ok(());
        obsolete.retain(|(file, path)| {
            if state.segments.iter().any(|segment| segment.file == *file) {
                return true;
            }
            match std::fs::remove_file(path) {
                Ok(()) => false,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
                Err(error) => {
                    outcome = Err(error.into());
                    true
                }
            }
        });
        outcome
    }

    /// Every event name ever stored, in order of appearance (= code).
    pub fn event_names(&self) -> Vec<EventName> {
        self.inner.read().catalog.event_names()
    }

    pub fn event_code(&self, name: &str) -> Option<u16> {
        self.inner.read().catalog.event_code(name)
    }

    /// Properties seen on an event (on any, if the name is empty), by name.
    pub fn properties(&self, event: &str) -> Vec<EventProperty> {
        self.inner.read().catalog.properties(event)
    }

    /// Properties that have a typed column, in the order in which they got it. A scan can bring these.
    pub fn columns(&self) -> Vec<ColumnState> {
        self.inner.read().catalog.columns().to_vec()
    }

    pub fn stats(&self) -> StoreStats {
        let inner = self.inner.read();
        let segments = || inner.partitions.values().flatten();
        let recent: usize = inner.recent.values().map(|recent| recent.chunk.bytes()).sum();
        StoreStats {
            events: inner.catalog.events_total(),
            segments: segments().count() as u64,
            disk_bytes: segments().map(|segment| segment.state.bytes).sum(),
            memory_bytes: (recent + self.cache.bytes() + self.overlays.bytes()) as u64,
        }
    }

    fn file(&self) -> u64 {
        self.next_file.fetch_add(1, Ordering::AcqRel)
    }

    fn sync_dir(&self) -> Result<()> {
        Ok(File::open(&self.folder.dir)?.sync_all()?)
    }
}

fn clear_leftovers(dir: &Path, state: Option<&StoreState>) -> Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(number) = name.strip_suffix(".parquet") else { continue };
        let number: Option<u64> = number.parse().ok();
        let Some(state) = state else {
            let aside = dir.join(UNCLAIMED);
            std::fs::create_dir_all(&aside)?;
            std::fs::rename(&path, aside.join(name))?;
            tracing::warn!(name, "set aside a segment that no state names");
            continue;
        };
        if number.is_none_or(|number| state.segments.iter().all(|segment| segment.file != number)) {
            tracing::info!(name, "removed a leftover segment");
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}
