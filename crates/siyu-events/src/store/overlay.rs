//! The people of a partition whose events lie in several places, put together in
//! (time, arrival) order: late events, further segments, merged people.

use std::ops::Range;
use std::sync::Arc;

use roaring::RoaringBitmap;
use rustc_hash::{FxHashMap, FxHashSet};
use siyu_types::Result;
use siyu_types::value::ValueKind;

use super::cache::Cache;
use super::gather::{Gather, Piece};
use super::plan::Merged;
use super::source::{Source, SourceId, Wanted, column_bytes, skeleton_bytes};
use crate::block::{BOOL_MISSING, Block, Column, Skeleton, TEXT_MISSING};

/// A dictionary is shared with the segment it is of, unless it has more words than so many times the rows: it
/// would stay in memory for these few alone.
const WORDS_PER_ROW: usize = 2;

/// Where everything a partition's people did is found.
pub(crate) struct Origin<'a> {
    pub cache: &'a Cache,
    pub partition: u32,
    /// What the scan looks at where everything of the largest source stands: its rows, or part of them.
    pub base: Option<Arc<Block>>,
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
    /// Codes of the columns that were asked for, also of those that no row has.
    columns: FxHashSet<u16>,
    /// Without what is kept beside the block. Every question asks, and words are many to count.
    bytes: usize,
}

impl Overlay {
    /// Puts further columns together.
    pub fn widen(&mut self, origin: &Origin<'_>, wanted: &[Wanted]) -> Result<()> {
        for wanted in wanted {
            if self.columns.contains(&wanted.code) {
                continue;
            }
            let of = |id: &SourceId| match origin.sources().find(|source| source.id == *id) {
                Some(source) => source.column(origin.cache, wanted),
                None => Ok(None),
            };
            let sources = self.sources.iter().map(of).collect::<Result<Vec<_>>>()?;
            if let Some(column) = column(&sources, &self.pieces, wanted, self.block.rows()) {
                self.bytes += column_bytes(&column);
                Arc::make_mut(&mut self.block).columns.insert(wanted.name.clone(), column);
            }
            self.columns.insert(wanted.code);
        }
        Ok(())
    }

    /// Whether these columns were put together.
    pub fn has(&self, wanted: &[Wanted]) -> bool {
        wanted.iter().all(|wanted| self.columns.contains(&wanted.code))
    }

    pub fn bytes(&self) -> usize {
        self.bytes + self.block.beside.bytes()
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
    pub fn build(&self, known: &[SourceId]) -> Result<Overlay> {
        self.gather(self.affected(known))
    }

    /// Everything that these people did, wherever it stands.
    pub fn gather(&self, people: RoaringBitmap) -> Result<Overlay> {
        let mut sources = Vec::new();
        for source in self.sources() {
            sources.push((source, source.block(self.cache)?));
        }
        let mut gather = Gather::new(&sources, self.own.len());
        for person in &people {
            match self.merged.and_then(|merged| merged.numbers(person)) {
                Some(numbers) => gather.person(person, numbers)?,
                None => gather.person(person, &[person])?,
            }
        }
        let Gather { pieces, runs, .. } = gather;
        let (persons, starts) = runs.finish();
        let rows = starts.last().map_or(0, |&rows| rows as usize);
        let (mut times, mut events) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
        for piece in &pieces {
            let from = &sources[piece.source as usize].1;
            times.extend_from_slice(&from.times[piece.range()]);
            events.extend_from_slice(&from.events[piece.range()]);
        }
        let block = Block::from(Skeleton { persons, starts, times, events, ..Skeleton::default() });
        Ok(Overlay {
            sources: sources.iter().map(|(source, _)| source.id).collect(),
            people: Arc::new(people),
            bytes: skeleton_bytes(&block) + pieces.len() * size_of::<Piece>(),
            block: Arc::new(block),
            pieces: pieces.into(),
            columns: FxHashSet::default(),
        })
    }
}

/// A column put together; `None` if no source has it.
fn column(sources: &[Option<Column>], pieces: &[Piece], wanted: &Wanted, rows: usize) -> Option<Column> {
    let sources: Vec<Option<&Column>> = sources.iter().map(Option::as_ref).collect();
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
    if let [Column::Text { dictionary, .. }] = held[..]
        && dictionary.len() <= rows * WORDS_PER_ROW
    {
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
