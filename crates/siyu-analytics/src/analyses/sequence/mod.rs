//! Sequences: people who did one thing after another.
//!
//! - All steps lie in the range; each is a later event than the one before. Events of one time stand
//!   in the order they arrived. Other events may lie in between, but for those that must not.
//! - As often as possible: each time ends as early as it can, and the next begins after that. Where
//!   the gaps say nothing, this is `sequenceCount('(?1).*(?2)…')` of ClickHouse, and having it at
//!   least once is `sequenceMatch`; a gap of at most or at least n seconds is `(?t<=n)`, `(?t>=n)`.
//! - By a property, a person belongs to the group of the event that completes the first time.

mod follow;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;

use roaring::RoaringBitmap;
use siyu_types::Result;
use siyu_types::analysis::{
    Group, Question as _, SEQUENCE_TIMES_SHOWN, SequenceCell, SequenceCounts, SequenceGroup, SequenceQuery,
    SequenceResult, SequenceWhat,
};

use crate::Context;
use crate::groups::Source;
use crate::outcomes::{self, Tally};
use follow::{Completed, Sequences};

/// Answers the query, over all living people or those `within`.
pub fn run(
    query: &SequenceQuery,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<SequenceResult> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Sequences::new(query, context, within)?;
    let empty = Counts {
        people: 0,
        matches: 0,
        buckets: vec![SequenceCounts::default(); kind.buckets.len()],
        times: vec![0; SEQUENCE_TIMES_SHOWN],
    };
    let groups = outcomes::tally(&kind, context.scan, &source, &empty);
    let group = |(group, counts): (Group, Counts)| SequenceGroup {
        group,
        people: counts.people,
        matches: counts.matches,
        buckets: counts.buckets,
        times: counts.times,
    };
    Ok(SequenceResult {
        buckets: kind.buckets.described(context.as_of),
        groups: groups.into_iter().map(group).collect(),
        complete: kind.buckets.complete(context.as_of),
        as_of: context.as_of,
    })
}

/// The people behind one cell of the answer.
pub fn people(
    query: &SequenceQuery,
    cell: &SequenceCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Sequences::new(query, context, within)?;
    let bucket = match &cell.what {
        SequenceWhat::Completed { bucket } | SequenceWhat::First { bucket } => {
            kind.buckets.position(bucket)?
        }
        SequenceWhat::All | SequenceWhat::Times { .. } => 0,
    };
    let wanted = |completed: &Completed<'_>| match cell.what {
        SequenceWhat::All => true,
        SequenceWhat::Completed { .. } => completed.buckets.contains(&bucket),
        SequenceWhat::First { .. } => completed.buckets.first() == Some(&bucket),
        SequenceWhat::Times { times, or_more } => {
            let done = completed.buckets.len();
            done == times as usize || (or_more && done > times as usize)
        }
    };
    Ok(outcomes::people(&kind, context.scan, &source, &cell.group, wanted))
}

#[derive(Clone)]
struct Counts {
    people: u64,
    matches: u64,
    buckets: Vec<SequenceCounts>,
    times: Vec<u64>,
}

impl Tally<Sequences<'_>> for Counts {
    fn add(&mut self, _: u32, completed: &Completed<'_>) {
        self.people += 1;
        self.matches += completed.buckets.len() as u64;
        self.times[completed.buckets.len().min(SEQUENCE_TIMES_SHOWN) - 1] += 1;
        let mut last = None;
        for &bucket in completed.buckets {
            let counts = &mut self.buckets[bucket];
            counts.matches += 1;
            // They come in order, so a new bucket is a different one.
            if last != Some(bucket) {
                counts.people += 1;
                counts.first += u64::from(last.is_none());
                last = Some(bucket);
            }
        }
    }

    fn merge(&mut self, other: Counts) {
        self.people += other.people;
        self.matches += other.matches;
        self.times.iter_mut().zip(other.times).for_each(|(own, more)| *own += more);
        for (own, more) in self.buckets.iter_mut().zip(other.buckets) {
            own.people += more.people;
            own.first += more.first;
            own.matches += more.matches;
        }
    }
}
