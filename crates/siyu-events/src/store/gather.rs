//! Finds what some people did among the sources of a partition, and in which order.

use std::cell::{OnceCell, RefCell};
use std::cmp::Ordering;
use std::collections::hash_map::Entry;
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use siyu_types::{Error, Result};

use super::pieces::Piece;
use super::read::Segment;
use super::source::{Runs, Seqs, Source};
use crate::block::Block;

/// Collects the pieces of one person after the other, persons ascending.
pub(super) struct Gather<'a> {
    sources: &'a [(&'a Source, Arc<Block>)],
    /// How many of the sources belong to the partition itself.
    own: usize,
    /// Per own source: index of the last person found.
    cursors: Vec<usize>,
    pub pieces: Vec<Piece>,
    pub runs: Runs,
    found: Vec<Found>,
    arrivals: RefCell<Arrivals>,
    /// Why the order of arrival could not be read.
    failed: OnceCell<Error>,
}

/// The order of arrival, read from row groups: the first time only the rows in question, and the whole group
/// when it is asked again, since many people may have events of one time there.
#[derive(Default)]
struct Arrivals {
    /// By file and row group.
    groups: FxHashMap<(u64, usize), Option<Vec<u64>>>,
}

impl Arrivals {
    fn of(&mut self, source: &Source, rows: Range<usize>) -> Result<Vec<u64>> {
        let settled = match source.seqs() {
            Seqs::Here(seqs) => return Ok(seqs[rows].to_vec()),
            Seqs::Stored(settled) => settled,
        };
        let (first, mut all) = (rows.start, vec![0; rows.len()]);
        for (segment, stored, there) in settled.places(rows) {
            for (row, seq) in there.into_iter().zip(self.stored(segment, stored)?) {
                all[row - first] = seq;
            }
        }
        Ok(all)
    }

    fn stored(&mut self, segment: &Segment, rows: Range<usize>) -> Result<Vec<u64>> {
        let mut all = Vec::with_capacity(rows.len());
        for (group, rows) in segment.among_groups(rows) {
            match self.groups.entry((segment.state.file, group)) {
                Entry::Vacant(new) => {
                    new.insert(None);
                    all.extend(segment.seqs(group, rows)?);
                }
                Entry::Occupied(mut known) => {
                    if known.get().is_none() {
                        let every = 0..segment.state.groups[group].rows as usize;
                        known.insert(Some(segment.seqs(group, every)?));
                    }
                    all.extend(known.get().iter().flat_map(|seqs| &seqs[rows.clone()]));
                }
            }
        }
        Ok(all)
    }
}

/// Rows of one number in one source.
struct Found {
    source: u32,
    /// Those not taken yet.
    rows: Range<u32>,
    first: u32,
    /// The order of arrival of all the rows, once it was asked for.
    seqs: OnceCell<Vec<u64>>,
}

impl<'a> Gather<'a> {
    pub fn new(sources: &'a [(&'a Source, Arc<Block>)], own: usize) -> Gather<'a> {
        Gather {
            sources,
            own,
            cursors: vec![0; own],
            pieces: Vec::new(),
            runs: Runs::default(),
            found: Vec::new(),
            arrivals: RefCell::default(),
            failed: OnceCell::new(),
        }
    }

    pub fn person(&mut self, person: u32, numbers: &[u32]) -> Result<()> {
        self.found.clear();
        for (index, (source, block)) in self.sources.iter().enumerate() {
            for &number in numbers {
                let persons = &block.persons;
                let at = if number == person && index < self.own {
                    let before = |at: u32| persons[at as usize] < number;
                    let at = gallop(self.cursors[index] as u32, persons.len() as u32, before) as usize;
                    self.cursors[index] = at;
                    at
                } else if source.people.contains(number) {
                    persons.partition_point(|&known| known < number)
                } else {
                    continue;
                };
                if persons.get(at) == Some(&number) {
                    let rows = block.starts[at]..block.starts[at + 1];
                    let first = rows.start;
                    self.found.push(Found { source: index as u32, rows, first, seqs: OnceCell::new() });
                }
            }
        }
        let rows: u32 = self.found.iter().map(|found| found.rows.end - found.rows.start).sum();
        if rows > 0 {
            self.runs.push_rows(person, rows);
            self.merge();
        }
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Interleaves the rows found by time and order of arrival, in pieces as long as possible.
    fn merge(&mut self) {
        while self.found.len() > 1 {
            // The rows that go first, and those that must take over from them.
            let (mut first, mut next) = (0, None);
            for index in 1..self.found.len() {
                let start = self.found[index].rows.start;
                let later = if self.is_before((index, start), first) {
                    std::mem::replace(&mut first, index)
                } else {
                    index
                };
                let sooner = |known| {
                    if self.is_before((later, self.found[later].rows.start), known) { later } else { known }
                };
                next = Some(next.map_or(later, sooner));
            }
            let Range { start, end } = self.found[first].rows;
            let stop =
                gallop(start + 1, end, |row| next.is_none_or(|next| self.is_before((first, row), next)));
            self.push(self.found[first].source, start..stop);
            if stop == end {
                self.found.remove(first);
            } else {
                self.found[first].rows.start = stop;
            }
        }
        if let Some(Found { source, rows, .. }) = self.found.pop() {
            self.push(source, rows);
        }
    }

    /// Whether a row of one of those found comes before the next of another.
    fn is_before(&self, (index, row): (usize, u32), other: usize) -> bool {
        let start = self.found[other].rows.start;
        let time = |index: usize, row: u32| {
            let block = &self.sources[self.found[index].source as usize].1;
            block.times[row as usize]
        };
        match time(index, row).cmp(&time(other, start)) {
            Ordering::Equal => self.seq(index, row) < self.seq(other, start),
            order => order.is_lt(),
        }
    }

    fn seq(&self, index: usize, row: u32) -> u64 {
        let found = &self.found[index];
        let seqs = found.seqs.get_or_init(|| {
            let rows = found.first as usize..found.rows.end as usize;
            let source = self.sources[found.source as usize].0;
            let seqs = self.arrivals.borrow_mut().of(source, rows);
            seqs.unwrap_or_else(|error| {
                // The first reason is as good as any later one.
                let _ = self.failed.set(error);
                Vec::new()
            })
        });
        seqs.get((row - found.first) as usize).copied().unwrap_or(u64::MAX)
    }

    fn push(&mut self, source: u32, range: Range<u32>) {
        let rows = range.end - range.start;
        match self.pieces.last_mut() {
            Some(last) if last.source == source && last.start + last.rows == range.start => last.rows += rows,
            _ => self.pieces.push(Piece { source, start: range.start, rows }),
        }
    }
}

/// The first index in `from..to` that is not `before`, near the start found soonest.
fn gallop(from: u32, to: u32, before: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut step) = (from, 1);
    while low < to && before((low + step - 1).min(to - 1)) {
        low = to.min(low + step);
        step *= 2;
    }
    let mut high = to.min(low + step);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
