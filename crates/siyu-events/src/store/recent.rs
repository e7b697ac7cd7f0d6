//! The recent run of one partition: rows in order of arrival, sorted when read. What was sorted
//! stays sorted: rows that came since are a run of their own, until they are too many beside the
//! run before them. So reading costs what has arrived since the last reading.

use std::ops::Range;

use parking_lot::Mutex;

use super::chunk::Chunk;
use super::source::{Source, SourceId, Wanted, ordered_column};

/// A run is joined to the one before it unless that is so many times as long.
const GROWTH: usize = if cfg!(test) { 2 } else { 8 };

#[derive(Default)]
pub(crate) struct Recent {
    pub chunk: Chunk,
    /// Changes when rows change that were there before, and never repeats within the store.
    pub edition: u64,
    pub time_min: i64,
    pub time_max: i64,
    sorted: Mutex<Sorted>,
}

#[derive(Default)]
struct Sorted {
    edition: u64,
    /// One after another, the largest first.
    runs: Vec<Run>,
}

struct Run {
    rows: Range<usize>,
    order: Vec<u32>,
    source: Source,
}

impl Recent {
    pub fn new(edition: u64) -> Recent {
        Recent { edition, time_min: i64::MAX, time_max: i64::MIN, ..Recent::default() }
    }

    /// Other rows in the place of these.
    pub fn replace(&mut self, chunk: Chunk, edition: u64) {
        (self.chunk, self.edition, self.sorted) = (chunk, edition, Mutex::default());
    }

    /// Row numbers by person, time, arrival.
    pub fn order(&self) -> Vec<u32> {
        let sorted = self.sorted.lock();
        let runs = sorted.runs.iter().filter(|_| sorted.edition == self.edition);
        let mut order: Vec<u32> = runs.flat_map(|run| run.order.iter().copied()).collect();
        let rest = order.len() as u32..self.chunk.rows() as u32;
        self.append(&mut order, rest);
        order
    }

    /// Adds rows to sorted runs, and sorts the whole.
    fn append(&self, order: &mut Vec<u32>, rows: Range<u32>) {
        let key = |row: &u32| self.chunk.key(*row as usize);
        let known = order.len();
        order.extend(rows);
        order[known..].sort_unstable_by_key(key);
        // A stable sort finds the sorted runs and merges them.
        order.sort_by_key(key);
    }

    /// Adds the rows that no run has, with the runs before them that are not much longer.
    fn extend(&self, partition: u32, runs: &mut Vec<Run>) {
        let end = self.chunk.rows();
        let known = runs.last().map_or(0, |run| run.rows.end);
        let mut rows = known..end;
        let mut keep = runs.len();
        while keep > 0 && runs[keep - 1].rows.len() < GROWTH * rows.len() {
            keep -= 1;
            rows.start = runs[keep].rows.start;
        }
        let mut order: Vec<u32> = runs.drain(keep..).flat_map(|run| run.order).collect();
        self.append(&mut order, known as u32..end as u32);
        let (from, to) = (rows.start as u64, rows.end as u64);
        let id = SourceId::Recent { partition, edition: self.edition, from, to };
        let source = Source::of_chunk(id, &self.chunk, &order);
        runs.push(Run { rows, order, source });
    }

    /// The rows as sources with at least the given columns.
    pub fn sources(&self, partition: u32, columns: &[Wanted]) -> Vec<Source> {
        let mut sorted = self.sorted.lock();
        if sorted.edition != self.edition {
            *sorted = Sorted { edition: self.edition, runs: Vec::new() };
        }
        let end = self.chunk.rows();
        if sorted.runs.last().map_or(0, |run| run.rows.end) < end {
            self.extend(partition, &mut sorted.runs);
        }
        for run in &mut sorted.runs {
            for column in columns {
                if let Some(values) = self.chunk.props.get(&column.code) {
                    run.source.add(&column.name, || ordered_column(values, &run.order));
                }
            }
        }
        sorted.runs.iter().map(|run| run.source.clone()).collect()
    }
}
