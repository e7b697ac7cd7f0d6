//! Adding values to events that are stored already: in place in the recent run,
//! by rewriting the partition on disk.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use siyu_types::value::ValueKind;
use siyu_types::{PersonNo, Props, Result};

use super::chunk::Chunk;
use super::compact::Change;
use super::read::Segment;
use super::{EventStore, Inner};
use crate::remap::partition_of;

/// Values that a stored event gains; one it has already is replaced.
#[derive(Clone, PartialEq, Debug)]
pub struct Amendment {
    /// The number it was recorded under.
    pub person: PersonNo,
    /// Its order of arrival.
    pub seq: u64,
    pub props: Props,
}

/// The amendments of one partition, and what is learned while they are made.
pub(crate) struct Patch<'a> {
    rows: FxHashMap<u64, Vec<&'a Props>>,
    columns: &'a FxHashMap<&'a str, (u16, ValueKind)>,
    /// Event, property and type of every value that an event did not have.
    learned: RefCell<Vec<(u16, &'a str, ValueKind)>>,
}

impl Change for Patch<'_> {
    /// Changes the rows of a chunk that are meant.
    fn apply(&self, chunk: &mut Chunk) -> Result<()> {
        for row in 0..chunk.rows() {
            for props in self.rows.get(&chunk.seqs[row]).into_iter().flatten() {
                let added = chunk.amend(row, props, self.columns)?;
                let event = chunk.events[row];
                let added = added.into_iter().map(|(name, kind)| (event, name, kind));
                self.learned.borrow_mut().extend(added);
            }
        }
        Ok(())
    }

    fn columns(&self) -> Vec<u16> {
        self.columns.values().map(|(code, _)| *code).collect()
    }
}

impl Patch<'_> {
    fn concerns(&self, segment: &Segment) -> Result<bool> {
        for (group, state) in segment.state.groups.iter().enumerate() {
            let seqs = segment.seqs(group, 0..state.rows as usize)?;
            if seqs.iter().any(|seq| self.rows.contains_key(seq)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl EventStore {
    /// Adds values to stored events; an event that is not there is passed over, and
    /// doing it twice changes nothing. Costs a rewrite of each partition on disk that
    /// holds one of them, so give many at once. As with [`EventStore::compact`], the
    /// result counts on disk from the next checkpoint that the caller commits.
    pub fn amend(&self, amendments: &[Amendment]) -> Result<()> {
        let _compacting = self.alone();
        let columns = self.columns_of(amendments);
        let mut partitions: BTreeMap<u32, FxHashMap<u64, Vec<&Props>>> = BTreeMap::new();
        for amendment in amendments {
            let rows = partitions.entry(partition_of(amendment.person.0)).or_default();
            rows.entry(amendment.seq).or_default().push(&amendment.props);
        }
        for (partition, rows) in partitions {
            let patch = Patch { rows, columns: &columns, learned: RefCell::default() };
            self.amend_recent(partition, &patch)?;
            self.amend_stored(partition, &patch)?;
            let _writing = self.writing.lock();
            let mut inner = self.inner.write();
            for (event, name, kind) in patch.learned.into_inner() {
                inner.catalog.learn_property(event, name, kind, self.options.columns_max);
            }
        }
        Ok(())
    }

    /// Gives columns to the properties, as far as there is room.
    fn columns_of<'a>(&self, amendments: &'a [Amendment]) -> FxHashMap<&'a str, (u16, ValueKind)> {
        let _writing = self.writing.lock();
        let mut inner = self.inner.write();
        let mut columns = FxHashMap::default();
        for (name, value) in amendments.iter().flat_map(|amendment| &amendment.props) {
            if let Some(column) = inner.catalog.column_for(name, value.kind(), self.options.columns_max) {
                columns.insert(name.as_str(), column);
            }
        }
        columns
    }

    fn amend_recent(&self, partition: u32, patch: &Patch<'_>) -> Result<()> {
        let _writing = self.writing.lock();
        let mut inner = self.inner.write();
        inner.editions += 1;
        let Inner { recent, editions, .. } = &mut *inner;
        let Some(recent) = recent.get_mut(&partition) else { return Ok(()) };
        recent.edition = *editions;
        patch.apply(&mut recent.chunk)
    }

    fn amend_stored(&self, partition: u32, patch: &Patch<'_>) -> Result<()> {
        let segments = self.inner.read().of(partition).0.to_vec();
        let mut concerned: Vec<Arc<Segment>> = Vec::new();
        for segment in segments {
            if patch.concerns(&segment)? {
                concerned.push(segment);
            }
        }
        if concerned.is_empty() {
            return Ok(());
        }
        let state = self.merge(partition, &concerned, Some(patch))?;
        self.replace(&concerned, state)
    }
}
