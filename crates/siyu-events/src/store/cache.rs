//! Decoded segments and parts of them, within a limit of bytes; what was used longest ago goes first.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use siyu_types::Result;

use super::part::Part;
use super::settled::{Facts, Settled};
use super::source::{Wanted, column_bytes, skeleton_bytes};
use crate::beside::Recipe;
use crate::block::{Block, Column};

/// A part is made of events that together are at most one row in so many: of more, walking the
/// whole segment costs no more than the memory of its part.
const PART_SHARE: u64 = 2;
/// A part of further events serves in place of another if it has at most so many times its rows.
const WIDER_SHARE: u64 = 2;
/// Of a row without its columns, and more than of one in a column.
pub(super) const ROW_BYTES: usize = 24;

pub(crate) struct Cache {
    limit: AtomicUsize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    entries: FxHashMap<Key, Entry>,
    bytes: usize,
    tick: u64,
}

/// Segments that are read as one, or only the rows of some of their events.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    settled: u64,
    events: Option<Arc<[u16]>>,
}

impl Key {
    fn whole(settled: &Settled) -> Key {
        Key { settled: settled.id, events: None }
    }
}

struct Entry {
    block: Arc<Block>,
    /// When each column was last asked for, also those the segment does not have.
    columns: FxHashMap<String, u64>,
    /// As of [`Decode::further_bytes`].
    further: usize,
    /// What questions keep beside the block, as far as it is counted among the bytes held.
    beside: usize,
    used: u64,
}

/// Where what is not held comes from.
pub(crate) trait Decode {
    fn rows(&self) -> Result<Block>;
    /// Others are read in its place: nothing is kept of it any more.
    fn is_retired(&self) -> bool;
    /// A column of these rows; `None` if none of them can have it.
    fn column(&self, wanted: &Wanted) -> Result<Option<Column>>;
    /// Of what is known of the rows beside the block; counted for as long as the block is held.
    fn further_bytes(&self) -> usize {
        0
    }
}

impl Cache {
    pub fn new(limit: usize) -> Cache {
        Cache { limit: AtomicUsize::new(limit), held: Mutex::default() }
    }

    /// Bytes that may be held from now on; what is too much goes at once.
    pub fn limit(&self, limit: usize) {
        self.limit.store(limit, Ordering::Relaxed);
        let mut held = self.held.lock();
        let next = held.tick + 1;
        held.evict(limit, next);
    }

    /// The segment with at least the given columns; decodes what is missing.
    pub fn whole(&self, settled: &Settled, columns: &[Wanted]) -> Result<Arc<Block>> {
        self.read(Key::whole(settled), columns, settled)
    }

    /// The segment without its columns, if it is held; whoever looks for one person among those of
    /// a whole segment need not decode it then.
    pub fn held(&self, settled: &Settled) -> Option<Arc<Block>> {
        self.held.lock().entries.get(&Key::whole(settled)).map(|entry| Arc::clone(&entry.block))
    }

    /// The segment, to put some of its rows together.
    pub fn lend(&self, settled: &Settled) -> Result<Arc<Block>> {
        match self.held(settled) {
            Some(held) => Ok(held),
            None if self.has_room(settled) => self.whole(settled, &[]),
            None => settled.rows().map(Arc::new),
        }
    }

    /// A column of the segment, to put some of its rows together.
    pub fn lend_column(&self, settled: &Settled, wanted: &Wanted) -> Result<Option<Column>> {
        if let Some(entry) = self.held.lock().entries.get(&Key::whole(settled))
            && entry.columns.contains_key(&wanted.name)
        {
            return Ok(entry.block.columns.get(&wanted.name).cloned());
        }
        if !self.has_room(settled) {
            return settled.column(wanted);
        }
        let block = self.whole(settled, std::slice::from_ref(wanted))?;
        Ok(block.columns.get(&wanted.name).cloned())
    }

    /// Whether what is lent of a segment, with these columns, need not be read again for the next who asks.
    pub fn lends(&self, settled: &Settled, columns: &[Wanted]) -> bool {
        self.holds(settled, columns, None) || self.has_room(settled)
    }

    /// What only others are made of is kept where nothing that questions ask for has to go for it:
    /// otherwise the last to be made drives out the first, and the next question begins anew.
    fn has_room(&self, settled: &Settled) -> bool {
        self.held.lock().bytes + settled.rows as usize * ROW_BYTES <= self.limit.load(Ordering::Relaxed)
    }

    /// Only the rows of some events, which lie close together then, with at least the given columns.
    /// `None` if they are too many to be worth it. Codes ascend.
    pub fn part(
        &self,
        settled: &Settled,
        columns: &[Wanted],
        events: &Arc<[u16]>,
    ) -> Result<Option<Arc<Block>>> {
        let facts = self.facts(settled)?;
        let rows = facts.rows_of(events);
        if rows * PART_SHARE > settled.rows {
            return Ok(None);
        }
        let own = Key { settled: settled.id, events: Some(Arc::clone(events)) };
        let key = {
            let held = self.held.lock();
            let room = held.bytes + rows as usize * ROW_BYTES <= self.limit.load(Ordering::Relaxed);
            let stays = room || held.entries.contains_key(&own);
            if stays { own } else { held.wider(&own, rows).map_or(own, |(wider, _)| wider.clone()) }
        };
        let events = key.events.as_ref().map_or(Arc::clone(events), Arc::clone);
        self.read(key, columns, &Part::new(self, settled, &events)).map(Some)
    }

    /// Whether nothing has to be decoded for these columns of a segment, or of its part with these events.
    pub fn holds(&self, settled: &Settled, columns: &[Wanted], events: Option<&Arc<[u16]>>) -> bool {
        let held = self.held.lock();
        let has = |entry: &Entry| columns.iter().all(|column| entry.columns.contains_key(&column.name));
        if held.entries.get(&Key::whole(settled)).is_some_and(has) {
            return true;
        }
        let (Some(events), Some(facts)) = (events, settled.known()) else { return false };
        let own = Key { settled: settled.id, events: Some(Arc::clone(events)) };
        match held.entries.get(&own) {
            Some(entry) => has(entry),
            None => held.wider(&own, facts.rows_of(events)).is_some_and(|(_, entry)| has(entry)),
        }
    }

    /// What is known of the rows; they are decoded for that once.
    pub fn facts<'s>(&self, settled: &'s Settled) -> Result<&'s Facts> {
        settled.facts(|| self.lend(settled))
    }

    fn read(&self, key: Key, columns: &[Wanted], from: &dyn Decode) -> Result<Arc<Block>> {
        let (known, missing) = {
            let held = self.held.lock();
            let entry = held.entries.get(&key);
            let has = |name: &String| entry.is_some_and(|entry| entry.columns.contains_key(name));
            let missing: Vec<&Wanted> = columns.iter().filter(|column| !has(&column.name)).collect();
            (entry.is_some(), missing)
        };
        // Decoding happens outside the lock; two readers may decode the same, which
        // wastes time but is right.
        let block = if known { None } else { Some((Arc::new(from.rows()?), from.further_bytes())) };
        let mut decoded = Vec::new();
        for column in missing {
            decoded.push((column.name.clone(), from.column(column)?));
        }
        let limit = self.limit.load(Ordering::Relaxed);
        let mut held = self.held.lock();
        if !from.is_retired()
            && let Some(answer) = held.admit(&key, block, decoded, columns, limit)
        {
            return Ok(answer);
        }
        drop(held);
        // Retired meanwhile, or evicted between the two locks: decode afresh, once, without caching.
        let mut block = from.rows()?;
        for column in columns {
            if let Some(values) = from.column(column)? {
                block.columns.insert(column.name.clone(), values);
            }
        }
        Ok(Arc::new(block))
    }

    /// How what questions keep beside the blocks was made, each way once; what was asked for last first.
    pub fn recipes(&self) -> Vec<Recipe> {
        let mut recipes: Vec<Recipe> = Vec::new();
        for entry in self.held.lock().entries.values() {
            for recipe in entry.block.beside.recipes() {
                match recipes.iter_mut().find(|known| known.is(&recipe)) {
                    Some(known) => known.used = known.used.max(recipe.used),
                    None => recipes.push(recipe),
                }
            }
        }
        recipes.sort_by_key(|recipe| std::cmp::Reverse(recipe.used));
        recipes
    }

    pub fn forget(&self, settled: u64) {
        let mut held = self.held.lock();
        let keys: Vec<Key> = held.entries.keys().filter(|key| key.settled == settled).cloned().collect();
        keys.iter().for_each(|key| held.remove(key));
    }

    pub fn bytes(&self) -> usize {
        self.held.lock().bytes
    }
}

impl Held {
    /// A part of further events as well, which serves in place of one of so many rows: where memory is short,
    /// walking a few more rows costs less than to drive out what others ask for.
    fn wider(&self, own: &Key, rows: u64) -> Option<(&Key, &Entry)> {
        let wanted = own.events.as_deref()?;
        let serves = |key: &Key, entry: &Entry| {
            let has = |events: &[u16]| wanted.iter().all(|event| events.binary_search(event).is_ok());
            key.settled == own.settled
                && entry.block.rows() as u64 <= rows * WIDER_SHARE
                && key.events.as_deref().is_some_and(has)
        };
        let serving = self.entries.iter().filter(|(key, entry)| serves(key, entry));
        serving.min_by_key(|(_, entry)| entry.block.rows())
    }

    fn admit(
        &mut self,
        key: &Key,
        block: Option<(Arc<Block>, usize)>,
        decoded: Vec<(String, Option<Column>)>,
        asked: &[Wanted],
        limit: usize,
    ) -> Option<Arc<Block>> {
        self.tick += 1;
        let tick = self.tick;
        if let Some((block, further)) = block
            && !self.entries.contains_key(key)
        {
            self.bytes += skeleton_bytes(&block) + further;
            let columns = FxHashMap::default();
            self.entries.insert(key.clone(), Entry { block, columns, further, beside: 0, used: tick });
        }
        let entry = self.entries.get_mut(key)?;
        entry.used = tick;
        let beside = entry.block.beside.bytes();
        self.bytes = self.bytes + beside - std::mem::replace(&mut entry.beside, beside);
        for (name, column) in decoded {
            if entry.columns.insert(name.clone(), tick).is_none()
                && let Some(column) = column
            {
                self.bytes += column_bytes(&column);
                Arc::make_mut(&mut entry.block).columns.insert(name, column);
            }
        }
        for column in asked {
            // A column evicted between the two locks is missing here.
            *entry.columns.get_mut(&column.name)? = tick;
        }
        let answer = Arc::clone(&entry.block);
        self.evict(limit, tick);
        Some(answer)
    }

    fn evict(&mut self, limit: usize, tick: u64) {
        while self.bytes > limit {
            let columns = self.entries.iter().flat_map(|(key, entry)| {
                entry.columns.iter().map(move |(name, &used)| (used, key, Some(name)))
            });
            let whole = self.entries.iter().map(|(key, entry)| (entry.used, key, None));
            // A column is never younger than its entry, so columns go first on a tie.
            let oldest = columns.chain(whole).min_by_key(|&(used, _, name)| (used, name.is_none()));
            match oldest.map(|(used, key, name)| (used, key.clone(), name.cloned())) {
                Some((used, ..)) if used == tick => return,
                Some((_, key, Some(name))) => self.remove_column(&key, &name),
                Some((_, key, None)) => self.remove(&key),
                None => return,
            }
        }
    }

    fn remove_column(&mut self, key: &Key, name: &str) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        entry.columns.remove(name);
        if entry.block.columns.contains_key(name) {
            // Who is at it keeps it for as long as needed.
            let column = Arc::make_mut(&mut entry.block).columns.remove(name);
            self.bytes -= column.as_ref().map_or(0, column_bytes);
        }
    }

    fn remove(&mut self, key: &Key) {
        if let Some(entry) = self.entries.remove(key) {
            let columns: usize = entry.block.columns.values().map(column_bytes).sum();
            self.bytes -= skeleton_bytes(&entry.block) + entry.further + columns + entry.beside;
        }
    }
}
