//! What came since the last checkpoint, put in its places before anybody asks: the columns that
//! scans asked for lately are asked for again when rows have come or people were merged, and what questions
//! keep beside the segments is made beside these rows as well. So a question after many late events finds
//! only what came since the last round.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use siyu_types::Result;

use super::model::ScanRequest;
use super::parallel::parallel;
use super::plan::Plan;
use super::scan::wanted;
use super::settled::{Settled, settle, settle_beside};
use super::source::Source;
use super::{EventStore, Inner};
use crate::beside::Recipe;
use crate::block::Block;
use crate::remap::Remap;

/// Rounds for which a column is kept ready after a scan has asked for it.
const ROUNDS: u32 = 600;
/// Most columns kept ready; a scan that asks for more is rare.
const COLUMNS_MAX: usize = 32;

/// Segments are joined when their rows have grown by one in so many.
const GROWN: u64 = 32;

#[derive(Default)]
pub(crate) struct Ready {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    /// Rounds left, by column.
    columns: BTreeMap<String, u32>,
    /// Rounds left for the rows themselves.
    rounds: u32,
    /// Rows that had been appended when the last round began.
    rows: u64,
    /// Who consisted of several numbers then.
    plan: Option<Arc<Plan>>,
}

impl Ready {
    /// A scan asks for these columns.
    pub fn note(&self, columns: &[&str]) {
        let mut held = self.held.lock();
        held.rounds = ROUNDS;
        for column in columns {
            if let Some(rounds) = held.columns.get_mut(*column) {
                *rounds = ROUNDS;
            } else if held.columns.len() < COLUMNS_MAX {
                held.columns.insert((*column).to_owned(), ROUNDS);
            }
        }
    }

    /// Whether nobody has asked for long.
    pub fn is_idle(&self) -> bool {
        self.held.lock().rounds == 0
    }

    /// Begins a round, if anybody asks at all: the columns to put together, and whether rows came.
    fn round(&self, rows: u64) -> Option<(Vec<String>, bool)> {
        let mut held = self.held.lock();
        held.columns.values_mut().for_each(|rounds| *rounds -= 1);
        held.columns.retain(|_, rounds| *rounds > 0);
        held.rounds = held.rounds.checked_sub(1)?;
        let came = std::mem::replace(&mut held.rows, rows) != rows;
        Some((held.columns.keys().cloned().collect(), came))
    }

    /// The partitions whose people have been merged or taken apart since the last round.
    fn changed(&self, plan: &Arc<Plan>) -> Vec<u32> {
        let before = self.held.lock().plan.replace(Arc::clone(plan));
        let before = before.filter(|before| before.edition != plan.edition);
        before.map_or_else(Vec::new, |before| plan.changed(&before).collect())
    }
}

impl EventStore {
    /// One round, to be called every second or so: puts what was appended since the last one among
    /// what stands before it, and who was merged since together, for the columns of late scans. Says whether there was anything to do.
    /// `with_people` shows the people as they are now to what it is given, and needs to hold them no
    /// longer than that.
    pub fn keep_ready(&self, with_people: impl FnOnce(&mut dyn FnMut(&Remap))) -> Result<bool> {
        let Some((columns, came)) = self.ready.round(self.appended()) else { return Ok(false) };
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let joined = self.join(&columns)?;
        let mut plan = None;
        with_people(&mut |remap| plan = Some(self.plan(remap)));
        let Some(plan) = plan else { return Ok(false) };
        let changed = self.ready.changed(&plan);
        if !came && joined.is_empty() && changed.is_empty() {
            return Ok(false);
        }
        let remap = Remap::default();
        let request = ScanRequest { columns: &columns, events: None, from: None, to: None, remap: &remap };
        let snapshot = self.snapshot(&request)?;
        // Decoded where they are needed: all columns of everything are more than memory is for.
        let sources = self.sources(&plan, &snapshot, |_| false)?;
        let mut partitions = snapshot.partitions(&plan);
        // Of all others nothing has changed.
        partitions.retain(|partition| {
            snapshot.recent.contains_key(partition)
                || joined.contains(partition)
                || changed.contains(partition)
        });
        let recipes = self.recipes(&columns);
        parallel(&partitions, |&partition| {
            let own = sources.get(&partition).map_or(&[][..], |own| own);
            // Where only people have changed, it is these few whose columns are read.
            let has_rows = snapshot.recent.contains_key(&partition) || joined.contains(&partition);
            let hold = |source: &Source| match has_rows {
                true => source.hold(&self.cache, &snapshot.wanted),
                false => Ok(source.clone()),
            };
            let own: Vec<Source> = own.iter().map(hold).collect::<Result<_>>()?;
            let base = if has_rows { self.base(partition, &own, &snapshot)? } else { None };
            let blocks = self.partition_blocks(partition, (base, &own), &sources, &plan, &snapshot)?;
            // What questions keep beside the segments they will want beside these as well, and beside the
            // smaller segments, which they did not read as they are before anything came late.
            let largest = own.first().and_then(Source::stands);
            let stands = |block: &Arc<Block>| largest.is_some_and(|known| Arc::ptr_eq(known, block));
            for block in blocks.all().filter(|block| !stands(block)) {
                block.prepare(recipes.iter());
            }
            Ok(())
        })?;
        Ok(true)
    }

    /// What questions keep beside blocks, made of no other columns than these.
    fn recipes(&self, columns: &[&str]) -> Vec<Recipe> {
        let mut recipes = self.cache.recipes();
        recipes.retain(|recipe| recipe.column().is_none_or(|name| columns.contains(&name)));
        recipes
    }

    /// Segments that have become many are read as one from now on, with all that questions will want of it at
    /// hand. Answers the partitions in which there were such.
    fn join(&self, columns: &[&str]) -> Result<Vec<u32>> {
        let _joining = self.joining.lock();
        let (due, wanted) = {
            let inner = self.inner.read();
            let best = inner.partitions.iter().filter_map(|(&partition, segments)| {
                let known = inner.settled.get(&partition)?;
                let best = settle(segments, known);
                is_worth_it(known.first()?, best.first()?).then_some((partition, best))
            });
            (best.collect::<Vec<_>>(), wanted(&inner.catalog, columns))
        };
        let recipes = if due.is_empty() { Vec::new() } else { self.recipes(columns) };
        let joined = parallel(&due, |(partition, best)| {
            let Some(first) = best.first() else { return Ok(None) };
            let read = self.cache.whole(first, &wanted).and_then(|block| {
                block.prepare(recipes.iter());
                first.facts(|| Ok(block))
            });
            if let Err(error) = read {
                // Whoever asks is told; all others are read as before.
                tracing::warn!(partition, %error, "could not join segments");
                return Ok(None);
            }
            self.read_from_now(*partition, best);
            Ok(Some(*partition))
        })?;
        Ok(joined.into_iter().flatten().collect())
    }

    /// Unless one of them is gone since, or another has come that is large.
    fn read_from_now(&self, partition: u32, best: &[Arc<Settled>]) {
        let _writing = self.writing.lock();
        let mut inner = self.inner.write();
        let (segments, read) = inner.of(partition);
        let there = settle(segments, &[best, read].concat());
        if there.first().zip(best.first()).is_some_and(|(there, best)| there.id == best.id) {
            self.settle_as(&mut inner, partition, there);
        } else {
            self.forget_read(best.iter().filter(|best| read.iter().all(|read| read.id != best.id)));
        }
    }

    /// How a partition is read after its segments have changed: while anybody asks, what is in memory stays so,
    /// and a round sees to the rest.
    pub(super) fn settle(&self, inner: &mut Inner, partition: u32) {
        let (segments, known) = inner.of(partition);
        let now = if self.ready.is_idle() { settle(segments, known) } else { settle_beside(segments, known) };
        self.settle_as(inner, partition, now);
    }

    fn settle_as(&self, inner: &mut Inner, partition: u32, now: Vec<Arc<Settled>>) {
        let before = inner.settled.insert(partition, now.clone()).unwrap_or_default();
        let gone: Vec<_> = before.iter().filter(|before| now.iter().all(|now| now.id != before.id)).collect();
        if !gone.is_empty() {
            self.overlays.forget(partition);
        }
        self.forget_read(gone);
    }

    /// Nothing of what is no longer read stays in memory.
    fn forget_read<'s>(&self, gone: impl IntoIterator<Item = &'s Arc<Settled>>) {
        for settled in gone {
            settled.retire();
            self.cache.forget(settled.id);
        }
    }
}

/// Whether to read as is best instead of as is known: it holds a good deal more, or is several segments that
/// were never read.
fn is_worth_it(known: &Settled, best: &Settled) -> bool {
    let grown = known.id != best.id && (best.rows.abs_diff(known.rows)) * GROWN >= known.rows;
    grown || best.segments.len() > 1 && best.known().is_none()
}

#[cfg(test)]
mod tests {
    use crate::beside::{Kept, Made};
    use crate::block::Block;
    use crate::remap::Remap;
    use crate::store::{EventRow, EventStore, ScanRequest, StoreOptions};

    fn append(store: &EventStore, person: u32, seq: u64) {
        store.append(vec![EventRow::bare(person, 5, seq, "open")]).expect("appends");
    }

    #[test]
    fn a_round_works_only_for_rows_and_columns_that_somebody_wants() {
        let dir = tempfile::tempdir().expect("temp");
        let store = EventStore::open(dir.path(), StoreOptions::default(), None).expect("opens");
        let append = |person: u32, seq: u64| append(&store, person, seq);
        let remap = Remap::default();
        let rows = || {
            let request = ScanRequest { columns: &[], events: None, from: None, to: None, remap: &remap };
            let blocks = store.scan(&request).expect("scans").blocks;
            blocks.iter().flat_map(|block| block.runs()).map(|(_, rows)| rows.len()).sum::<usize>()
        };
        let round = || store.keep_ready(|with| with(&remap)).expect("a round");
        append(1, 1);
        store.checkpoint().expect("writes");
        assert!(!round(), "nobody asked yet");
        assert_eq!(rows(), 1);
        assert!(round(), "somebody asked, and a row had come");
        assert!(!round(), "no row came since");
        append(1, 2);
        append(2, 3);
        assert!(round());
        assert_eq!(rows(), 3);
        for _ in 0..super::ROUNDS {
            round();
        }
        append(1, 4);
        assert!(!round(), "nobody has asked for long");
        assert_eq!(rows(), 4);
    }

    #[test]
    fn segments_are_joined_by_a_round_and_not_by_a_question() {
        let dir = tempfile::tempdir().expect("temp");
        let store = EventStore::open(dir.path(), StoreOptions::default(), None).expect("opens");
        let remap = Remap::default();
        let rows = || {
            let request = ScanRequest { columns: &[], events: None, from: None, to: None, remap: &remap };
            let blocks = store.scan(&request).expect("scans").blocks;
            blocks.iter().map(|block| block.block.rows()).collect::<Vec<_>>()
        };
        let round = || store.keep_ready(|with| with(&remap)).expect("a round");
        let checkpoint = |seqs: std::ops::Range<u64>| {
            seqs.for_each(|seq| append(&store, seq as u32 % 50, seq));
            store.checkpoint().expect("writes");
        };
        checkpoint(0..100);
        checkpoint(100..110);
        assert_eq!(rows(), [110], "nobody asked before");
        checkpoint(110..120);
        assert_eq!(rows(), [110, 30], "ten people are put together beside what is in memory");
        assert!(round());
        assert_eq!(rows(), [120]);
        assert!(!round(), "they are joined");
        checkpoint(120..123);
        round();
        assert_eq!(rows(), [120, 9], "too few to be joined");
    }

    /// How many rows a block has.
    struct Rows;

    impl Kept for Rows {
        fn make(block: &Block, _: &Made, _: usize) -> Option<(Rows, usize)> {
            Some((Rows, block.rows()))
        }
    }

    #[test]
    fn what_is_kept_beside_a_segment_is_made_beside_what_comes_late() {
        let dir = tempfile::tempdir().expect("temp");
        let store = EventStore::open(dir.path(), StoreOptions::default(), None).expect("opens");
        for seq in 0..10 {
            append(&store, seq as u32 % 5, seq);
        }
        store.checkpoint().expect("writes");
        let remap = Remap::default();
        let blocks = || {
            let request = ScanRequest { columns: &[], events: None, from: None, to: None, remap: &remap };
            store.scan(&request).expect("scans").blocks
        };
        let made = Made { events: [0].into(), zone: "UTC".to_owned(), column: None };
        blocks()[0].block.kept::<Rows>(made).expect("a place");
        append(&store, 1, 10);
        assert!(store.keep_ready(|with| with(&remap)).expect("a round"));
        let made = || -> Vec<(usize, usize)> {
            let blocks = blocks().into_iter().map(|block| block.block);
            blocks.map(|block| (block.rows(), block.beside.recipes().len())).collect()
        };
        assert_eq!(
            made(),
            [(10, 1), (3, 1)],
            "the segment as it was, and all rows of somebody who came late"
        );
        append(&store, 2, 11);
        assert!(store.keep_ready(|with| with(&remap)).expect("a round"));
        assert_eq!(made(), [(12, 1)], "of two of five people everybody is put together");
    }
}
