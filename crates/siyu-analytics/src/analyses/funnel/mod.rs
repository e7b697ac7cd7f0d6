//! Funnels, reference/03 §2.2 F1–F12.
//!
//! An *attempt* is a sequence of different events of one person, the k-th of
//! which matches step k, with times that do not descend (or, on request, that
//! ascend). Its first event lies in the range, its last within the window that
//! starts with the first. Options narrow what an attempt is: a window per step,
//! no foreign event or exclusion between two steps, one value held in all of
//! them, only somebody's first event. Steps may be left out on request.
//!
//! A person's level is the last step of the attempt that gets furthest. Times
//! and breakdown are read from one of those: the one that is complete first;
//! among those, the one that started last; among those, the one whose steps lie
//! closest to the end, the last step first; then by arrival (F7).
//!
//! Three engines find it, each in one pass: the plain ordered funnel, the
//! ordered one with options, and steps in any order.

mod answer;
mod any_order;
mod attempt;
mod distinct;
mod engine;
mod hold;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod naive_answer;
#[cfg(test)]
mod naive_people;
mod outcome;
#[cfg(test)]
mod pitfalls;
mod plan;
mod reading;
mod runs;
mod split;
mod tally;
#[cfg(test)]
mod tests;
mod ties;
mod units;

use roaring::RoaringBitmap;
use siyu_types::analysis::{FunnelCell, FunnelQuery, FunnelResult, Question};
use siyu_types::{Error, Result};

use crate::Context;
use crate::groups::Source;

/// Answers the query, over all living people or those `within`.
pub fn run(
    query: &FunnelQuery,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<FunnelResult> {
    query.validate()?;
    // Everybody is counted where they are found, so nobody looks at them again, unless there may be
    // more groups than are shown: the others are one group, and who is in it is known only in the end.
    let counted = match &query.breakdown {
        None => true,
        Some(_) => {
            query.trend.is_none() && Source::new(query.breakdown.as_ref(), context.people)?.few(context.scan)
        }
    };
    let mut outcomes = outcome::collect(query, context, within, counted)?;
    if counted && answer::too_many_groups(&outcomes) {
        outcomes = outcome::collect(query, context, within, false)?;
    }
    let names = answer::shown_groups(query, &outcomes);
    let (mut groups, bins) = answer::groups(query, &mut outcomes, &names);
    answer::add_trend(query, &outcomes, &names, &mut groups);
    let mut buckets =
        outcomes.buckets.as_ref().map_or_else(Vec::new, |buckets| buckets.described(context.as_of));
    for (bucket, ended) in buckets.iter_mut().zip(&outcomes.ended) {
        bucket.complete &= *ended;
    }
    Ok(FunnelResult { groups, bins, buckets, complete: outcomes.complete, as_of: context.as_of })
}

/// The people behind one cell of the answer.
pub fn people(
    query: &FunnelQuery,
    cell: &FunnelCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    query.validate()?;
    if cell.step >= query.steps.len() {
        return Err(Error::invalid("cell.step", "the funnel has no such step"));
    }
    let outcomes = outcome::collect(query, context, within, false)?;
    let bucket = match (&cell.bucket, &outcomes.buckets) {
        (None, _) => None,
        (Some(start), Some(buckets)) => Some(buckets.position(start)?),
        (Some(_), None) => return Err(Error::invalid("cell.bucket", "the funnel has no trend")),
    };
    let names = answer::shown_groups(query, &outcomes);
    Ok(answer::people(query, &outcomes, cell, bucket, &names))
}
