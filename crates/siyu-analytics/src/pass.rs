//! One pass over a scan: splits it into parts for a few threads, finds the rows
//! of the wanted events without branching, and hands them over person by person.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use roaring::RoaringBitmap;
use siyu_events::{Block, Scan};

/// Threads one query may use.
pub const THREADS_MAX: usize = 2;
/// Parts of a scan. Fixed by the data, not by the threads, so that sums of
/// fractions are the same on every run.
const PARTS: usize = 16;
const PART_ROWS_MIN: usize = 32_768;
/// Rows looked at before their people are walked; their codes stay in the first cache.
const SLAB_ROWS: usize = 4_096;

/// A set of people as bits: one test per person instead of a search.
pub(crate) struct People {
    words: Vec<u64>,
}

impl People {
    pub(crate) fn of(bitmap: &RoaringBitmap) -> People {
        let mut words = vec![0u64; bitmap.max().map_or(0, |last| last as usize / 64 + 1)];
        let mut ranges = bitmap.iter();
        while let Some(range) = ranges.next_range() {
            let (first, last) = (*range.start() as usize, *range.end() as usize);
            for (word, bits) in words.iter_mut().enumerate().take(last / 64 + 1).skip(first / 64) {
                let low = first.max(word * 64) % 64;
                let high = last.min(word * 64 + 63) % 64;
                *bits |= (u64::MAX << low) & (u64::MAX >> (63 - high));
            }
        }
        People { words }
    }

    #[inline]
    pub(crate) fn contains(&self, person: u32) -> bool {
        self.words.get(person as usize / 64).is_some_and(|word| word >> (person % 64) & 1 == 1)
    }
}

/// Which event codes a pass wants; 0 is unwanted, other marks are the caller's.
pub(crate) struct Wanted {
    marks: Box<[u8; 1 << 16]>,
    codes: Vec<u16>,
    /// The few codes that are not wanted where nearly all are, see [`Wanted::among`].
    rest: Option<Vec<u16>>,
}

impl Wanted {
    pub(crate) fn none() -> Wanted {
        Wanted { marks: Box::new([0; 1 << 16]), codes: Vec::new(), rest: None }
    }

    /// Says that no code is `known` or higher, so that "any event" can be looked for by the few
    /// events that it is not.
    pub(crate) fn among(&mut self, known: usize) {
        if self.codes.len() > COMPARED_MAX && self.codes.len() + COMPARED_MAX >= known {
            let unmarked = |code: &u16| self.of(*code) == 0;
            self.rest = Some((0..known).map(|code| code as u16).filter(unmarked).collect());
        }
    }

    /// The codes that either wants, all with one mark.
    pub(crate) fn either(a: &Wanted, b: &Wanted) -> Wanted {
        let mut both = Wanted::none();
        for &code in a.codes.iter().chain(&b.codes) {
            both.mark(code, 1);
        }
        both
    }

    /// Marks a code, or gives the mark it already has.
    pub(crate) fn mark(&mut self, code: u16, mark: u8) -> u8 {
        let slot = &mut self.marks[code as usize];
        if *slot == 0 {
            *slot = mark;
            self.codes.push(code);
        }
        *slot
    }

    #[inline]
    pub(crate) fn of(&self, code: u16) -> u8 {
        self.marks[code as usize]
    }
}

/// Some people of one block.
#[derive(Clone)]
pub(crate) struct Piece<'a> {
    pub(crate) block: &'a Block,
    skip: Option<Arc<People>>,
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
    pub(crate) fn each_rows(&self, wanted: &Wanted, allowed: &People, mut see: impl FnMut(&[u32])) {
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
                let count = find(&block.events[start..next], start, wanted, &mut found);
                see(&found[..count]);
                start = next;
            }
            // The one that ended the run, if any.
            person += 1;
        }
    }

    #[inline]
    fn allows(&self, allowed: &People, person: u32) -> bool {
        allowed.contains(person) && !self.skip.as_ref().is_some_and(|skip| skip.contains(person))
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

/// The rows as a range, if none is missing between the first and the last.
#[inline]
pub(crate) fn unbroken(rows: &[u32]) -> Option<Range<usize>> {
    let (first, last) = (*rows.first()? as usize, *rows.last()? as usize);
    (last - first + 1 == rows.len()).then_some(first..last + 1)
}

/// Rows whose codes are looked at together, one bit each.
const LANES: usize = 64;
/// Up to so many codes, comparing with each is cheaper than looking up.
const COMPARED_MAX: usize = 8;

/// Writes the wanted rows into `found`, which is made large enough, and returns
/// how many there are. Looking for them is free of branches; what is found is
/// then taken bit by bit.
fn find(events: &[u16], start: usize, wanted: &Wanted, found: &mut Vec<u32>) -> usize {
    if found.len() < events.len() {
        found.resize(events.len(), 0);
    }
    let mut count = 0;
    let mut base = start as u32;
    for lanes in events.chunks(LANES) {
        let mut bits = match <&[u16; LANES]>::try_from(lanes) {
            Ok(lanes) if wanted.codes.len() <= COMPARED_MAX => compared(lanes, &wanted.codes),
            Ok(lanes) => match &wanted.rest {
                Some(rest) => !compared(lanes, rest),
                None => looked_up(lanes, wanted),
            },
            Err(_) => looked_up(lanes, wanted),
        };
        let out = &mut found[count..count + bits.count_ones() as usize];
        if bits == u64::MAX {
            out.iter_mut().zip(base..).for_each(|(slot, row)| *slot = row);
            count += LANES;
            base += LANES as u32;
            continue;
        }
        for slot in out {
            *slot = base + bits.trailing_zeros();
            bits &= bits - 1;
            count += 1;
        }
        base += LANES as u32;
    }
    count
}

fn looked_up(lanes: &[u16], wanted: &Wanted) -> u64 {
    let bit = |(lane, code): (usize, &u16)| u64::from(wanted.of(*code) != 0) << lane;
    lanes.iter().enumerate().map(bit).fold(0, |bits, bit| bits | bit)
}

/// The inner loop becomes vector instructions.
fn compared(lanes: &[u16; LANES], codes: &[u16]) -> u64 {
    let mut flags = [0u8; LANES];
    for &code in codes {
        for (flag, &lane) in flags.iter_mut().zip(lanes) {
            *flag |= u8::from(lane == code);
        }
    }
    let mut bits = 0;
    for (index, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // The factor moves the lowest bit of byte i to bit 56 + i, without carries.
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= gathered << (index * 8);
    }
    bits
}

/// Runs `work` over the parts of a scan, on up to [`THREADS_MAX`] threads; the
/// answers come in the order of the parts.
pub(crate) fn over_parts<'a, R: Send>(scan: &'a Scan, work: impl Fn(&[Piece<'a>]) -> R + Sync) -> Vec<R> {
    let parts = parts(scan);
    if parts.len() <= 1 {
        return parts.iter().map(|part| work(part)).collect();
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(index) else { return done };
            done.push((index, work(part)));
        }
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..THREADS_MAX).map(|_| scope.spawn(run)).collect();
        let mut done = run();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, answer)| answer).collect()
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
        let skip = scanned.skip.as_ref().map(|skip| Arc::new(People::of(skip)));
        // A block is cut only when it is much larger than a part: each piece
        // prepares the block's dictionaries anew.
        let pieces = ((block.rows() + target / 2) / target).clamp(1, people);
        for piece in 0..pieces {
            let range = people * piece / pieces..people * (piece + 1) / pieces;
            rows += (block.starts[range.end] - block.starts[range.start]) as usize;
            part.push(Piece { block, skip: skip.clone(), people: range });
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
    fn people_as_bits() {
        let cases: [&[u32]; 6] =
            [&[], &[0], &[63], &[64, 65, 127, 128], &[0, 1, 2, 3, 200], &[5, 70_000, 70_001]];
        for members in cases {
            let people = People::of(&members.iter().copied().collect());
            for person in 0..70_100 {
                assert_eq!(people.contains(person), members.contains(&person), "{person} of {members:?}");
            }
        }
        assert!(People::of(&(0..10_000).collect()).contains(9_999));
    }

    #[test]
    fn wanted_rows_are_found_both_ways() {
        let all: Vec<u16> = (0..23).collect();
        let many: Vec<u16> = all.iter().copied().filter(|code| code % 5 != 1).collect();
        let codes: Vec<u16> = (0..1_000u32).map(|row| (row * row % 97 % 23) as u16).collect();
        for wanted_codes in [
            &[][..],
            &[0],
            &[3, 5, 22],
            &[0, 1, 2, 3, 4, 5, 6, 7],
            &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
            &many,
            &all,
        ] {
            let mut wanted = Wanted::none();
            wanted_codes.iter().for_each(|&code| {
                wanted.mark(code, 1);
            });
            wanted.among(23);
            for length in [0, 1, 63, 64, 65, 1_000] {
                let mut found = Vec::new();
                let count = find(&codes[..length], 7, &wanted, &mut found);
                let rows = (7..).zip(&codes[..length]).filter(|(_, code)| wanted_codes.contains(code));
                let expected: Vec<u32> = rows.map(|(row, _)| row).collect();
                assert_eq!(found[..count], expected, "{wanted_codes:?} in {length}");
            }
        }
    }
}
