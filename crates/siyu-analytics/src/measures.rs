//! One number per person over matching events: what tags are computed from.

use siyu_types::Result;
use siyu_types::analysis::EventMatch;
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;
use siyu_types::condition::PersonMeasure;

use crate::Context;
use crate::aggregate::{Want, collect, property};
use crate::pass::People;

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
    let want = Want { event: &event.event, filters: &event.filters, range, measure };
    let living = People::of(context.people.universe());
    let parts = collect(&[want], context, &living, |found: &mut Vec<(u32, f64)>, person, sums| {
        if sums[0].count > 0 {
            found.extend(sums[0].value(measure).map(|value| (person, value)));
        }
    });
    Ok(in_order(parts, |(person, _)| *person))
}

/// Count, first and last time and the sum of a property, of every living person
/// who has a matching event, by person ascending.
pub fn summaries(
    event: &EventMatch,
    sum_of: Option<&str>,
    range: InstantRange,
    context: &Context<'_>,
) -> Result<Vec<PersonSummary>> {
    let measure = match sum_of {
        Some(property) => PersonMeasure::Sum { property: property.to_owned() },
        None => PersonMeasure::Count,
    };
    let want = Want { event: &event.event, filters: &event.filters, range, measure: &measure };
    let living = People::of(context.people.universe());
    let parts = collect(&[want], context, &living, |found: &mut Vec<PersonSummary>, person, sums| {
        let sums = &sums[0];
        if sums.count > 0 {
            let (count, first, last, sum) = (sums.count, sums.first, sums.last, sums.sum);
            found.push(PersonSummary { person, count, first, last, sum });
        }
    });
    Ok(in_order(parts, |summary| summary.person))
}

/// Blocks may overlap in their people, so the parts together need sorting.
fn in_order<T>(parts: Vec<Vec<T>>, person: impl Fn(&T) -> u32) -> Vec<T> {
    let mut all: Vec<T> = parts.into_iter().flatten().collect();
    all.sort_by_key(person);
    all
}

/// The event properties a scan must bring for [`per_person`]; sorted, no duplicates.
pub fn columns_needed(event: &EventMatch, measure: &PersonMeasure) -> Vec<String> {
    let filters = event.filters.iter().map(|filter| filter.property.as_str());
    crate::names::sorted(filters.chain(property(measure)))
}
