//! One number per person over matching events: what tags are computed from.

use siyu_types::analysis::EventMatch;
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;
use siyu_types::condition::PersonMeasure;
use siyu_types::{Error, Result};

use crate::Context;

/// What one person did, for recency, frequency and money in one pass.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PersonSummary {
    pub person: u32,
    /// Matching events.
    pub count: u64,
    pub first: Millis,
    pub last: Millis,
    /// Of the summed property, 0 if no event has a number there.
    pub sum: f64,
}

/// The measure of every living person who has a matching event and a value, by person ascending.
pub fn per_person(
    event: &EventMatch,
    measure: &PersonMeasure,
    range: InstantRange,
    context: &Context<'_>,
) -> Result<Vec<(u32, f64)>> {
    let _ = (event, measure, range, context);
    Err(Error::internal("measures are not computed yet"))
}

/// Count, first and last time and the sum of a property, of every living person
/// who has a matching event, by person ascending.
pub fn summaries(
    event: &EventMatch,
    sum_of: Option<&str>,
    range: InstantRange,
    context: &Context<'_>,
) -> Result<Vec<PersonSummary>> {
    let _ = (event, sum_of, range, context);
    Err(Error::internal("measures are not computed yet"))
}

/// The event properties a scan must bring for [`per_person`]; sorted, no duplicates.
pub fn columns_needed(event: &EventMatch, measure: &PersonMeasure) -> Vec<String> {
    let _ = (event, measure);
    Vec::new()
}
