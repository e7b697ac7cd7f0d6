//! A sorted stretch of one partition, decoded: a segment's or the recent run's.

use std::sync::Arc;

use roaring::RoaringBitmap;
use siyu_types::Result;
use siyu_types::value::ValueKind;

use super::chunk::Chunk;
use super::read::Segment;
use super::texts::Texts;
use super::values::Values;
use crate::block::{BOOL_MISSING, Block, Column, TEXT_MISSING};

/// A column asked for: its code, name and type.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub code: u16,
    pub name: String,
    pub kind: ValueKind,
}

/// Which rows a source holds; equal ids mean equal rows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum SourceId {
    File(u64),
    /// Rows of a recent run in the order of arrival; the same numbers of one edition are the same rows.
    Recent {
        partition: u32,
        edition: u64,
        from: u64,
        to: u64,
    },
}

#[derive(Clone)]
pub(crate) struct Source {
    pub id: SourceId,
    pub block: Arc<Block>,
    pub seqs: Arc<[u64]>,
    pub people: Arc<RoaringBitmap>,
}

impl Source {
    /// Decodes what every scan needs of a segment.
    pub fn of_segment(segment: &Segment) -> Result<Source> {
        let rows = segment.state.rows as usize;
        let mut times = Vec::with_capacity(rows);
        let mut events = Vec::with_capacity(rows);
        let mut seqs = Vec::with_capacity(rows);
        let mut runs = Runs::default();
        for group in 0..segment.groups() {
            let all = 0..segment.state.groups[group].rows as usize;
            for person in segment.persons(group)? {
                runs.push(person);
            }
            times.extend(segment.times(group, all.clone())?);
            events.extend(segment.events(group, all.clone())?);
            seqs.extend(segment.seqs(group, all)?);
        }
        Ok(Source::new(SourceId::File(segment.state.file), runs, times, events, seqs))
    }

    /// The rows of a recent run in the given order.
    pub fn of_chunk(id: SourceId, chunk: &Chunk, order: &[u32]) -> Source {
        let mut runs = Runs::default();
        for &row in order {
            runs.push(chunk.persons[row as usize]);
        }
        let times = order.iter().map(|&row| chunk.times[row as usize]).collect();
        let events = order.iter().map(|&row| chunk.events[row as usize]).collect();
        let seqs = order.iter().map(|&row| chunk.seqs[row as usize]).collect();
        Source::new(id, runs, times, events, seqs)
    }

    fn new(id: SourceId, runs: Runs, times: Vec<i64>, events: Vec<u16>, seqs: Vec<u64>) -> Source {
        let (persons, starts) = runs.finish();
        let people = persons.iter().copied().collect();
        let block = Block { persons, starts, times, events, ..Block::default() };
        Source { id, block: Arc::new(block), seqs: seqs.into(), people: Arc::new(people) }
    }

    /// Bytes without the columns.
    pub fn bytes(&self) -> usize {
        skeleton_bytes(&self.block) + self.seqs.len() * 8 + self.people.serialized_size()
    }
}

/// Collects runs of equal persons.
#[derive(Default)]
pub(crate) struct Runs {
    persons: Vec<u32>,
    starts: Vec<u32>,
    rows: u32,
}

impl Runs {
    pub fn push(&mut self, person: u32) {
        self.push_rows(person, 1);
    }

    pub fn push_rows(&mut self, person: u32, rows: u32) {
        if self.persons.last() != Some(&person) {
            self.persons.push(person);
            self.starts.push(self.rows);
        }
        self.rows += rows;
    }

    pub fn finish(mut self) -> (Vec<u32>, Vec<u32>) {
        self.starts.push(self.rows);
        (self.persons, self.starts)
    }
}

pub(crate) fn skeleton_bytes(block: &Block) -> usize {
    block.persons.len() * 8 + block.times.len() * 10
}

pub(crate) fn column_bytes(column: &Column) -> usize {
    match column {
        Column::Number(numbers) => numbers.len() * 8,
        Column::Bool(flags) => flags.len(),
        Column::Text { codes, dictionary, .. } => {
            codes.len() * 4 + dictionary.iter().map(|word| word.len() + 32).sum::<usize>()
        }
    }
}

/// A decoded column as blocks hold it.
pub(crate) fn to_column(values: Values) -> Column {
    let text = |texts: Texts, list| Column::Text {
        codes: texts.codes.into(),
        dictionary: texts.words.into_list().into(),
        list,
    };
    match values {
        Values::Number(numbers) => Column::Number(numbers.into()),
        Values::Bool(flags) => Column::Bool(flags.into()),
        Values::Text(texts) => text(texts, false),
        Values::List(texts) => text(texts, true),
    }
}

/// A column of a recent run, its rows in the given order.
pub(crate) fn ordered_column(values: &Values, order: &[u32]) -> Column {
    let text = |texts: &Texts, list| {
        let (codes, dictionary) = ordered_texts(texts, order);
        Column::Text { codes, dictionary, list }
    };
    match values {
        Values::Number(numbers) => Column::Number(
            order.iter().map(|&row| numbers.get(row as usize).copied().unwrap_or(f64::NAN)).collect(),
        ),
        Values::Bool(flags) => Column::Bool(
            order.iter().map(|&row| flags.get(row as usize).copied().unwrap_or(BOOL_MISSING)).collect(),
        ),
        Values::Text(texts) => text(texts, false),
        Values::List(texts) => text(texts, true),
    }
}

/// With the words that the rows have, and no others: a run may be short and the chunk it is of long.
fn ordered_texts(texts: &Texts, order: &[u32]) -> (Arc<[u32]>, Arc<[Box<str>]>) {
    let all = texts.words.list();
    let mut known = vec![TEXT_MISSING; all.len()];
    let mut words: Vec<Box<str>> = Vec::new();
    let codes = order.iter().map(|&row| {
        let code = texts.codes.get(row as usize).copied().unwrap_or(TEXT_MISSING);
        let Some(own) = known.get_mut(code as usize) else { return TEXT_MISSING };
        if *own == TEXT_MISSING {
            *own = words.len() as u32;
            words.push(all[code as usize].clone());
        }
        *own
    });
    let codes = codes.collect();
    (codes, words.into())
}
