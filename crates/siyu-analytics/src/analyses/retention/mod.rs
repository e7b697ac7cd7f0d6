//! Retention: of those who started in an interval, who came back after how long.
//! Reference/03 §2.3, R1 to R7.
//!
//! - A cohort is made of the people with a start event in its interval and in the range. Column k
//!   counts those with a return event k intervals later: in the calendar of the project's zone, or
//!   in exact stretches of time since their first start in the cohort.
//! - "In the same interval" needs a return event that is another event than the start, and not
//!   earlier. Events of one time come in the order that helps.
//! - Rolling, column k counts those with a return in it or in a later column, and no later than the
//!   last: cohorts that were watched for longer must not look better (reference/03 §5, 12).
//! - A cell is complete when nobody of the cohort can still come back in time, whoever they are.
//!   Means are taken over complete cells only.
//! - By a property, a person belongs to the group of the start event that put them into a cohort.

mod answer;
#[cfg(test)]
mod naive;
mod outcome;
#[cfg(test)]
mod pitfalls;
#[cfg(test)]
mod tests;

use roaring::RoaringBitmap;
use siyu_types::analysis::{Question as _, RetentionCell, RetentionQuery, RetentionResult, RetentionWhat};
use siyu_types::{Error, Result};

use crate::Context;
use crate::groups::Source;
use crate::outcomes;
use outcome::{Joined, Retention};

/// Answers the query, over all living people or those `within`.
pub fn run(
    query: &RetentionQuery,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RetentionResult> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Retention::new(query, context, within)?;
    let empty = answer::Counts::new(&kind);
    let groups = outcomes::tally(&kind, context.scan, &source, &empty);
    Ok(RetentionResult {
        columns: query.columns(),
        groups: groups.into_iter().map(|(group, counts)| counts.into_group(group, &kind)).collect(),
        as_of: context.as_of,
    })
}

/// The people behind one cell of the answer.
pub fn people(
    query: &RetentionQuery,
    cell: &RetentionCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Retention::new(query, context, within)?;
    if let RetentionWhat::Back { column } | RetentionWhat::Away { column } = cell.what
        && column >= kind.columns.len()
    {
        return Err(Error::invalid("cell.what.column", "the answer has no such column"));
    }
    let cohort = cell.cohort.as_ref().map(|start| kind.cohorts.that_starts(start)).transpose()?;
    let wanted = |joined: &Joined| {
        cohort.is_none_or(|cohort| cohort == joined.cohort)
            && match cell.what {
                RetentionWhat::Started => true,
                RetentionWhat::Same => joined.same,
                RetentionWhat::Back { column } => joined.back >> column & 1 == 1,
                RetentionWhat::Away { column } => joined.back >> column & 1 == 0,
            }
    };
    Ok(outcomes::people(&kind, context.scan, &source, &cell.group, wanted))
}
