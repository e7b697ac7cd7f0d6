//! The people of a partition whose events lie in several places, put together in
//! (time, arrival) order: late events, further segments, merged people.

use std::ops::Range;
use std::sync::Arc;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_types::value::ValueKind;

use super::plan::Merged;
use super::source::{Runs, Source, SourceId, Wanted, column_bytes, skeleton_bytes};
use crate::block::{BOOL_MISSING, Block, Column, TEXT_MISSING};

/// Consecutive rows of one source.
#[derive(Clone, Copy)]
struct Piece {
    source: u32,
    start: u32,
    rows: u32,
}

/// Where everything a partition's people did is found.
pub(crate) struct Origin<'a> {
    pub partition: u32,
    /// The partition's own sources, the base (largest) first.
    pub own: &'a [Source],
    /// Sources of other partitions that hold numbers of this one's people.
    pub foreign: Vec<&'a Source>,
    pub merged: Option<&'a Merged>,
}

/// Everything some people did, put together.
#[derive(Clone)]
pub(crate) struct Overlay {
    /// All sources there were, in the order in which the pieces name them.
    pub sources: Arc<[SourceId]>,
    /// Whom the block replaces elsewhere. Not all need have rows.
    pub people: Arc<RoaringBitmap>,
    pub block: Arc<Block>,
    pieces: Arc<[Piece]>,
}

impl Overlay {
    /// Puts further columns together.
    pub fn widen(&mut self, origin: &Origin<'_>, wanted: &[Wanted]) {
        let missing = |wanted: &&Wanted| !self.block.columns.contains_key(&wanted.name);
        let missing: Vec<&Wanted> = wanted.iter().filter(missing).collect();
        if missing.is_empty() {
            return;
        }
        let of = |id: &SourceId| origin.sources().find(|source| source.id == *id);
        let sources: Vec<Option<&Source>> = self.sources.iter().map(of).collect();
        for wanted in missing {
            if let Some(column) = column(&sources, &self.pieces, wanted, self.block.rows()) {
                Arc::make_mut(&mut self.block).columns.insert(wanted.name.clone(), column);
            }
        }
    }

    pub fn bytes(&self) -> usize {
        let columns: usize = self.block.columns.values().map(column_bytes).sum();
        let beside = self.block.beside.bytes();
        skeleton_bytes(&self.block) + columns + beside + self.pieces.len() * size_of::<Piece>()
    }
}

impl Origin<'_> {
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.own.iter().chain(self.foreign.iter().copied())
    }

    /// The people who did something in a source that is not `known`; without known sources also
    /// all merged people.
    fn affected(&self, known: &[SourceId]) -> RoaringBitmap {
        let new = |source: &&Source| !known.contains(&source.id);
        let mut affected = RoaringBitmap::new();
        for source in self.own.iter().skip(1).filter(new) {
            affected |= &*source.people;
        }
        let Some(merged) = self.merged else { return affected };
        let mut further = &affected & &merged.absorbed;
        for source in self.foreign.iter().copied().filter(new) {
            further |= &*source.people;
        }
        affected.extend(further.iter().filter_map(|number| merged.person_of(number)));
        if known.is_empty() {
            affected.extend(merged.people.iter().copied());
        }
        affected - &merged.absorbed
    }

    /// Everything that the people did who are concerned by sources that are not `known`.
    pub fn build(&self, known: &[SourceId]) -> Overlay {
        self.gather(self.affected(known))
    }

    /// Everything that these people did, wherever it stands.
    pub fn gather(&self, people: RoaringBitmap) -> Overlay {
        let sources: Vec<&Source> = self.sources().collect();
        let mut gather = Gather::new(&sources, self.own.len());
        for person in &people {
            match self.merged.and_then(|merged| merged.numbers(person)) {
                Some(numbers) => gather.person(person, numbers),
                None => gather.person(person, &[person]),
            }
        }
        let Gather { pieces, runs, .. } = gather;
        let (persons, starts) = runs.finish();
        let rows = starts.last().map_or(0, |&rows| rows as usize);
        let mut block = Block { persons, starts, ..Block::default() };
        block.times.reserve_exact(rows);
        block.events.reserve_exact(rows);
        for piece in &pieces {
            let from = &sources[piece.source as usize].block;
            block.times.extend_from_slice(&from.times[piece.range()]);
            block.events.extend_from_slice(&from.events[piece.range()]);
        }
        let sources = sources.iter().map(|source| source.id).collect();
        Overlay { sources, people: Arc::new(people), block: Arc::new(block), pieces: pieces.into() }
    }
}

/// A column put together; `None` if no source has it.
fn column(sources: &[Option<&Source>], pieces: &[Piece], wanted: &Wanted, rows: usize) -> Option<Column> {
    let sources: Vec<Option<&Column>> = sources
        .iter()
        .map(|source| source.and_then(|source| source.block.columns.get(&wanted.name)))
        .collect();
    sources.iter().flatten().next()?;
    Some(match wanted.kind {
        ValueKind::Number => {
            let slices = sources.iter().map(|column| match column {
                Some(Column::Number(numbers)) => Some(&**numbers),
                _ => None,
            });
            Column::Number(collect(pieces, &slices.collect::<Vec<_>>(), f64::NAN, rows))
        }
        ValueKind::Bool => {
            let slices = sources.iter().map(|column| match column {
                Some(Column::Bool(flags)) => Some(&**flags),
                _ => None,
            });
            Column::Bool(collect(pieces, &slices.collect::<Vec<_>>(), BOOL_MISSING, rows))
        }
        ValueKind::Text | ValueKind::List => texts(pieces, &sources, wanted, rows),
    })
}

impl Piece {
    fn range(&self) -> Range<usize> {
        self.start as usize..(self.start + self.rows) as usize
    }
}

/// Filled in place: the answer is allocated once, already shared.
fn collect<T: Copy>(pieces: &[Piece], sources: &[Option<&[T]>], missing: T, rows: usize) -> Arc<[T]> {
    fill(pieces, missing, rows, |piece, out| {
        if let Some(values) = sources[piece.source as usize] {
            out.copy_from_slice(&values[piece.range()]);
        }
    })
}

fn fill<T: Copy>(
    pieces: &[Piece],
    missing: T,
    rows: usize,
    mut copy: impl FnMut(&Piece, &mut [T]),
) -> Arc<[T]> {
    let mut out: Arc<[T]> = std::iter::repeat_n(missing, rows).collect();
    if let Some(mut left) = Arc::get_mut(&mut out) {
        for piece in pieces {
            let (now, later) = left.split_at_mut(piece.rows as usize);
            copy(piece, now);
            left = later;
        }
    }
    out
}

fn texts(pieces: &[Piece], sources: &[Option<&Column>], wanted: &Wanted, rows: usize) -> Column {
    let list = wanted.kind == ValueKind::List;
    let held: Vec<&Column> = sources.iter().flatten().copied().collect();
    if let [Column::Text { dictionary, .. }] = held[..] {
        let dictionary = Arc::clone(dictionary);
        // The only dictionary is shared, its codes stay.
        let slices: Vec<Option<&[u32]>> = sources
            .iter()
            .map(|column| match column {
                Some(Column::Text { codes, .. }) => Some(&**codes),
                _ => None,
            })
            .collect();
        return Column::Text { codes: collect(pieces, &slices, TEXT_MISSING, rows), dictionary, list };
    }
    let mut words = Words { words: Vec::new(), index: FxHashMap::default() };
    let mut parts: Vec<Option<Translated<'_>>> =
        sources.iter().map(|column| Translated::of(*column)).collect();
    let codes = fill(pieces, TEXT_MISSING, rows, |piece, out: &mut [u32]| {
        if let Some(part) = &mut parts[piece.source as usize] {
            part.copy(piece.range(), out, &mut words);
        }
    });
    Column::Text { codes, dictionary: words.words.into(), list }
}

/// The words of a column that is put together: only those that its rows have.
struct Words {
    words: Vec<Box<str>>,
    index: FxHashMap<Box<str>, u32>,
}

/// A source's column, and which of its words have been met.
struct Translated<'a> {
    codes: &'a [u32],
    dictionary: &'a [Box<str>],
    known: Vec<u32>,
}

impl<'a> Translated<'a> {
    fn of(column: Option<&'a Column>) -> Option<Translated<'a>> {
        match column {
            Some(Column::Text { codes, dictionary, .. }) => {
                Some(Translated { codes, dictionary, known: vec![TEXT_MISSING; dictionary.len()] })
            }
            _ => None,
        }
    }

    fn copy(&mut self, rows: Range<usize>, out: &mut [u32], words: &mut Words) {
        for (to, &code) in out.iter_mut().zip(&self.codes[rows]) {
            let Some(known) = self.known.get_mut(code as usize) else { continue };
            if *known == TEXT_MISSING {
                let word = &self.dictionary[code as usize];
                *known = *words.index.entry(word.clone()).or_insert_with(|| {
                    words.words.push(word.clone());
                    words.words.len() as u32 - 1
                });
            }
            *to = *known;
        }
    }
}

/// Collects the pieces of one person after the other, persons ascending.
struct Gather<'a> {
    sources: &'a [&'a Source],
    /// How many of the sources belong to the partition itself.
    own: usize,
    /// Per own source: index of the last person found.
    cursors: Vec<usize>,
    pieces: Vec<Piece>,
    runs: Runs,
    found: Vec<(u32, Range<u32>)>,
}

impl<'a> Gather<'a> {
    fn new(sources: &'a [&'a Source], own: usize) -> Gather<'a> {
        Gather {
            sources,
            own,
            cursors: vec![0; own],
            pieces: Vec::new(),
            runs: Runs::default(),
            found: Vec::new(),
        }
    }

    fn person(&mut self, person: u32, numbers: &[u32]) {
        self.found.clear();
        for (index, source) in self.sources.iter().enumerate() {
            for &number in numbers {
                let persons = &source.block.persons;
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
                    let starts = &source.block.starts;
                    self.found.push((index as u32, starts[at]..starts[at + 1]));
                }
            }
        }
        let rows: u32 = self.found.iter().map(|(_, range)| range.end - range.start).sum();
        if rows > 0 {
            self.runs.push_rows(person, rows);
            self.merge();
        }
    }

    /// Interleaves the ranges found by (time, seq), in pieces as long as possible.
    fn merge(&mut self) {
        while self.found.len() > 1 {
            let key = |source: u32, row: u32| {
                let source = self.sources[source as usize];
                (source.block.times[row as usize], source.seqs[row as usize])
            };
            // The range that goes first, and the key at which another must take over.
            let (mut first, mut smallest) = (0, key(self.found[0].0, self.found[0].1.start));
            let mut bound = None;
            for (index, (source, range)) in self.found.iter().enumerate().skip(1) {
                let other = key(*source, range.start);
                let larger = if other < smallest {
                    first = index;
                    std::mem::replace(&mut smallest, other)
                } else {
                    other
                };
                bound = Some(bound.map_or(larger, |bound: (i64, u64)| bound.min(larger)));
            }
            let (source, range) = self.found[first].clone();
            let before = |row| bound.is_none_or(|bound| key(source, row) < bound);
            let end = gallop(range.start + 1, range.end, before);
            self.push(source, range.start..end);
            if end == range.end {
                self.found.remove(first);
            } else {
                self.found[first].1.start = end;
            }
        }
        if let Some((source, range)) = self.found.pop() {
            self.push(source, range);
        }
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
