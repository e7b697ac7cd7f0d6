//! Rows of several sources put together in pieces.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use siyu_types::value::ValueKind;

use super::source::{Runs, Wanted};
use crate::block::{BOOL_MISSING, Block, Column, Skeleton, TEXT_MISSING};

/// A dictionary is shared with the segment it is of, unless it has more words than so many times the rows: it
/// would stay in memory for these few alone.
const WORDS_PER_ROW: usize = 2;

/// Consecutive rows of one source.
#[derive(Clone, Copy)]
pub(super) struct Piece {
    pub source: u32,
    pub start: u32,
    pub rows: u32,
}

impl Piece {
    pub fn range(&self) -> Range<usize> {
        self.start as usize..(self.start + self.rows) as usize
    }
}

/// What every row has, put together.
pub(super) fn skeleton(runs: Runs, pieces: &[Piece], sources: &[&Block]) -> Block {
    let (persons, starts) = runs.finish();
    let rows = starts.last().map_or(0, |&rows| rows as usize);
    let (mut times, mut events) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    for piece in pieces {
        let from = sources[piece.source as usize];
        times.extend_from_slice(&from.times[piece.range()]);
        events.extend_from_slice(&from.events[piece.range()]);
    }
    Skeleton { persons, starts, times, events, ..Skeleton::default() }.into()
}

/// A column put together; `None` if no source has it.
pub(super) fn column(
    sources: &[Option<Column>],
    pieces: impl Iterator<Item = Piece>,
    wanted: &Wanted,
    rows: usize,
) -> Option<Column> {
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
fn collect<T: Copy>(
    pieces: impl Iterator<Item = Piece>,
    sources: &[Option<&[T]>],
    missing: T,
    rows: usize,
) -> Arc<[T]> {
    fill(pieces, missing, rows, |piece, out| {
        if let Some(values) = sources[piece.source as usize] {
            out.copy_from_slice(&values[piece.range()]);
        }
    })
}

fn fill<T: Copy>(
    pieces: impl Iterator<Item = Piece>,
    missing: T,
    rows: usize,
    mut copy: impl FnMut(Piece, &mut [T]),
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

fn texts(
    pieces: impl Iterator<Item = Piece>,
    sources: &[Option<&Column>],
    wanted: &Wanted,
    rows: usize,
) -> Column {
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
