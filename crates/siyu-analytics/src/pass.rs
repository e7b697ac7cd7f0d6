//! One pass over a scan: splits it into parts for a few threads, finds the rows
//! of the wanted events without branching, and hands them over person by person.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use roaring::RoaringBitmap;
use siyu_events::{Begin, Block, Scan, Skip, parallel};

use crate::bits::bits;
use crate::left_out::LeftOut;
use crate::wanted::{Rows, Wanted, find};

/// Threads one query may use.
pub const THREADS_MAX: usize = 2;
/// Parts of a scan. Fixed by the data, not by the threads, so that sums of
/// fractions are the same on every run.
const PARTS: usize = 64;
const PART_ROWS_MIN: usize = 32_768;
/// Rows looked at before their people are walked; their codes stay in the first cache.
const SLAB_ROWS: usize = 4_096;

/// A set of people as bits: one test per person instead of a search.
pub(crate) struct People {
    words: Vec<u64>,
    left_out: OnceLock<LeftOut>,
}

impl People {
    pub(crate) fn of(bitmap: &RoaringBitmap) -> People {
        People::with(bits(bitmap))
    }

    fn with(words: Vec<u64>) -> People {
        People { words, left_out: OnceLock::new() }
    }

    /// The same by number, where some are not a person of their own: these go with whose they are.
    pub(crate) fn by_number(&self, owners: &[Arc<[(u32, u32)]>]) -> People {
        let mut words = self.words.clone();
        for (number, person) in owners.iter().flat_map(|owners| owners.iter()) {
            let (word, bit) = (*number as usize / 64, 1 << (number % 64));
            if self.contains(*person) {
                words.resize(words.len().max(word + 1), 0);
                words[word] |= bit;
            } else if let Some(word) = words.get_mut(word) {
                *word &= !bit;
            }
        }
        People::with(words)
    }

    /// Whether everybody of a block is one of these.
    pub(crate) fn are_all_of(&self, block: &Block) -> bool {
        let left_out = self.left_out.get_or_init(|| LeftOut::of(&self.words));
        left_out
            .is_nobody_of(block)
            .unwrap_or_else(|| block.places().is_some_and(|places| places.are_all(&self.words)))
    }

    /// How many rows of 64 people there are; nobody after them is one of these.
    pub(crate) fn words(&self) -> usize {
        self.words.len()
    }

    /// Who is, of the 64 numbers from 64 times `word` on.
    #[inline]
    pub(crate) fn word(&self, word: usize) -> u64 {
        self.words.get(word).copied().unwrap_or(0)
    }

    #[inline]
    pub(crate) fn contains(&self, person: u32) -> bool {
        self.words.get(person as usize / 64).is_some_and(|word| word >> (person % 64) & 1 == 1)
    }
}

/// Some people of one block.
#[derive(Clone)]
pub(crate) struct Piece<'a> {
    pub(crate) block: &'a Block,
    skip: Option<&'a Skip>,
    people: Range<usize>,
}

impl Piece<'_> {
    /// Calls `see` with every allowed person who has wanted rows, and those rows.
    #[inline]
    pub(crate) fn each_person(&self, wanted: &Wanted, allowed: &People, mut see: impl FnMut(u32, &[u32])) {
        let block = self.block;
        let mut found = Vec::<u32>::new();
        let mut person = self.people.start;
        while person < self.people.end {
            let first = person;
            let start = block.starts[first] as usize;
            person += 1;
            while person < self.people.end && (block.starts[person + 1] as usize) < start + SLAB_ROWS {
                person += 1;
            }
            let end = block.starts[person] as usize;
            let count = find(&block.events[start..end], start, wanted, &mut found);
            self.walk(first, &found[..count], allowed, &mut see);
        }
    }

    /// Calls `see` with the wanted rows of all allowed people, many people at a time: for answers
    /// that need not know whose rows they are.
    #[inline]
    pub(crate) fn each_rows(&self, wanted: &Wanted, allowed: &People, mut see: impl FnMut(Rows<'_>)) {
        let block = self.block;
        let mut found = Vec::<u32>::new();
        let mut person = self.people.start;
        while person < self.people.end {
            let first = person;
            while person < self.people.end && self.allows(allowed, block.persons[person]) {
                person += 1;
            }
            let (mut start, end) = (block.starts[first] as usize, block.starts[person] as usize);
            while start < end {
                let next = end.min(start + SLAB_ROWS);
                if wanted.is_everything() {
                    see(Rows::All(start..next));
                } else {
                    let count = find(&block.events[start..next], start, wanted, &mut found);
                    see(Rows::of(&found[..count]));
                }
                start = next;
            }
            // The one that ended the run, if any.
            person += 1;
        }
    }

    /// Calls `see` with allowed people who stand one after another, as many as have so many rows.
    #[inline]
    pub(crate) fn each_stretch(&self, allowed: &People, mut see: impl FnMut(Range<usize>)) {
        let block = self.block;
        let mut person = self.people.start;
        while person < self.people.end {
            let first = person;
            let most = block.starts[first] as usize + SLAB_ROWS;
            while person < self.people.end
                && (person == first || block.starts[person + 1] as usize <= most)
                && self.allows(allowed, block.persons[person])
            {
                person += 1;
            }
            if first < person {
                see(first..person);
            } else {
                person += 1;
            }
        }
    }

    /// Calls `see` with every allowed person and all of their rows.
    #[inline]
    pub(crate) fn each_run(&self, allowed: &People, mut see: impl FnMut(u32, Range<u32>)) {
        for person in self.people.clone() {
            let number = self.block.persons[person];
            let rows = self.block.starts[person]..self.block.starts[person + 1];
            if !rows.is_empty() && self.allows(allowed, number) {
                see(number, rows);
            }
        }
    }

    #[inline]
    fn allows(&self, allowed: &People, person: u32) -> bool {
        allowed.contains(person) && !self.skip.is_some_and(|skip| skip.contains(person))
    }

    #[inline]
    fn walk(&self, first: usize, found: &[u32], allowed: &People, see: &mut impl FnMut(u32, &[u32])) {
        let starts = &self.block.starts;
        let mut person = first;
        let mut rest = found;
        while let Some(&row) = rest.first() {
            while starts[person + 1] <= row {
                person += 1;
            }
            let end = starts[person + 1];
            // Where every row is wanted, as of "any event", they need not be counted.
            let all = (end - row) as usize;
            let mut count = 1;
            if rest.get(all - 1) == Some(&(end - 1)) {
                count = all;
            }
            while count < rest.len() && rest[count] < end {
                count += 1;
            }
            let (rows, after) = rest.split_at(count);
            rest = after;
            let number = self.block.persons[person];
            if self.allows(allowed, number) {
                see(number, rows);
            }
        }
    }
}

/// Runs `work` over the parts of a scan, on up to [`THREADS_MAX`] threads; the
/// answers come in the order of the parts.
pub(crate) fn over_parts<'a, R: Send>(scan: &'a Scan, work: impl Fn(&[Piece<'a>]) -> R + Sync) -> Vec<R> {
    over(&parts(scan), |part| work(part))
}

/// As [`over_parts`], over anything.
pub(crate) fn over<T: Sync, R: Send>(parts: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    parallel(Begin::AtOnce, THREADS_MAX, parts, work)
}

fn parts(scan: &Scan) -> Vec<Vec<Piece<'_>>> {
    let total: usize = scan.blocks.iter().map(|block| block.block.rows()).sum();
    let target = (total / PARTS).max(PART_ROWS_MIN);
    let mut parts = Vec::new();
    let mut part = Vec::new();
    let mut rows = 0;
    for scanned in &scan.blocks {
        let block = &*scanned.block;
        let people = block.persons.len();
        if people == 0 {
            continue;
        }
        let skip = scanned.skip.as_deref();
        // A block is cut only when it is much larger than a part: each piece
        // prepares the block's dictionaries anew.
        let pieces = ((block.rows() + target / 2) / target).clamp(1, people);
        for piece in 0..pieces {
            let range = people * piece / pieces..people * (piece + 1) / pieces;
            rows += (block.starts[range.end] - block.starts[range.start]) as usize;
            part.push(Piece { block, skip, people: range });
            if rows >= target {
                parts.push(std::mem::take(&mut part));
                rows = 0;
            }
        }
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

/// First and last event time of a scan.
pub(crate) fn time_bounds(scan: &Scan) -> Option<(i64, i64)> {
    let mut bounds: Option<(i64, i64)> = None;
    for scanned in &scan.blocks {
        let block = &*scanned.block;
        for run in block.starts.windows(2) {
            let (start, end) = (run[0] as usize, run[1] as usize);
            if start < end {
                let (first, last) = (block.times[start], block.times[end - 1]);
                bounds = Some(bounds.map_or((first, last), |(a, b)| (a.min(first), b.max(last))));
            }
        }
    }
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_with_whose_they_are() {
        let people = People::of(&[1, 5, 70].into_iter().collect());
        let owners: [Arc<[(u32, u32)]>; 2] = [[(2, 1), (70, 3)].into(), [(7, 6), (900, 5)].into()];
        let numbers = people.by_number(&owners);
        let found: Vec<u32> = (0..1_000).filter(|number| numbers.contains(*number)).collect();
        assert_eq!(found, [1, 2, 5, 900]);
    }
}
