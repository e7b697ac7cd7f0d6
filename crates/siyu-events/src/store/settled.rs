//! Segments of a partition that are read as one. Most people have events in each large segment, and to put
//! them together anew for every scan, or to keep them twice, costs more than to interleave the rows once.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_types::Result;

use super::cache::Decode;
use super::gather::Gather;
use super::pieces::{Piece, column, skeleton};
use super::read::Segment;
use super::source::{self, Source, Wanted, to_column};
use crate::block::{Block, Column};

/// A segment of so many rows concerns a good part of the people of a partition, of whom there are at most four
/// times as many.
const MANY_ROWS: u64 = 1 << 14;
/// So does, in a partition of fewer rows, one of such a share of the largest.
const MANY_SHARE: u64 = 32;
/// Segments that have been read as one are read one by one where these are at most one row in so many.
const ALONE_SHARE: u64 = 2;
/// A row tells its segment in one byte.
const SEGMENTS_MAX: usize = 1 << u8::BITS;

/// The ids of several segments that are read as one; files are numbered from 0.
static SEVERAL: AtomicU64 = AtomicU64::new(1 << 63);

/// One or several segments of a partition.
pub(crate) struct Settled {
    /// That of a segment alone is its file's number.
    pub id: u64,
    pub rows: u64,
    /// The most rows first.
    pub segments: Vec<Arc<Segment>>,
    facts: OnceLock<Facts>,
    /// Of several segments, which row is of which: known from when they are read first.
    order: OnceLock<Order>,
    /// The segments of several one by one.
    apart: OnceLock<Vec<Arc<Settled>>>,
    retired: AtomicBool,
}

/// What was found out when the rows were read for the first time.
pub(crate) struct Facts {
    pub people: Arc<RoaringBitmap>,
    /// Rows of each event.
    counts: FxHashMap<u16, u64>,
}

impl Facts {
    fn of(whole: &Block) -> Facts {
        let mut counts: FxHashMap<u16, u64> = FxHashMap::default();
        for event in &whole.events {
            *counts.entry(*event).or_default() += 1;
        }
        Facts { people: Arc::new(whole.persons.iter().copied().collect()), counts }
    }

    /// Of these events together; each is named once.
    pub fn rows_of(&self, events: &[u16]) -> u64 {
        events.iter().filter_map(|event| self.counts.get(event)).sum()
    }
}

/// How the segments of a partition are best read, the most rows first; what is read as before stays as it is.
pub(super) fn settle(segments: &[Arc<Segment>], known: &[Arc<Settled>]) -> Vec<Arc<Settled>> {
    let mut sorted = segments.to_vec();
    sorted.sort_by_key(|segment| (std::cmp::Reverse(segment.state.rows), segment.state.file));
    let rows: Vec<u64> = sorted.iter().map(|segment| segment.state.rows).collect();
    let (many, few) = sorted.split_at(many(&rows));
    let first = (!many.is_empty()).then(|| read_as(known, many));
    first.into_iter().chain(few.iter().map(|alone| read_as(known, std::slice::from_ref(alone)))).collect()
}

/// The same, but whatever most rows were read from is still read so, if it is there: it is in memory.
pub(super) fn settle_beside(segments: &[Arc<Segment>], known: &[Arc<Settled>]) -> Vec<Arc<Settled>> {
    let is_there =
        |wanted: &Arc<Segment>| segments.iter().any(|segment| segment.state.file == wanted.state.file);
    let Some(first) = known.first().filter(|first| first.segments.iter().all(is_there)) else {
        return settle(segments, known);
    };
    let others = segments.iter().filter(|segment| !first.files().any(|file| file == segment.state.file));
    let others = others.map(|alone| read_as(known, std::slice::from_ref(alone)));
    std::iter::once(Arc::clone(first)).chain(others).collect()
}

fn read_as(known: &[Arc<Settled>], together: &[Arc<Segment>]) -> Arc<Settled> {
    let files = || together.iter().map(|segment| segment.state.file);
    let same = known.iter().find(|known| known.files().eq(files()));
    same.map_or_else(|| Arc::new(Settled::new(together.to_vec())), Arc::clone)
}

/// How many segments are read as one, given their rows, the most first.
fn many(rows: &[u64]) -> usize {
    let most = rows.first().map_or(0, |&rows| rows);
    let is_many = |rows: &&u64| **rows >= MANY_ROWS || **rows * MANY_SHARE >= most;
    rows.iter().take_while(is_many).count().min(SEGMENTS_MAX)
}

impl Settled {
    fn new(segments: Vec<Arc<Segment>>) -> Settled {
        let id = match &segments[..] {
            [alone] => alone.state.file,
            _ => SEVERAL.fetch_add(1, Ordering::Relaxed),
        };
        let rows = segments.iter().map(|segment| segment.state.rows).sum();
        let (facts, order, apart) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Settled { id, rows, segments, facts, order, apart, retired: AtomicBool::new(false) }
    }

    /// Others are read in its place: nothing of it is to be kept in memory any more.
    pub fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    /// What is known of the rows, if they were ever read.
    pub fn known(&self) -> Option<&Facts> {
        self.facts.get()
    }

    /// What is known of the rows, which `whole` reads if it has to.
    pub fn facts(&self, whole: impl FnOnce() -> Result<Arc<Block>>) -> Result<&Facts> {
        match self.facts.get() {
            Some(known) => Ok(known),
            None => {
                let whole = whole()?;
                Ok(self.facts.get_or_init(|| Facts::of(&whole)))
            }
        }
    }

    /// Whether it may hold one of these events.
    pub fn has_event(&self, events: &[u16]) -> bool {
        let has = |segment: &Arc<Segment>| events.iter().any(|event| segment.state.events.contains(event));
        self.segments.iter().any(has)
    }

    /// What has to be read for events of some time: it as it is, unless much less will do.
    pub fn in_time(self: &Arc<Settled>, in_time: impl Fn(i64, i64) -> bool) -> Vec<Arc<Settled>> {
        let within = |segment: &Segment| in_time(segment.state.time_min, segment.state.time_max);
        let left = || self.segments.iter().filter(|segment| within(segment));
        let rows: u64 = left().map(|segment| segment.state.rows).sum();
        if left().next().is_none() {
            Vec::new()
        } else if rows * ALONE_SHARE > self.rows {
            vec![Arc::clone(self)]
        } else {
            let apart = self.apart.get_or_init(|| self.segments.iter().map(Settled::alone).collect());
            apart.iter().filter(|alone| within(&alone.segments[0])).cloned().collect()
        }
    }

    fn alone(segment: &Arc<Segment>) -> Arc<Settled> {
        Arc::new(Settled::new(vec![Arc::clone(segment)]))
    }

    pub fn files(&self) -> impl Iterator<Item = u64> {
        self.segments.iter().map(|segment| segment.state.file)
    }

    /// Where consecutive rows stand: by segment, its rows, and the rows of the block they are, all ascending.
    pub fn places(
        &self,
        rows: Range<usize>,
    ) -> impl Iterator<Item = (&Arc<Segment>, Range<usize>, Vec<usize>)> {
        let of = move |index: usize| match self.order.get() {
            None => (rows.clone(), rows.clone().collect::<Vec<_>>()),
            Some(order) => {
                let there: Vec<usize> = rows.clone().filter(|&row| order.of[row] as usize == index).collect();
                let first = order.before(rows.start, index);
                (first..first + there.len(), there)
            }
        };
        let places = self.segments.iter().enumerate().map(move |(index, segment)| (segment, of(index)));
        places
            .map(|(segment, (stored, there))| (segment, stored, there))
            .filter(|(_, _, there)| !there.is_empty())
    }

    /// The rows of several segments, by person, time and arrival.
    fn interleave(&self) -> Result<Block> {
        let mut sources = Vec::with_capacity(self.segments.len());
        for segment in &self.segments {
            let block = Arc::new(source::skeleton(segment)?);
            sources.push(Source::held(&Settled::alone(segment), Arc::default(), block));
        }
        let held: Vec<_> =
            sources.iter().filter_map(|source| Some((source, source.stands().cloned()?))).collect();
        let people: RoaringBitmap =
            held.iter().flat_map(|(_, block)| block.persons.iter().copied()).collect();
        let mut gather = Gather::new(&held, held.len());
        for person in &people {
            gather.person(person, &[person])?;
        }
        let Gather { pieces, runs, .. } = gather;
        let blocks: Vec<&Block> = held.iter().map(|(_, block)| &**block).collect();
        self.order.get_or_init(|| Order::new(&pieces, blocks.len()));
        Ok(skeleton(runs, &pieces, &blocks))
    }
}

impl Decode for Settled {
    fn rows(&self) -> Result<Block> {
        match &self.segments[..] {
            [alone] => source::skeleton(alone),
            _ => self.interleave(),
        }
    }

    fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire) || self.segments.iter().any(|segment| segment.is_retired())
    }

    fn column(&self, wanted: &Wanted) -> Result<Option<Column>> {
        let stored = |segment: &Arc<Segment>| Ok(segment.column(wanted.code, wanted.kind)?.map(to_column));
        if let [alone] = &self.segments[..] {
            return stored(alone);
        }
        let sources = self.segments.iter().map(stored).collect::<Result<Vec<_>>>()?;
        if sources.iter().all(Option::is_none) {
            return Ok(None);
        }
        if self.order.get().is_none() {
            self.interleave()?;
        }
        let pieces = self.order.get().into_iter().flat_map(Order::pieces);
        Ok(column(&sources, pieces, wanted, self.rows as usize))
    }

    fn further_bytes(&self) -> usize {
        self.order.get().map_or(0, Order::bytes)
    }
}

/// Of rows that are interleaved, which segment each is of; those of one segment stand in its order.
struct Order {
    of: Box<[u8]>,
    segments: usize,
    /// Before every [`STEP`]th row, how many of each segment there are.
    before: Box<[u32]>,
}

/// So many rows are counted one by one at most.
const STEP: usize = if cfg!(test) { 4 } else { 1 << 12 };

impl Order {
    fn new(pieces: &[Piece], segments: usize) -> Order {
        let of = pieces.iter().flat_map(|piece| std::iter::repeat_n(piece.source as u8, piece.rows as usize));
        let of: Box<[u8]> = of.collect();
        let mut counts = vec![0; segments];
        let before = of.chunks(STEP).flat_map(|rows| {
            let known = counts.clone();
            rows.iter().for_each(|&segment| counts[segment as usize] += 1);
            known
        });
        let before = before.collect();
        Order { of, segments, before }
    }

    /// How many rows of a segment there are before a row.
    fn before(&self, row: usize, segment: usize) -> usize {
        let step = row / STEP;
        let counted = self.before.get(step * self.segments + segment).map_or(0, |&rows| rows as usize);
        counted + self.of[step * STEP..row].iter().filter(|&&of| of as usize == segment).count()
    }

    /// The rows, as the segments have them.
    fn pieces(&self) -> impl Iterator<Item = Piece> {
        let mut next = vec![0; self.segments];
        self.of.chunk_by(|a, b| a == b).map(move |same| {
            let (source, rows) = (u32::from(same[0]), same.len() as u32);
            let start = next[source as usize];
            next[source as usize] += rows;
            Piece { source, start, rows }
        })
    }

    fn bytes(&self) -> usize {
        self.of.len() + self.before.len() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::many;

    #[test]
    fn segments_that_concern_many_people_are_read_as_one() {
        // Rows, the most first, and how many are read as one.
        let cases: [(&[u64], usize); 7] = [
            (&[], 0),
            (&[1], 1),
            (&[64, 3, 2, 1], 3),
            (&[5_000_000, 16_384, 16_383], 2),
            (&[600_000, 300_000, 90_000, 20_000, 16_000], 4),
            (&[100, 100, 100], 3),
            (&[1; 300], 256),
        ];
        for (rows, expected) in cases {
            assert_eq!(many(rows), expected, "{rows:?}");
        }
    }
}
