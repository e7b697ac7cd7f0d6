//! Interval: how long it takes from one event to another. Reference/03 §2.6.
//!
//! - An end belongs to the latest start that is open (or the earliest, on request), and drops
//!   the others. If an event is both, it is first an end and then a start: so equal events make
//!   consecutive pairs. Events of one time stand in the order they arrived.
//! - Starts outside the range take part in the pairing, but only intervals that start inside it
//!   count, in the bucket of their start. Ends count until now.
//! - Intervals longer than the limit are left out and counted.
//! - With a linking property, both events must have the same value; events without one, and
//!   those with a list, are passed over.
//! - By a property, an interval belongs to the group of its start.

pub(crate) mod bins;
#[cfg(test)]
mod naive;
mod pairs;
#[cfg(test)]
mod tests;

use roaring::RoaringBitmap;
use siyu_types::Result;
use siyu_types::analysis::{
    Group, IntervalCell, IntervalGroup, IntervalQuery, IntervalResult, IntervalStretch, Question as _,
};

use crate::Context;
use crate::groups::Source;
use crate::outcomes::{self, Tally};
use crate::summary::summary;
use pairs::{Pair, Pairs};

/// Answers the query, over all living people or those `within`.
pub fn run(
    query: &IntervalQuery,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<IntervalResult> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Pairs::new(query, context, within)?;
    let empty = Stretches {
        buckets: vec![Stretch::default(); kind.buckets.len()],
        people: 0,
        last: None,
        too_long: 0,
    };
    let groups = outcomes::tally(&kind, context.scan, &source, &empty);
    let longest = groups.first().and_then(|(_, whole)| whole.longest());
    let bins = longest.map_or(Vec::new(), bins::up_to);
    Ok(IntervalResult {
        buckets: kind.buckets.described(context.as_of),
        groups: groups.into_iter().map(|(group, stretches)| stretches.into_group(group, &bins)).collect(),
        bins,
        as_of: context.as_of,
    })
}

/// The people behind one cell of the answer.
pub fn people(
    query: &IntervalQuery,
    cell: &IntervalCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Pairs::new(query, context, within)?;
    let bucket = kind.buckets.chosen(cell.bucket.as_ref())?;
    let wanted = |pair: &Pair| {
        !pair.too_long
            && bucket.is_none_or(|bucket| bucket == pair.bucket)
            && cell.at_least.is_none_or(|least| pair.millis >= least)
            && cell.less_than.is_none_or(|most| pair.millis < most)
    };
    Ok(outcomes::people(&kind, context.scan, &source, &cell.group, wanted))
}

/// The intervals of one bucket.
#[derive(Clone, Default)]
struct Stretch {
    millis: Vec<i64>,
    people: u64,
    last: Option<u32>,
}

#[derive(Clone)]
struct Stretches {
    buckets: Vec<Stretch>,
    /// Different people in all buckets.
    people: u64,
    last: Option<u32>,
    too_long: u64,
}

impl Stretches {
    fn longest(&self) -> Option<i64> {
        self.buckets.iter().flat_map(|stretch| &stretch.millis).copied().max()
    }

    fn into_group(self, group: Group, bins: &[i64]) -> IntervalGroup {
        let mut all: Vec<i64> = self.buckets.iter().flat_map(|stretch| &stretch.millis).copied().collect();
        all.sort_unstable();
        let mut counted = 0;
        let mut histogram: Vec<u64> = Vec::with_capacity(bins.len());
        for (index, end) in bins.iter().enumerate() {
            let below = if index + 1 == bins.len() { all.len() } else { all.partition_point(|m| m < end) };
            histogram.push((below - counted) as u64);
            counted = below;
        }
        let buckets = self.buckets.into_iter().map(|mut stretch| {
            stretch.millis.sort_unstable();
            described(&stretch.millis, stretch.people)
        });
        IntervalGroup {
            group,
            buckets: buckets.collect(),
            total: described(&all, self.people),
            too_long: self.too_long,
            histogram,
        }
    }
}

/// From ascending intervals.
fn described(millis: &[i64], people: u64) -> IntervalStretch {
    let values: Vec<f64> = millis.iter().map(|millis| *millis as f64).collect();
    IntervalStretch { count: millis.len() as u64, people, summary: summary(&values) }
}

impl Tally<Pairs<'_>> for Stretches {
    fn add(&mut self, person: u32, pair: &Pair) {
        if pair.too_long {
            self.too_long += 1;
            return;
        }
        let stretch = &mut self.buckets[pair.bucket];
        stretch.millis.push(pair.millis);
        stretch.people += u64::from(stretch.last.replace(person) != Some(person));
        self.people += u64::from(self.last.replace(person) != Some(person));
    }

    fn merge(&mut self, other: Stretches) {
        self.people += other.people;
        self.too_long += other.too_long;
        for (own, more) in self.buckets.iter_mut().zip(other.buckets) {
            own.millis.extend(more.millis);
            own.people += more.people;
        }
    }
}
