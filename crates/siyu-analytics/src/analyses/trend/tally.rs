//! Cells that are only counted: of events, whoever did them, and of people where nothing divides
//! them. Plain numbers in short rows, so that the next event need not wait for the one before.

use siyu_events::Block;
use siyu_types::calendar::InstantRange;

use super::collect::{Collected, Plan};
use crate::boundaries::Boundaries;
use crate::buckets::Buckets;
use crate::groups::{FIRST, MISSING, Slots, Word};
use crate::masks::Numbers;
use crate::pass::{People, over_parts, unbroken};

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
                && let Some(buckets) = buckets
                && let Some(mut counts) = reader.word().and_then(|word| Counts::new(word, block, stride))
            {
                piece.each_rows(&plan.wanted, chosen, |rows| counts.add(rows, plan.range, &buckets.edges));
                counts.give(&mut collected);
                continue;
            }
            let mut several = Vec::new();
            piece.each_rows(&plan.wanted, chosen, |rows| {
                for &row in rows {
                    let row = row as usize;
                    let time = block.times[row];
                    if !plan.in_range(time) || !test.holds(row) {
                        continue;
                    }
                    let bucket = buckets.map_or(0, |buckets| buckets.edges.index(time));
                    let number = numbers.at(row);
                    if let Some(slot) = reader.one(row, &mut collected.slots) {
                        collected.cell(slot, stride, bucket).count(number);
                        continue;
                    }
                    let person = owner(block, row);
                    reader.read(person, row, &mut collected.slots, &mut several);
                    several.iter().for_each(|slot| collected.cell(*slot, stride, bucket).count(number));
                }
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

/// The events of one block by word and bucket.
struct Counts<'a> {
    times: &'a [i64],
    word: Word<'a>,
    stride: usize,
    /// Per word, and then for rows without one, a count per bucket. Twice, since the same count is
    /// often wanted again before it is written.
    counts: [Vec<u32>; 2],
}

impl<'a> Counts<'a> {
    /// `None` if they would be too many.
    fn new(word: Word<'a>, block: &'a Block, stride: usize) -> Option<Counts<'a>> {
        let words = match &word {
            Word::Any => 0,
            Word::Of { dictionary, .. } => dictionary.len(),
        };
        let count = (words + 1) * stride;
        let counts = || vec![0u32; count];
        (count <= COUNTS_MAX).then(|| Counts { times: &block.times, word, stride, counts: [counts(), counts()] })
    }

    fn add(&mut self, rows: &[u32], range: InstantRange, edges: &Boundaries) {
        let Counts { times, word, stride, counts: [even, odd] } = self;
        let at = |time: i64| (range.from <= time && time < range.to).then(|| edges.index(time));
        match (word, unbroken(rows)) {
            (Word::Any, Some(rows)) => {
                let (pairs, rest) = times[rows].as_chunks::<2>();
                for [a, b] in pairs {
                    at(*a).into_iter().for_each(|at| even[at] += 1);
                    at(*b).into_iter().for_each(|at| odd[at] += 1);
                }
                rest.iter().filter_map(|time| at(*time)).for_each(|at| even[at] += 1);
            }
            (Word::Any, None) => {
                let found = rows.iter().filter_map(|row| at(times[*row as usize]));
                found.for_each(|at| even[at] += 1);
            }
            (Word::Of { codes, dictionary }, Some(rows)) => {
                let (pairs, rest) = times[rows.clone()].as_chunks::<2>();
                let (twos, last) = codes[rows].as_chunks::<2>();
                let missing = dictionary.len();
                let place = |code: u32, bucket: usize| (code as usize).min(missing) * *stride + bucket;
                for ([a, b], [left, right]) in pairs.iter().zip(twos) {
                    at(*a).into_iter().for_each(|at| even[place(*left, at)] += 1);
                    at(*b).into_iter().for_each(|at| odd[place(*right, at)] += 1);
                }
                for (time, code) in rest.iter().zip(last) {
                    at(*time).into_iter().for_each(|at| even[place(*code, at)] += 1);
                }
            }
            (Word::Of { codes, dictionary }, None) => {
                for &row in rows {
                    let code = (codes[row as usize] as usize).min(dictionary.len());
                    let found = at(times[row as usize]);
                    found.into_iter().for_each(|at| even[code * *stride + at] += 1);
                }
            }
        }
    }

    /// Adds what was counted to the cells of its groups.
    fn give(self, collected: &mut Collected<'_>) {
        let Counts { word, stride, counts: [even, odd], .. } = self;
        for (code, (even, odd)) in even.chunks_exact(stride).zip(odd.chunks_exact(stride)).enumerate() {
            if even.iter().chain(odd).all(|count| *count == 0) {
                continue;
            }
            let slot = match &word {
                Word::Any => FIRST,
                Word::Of { dictionary, .. } => {
                    dictionary.get(code).map_or(MISSING, |word| collected.slots.of(word))
                }
            };
            for (bucket, (even, odd)) in even.iter().zip(odd).enumerate() {
                collected.cell(slot, stride, bucket).count_many(u64::from(*even) + u64::from(*odd));
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
        let mut counts = vec![[0u32; 3]; stride];
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
                        *people += u32::from(last != Some(bucket));
                        *first += u32::from(last.is_none());
                        last = Some(bucket);
                    }
                }
            });
        }
        let mut collected = Collected { cells: Vec::new(), slots: slots() };
        for (bucket, [events, people, first]) in counts[..buckets.len()].iter().enumerate() {
            collected.cell(FIRST, stride, bucket).see(*events, *people, *first);
            collected.cell(FIRST, stride, buckets.len()).see(*events, *first, *first);
        }
        collected
    })
}
