//! Ordered funnels, reference/03 §2.2 F1–F7 and F11.
//!
//! An *attempt* is a sequence of different events of one person, the k-th of
//! which matches step k, with times that do not descend (or, on request, that
//! ascend). Its first event lies in the range, its last within the window that
//! starts with the first. A person's level is the length of the longest attempt.
//! Times and breakdown are read from one of the longest attempts: the one that
//! is complete first; among those, the one that started last; among those, the
//! one whose steps were reached earliest, in step order and then arrival order.

mod answer;
mod attempt;
#[cfg(test)]
mod naive;
mod outcome;
#[cfg(test)]
mod tests;
mod ties;

use roaring::RoaringBitmap;
use siyu_types::analysis::{FunnelCell, FunnelQuery, FunnelResult, Question};
use siyu_types::{Error, Result};

use crate::Context;

/// Answers the query, over all living people or those `within`.
pub fn run(
    query: &FunnelQuery,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<FunnelResult> {
    query.validate()?;
    let outcomes = outcome::collect(query, context, within)?;
    let names = answer::shown_groups(query, &outcomes);
    Ok(FunnelResult {
        groups: answer::groups(query, &outcomes, &names),
        complete: outcomes.complete,
        as_of: context.as_of,
    })
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
    let outcomes = outcome::collect(query, context, within)?;
    let names = answer::shown_groups(query, &outcomes);
    Ok(answer::people(&outcomes, cell, &names))
}
