//! Sessions of everybody, of any event and without groups: the usual question. Where sessions end is found
//! for many rows at a time, without branching on whether one ends there, which no processor can
//! foretell; and the events of neighbouring sessions are counted in one go.

use std::ops::Range;

use siyu_events::{Block, Scan};
use siyu_types::clock::Millis;

use super::{Counts, Session, Sessions};
use crate::outcomes::Tally;
use crate::pass::{Piece, over_parts};

/// Rows looked at in one go; their times stay in the first cache.
const SLAB_ROWS: usize = if cfg!(test) { 3 } else { 2_048 };
/// Rows after which neighbouring events are counted; they are still in the cache then.
const COUNTED_ROWS: usize = if cfg!(test) { 4 } else { 8_192 };

/// `None` if the question or the data is not the usual one.
pub(super) fn counted(sessions: &Sessions<'_>, scan: &Scan, empty: &Counts) -> Option<Counts> {
    let gap = sessions.cut.gap.filter(|_| sessions.cut.longest.is_none())?;
    let plain = |block: &Block| sessions.roles.on(block).plain();
    if !sessions.roles.wanted.is_everything() || !scan.blocks.iter().all(|block| plain(&block.block)) {
        return None;
    }
    let parts = over_parts(scan, |pieces| {
        let mut counts = empty.clone();
        for piece in pieces {
            count(sessions, gap, piece, &mut counts);
        }
        counts
    });
    let mut all = empty.clone();
    parts.into_iter().for_each(|part| all.merge(part));
    Some(all)
}

fn count(sessions: &Sessions<'_>, gap: Millis, piece: &Piece<'_>, counts: &mut Counts) {
    let (times, codes) = (&piece.block.times[..], &piece.block.events[..]);
    let mut breaks = Breaks::new(times, gap);
    // Rows of sessions that count, not yet counted event by event.
    let mut rows = 0..0;
    piece.each_run(&sessions.chosen, |person, run| {
        let (first, mut end) = (run.start as usize, run.end as usize);
        if times[end - 1] > sessions.as_of {
            end = first + times[first..end].partition_point(|time| *time <= sessions.as_of);
        }
        let mut start = first;
        for stop in breaks.within(first..end).iter().map(|row| *row as usize).chain([end]) {
            if start == stop {
                break;
            }
            if let Some(bucket) = sessions.buckets.of(times[start]) {
                let duration = times[stop - 1] - times[start];
                counts.add_one(person, &Session { bucket, duration, codes: &codes[start..stop] });
                if rows.end != start || rows.len() >= COUNTED_ROWS {
                    counts.add_events(&codes[std::mem::replace(&mut rows, start..start)]);
                }
                rows.end = stop;
            }
            start = stop;
        }
    });
    counts.add_events(&codes[rows]);
}

/// The rows before which there is a break, whosever they are.
struct Breaks<'a> {
    times: &'a [Millis],
    gap: Millis,
    /// Of the rows looked at last, ascending; what lies after `known` of them has no meaning.
    rows: Vec<u32>,
    known: usize,
    /// Those before this one lie before everything that will be asked for.
    next: usize,
    /// The first row not looked at.
    upto: usize,
}

impl Breaks<'_> {
    fn new(times: &[Millis], gap: Millis) -> Breaks<'_> {
        Breaks { times, gap, rows: Vec::new(), known: 0, next: 0, upto: 0 }
    }

    /// Those after the first of these rows, which come after all rows asked for before.
    #[inline]
    fn within(&mut self, rows: Range<usize>) -> &[u32] {
        if rows.end > self.upto {
            self.look(rows.start, rows.end);
        }
        let known = &self.rows[..self.known];
        while known.get(self.next).is_some_and(|row| *row as usize <= rows.start) {
            self.next += 1;
        }
        let first = self.next;
        while known.get(self.next).is_some_and(|row| (*row as usize) < rows.end) {
            self.next += 1;
        }
        &known[first..self.next]
    }

    /// Looks at least until `end`, and at what follows as far as it is worth it.
    fn look(&mut self, start: usize, end: usize) {
        let end = end.max(start + SLAB_ROWS).min(self.times.len());
        if self.rows.len() < end - start {
            self.rows.resize(end - start, 0);
        }
        let mut known = 0;
        let times = &self.times[start..end];
        for ((row, before), time) in (start as u32 + 1..).zip(times).zip(&times[1..]) {
            self.rows[known] = row;
            known += usize::from(time - before >= self.gap);
        }
        (self.known, self.next, self.upto) = (known, 0, end);
    }
}
