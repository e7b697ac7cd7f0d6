//! Taking people out of the store: from reads at once, from memory and files by rewriting
//! what holds rows of theirs.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_types::clock::Millis;
use siyu_types::{Identifier, Result};

use super::catalog::Catalog;
use super::chunk::{Chunk, Translations};
use super::compact::Change;
use super::model::{EventRow, SegmentState};
use super::read::Segment;
use super::texts::Texts;
use super::{EventStore, Inner};
use crate::block::{Block, ScanBlock};
use crate::skip::Skip;

/// The ids of a row of that time without those that are to go; `None` if it holds none of them.
pub type WithoutIds<'a> = dyn Fn(&[Identifier], Millis) -> Option<Vec<Identifier>> + Sync + 'a;

/// What is to go.
#[derive(Clone, Copy)]
pub struct Forgotten<'a> {
    /// Every row recorded under one of these.
    pub numbers: &'a RoaringBitmap,
    /// These, from the rows of others.
    pub ids: &'a WithoutIds<'a>,
}

/// What went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ForgottenRows {
    pub rows: u64,
    /// Rows of others that no longer name what they named.
    pub rows_changed: u64,
    /// Files that were written anew.
    pub files: u64,
}

/// A change of chunks on their way, and what it comes to.
struct Forgetting<'a> {
    store: &'a EventStore,
    forgotten: Forgotten<'a>,
    rows: RefCell<Vec<EventRow>>,
    changed: RefCell<u64>,
}

impl Forgetting<'_> {
    /// The chunk without what is to go; `None` if there is nothing of it in it.
    fn without(&self, chunk: &mut Chunk, catalog: &Catalog) -> Result<Option<Chunk>> {
        let named = self.named(&chunk.ids)?;
        let (mut gone, mut changed) = (Vec::new(), 0);
        for row in 0..chunk.rows() {
            if self.forgotten.numbers.contains(chunk.persons[row]) {
                gone.push(row);
            } else if let Some(left) = self.left(&named, chunk.ids.codes[row], chunk.times[row]) {
                chunk.ids.set(row, Some(&Chunk::ids_text(&left)?));
                changed += 1;
            }
        }
        if gone.is_empty() && changed == 0 {
            return Ok(None);
        }
        *self.changed.borrow_mut() += changed;
        for row in &gone {
            self.rows.borrow_mut().push(chunk.row(*row, &catalog.naming())?);
        }
        // Copied, so that words only those rows had are not taken along.
        let (mut kept, mut known, mut from) = (Chunk::default(), Translations::default(), 0);
        for row in gone.into_iter().chain([chunk.rows()]) {
            kept.extend(chunk, from..row, &mut known);
            from = row + 1;
        }
        Ok(Some(kept))
    }

    /// The ids among a column's words that name somebody who is to go, by their code.
    fn named(&self, ids: &Texts) -> Result<FxHashMap<u32, Vec<Identifier>>> {
        let mut named = FxHashMap::default();
        for (code, word) in (0..).zip(ids.words.list()) {
            let ids = Chunk::ids_of(word)?;
            if (self.forgotten.ids)(&ids, Millis::MIN).is_some() {
                named.insert(code, ids);
            }
        }
        Ok(named)
    }

    fn left(
        &self,
        named: &FxHashMap<u32, Vec<Identifier>>,
        code: u32,
        time: Millis,
    ) -> Option<Vec<Identifier>> {
        (self.forgotten.ids)(named.get(&code)?, time)
    }

    fn concerns(&self, segment: &Segment) -> Result<bool> {
        for (group, state) in segment.state.groups.iter().enumerate() {
            let range = state.person_min..=state.person_max;
            if self.forgotten.numbers.range_cardinality(range) > 0
                && segment.persons(group)?.iter().any(|number| self.forgotten.numbers.contains(*number))
            {
                return Ok(true);
            }
            let ids = segment.ids(group)?;
            let named = self.named(&ids)?;
            if named.is_empty() {
                continue;
            }
            let times = segment.times(group, 0..state.rows as usize)?;
            if ids.codes.iter().zip(times).any(|(code, time)| self.left(&named, *code, time).is_some()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Change for Forgetting<'_> {
    fn apply(&self, chunk: &mut Chunk) -> Result<()> {
        let inner = self.store.inner.read();
        if let Some(kept) = self.without(chunk, &inner.catalog)? {
            *chunk = kept;
        }
        Ok(())
    }

    fn columns(&self) -> Vec<u16> {
        Vec::new()
    }
}

impl EventStore {
    /// From now on nothing that is read tells of these numbers. Their rows are still there:
    /// see [`EventStore::forget`].
    pub fn hide(&self, numbers: &RoaringBitmap) {
        let _writing = self.writing.lock();
        let mut inner = self.inner.write();
        let hidden = &*inner.hidden | numbers;
        inner.hidden = Arc::new(hidden);
    }

    /// The rows of these numbers are gone for good, on disk too: nothing need be hidden.
    pub fn unhide(&self, numbers: &RoaringBitmap) {
        let _writing = self.writing.lock();
        let mut inner = self.inner.write();
        let hidden = &*inner.hidden - numbers;
        inner.hidden = Arc::new(hidden);
    }

    /// Takes rows out of memory and files, and ids out of the rows of others; what is not
    /// there is passed over, so doing it twice changes nothing. Costs a rewrite of each file
    /// concerned. As with [`EventStore::compact`], the result counts on disk from the next
    /// checkpoint that the caller commits, and the old files go with [`EventStore::retire`].
    pub fn forget(&self, forgotten: Forgotten<'_>) -> Result<ForgottenRows> {
        let _compacting = self.alone();
        let forgetting =
            Forgetting { store: self, forgotten, rows: RefCell::default(), changed: RefCell::default() };
        self.forget_recent(&forgetting)?;
        let stored: Vec<(u32, Vec<Arc<Segment>>)> = {
            let inner = self.inner.read();
            inner.partitions.iter().map(|(partition, held)| (*partition, held.clone())).collect()
        };
        let mut report = ForgottenRows::default();
        for (partition, segments) in stored {
            let mut concerned = Vec::new();
            for segment in segments {
                if forgetting.concerns(&segment)? {
                    concerned.push(segment);
                }
            }
            if concerned.is_empty() {
                continue;
            }
            report.files += concerned.len() as u64;
            let state = self.merge(partition, &concerned, Some(&forgetting))?;
            self.put(&concerned, state)?;
        }
        // Who was merged stands among the people of other partitions as well, and in segments about to be joined.
        drop(self.joining.lock());
        self.overlays.clear();
        let rows = forgetting.rows.into_inner();
        let _writing = self.writing.lock();
        let mut inner = self.inner.write();
        for row in &rows {
            inner.catalog.unlearn(row);
        }
        report.rows = rows.len() as u64;
        report.rows_changed = forgetting.changed.into_inner();
        Ok(report)
    }

    /// Writes every file anew that is not sealed, as far as what is written now is; `told` of
    /// files done and files there are. Counts and is retired as with [`EventStore::compact`].
    /// Answers how many files were open.
    pub fn seal_stored(&self, told: &mut dyn FnMut(u64, u64)) -> Result<u64> {
        if !self.folder.seals() {
            return Ok(0);
        }
        let _compacting = self.alone();
        let open: Vec<(u32, Vec<Arc<Segment>>)> = {
            let inner = self.inner.read();
            let unsealed = |held: &[Arc<Segment>]| -> Vec<Arc<Segment>> {
                held.iter().filter(|segment| !segment.sealed).cloned().collect()
            };
            let all = inner.partitions.iter().map(|(partition, held)| (*partition, unsealed(held)));
            all.filter(|(_, open)| !open.is_empty()).collect()
        };
        let total = open.iter().map(|(_, segments)| segments.len() as u64).sum();
        let mut done = 0;
        for (partition, segments) in open {
            let state = self.merge(partition, &segments, None)?;
            self.replace(&segments, state)?;
            done += segments.len() as u64;
            told(done, total);
        }
        Ok(done)
    }

    /// Files that are not sealed although what is written now is.
    pub fn unsealed_files(&self) -> u64 {
        if !self.folder.seals() {
            return 0;
        }
        self.inner.read().partitions.values().flatten().filter(|segment| !segment.sealed).count() as u64
    }

    fn forget_recent(&self, forgetting: &Forgetting<'_>) -> Result<()> {
        let _writing = self.writing.lock();
        let mut inner = self.inner.write();
        inner.editions += 1;
        let Inner { catalog, recent, editions, .. } = &mut *inner;
        for recent in recent.values_mut() {
            if let Some(kept) = forgetting.without(&mut recent.chunk, catalog)? {
                recent.replace(kept, *editions);
            }
        }
        recent.retain(|_, recent| recent.chunk.rows() > 0);
        Ok(())
    }

    /// Puts a merged file in the place of others, or nothing if it holds nothing.
    fn put(&self, old: &[Arc<Segment>], state: SegmentState) -> Result<()> {
        if state.rows > 0 {
            return self.replace(old, state);
        }
        std::fs::remove_file(self.folder.path(state.file))?;
        let _writing = self.writing.lock();
        let mut inner = self.inner.write();
        if let Some(segments) = inner.partitions.get_mut(&state.partition) {
            segments.retain(|segment| old.iter().all(|old| old.state.file != segment.state.file));
        }
        self.settle(&mut inner, state.partition);
        drop(inner);
        self.outdate(old);
        Ok(())
    }
}

/// The block without the people that are hidden.
pub(crate) fn seen(block: ScanBlock, hidden: &RoaringBitmap) -> ScanBlock {
    if hidden.is_empty() {
        return block;
    }
    let skipped = block.skip.iter().flat_map(|skip| skip.iter());
    let skip = Skip::of(&(hidden | &skipped.collect::<RoaringBitmap>()));
    ScanBlock { skip: skip.map(Arc::new), ..block }
}

/// The rows' events, with a code that no event has for rows that are hidden.
pub(crate) fn seen_events<'a>(block: &'a Block, hidden: &RoaringBitmap) -> Cow<'a, [u16]> {
    let mut events = Cow::Borrowed(&block.events[..]);
    if !hidden.is_empty() {
        for (index, _) in block.persons.iter().enumerate().filter(|(_, person)| hidden.contains(**person)) {
            events.to_mut()[block.starts[index] as usize..block.starts[index + 1] as usize].fill(u16::MAX);
        }
    }
    events
}
