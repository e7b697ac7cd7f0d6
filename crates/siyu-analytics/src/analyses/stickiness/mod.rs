//! Stickiness: in how many days, weeks or months of a range people are active.
//! Reference/03 §2.4.
//!
//! Only events inside the range count. By a property, a person belongs to the group of
//! their first matching event in the range.

mod by_day;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;

use roaring::RoaringBitmap;
use siyu_types::Result;
use siyu_types::analysis::{
    Group, Question as _, StickinessCell, StickinessGroup, StickinessQuery, StickinessResult,
};

use crate::Context;
use crate::buckets::Buckets;
use crate::groups::Source;
use crate::masks::EventTest;
use crate::outcomes::{self, Outcomes, Tally};
use crate::pass::{People, Piece};
use crate::roles::Roles;

/// Answers the query, over all living people or those `within`.
pub fn run(
    query: &StickinessQuery,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<StickinessResult> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Stickiness::new(query, context, within)?;
    let groups = match by_day::counts(&kind, context, &source) {
        Some(counts) => vec![(Group::Whole, Counts(counts))],
        None => outcomes::tally(&kind, context.scan, &source, &Counts(vec![0; kind.buckets.len()])),
    };
    Ok(StickinessResult {
        intervals: kind.buckets.len() as u32,
        complete: kind.buckets.complete(context.as_of),
        groups: groups.into_iter().map(|(group, counts)| counts.into_group(group)).collect(),
        as_of: context.as_of,
    })
}

/// The people behind one cell of the answer.
pub fn people(
    query: &StickinessQuery,
    cell: &StickinessCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Stickiness::new(query, context, within)?;
    let asked = cell.intervals as usize;
    let wanted = |active: &usize| if cell.or_more { *active >= asked } else { *active == asked };
    Ok(outcomes::people(&kind, context.scan, &source, &cell.group, wanted))
}

/// The query, prepared for one scan.
struct Stickiness<'q> {
    roles: Roles<'q>,
    chosen: People,
    buckets: Buckets,
}

impl<'q> Stickiness<'q> {
    fn new(
        query: &'q StickinessQuery,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Stickiness<'q>> {
        let chosen = People::of(&*context.chosen(query.segment, within)?);
        let buckets = Buckets::new(&query.range, query.interval, &[&query.event], context, &chosen)?;
        let test = EventTest::new(&query.event.event, &query.event.filters, context);
        Ok(Stickiness { roles: Roles::new(vec![test]), chosen, buckets })
    }
}

impl Outcomes for Stickiness<'_> {
    /// Active intervals, at least one.
    type Outcome<'o> = usize;

    fn each(&self, piece: &Piece<'_>, mut see: impl FnMut(u32, &[u32], usize)) {
        let times = &piece.block.times;
        let on = self.roles.on(piece.block);
        let range = self.buckets.range;
        piece.each_person(&self.roles.wanted, &self.chosen, |person, rows| {
            let (mut first, mut active, mut bucket_end) = (None, 0, range.from);
            for &row in rows {
                let time = times[row as usize];
                if time >= range.to {
                    break;
                }
                if time < bucket_end || on.of(row) == 0 {
                    continue;
                }
                first = first.or(Some(row));
                active += 1;
                bucket_end = self.buckets.edges.start(self.buckets.edges.index(time) + 1);
            }
            if let Some(first) = first {
                see(person, &[first], active);
            }
        });
    }
}

/// People by number of active intervals.
#[derive(Clone)]
struct Counts(Vec<u64>);

impl Counts {
    fn into_group(self, group: Group) -> StickinessGroup {
        let total: u64 = self.0.iter().sum();
        let sum: u64 = (1..).zip(&self.0).map(|(intervals, people): (u64, _)| intervals * people).sum();
        let average = (total > 0).then(|| sum as f64 / total as f64);
        StickinessGroup { group, total, people: self.0, average }
    }
}

impl Tally<Stickiness<'_>> for Counts {
    fn add(&mut self, _: u32, active: &usize) {
        self.0[active - 1] += 1;
    }

    fn merge(&mut self, other: Counts) {
        self.0.iter_mut().zip(other.0).for_each(|(own, more)| *own += more);
    }
}
