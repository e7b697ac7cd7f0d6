//! Revenue of cohorts: what people bring, interval by interval after they began.
//!
//! - A person belongs to the cohort of their first start in the range, or in all history. What
//!   they bring counts from the start on, in the interval counted from the start's: what comes
//!   before it, or after the last column, does not.
//! - Of orders counts what was paid less what was refunded, in the interval of the payment. Who
//!   brought something has an order not fully refunded, or an event.
//! - A column is complete when nobody of the cohort can bring anything in it any more. Means are
//!   per person of the cohorts whose column is complete.
//! - By a property, a person belongs to the group of their start.

#[cfg(test)]
mod naive;
mod outcome;
#[cfg(test)]
mod tests;

use roaring::RoaringBitmap;
use siyu_types::analysis::{
    Group, Question as _, RevenueCell, RevenueCohort, RevenueColumn, RevenueGroup, RevenueMean, RevenueQuery,
    RevenueResult, RevenueWhat,
};
use siyu_types::{Error, Result};

use crate::Context;
use crate::amounts::fitting;
use crate::groups::Source;
use crate::outcomes::{self, Tally};
use outcome::{Began, Revenue};

/// Answers the query, over all living people or those `within`.
pub fn run(
    query: &RevenueQuery,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RevenueResult> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Revenue::new(query, context, within)?;
    let groups = outcomes::tally(&kind, context.scan, &source, &Sums::new(&kind));
    Ok(RevenueResult {
        groups: groups.into_iter().map(|(group, sums)| sums.into_group(group, &kind)).collect(),
        value_unit: query.gain.unit(),
        as_of: context.as_of,
    })
}

/// The people behind one cell of the answer.
pub fn people(
    query: &RevenueQuery,
    cell: &RevenueCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Revenue::new(query, context, within)?;
    let (RevenueWhat::Paid { column } | RevenueWhat::PaidSoFar { column } | RevenueWhat::NotYet { column }) =
        cell.what
    else {
        return found(&kind, context, &source, cell, |_| true);
    };
    if column >= kind.columns {
        return Err(Error::invalid("cell.what.column", "the answer has no such column"));
    }
    let until = u128::MAX >> (127 - column);
    match cell.what {
        RevenueWhat::Started => found(&kind, context, &source, cell, |_| true),
        RevenueWhat::Paid { .. } => found(&kind, context, &source, cell, |b| b.paid >> column & 1 == 1),
        RevenueWhat::PaidSoFar { .. } => found(&kind, context, &source, cell, |b| b.paid & until != 0),
        RevenueWhat::NotYet { .. } => found(&kind, context, &source, cell, |b| b.paid & until == 0),
    }
}

fn found(
    kind: &Revenue<'_>,
    context: &Context<'_>,
    source: &Source<'_>,
    cell: &RevenueCell,
    wanted: impl Fn(&Began<'_>) -> bool + Sync,
) -> Result<RoaringBitmap> {
    let cohort = cell.cohort.as_ref().map(|start| kind.cohorts.that_starts(start)).transpose()?;
    let wanted = |began: &Began<'_>| cohort.is_none_or(|cohort| cohort == began.cohort) && wanted(began);
    Ok(outcomes::people(kind, context.scan, source, &cell.group, wanted))
}

#[derive(Clone, Copy, Default)]
struct Sum {
    value: i64,
    people: u64,
    /// Who brought something for the first time.
    first: u64,
}

/// Per cohort: its size, and a sum per column.
#[derive(Clone)]
struct Sums {
    sizes: Vec<u64>,
    sums: Vec<Sum>,
    columns: usize,
}

impl Sums {
    fn new(kind: &Revenue<'_>) -> Sums {
        let cohorts = kind.cohorts.len();
        let sums = vec![Sum::default(); cohorts * kind.columns];
        Sums { sizes: vec![0; cohorts], sums, columns: kind.columns }
    }

    fn into_group(self, group: Group, kind: &Revenue<'_>) -> RevenueGroup {
        let cohort = |(cohort, sums): (usize, &[Sum])| {
            let mut so_far = (0i128, 0);
            let column = |(column, sum): (usize, &Sum)| {
                so_far = (so_far.0 + i128::from(sum.value), so_far.1 + sum.first);
                RevenueColumn {
                    value: sum.value,
                    people: sum.people,
                    value_so_far: fitting(so_far.0),
                    people_so_far: so_far.1,
                    complete: kind.cohorts.is_over(cohort, column as u32),
                }
            };
            RevenueCohort {
                bucket: kind.cohorts.bucket(cohort),
                size: self.sizes[cohort],
                columns: sums.iter().enumerate().map(column).collect(),
            }
        };
        let cohorts: Vec<_> = self.sums.chunks_exact(self.columns).enumerate().map(cohort).collect();
        RevenueGroup {
            group,
            size: self.sizes.iter().sum(),
            value: fitting(self.sums.iter().map(|sum| i128::from(sum.value)).sum()),
            means: (0..self.columns).map(|column| mean(&cohorts, column)).collect(),
            cohorts,
        }
    }
}

fn mean(cohorts: &[RevenueCohort], column: usize) -> RevenueMean {
    let counted = || cohorts.iter().filter(|cohort| cohort.columns[column].complete);
    let size: u64 = counted().map(|cohort| cohort.size).sum();
    let per_person = |of: fn(&RevenueColumn) -> i64| {
        let value: i128 = counted().map(|cohort| i128::from(of(&cohort.columns[column]))).sum();
        (size > 0).then(|| value as f64 / size as f64)
    };
    RevenueMean { value: per_person(|one| one.value), value_so_far: per_person(|one| one.value_so_far) }
}

impl Tally<Revenue<'_>> for Sums {
    fn add(&mut self, _: u32, began: &Began<'_>) {
        self.sizes[began.cohort] += 1;
        let own = &mut self.sums[began.cohort * self.columns..(began.cohort + 1) * self.columns];
        for (sum, value) in own.iter_mut().zip(began.values) {
            sum.value = sum.value.saturating_add(*value);
        }
        let mut rest = began.paid;
        if rest != 0 {
            own[rest.trailing_zeros() as usize].first += 1;
        }
        while rest != 0 {
            own[rest.trailing_zeros() as usize].people += 1;
            rest &= rest - 1;
        }
    }

    fn merge(&mut self, other: Sums) {
        self.sizes.iter_mut().zip(other.sizes).for_each(|(own, more)| *own += more);
        for (own, more) in self.sums.iter_mut().zip(other.sums) {
            own.value = own.value.saturating_add(more.value);
            own.people += more.people;
            own.first += more.first;
        }
    }
}
