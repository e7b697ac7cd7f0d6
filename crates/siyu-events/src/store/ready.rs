//! What came since the last checkpoint, put in its places before anybody asks: the columns that
//! scans asked for lately are asked for again when rows have come or people were merged, and what questions
//! keep beside the segments is made beside these rows as well. So a question after many late events finds
//! only what came since the last round.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use siyu_types::Result;

use super::EventStore;
use super::model::ScanRequest;
use super::plan::Plan;
use super::scan::{Snapshot, Sources};
use super::source::Source;
use crate::beside::Recipe;
use crate::block::Block;
use crate::parallel::{Begin, all_done};
use crate::remap::Remap;

/// Rounds for which a column is kept ready after a scan has asked for it.
const ROUNDS: u32 = 600;
/// Most columns kept ready; a scan that asks for more is rare.
const COLUMNS_MAX: usize = 32;

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

/// What all partitions of a round are made ready with.
struct Round<'a> {
    sources: Sources,
    plan: &'a Plan,
    snapshot: &'a Snapshot,
    recipes: Vec<Recipe>,
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
        Some((held.columns.keys().cloned().collect(), held.rows != rows))
    }

    /// The partitions whose people have been merged or taken apart since the last round.
    fn changed(&self, plan: &Arc<Plan>) -> Vec<u32> {
        let held = self.held.lock();
        let before = held.plan.as_ref().filter(|before| before.edition != plan.edition);
        before.map_or_else(Vec::new, |before| plan.changed(before).collect())
    }

    /// A round has ended; one that fails is made again.
    fn done(&self, rows: u64, plan: Arc<Plan>) {
        let mut held = self.held.lock();
        (held.rows, held.plan) = (rows, Some(plan));
    }
}

impl EventStore {
    /// One round, to be called every second or so: puts what was appended since the last one among what stands
    /// before it, and who was merged since together, for the columns of late scans. Says whether there was
    /// anything to do. `with_people` shows the people as they are now to what it is given, and needs to hold
    /// them no longer than that.
    pub fn keep_ready(&self, with_people: impl FnOnce(&mut dyn FnMut(&Remap))) -> Result<bool> {
        let appended = self.appended();
        let Some((columns, came)) = self.ready.round(appended) else { return Ok(false) };
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let joined = self.join(&columns)?;
        let mut plan = None;
        with_people(&mut |remap| plan = Some(self.plan(remap)));
        let Some(plan) = plan else { return Ok(false) };
        let changed = self.ready.changed(&plan);
        let is_due = came || !joined.is_empty() || !changed.is_empty();
        if is_due {
            let remap = Remap::default();
            let request =
                ScanRequest { columns: &columns, events: None, from: None, to: None, remap: &remap };
            let snapshot = self.snapshot(&request)?;
            // Decoded where they are needed: all columns of everything are more than memory is for.
            let sources = self.sources(&plan, &snapshot, Begin::WhenLong, |_| false)?;
            let has_rows = |partition: &u32| {
                came && snapshot.recent.contains_key(partition) || joined.contains(partition)
            };
            let mut partitions = snapshot.partitions(&plan);
            // Of all others nothing has changed.
            partitions.retain(|partition| {
                // To read all of it each second for the few who were merged would drive out the rest.
                has_rows(partition) || changed.contains(partition) && self.lends(*partition, &plan, &snapshot)
            });
            let round = Round { sources, plan: &plan, snapshot: &snapshot, recipes: self.recipes(&columns) };
            all_done(Begin::AtOnce, &partitions, |partition| {
                self.prepare(*partition, has_rows(partition), &round)
            })?;
            self.count_together();
        }
        self.ready.done(appended, plan);
        Ok(is_due)
    }

    /// Whether what the merged people of a partition are put together from stays in memory.
    fn lends(&self, partition: u32, plan: &Plan, snapshot: &Snapshot) -> bool {
        let away = plan.merged.get(&partition).into_iter().flat_map(|merged| merged.foreign.keys().copied());
        let read =
            std::iter::once(partition).chain(away).flat_map(|partition| snapshot.settled_of(partition));
        read.into_iter().all(|settled| self.cache.lends(settled, &snapshot.wanted))
    }

    /// Puts one partition together, with what questions will want beside it.
    fn prepare(&self, partition: u32, has_rows: bool, round: &Round<'_>) -> Result<()> {
        let own = round.sources.get(&partition).map_or(&[][..], |own| own);
        // Where only people have changed, it is these few whose columns are read.
        let hold = |source: &Source| match has_rows {
            true => source.hold(&self.cache, &round.snapshot.wanted),
            false => Ok(source.clone()),
        };
        let own: Vec<Source> = own.iter().map(hold).collect::<Result<_>>()?;
        let base = if has_rows { self.base(partition, &own, round.snapshot)? } else { None };
        let blocks =
            self.partition_blocks(partition, (base, &own), &round.sources, round.plan, round.snapshot)?;
        // What questions keep beside the segments they will want beside these as well, and beside the
        // smaller segments, which they did not read as they are before anything came late.
        let largest = own.first().and_then(Source::stands);
        let stands = |block: &Arc<Block>| largest.is_some_and(|known| Arc::ptr_eq(known, block));
        for block in blocks.all().filter(|block| !stands(block)) {
            block.prepare(round.recipes.iter());
        }
        Ok(())
    }

    /// What questions keep beside blocks, made of no other columns than these.
    pub(super) fn recipes(&self, columns: &[&str]) -> Vec<Recipe> {
        let mut recipes = self.cache.recipes();
        recipes.retain(|recipe| recipe.column().is_none_or(|name| columns.contains(&name)));
        recipes
    }
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

    /// Else each second all of a partition would be read from disk again for a few people.
    #[test]
    fn who_was_merged_is_put_together_by_a_round_where_that_stays_in_memory() {
        for (cache_bytes, are_together) in [(1 << 20, true), (0, false)] {
            let dir = tempfile::tempdir().expect("temp");
            let options = StoreOptions { cache_bytes, ..StoreOptions::default() };
            let store = EventStore::open(dir.path(), options, None).expect("opens");
            let mut remap = Remap::alone(50);
            (0..100).for_each(|seq| append(&store, seq as u32 % 50, seq));
            store.checkpoint().expect("writes");
            rows_of(&store, None, &remap);
            let round = |remap: &Remap| store.keep_ready(|with| with(remap)).expect("a round");
            round(&remap);
            remap.join(&[1, 7]);
            store.cache.limit(cache_bytes);
            assert!(round(&remap));
            assert_eq!(store.overlays.bytes() > 0, are_together, "{cache_bytes}");
            assert!(rows_of(&store, None, &remap).contains(&(1, 4)));
        }
    }

    /// Everybody's rows, by person.
    fn rows_of(store: &EventStore, events: Option<&[&str]>, remap: &Remap) -> Vec<(u32, usize)> {
        let request = ScanRequest { columns: &[], events, from: None, to: None, remap };
        let scan = store.scan(&request).expect("scans");
        let runs = scan.blocks.iter().flat_map(|block| block.runs());
        let mut rows: Vec<(u32, usize)> = runs.map(|(person, rows)| (person, rows.len())).collect();
        rows.sort_unstable();
        rows
    }

    /// A later tier may have the same people, and then be left out of a scan that has fewer sources.
    #[test]
    fn first_tiers_are_whole_without_the_later_ones() {
        for by_merge in [false, true] {
            let dir = tempfile::tempdir().expect("temp");
            let store = EventStore::open(dir.path(), StoreOptions::default(), None).expect("opens");
            let mut remap = Remap::alone(70_001);
            let segment = |rows: Vec<EventRow>, remap: &Remap| {
                store.append(rows).expect("appends");
                store.checkpoint().expect("writes");
                rows_of(&store, None, remap);
            };
            let open = |person: u32, seq: u64| EventRow::bare(person, 5, seq, "open");
            let mut first: Vec<EventRow> = (0..40).map(|person| open(person, u64::from(person))).collect();
            first.push(open(70_000, 40));
            segment(first, &remap);
            segment(vec![open(1, 41)], &remap);
            segment(vec![open(2, 42)], &remap);
            if by_merge {
                remap.join(&[1, 70_000]);
                rows_of(&store, None, &remap);
                remap.part(1);
            } else {
                segment(vec![EventRow::bare(1, 5, 43, "other")], &remap);
            }
            let found = rows_of(&store, Some(&["open"]), &remap);
            let opened: usize = found.iter().map(|(_, rows)| rows).sum();
            assert_eq!((found[1], found[2], opened), ((1, 2), (2, 2), 43), "{by_merge}");
        }
    }

    /// How many rows a block has.
    struct Rows;

    impl Kept for Rows {
        fn make(block: &Block, _: &Made, _: usize) -> Option<(Rows, usize)> {
            Some((Rows, block.rows()))
        }
    }

    /// Of a thousand bytes.
    struct Bytes;

    impl Kept for Bytes {
        fn make(_: &Block, _: &Made, _: usize) -> Option<(Bytes, usize)> {
            Some((Bytes, 1_000))
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
        let overlays = || store.overlays.bytes();
        let before = overlays();
        let more = Made { events: [0].into(), zone: "Asia/Shanghai".to_owned(), column: None };
        assert!(blocks()[1].block.kept::<Bytes>(more).is_some());
        blocks();
        assert_eq!(overlays(), before + 1_000, "what is kept beside what is put together counts");
        append(&store, 2, 11);
        assert!(store.keep_ready(|with| with(&remap)).expect("a round"));
        assert_eq!(made(), [(12, 1)], "of two of five people everybody is put together");
    }
}
