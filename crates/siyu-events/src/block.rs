//! Decoded events of many people, in (person, time, arrival) order: what every
//! kernel reads. A scan is a list of blocks; each living person's events are
//! complete and together in exactly one of them.

use std::ops::Deref;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::beside::Beside;
use crate::skip::Skip;

/// No text value in this row.
pub const TEXT_MISSING: u32 = u32::MAX;
/// No boolean value in this row; otherwise 0 or 1.
pub const BOOL_MISSING: u8 = 2;

/// One property, one entry per row of the block.
#[derive(Clone, Debug)]
pub enum Column {
    /// NaN is missing.
    Number(Arc<[f64]>),
    /// Codes into a dictionary of this block; [`TEXT_MISSING`] is missing.
    /// Lists are held as their JSON text and marked by `list`.
    Text {
        codes: Arc<[u32]>,
        dictionary: Arc<[Box<str>]>,
        list: bool,
    },
    Bool(Arc<[u8]>),
}

/// What every row has. Rows `starts[i]..starts[i + 1]` belong to `persons[i]`, times ascending.
#[derive(Debug, Default)]
pub struct Skeleton {
    /// Ascending and unique; the current person, merges already resolved.
    pub persons: Vec<u32>,
    /// One longer than `persons`.
    pub starts: Vec<u32>,
    /// Milliseconds UTC.
    pub times: Vec<i64>,
    /// Code of the event's name, see [`crate::EventStore::event_code`].
    pub events: Vec<u16>,
    pub beside: Beside,
}

/// Rows with some of their columns. Clones share the rows: questions that need different columns of the
/// same rows, and ask at the same time, hold them once.
#[derive(Clone, Debug, Default)]
pub struct Block {
    skeleton: Arc<Skeleton>,
    /// Only the columns the scan asked for, and only those some row has.
    pub columns: FxHashMap<String, Column>,
}

impl Block {
    pub fn rows(&self) -> usize {
        self.times.len()
    }
}

impl From<Skeleton> for Block {
    fn from(skeleton: Skeleton) -> Block {
        Block { skeleton: Arc::new(skeleton), ..Block::default() }
    }
}

impl Deref for Block {
    type Target = Skeleton;

    fn deref(&self) -> &Skeleton {
        &self.skeleton
    }
}

/// A block and the people of it to pass over, because their events stand, more
/// completely, in a later block of the same scan.
#[derive(Clone, Debug)]
pub struct ScanBlock {
    pub block: Arc<Block>,
    pub skip: Option<Arc<Skip>>,
}

impl ScanBlock {
    /// The people to look at and their row ranges.
    pub fn runs(&self) -> impl Iterator<Item = (u32, std::ops::Range<usize>)> + '_ {
        let block = &*self.block;
        let skip = self.skip.as_deref();
        block.persons.iter().enumerate().filter_map(move |(index, &person)| {
            if skip.is_some_and(|skip| skip.contains(person)) {
                return None;
            }
            Some((person, block.starts[index] as usize..block.starts[index + 1] as usize))
        })
    }
}

/// Events of which several blocks may have some of a person's, and under numbers that are not a person of their
/// own: nothing of it is put together, and it is not more after late events or merges.
#[derive(Clone, Debug, Default)]
pub struct Loose {
    pub blocks: Vec<ScanBlock>,
    /// Whose the numbers are that belong to another's.
    pub owners: Vec<Arc<[(u32, u32)]>>,
}

/// Everything a query reads: consistent as of one instant.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    pub blocks: Vec<ScanBlock>,
    /// The same events as they are stored, for what is added up event by event.
    pub loose: Option<Loose>,
    /// Event names by code.
    pub event_names: Arc<[Box<str>]>,
}

impl Scan {
    /// The code of an event name, or `None` if no such event was ever stored.
    pub fn event_code(&self, name: &str) -> Option<u16> {
        self.event_names.iter().position(|known| &**known == name).map(|index| index as u16)
    }
}
