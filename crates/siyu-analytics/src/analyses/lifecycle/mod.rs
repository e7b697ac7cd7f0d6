//! Lifecycle: of those active in an interval, who is new, who stayed, who came back;
//! and who went away. Reference/03 §2.4.
//!
//! - New is who was never active before, in all history. The interval before the range is looked
//!   at as well, so the first bucket says the truth.
//! - A week or month counts whole, even if the range begins inside it.
//! - In every bucket `new + returning + resurrecting` are the active people, and
//!   `returning + dormant` those who were active in the bucket before.
//! - By a property, a person belongs to the group of their first matching event ever.

mod by_day;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;

use std::cell::RefCell;

use roaring::RoaringBitmap;
use siyu_types::Result;
use siyu_types::analysis::{
    BUCKETS_MAX, Bucket, Group, LifecycleCell, LifecycleGroup, LifecycleQuery, LifecycleResult,
    LifecycleState, Question as _,
};
use siyu_types::calendar::{InstantRange, bucket_date, day_start, local_date};
use siyu_types::clock::Millis;

use crate::Context;
use crate::boundaries::Boundaries;
use crate::buckets::{asked, too_many};
use crate::groups::Source;
use crate::masks::EventTest;
use crate::outcomes::{self, Outcomes, Tally};
use crate::pass::{People, Piece};
use crate::roles::Roles;

/// Answers the query, over all living people or those `within`.
pub fn run(
    query: &LifecycleQuery,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<LifecycleResult> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Lifecycle::new(query, context, within)?;
    let empty = States { counts: vec![[0; 4]; kind.buckets()] };
    let groups = match by_day::states(&kind, context, &source) {
        Some(counts) => vec![(Group::Whole, States { counts })],
        None => outcomes::tally(&kind, context.scan, &source, &empty),
    };
    Ok(LifecycleResult {
        buckets: (0..kind.buckets()).map(|bucket| kind.described(bucket)).collect(),
        groups: groups.into_iter().map(|(group, states)| states.into_group(group)).collect(),
        as_of: context.as_of,
    })
}

/// The people behind one cell of the answer.
pub fn people(
    query: &LifecycleQuery,
    cell: &LifecycleCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Lifecycle::new(query, context, within)?;
    let bucket = kind.position(&cell.bucket)?;
    let wanted = |life: &Life<'_>| {
        let mut found = false;
        life.each_state(|at, state| found |= at == bucket && state == cell.state);
        found
    };
    Ok(outcomes::people(&kind, context.scan, &source, &cell.group, wanted))
}

/// The query, prepared for one scan.
struct Lifecycle<'q> {
    roles: Roles<'q>,
    chosen: People,
    /// Edge 0 starts the interval before the first bucket.
    edges: Boundaries,
    /// From the start of that interval, as far as it is known.
    range: InstantRange,
    end: Millis,
    /// The last bucket that has begun.
    current: usize,
    as_of: Millis,
}

impl<'q> Lifecycle<'q> {
    fn new(
        query: &'q LifecycleQuery,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Lifecycle<'q>> {
        let chosen = People::of(&*context.chosen(query.segment, within)?);
        let mut asked = asked(&query.range, &[&query.event], context, &chosen)?;
        let first = bucket_date(local_date(asked.from, context.zone), query.interval);
        let before = bucket_date(first.yesterday().unwrap_or(first), query.interval);
        asked.from = day_start(before, context.zone);
        let edges = Boundaries::covering(asked, query.interval, context.zone, BUCKETS_MAX + 2);
        if edges.len() > BUCKETS_MAX + 1 {
            return Err(too_many(BUCKETS_MAX));
        }
        let test = EventTest::new(&query.event.event, &query.event.filters, context);
        Ok(Lifecycle {
            roles: Roles::new(vec![test]),
            chosen,
            current: if context.as_of < asked.from { 0 } else { edges.index(context.as_of) },
            edges,
            range: context.known(asked),
            end: asked.to,
            as_of: context.as_of,
        })
    }

    fn buckets(&self) -> usize {
        self.edges.len() - 1
    }

    fn described(&self, bucket: usize) -> Bucket {
        let end = self.edges.start(bucket + 2).min(self.end);
        Bucket { start: self.edges.dates[bucket + 1].to_string(), complete: self.as_of >= end }
    }

    fn position(&self, start: &str) -> Result<usize> {
        let found = self.edges.dates[1..].iter().position(|date| date.to_string() == start);
        found.ok_or_else(|| siyu_types::Error::invalid("cell.bucket", "the answer has no such bucket"))
    }
}

/// When somebody was active.
struct Life<'o> {
    /// Before the first edge.
    earlier: bool,
    /// Ascending, by edge: 0 is the interval before the first bucket.
    active: &'o [u16],
    current: usize,
}

impl Life<'_> {
    /// Calls `see` with every bucket in which the person has a state, and that state.
    #[inline]
    fn each_state(&self, mut see: impl FnMut(usize, LifecycleState)) {
        for (index, &at) in self.active.iter().enumerate() {
            let at = usize::from(at);
            let before = index.checked_sub(1).map(|index| usize::from(self.active[index]));
            if at > 0 {
                see(
                    at - 1,
                    match before {
                        Some(before) if before + 1 == at => LifecycleState::Returning,
                        None if !self.earlier => LifecycleState::New,
                        _ => LifecycleState::Resurrecting,
                    },
                );
            }
            let stays = self.active.get(index + 1).is_some_and(|next| usize::from(*next) == at + 1);
            if !stays && at < self.current {
                see(at, LifecycleState::Dormant);
            }
        }
    }
}

impl Outcomes for Lifecycle<'_> {
    type Outcome<'o> = Life<'o>;

    fn each(&self, piece: &Piece<'_>, mut see: impl FnMut(u32, &[u32], Life<'_>)) {
        let times = &piece.block.times;
        let on = self.roles.on(piece.block);
        let scratch = RefCell::new(Vec::<u16>::new());
        piece.each_person(&self.roles.wanted, &self.chosen, |person, rows| {
            let active = &mut *scratch.borrow_mut();
            active.clear();
            let (mut first, mut earlier, mut bucket_end) = (None, false, Millis::MIN);
            for &row in rows {
                let time = times[row as usize];
                if time >= self.range.to {
                    break;
                }
                // Once the bucket is known to be active, further events in it change nothing.
                if time < bucket_end || on.of(row) == 0 {
                    continue;
                }
                first = first.or(Some(row));
                if time < self.range.from {
                    earlier = true;
                    bucket_end = self.range.from;
                    continue;
                }
                let bucket = self.edges.index(time);
                bucket_end = self.edges.start(bucket + 1);
                // There are far fewer buckets.
                active.push(bucket as u16);
            }
            if let Some(first) = first
                && !active.is_empty()
            {
                see(person, &[first], Life { earlier, active, current: self.current });
            }
        });
    }
}

/// People by bucket and state.
#[derive(Clone)]
struct States {
    counts: Vec<[u64; 4]>,
}

impl States {
    fn into_group(self, group: Group) -> LifecycleGroup {
        let of = |state: LifecycleState| self.counts.iter().map(|counts| counts[state as usize]).collect();
        LifecycleGroup {
            group,
            new: of(LifecycleState::New),
            returning: of(LifecycleState::Returning),
            resurrecting: of(LifecycleState::Resurrecting),
            dormant: of(LifecycleState::Dormant),
        }
    }
}

impl Tally<Lifecycle<'_>> for States {
    fn add(&mut self, _: u32, life: &Life<'_>) {
        life.each_state(|bucket, state| self.counts[bucket][state as usize] += 1);
    }

    fn merge(&mut self, other: States) {
        for (own, more) in self.counts.iter_mut().zip(other.counts) {
            own.iter_mut().zip(more).for_each(|(own, more)| *own += more);
        }
    }
}
