//! The pass over the events: how far each person's steps have come.

use std::collections::VecDeque;

use roaring::RoaringBitmap;
use siyu_types::Result;
use siyu_types::analysis::{EventMatch, SequenceQuery, SequenceStep};
use siyu_types::clock::Millis;

use crate::Context;
use crate::buckets::Buckets;
use crate::masks::EventTest;
use crate::outcomes::Outcomes;
use crate::pass::{People, Piece};
use crate::roles::Roles;

/// Somebody who did it often enough.
pub(super) struct Completed<'o> {
    /// Of the last step of each time, in order; never empty.
    pub(super) buckets: &'o [usize],
}

/// How a step follows the one before.
#[derive(Clone, Copy)]
struct Gap {
    least: i64,
    most: i64,
    /// What must not happen in between, as bits.
    without: u64,
}

/// The query, prepared for one scan.
pub(super) struct Sequences<'q> {
    /// Steps first, then what must not happen between them.
    roles: Roles<'q>,
    gaps: Vec<Gap>,
    chosen: People,
    pub(super) buckets: Buckets,
    least_times: usize,
}

impl<'q> Sequences<'q> {
    pub(super) fn new(
        query: &'q SequenceQuery,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Sequences<'q>> {
        let chosen = People::of(&*context.chosen(query.segment, within)?);
        let first = &query.steps[0].event;
        let buckets = Buckets::new(&query.range, query.interval, &[first], context, &chosen)?;
        let mut events: Vec<&EventMatch> = query.steps.iter().map(|step| &step.event).collect();
        let millis = |seconds: Option<u32>| seconds.map(|seconds| i64::from(seconds) * 1_000);
        let gap = |(at, step): (usize, &'q SequenceStep)| {
            // Nothing comes before the first step.
            let without = step.without.as_ref().filter(|_| at > 0).map_or(0, |event| {
                events.push(event);
                1 << (events.len() - 1)
            });
            let (least, most) = (millis(step.after_seconds), millis(step.within_seconds));
            Gap { least: least.unwrap_or(0), most: most.unwrap_or(i64::MAX), without }
        };
        let gaps = query.steps.iter().enumerate().map(gap).collect();
        let tests = events.iter().map(|event| EventTest::new(&event.event, &event.filters, context));
        Ok(Sequences {
            roles: Roles::new(tests.collect()),
            gaps,
            chosen,
            buckets,
            least_times: query.least_times as usize,
        })
    }
}

/// The times at which each step has been reached, as far as they may still be of use.
struct Reached {
    /// Entry k: of step k, ascending; not of the last one.
    times: Vec<VecDeque<Millis>>,
}

impl Reached {
    fn clear(&mut self) {
        self.times.iter_mut().for_each(VecDeque::clear);
    }

    /// Whether a step may follow now. Times only grow, so what is too early now is so for good, and
    /// the earliest left is the one that is long enough ago.
    #[inline]
    fn may_follow(&mut self, step: usize, gap: Gap, now: Millis) -> bool {
        let before = &mut self.times[step - 1];
        while before.front().is_some_and(|time| now - time > gap.most) {
            before.pop_front();
        }
        before.front().is_some_and(|time| now - time >= gap.least)
    }

    /// Takes in an event that is some steps; says whether it completes the sequence.
    #[inline]
    fn step(&mut self, bits: u64, gaps: &[Gap], now: Millis) -> bool {
        let last = gaps.len() - 1;
        let mut reached = bits & 1;
        for step in (1..=last).filter(|step| bits >> step & 1 == 1) {
            reached |= u64::from(self.may_follow(step, gaps[step], now)) << step;
        }
        if reached >> last & 1 == 1 {
            self.clear();
            return true;
        }
        for (step, gap) in gaps.iter().enumerate().skip(1) {
            if bits & gap.without != 0 {
                self.times[step - 1].clear();
            }
        }
        for step in (0..last).filter(|step| reached >> step & 1 == 1) {
            self.times[step].push_back(now);
        }
        false
    }
}

impl Outcomes for Sequences<'_> {
    type Outcome<'o> = Completed<'o>;

    fn each(&self, piece: &Piece<'_>, mut see: impl FnMut(u32, &[u32], Completed<'_>)) {
        let times = &piece.block.times;
        let on = self.roles.on(piece.block);
        let mut reached = Reached { times: vec![VecDeque::new(); self.gaps.len() - 1] };
        let mut buckets = Vec::new();
        piece.each_person(&self.roles.wanted, &self.chosen, |person, rows| {
            reached.clear();
            buckets.clear();
            let mut first = None;
            for &row in rows {
                let time = times[row as usize];
                let Some(bucket) = self.buckets.of(time) else { continue };
                let bits = on.of(row);
                if bits != 0 && reached.step(bits, &self.gaps, time) {
                    first = first.or(Some(row));
                    buckets.push(bucket);
                }
            }
            if let Some(row) = first.filter(|_| buckets.len() >= self.least_times) {
                see(person, &[row], Completed { buckets: &buckets });
            }
        });
    }
}
