//! A sorted stretch of one partition: a segment, or a recent run.

use std::sync::Arc;

use parking_lot::Mutex;
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_types::Result;
use siyu_types::value::ValueKind;

use super::cache::Cache;
use super::chunk::Chunk;
use super::read::Segment;
use super::settled::Settled;
use super::texts::Texts;
use super::values::Values;
use crate::block::{BOOL_MISSING, Block, Column, Skeleton, TEXT_MISSING};

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
    Settled(u64),
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
    pub rows: usize,
    pub people: Arc<RoaringBitmap>,
    from: From,
}

/// Where the rows are.
#[derive(Clone)]
enum From {
    Recent {
        block: Arc<Block>,
        /// The order of arrival.
        seqs: Arc<[u64]>,
    },
    /// Decoded already, with the columns of the scan.
    Held { settled: Arc<Settled>, block: Arc<Block> },
    /// Decoded when somebody asks.
    Lent(Arc<Lent>),
}

/// Segments of which a scan may need all rows, and mostly does not: merged people stay where they
/// were put together at an earlier scan.
struct Lent {
    settled: Arc<Settled>,
    /// Other partitions may ask as well: what was decoded stays until the scan is over.
    shared: bool,
    block: Mutex<Option<Arc<Block>>>,
    columns: Mutex<FxHashMap<u16, Option<Column>>>,
}

/// The order of arrival. It is hardly ever asked for, and as long as all else that every row has, so that of
/// segments stays on disk.
pub(crate) enum Seqs<'s> {
    Here(&'s [u64]),
    Stored(&'s Settled),
}

impl Source {
    /// The rows of a recent run in the given order.
    pub fn of_chunk(id: SourceId, chunk: &Chunk, order: &[u32]) -> Source {
        let mut runs = Runs::default();
        for &row in order {
            runs.push(chunk.persons[row as usize]);
        }
        let (persons, starts) = runs.finish();
        let times = order.iter().map(|&row| chunk.times[row as usize]).collect();
        let events = order.iter().map(|&row| chunk.events[row as usize]).collect();
        let seqs = order.iter().map(|&row| chunk.seqs[row as usize]).collect();
        let people = Arc::new(persons.iter().copied().collect());
        let block = Arc::new(Skeleton { persons, starts, times, events, ..Skeleton::default() }.into());
        Source { id, rows: order.len(), people, from: From::Recent { block, seqs } }
    }

    /// Segments with the columns of the scan.
    pub fn held(settled: &Arc<Settled>, people: Arc<RoaringBitmap>, block: Arc<Block>) -> Source {
        Source::of(settled, people, From::Held { settled: Arc::clone(settled), block })
    }

    /// Segments that are decoded when somebody asks.
    pub fn lent(settled: &Arc<Settled>, people: Arc<RoaringBitmap>, shared: bool) -> Source {
        let (block, columns) = (Mutex::default(), Mutex::default());
        let lent = Lent { settled: Arc::clone(settled), shared, block, columns };
        Source::of(settled, people, From::Lent(Arc::new(lent)))
    }

    /// The same, decoded with the columns of the scan.
    pub fn hold(&self, cache: &Cache, wanted: &[Wanted]) -> Result<Source> {
        match &self.from {
            From::Lent(lent) => {
                let block = cache.whole(&lent.settled, wanted)?;
                Ok(Source::held(&lent.settled, Arc::clone(&self.people), block))
            }
            From::Recent { .. } | From::Held { .. } => Ok(self.clone()),
        }
    }

    fn of(settled: &Settled, people: Arc<RoaringBitmap>, from: From) -> Source {
        Source { id: SourceId::Settled(settled.id), rows: settled.rows as usize, people, from }
    }

    pub fn settled(&self) -> Option<&Settled> {
        match &self.from {
            From::Recent { .. } => None,
            From::Held { settled, .. } => Some(settled),
            From::Lent(lent) => Some(&lent.settled),
        }
    }

    /// The rows; what was decoded before also has the columns of the scan.
    pub fn block(&self, cache: &Cache) -> Result<Arc<Block>> {
        match &self.from {
            From::Recent { block, .. } | From::Held { block, .. } => Ok(Arc::clone(block)),
            From::Lent(lent) => {
                let mut known = lent.block.lock();
                if let Some(block) = &*known {
                    return Ok(Arc::clone(block));
                }
                let block = cache.lend(&lent.settled)?;
                *known = lent.shared.then(|| Arc::clone(&block));
                Ok(block)
            }
        }
    }

    /// A column of the scan; `None` if no row has it.
    pub fn column(&self, cache: &Cache, wanted: &Wanted) -> Result<Option<Column>> {
        match &self.from {
            From::Recent { block, .. } | From::Held { block, .. } => {
                Ok(block.columns.get(&wanted.name).cloned())
            }
            From::Lent(lent) => {
                let mut known = lent.columns.lock();
                if let Some(column) = known.get(&wanted.code) {
                    return Ok(column.clone());
                }
                let column = cache.lend_column(&lent.settled, wanted)?;
                if lent.shared {
                    known.insert(wanted.code, column.clone());
                }
                Ok(column)
            }
        }
    }

    pub fn seqs(&self) -> Seqs<'_> {
        match &self.from {
            From::Recent { seqs, .. } => Seqs::Here(seqs),
            From::Held { settled, .. } => Seqs::Stored(settled),
            From::Lent(lent) => Seqs::Stored(&lent.settled),
        }
    }

    /// Takes columns in that a recent run was asked for.
    pub fn add(&mut self, name: &str, column: impl FnOnce() -> Column) {
        if let From::Recent { block, .. } = &mut self.from
            && !block.columns.contains_key(name)
        {
            Arc::make_mut(block).columns.insert(name.to_owned(), column());
        }
    }

    /// The block of the segments, if it was decoded for the scan.
    pub fn stands(&self) -> Option<&Arc<Block>> {
        match &self.from {
            From::Held { block, .. } => Some(block),
            _ => None,
        }
    }
}

/// Decodes what every scan needs of a segment.
pub(crate) fn skeleton(segment: &Segment) -> Result<Block> {
    let rows = segment.state.rows as usize;
    let (mut times, mut events) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    let mut runs = Runs::default();
    for group in 0..segment.groups() {
        let all = 0..segment.state.groups[group].rows as usize;
        for person in segment.persons(group)? {
            runs.push(person);
        }
        times.extend(segment.times(group, all.clone())?);
        events.extend(segment.events(group, all)?);
    }
    let (persons, starts) = runs.finish();
    Ok(Skeleton { persons, starts, times, events, ..Skeleton::default() }.into())
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

/// Of one row in a column, without the words.
pub(crate) fn value_bytes(kind: ValueKind) -> usize {
    match kind {
        ValueKind::Number => size_of::<f64>(),
        ValueKind::Bool => size_of::<u8>(),
        ValueKind::Text | ValueKind::List => size_of::<u32>(),
    }
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
