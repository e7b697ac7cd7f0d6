//! Cells that are only counted: of events, whoever did them, and of people where nothing divides
//! them. Plain numbers in short rows, so that the next event need not wait for the one before.

use siyu_events::Block;
use siyu_types::calendar::InstantRange;

use super::collect::{Collected, Plan};
use crate::boundaries::Boundaries;
use crate::buckets::Buckets;
use crate::groups::{FIRST, MISSING, Slots, Word};
use crate::masks::Numbers;
use crate::pass::{People, over_parts};
use crate::wanted::Rows;

/// Most counts of one block; they stay in the second cache.
const COUNTS_MAX: usize = 1 << 17;

/// The cells where it does not matter whose the events are.
pub(super) fn events<'m>(
    plan: &Plan<'_>,
    chosen: &People,
    buckets: Option<&Buckets>,
    slots: &(dyn Fn() -> Slots<'m> + Sync),
) -> Vec<Collected<'m>> {
    let stride = buckets.map_or(0, Buckets::len) + 1;
    let plain = plan.summed.is_none() && !plan.test.has_tests();
    over_parts(plan.scan, |pieces| {
        let mut collected = Collected { cells: Vec::new(), slots: slots() };
        for piece in pieces {
            let block = piece.block;
            let numbers = Numbers::new(plan.summed.and_then(|name| block.columns.get(name)));
            let test = plan.test.on(block);
            let mut reader = plan.groups.on(block);
            if plain
                && let Some(word) = reader.word()
                && let Some(mut counts) = Counts::new(word, &mut collected.slots, block, stride)
            {
                let edges = buckets.map(|buckets| &buckets.edges);
                piece.each_rows(&plan.wanted, chosen, |rows| counts.add(rows, plan.range, edges));
                counts.give(&mut collected);
                continue;
            }
            let mut several = Vec::new();
            piece.each_rows(&plan.wanted, chosen, |rows| {
                rows.each(|row| {
                    let time = block.times[row];
                    if !plan.in_range(time) || !test.holds(row) {
                        return;
                    }
                    let bucket = buckets.map_or(0, |buckets| buckets.edges.index(time));
                    let number = numbers.at(row);
                    if let Some(slot) = reader.one(row, &mut collected.slots) {
                        collected.cell(slot, stride, bucket).count(number);
                        return;
                    }
                    let person = owner(block, row);
                    reader.read(person, row, &mut collected.slots, &mut several);
                    several.iter().for_each(|slot| collected.cell(*slot, stride, bucket).count(number));
                });
            });
        }
        if buckets.is_some() {
            collected.add_up(stride);
        }
        collected
    })
}

/// Whose an event is.
fn owner(block: &Block, row: usize) -> u32 {
    block.persons[block.starts.partition_point(|start| *start as usize <= row) - 1]
}

/// Where a time counts.
struct Placer<'a> {
    range: InstantRange,
    edges: Option<&'a Boundaries>,
}

impl Placer<'_> {
    // Every row asks; as a call it costs more than what it does.
    #[inline(always)]
    fn bucket(&self, time: i64) -> Option<usize> {
        let inside = self.range.from <= time && time < self.range.to;
        inside.then(|| self.edges.map_or(0, |edges| edges.index(time)))
    }
}

/// The events of one block by word and bucket.
struct Counts<'a> {
    times: &'a [i64],
    codes: Option<&'a [u32]>,
    dictionary: &'a [Box<str>],
    /// The row of counts of every word, and then of rows without one.
    places: Vec<u32>,
    /// Places are the slots of groups; otherwise, words in the order of their codes.
    by_slot: bool,
    stride: usize,
    /// Twice, since the same count is often wanted again before it is written.
    counts: [Vec<u32>; 2],
}

impl<'a> Counts<'a> {
    /// `None` if they would be too many.
    fn new(word: Word<'a>, slots: &mut Slots<'_>, block: &'a Block, stride: usize) -> Option<Counts<'a>> {
        let (codes, dictionary, places, by_slot) = match word {
            Word::Any => (None, &[][..], vec![FIRST], true),
            // The groups are known: all words that have none of their own share one.
            Word::Of { codes, dictionary } if matches!(slots, Slots::Fixed(_)) => {
                let own = dictionary.iter().map(|word| slots.of(word));
                (Some(codes), dictionary, own.chain([MISSING]).collect(), true)
            }
            Word::Of { codes, dictionary } => {
                (Some(codes), dictionary, (0..=dictionary.len() as u32).collect(), false)
            }
        };
        let rows = places.iter().max().map_or(0, |last| *last as usize + 1);
        let counts = || vec![0u32; rows * stride];
        (rows * stride <= COUNTS_MAX).then(|| Counts {
            times: &block.times,
            codes,
            dictionary,
            places,
            by_slot,
            stride,
            counts: [counts(), counts()],
        })
    }

    fn add(&mut self, rows: Rows<'_>, range: InstantRange, edges: Option<&Boundaries>) {
        let Counts { times, codes, places, stride, counts: [even, odd], .. } = self;
        let missing = places.len() - 1;
        let of = |code: u32| places[(code as usize).min(missing)] as usize * *stride;
        let at = Placer { range, edges };
        let whole = places[0] as usize * *stride;
        match (codes, rows) {
            (None, Rows::All(rows)) => {
                let (pairs, rest) = times[rows].as_chunks::<2>();
                for [a, b] in pairs {
                    at.bucket(*a).into_iter().for_each(|at| even[whole + at] += 1);
                    at.bucket(*b).into_iter().for_each(|at| odd[whole + at] += 1);
                }
                rest.iter().filter_map(|time| at.bucket(*time)).for_each(|at| even[whole + at] += 1);
            }
            (None, Rows::Some(rows)) => {
                let found = rows.iter().filter_map(|row| at.bucket(times[*row as usize]));
                found.for_each(|at| even[whole + at] += 1);
            }
            // Of many words one comes so seldom that nothing waits for it; what is counted once takes
            // half the room in the cache.
            (Some(codes), Rows::All(rows)) => {
                for (time, code) in times[rows.clone()].iter().zip(&codes[rows]) {
                    at.bucket(*time).into_iter().for_each(|at| even[of(*code) + at] += 1);
                }
            }
            (Some(codes), Rows::Some(rows)) => {
                for row in rows.iter().map(|row| *row as usize) {
                    at.bucket(times[row]).into_iter().for_each(|at| even[of(codes[row]) + at] += 1);
                }
            }
        }
    }

    /// Adds what was counted to the cells of its groups.
    fn give(self, collected: &mut Collected<'_>) {
        let [even, odd] = &self.counts;
        let rows = even.chunks_exact(self.stride).zip(odd.chunks_exact(self.stride));
        for (place, (even, odd)) in rows.enumerate() {
            if even.iter().chain(odd).all(|count| *count == 0) {
                continue;
            }
            let slot = match self.by_slot {
                true => place as u32,
                false => self.dictionary.get(place).map_or(MISSING, |word| collected.slots.of(word)),
            };
            for (bucket, (even, odd)) in even.iter().zip(odd).enumerate() {
                let count = u64::from(*even) + u64::from(*odd);
                collected.cell(slot, self.stride, bucket).count_many(count);
            }
        }
    }
}

/// The people of every bucket, and of all of them together.
pub(super) fn people<'m>(
    plan: &Plan<'_>,
    chosen: &People,
    buckets: &Buckets,
    slots: &(dyn Fn() -> Slots<'m> + Sync),
) -> Vec<Collected<'m>> {
    let stride = buckets.len() + 1;
    let (range, edges) = (plan.range, &buckets.edges);
    over_parts(plan.scan, |pieces| {
        // Events; people; those of them who were in no bucket before.
        let mut counts = vec![[0u64; 3]; stride];
        for piece in pieces {
            let times = &piece.block.times;
            piece.each_person(&plan.wanted, chosen, |_, rows| {
                let mut last = None;
                for &row in rows {
                    let time = times[row as usize];
                    if range.from <= time && time < range.to {
                        let bucket = edges.index(time);
                        let [events, people, first] = &mut counts[bucket];
                        // Times ascend, so a new bucket was not seen before.
                        *events += 1;
                        *people += u64::from(last != Some(bucket));
                        *first += u64::from(last.is_none());
                        last = Some(bucket);
                    }
                }
            });
        }
        let mut collected = Collected { cells: Vec::new(), slots: slots() };
        for (bucket, counts) in counts[..buckets.len()].iter().enumerate() {
            collected.cell(FIRST, stride, bucket).see(*counts);
        }
        collected.add_up(stride);
        collected
    })
}
