//! Sessions of everybody without a breakdown, where every event counts: by far the most are asked for so.
//!
//! Where a session ends cannot be foretold, so nothing branches on it: beginnings are found for many people
//! at once, as bits, and then there is a list of them to walk. It says what [`Sessions::each`] says session
//! by session, which is asked where this one cannot tell.

use std::ops::Range;

use siyu_events::{Block, Scan};
use siyu_types::clock::Millis;

use super::{Counts, NOBODY, Sessions};
use crate::outcomes::Tally;
use crate::pass::{Piece, over_parts};
use crate::wanted::LANES;

/// The sessions of a scan; `None` if they are not asked for in this way.
pub(super) fn counts(kind: &Sessions<'_>, scan: &Scan) -> Option<Counts> {
    let gap = kind.cut.gap.filter(|_| kind.cut.longest.is_none())?;
    if !kind.roles.is_plain() || !kind.roles.wanted.is_everything() {
        return None;
    }
    let empty = Counts::new(kind.buckets.len(), scan.event_names.len());
    let parts = over_parts(scan, |pieces| {
        let (firsts, begins, sessions) = (Vec::new(), Vec::new(), Vec::new());
        let mut whole = Whole { kind, gap, counts: empty.clone(), firsts, begins, sessions };
        // The last bucket is of sessions that begin outside the range.
        whole.counts.buckets.push((Default::default(), NOBODY));
        pieces.iter().for_each(|piece| whole.see(piece));
        whole.counts.buckets.pop();
        whole.counts
    });
    let mut all = empty;
    parts.into_iter().for_each(|part| all.merge(part));
    Some(all)
}

struct Whole<'k, 'q> {
    kind: &'k Sessions<'q>,
    gap: i64,
    counts: Counts,
    /// Of some people, by row, as bits: somebody's first, and those with which a session begins.
    firsts: Vec<u64>,
    begins: Vec<u64>,
    /// The latter as numbers, twice the row, and one more for somebody's first; then where the rows end.
    sessions: Vec<u32>,
}

impl Whole<'_, '_> {
    fn see(&mut self, piece: &Piece<'_>) {
        // Here people are told apart by their first rows, and nobody stands in two pieces.
        self.counts.forget_who_was_last();
        piece.each_stretch(&self.kind.chosen, |people| self.stretch(piece.block, people));
    }

    /// People one after another.
    fn stretch(&mut self, block: &Block, people: Range<usize>) {
        let starts = &block.starts[people.start..=people.end];
        let rows = starts[0] as usize..starts[starts.len() - 1] as usize;
        let (times, codes) = (&block.times[rows.clone()], &block.events[rows]);
        breaks(times, self.gap, &mut self.begins);
        let ends = starts.windows(2).filter(|run| run[0] < run[1]).map(|run| run[1] - starts[0]);
        if ends.fold(Millis::MIN, |last, end| last.max(times[end as usize - 1])) > self.kind.as_of {
            return self.one_by_one(block, people);
        }
        self.find(times.len(), starts);
        let outside = self.walk(times, codes, starts[0]);
        if outside == 0 {
            self.counts.occurred(codes);
            return;
        }
        for pair in self.sessions.windows(2) {
            let (start, end) = ((pair[0] / 2) as usize, (pair[1] / 2) as usize);
            if self.kind.buckets.of(times[start]).is_some() {
                self.counts.occurred(&codes[start..end]);
            }
        }
    }

    /// People of whom some have events that are not known yet.
    fn one_by_one(&mut self, block: &Block, people: Range<usize>) {
        let Whole { kind, counts, .. } = self;
        for run in block.starts[people.start..=people.end].windows(2) {
            let rows = run[0] as usize..run[1] as usize;
            let (times, codes) = (&block.times[rows.clone()], &block.events[rows]);
            kind.known_sessions(times, codes, |_, session| counts.add(run[0], &session));
        }
    }

    /// Lists the sessions of people whose rows start there, and after the last where they end.
    fn find(&mut self, rows: usize, starts: &[u32]) {
        let Whole { firsts, begins, sessions, .. } = self;
        firsts.clear();
        firsts.resize(begins.len(), 0);
        for start in starts {
            let row = (start - starts[0]) as usize;
            // Who has no rows may start where they end.
            if let Some(word) = firsts.get_mut(row / LANES) {
                *word |= u64::from(row < rows) << (row % LANES);
            }
        }
        if sessions.len() <= rows {
            sessions.resize(rows + 1, 0);
        }
        let mut count = 0;
        for (word, (begins, firsts)) in begins.iter().zip(&*firsts).enumerate() {
            let mut bits = begins | firsts;
            while bits != 0 {
                let lane = bits.trailing_zeros();
                sessions[count] = ((word * LANES) as u32 + lane) * 2 + (firsts >> lane & 1) as u32;
                count += 1;
                bits &= bits - 1;
            }
        }
        sessions.truncate(count);
        sessions.push(rows as u32 * 2);
    }

    /// Counts the sessions that were found among rows that start at `first` in their block, but not how
    /// often each event occurred; how many begin outside the range.
    fn walk(&mut self, times: &[Millis], codes: &[u16], first: u32) -> u64 {
        let Whole { kind, counts, sessions, .. } = self;
        let buckets = &kind.buckets;
        let (from, length) = (buckets.range.from, buckets.range.to.abs_diff(buckets.range.from));
        let Counts { people, buckets: cells, ends, .. } = counts;
        let (mut person, mut met, mut outside) = (0, false, 0);
        for pair in sessions.windows(2) {
            let (start, end) = ((pair[0] / 2) as usize, (pair[1] / 2) as usize);
            let is_first = pair[0] % 2 == 1;
            person = if is_first { first + start as u32 } else { person };
            let begin = times[start];
            let inside = (begin.wrapping_sub(from) as u64) < length;
            let (cell, last) = &mut cells[if inside { buckets.edges.index(begin) } else { buckets.len() }];
            cell.sessions += 1;
            cell.people += u64::from(*last != person);
            *last = person;
            cell.events += (end - start) as u64;
            let alone = end - start == 1;
            cell.bounces += u64::from(alone);
            cell.duration_millis += times[end - 1] - begin;
            met &= !is_first;
            *people += u64::from(inside & !met);
            met |= inside;
            let inside = u64::from(inside);
            outside += 1 - inside;
            let entry = &mut ends[usize::from(codes[start])];
            entry.entries += inside;
            entry.bounces += inside & u64::from(alone);
            ends[usize::from(codes[end - 1])].exits += inside;
        }
        outside
    }
}

/// The rows that come so long after the one before, or longer, as bits.
fn breaks(times: &[Millis], gap: i64, bits: &mut Vec<u64>) {
    bits.clear();
    // The first is somebody's first, whatever came before.
    let mut before = times.first().copied().unwrap_or_default();
    for lanes in times.chunks(LANES) {
        let mut word = 0;
        for &time in lanes {
            // Negative if the break is long enough: its sign is taken, without a comparison.
            let left = gap.wrapping_sub(1).wrapping_sub(time.wrapping_sub(before));
            word = word >> 1 | (left as u64 & 1 << 63);
            before = time;
        }
        bits.push(word >> (LANES - lanes.len()));
    }
}
