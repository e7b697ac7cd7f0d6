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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use siyu_types::analysis::DateRange;
    use siyu_types::calendar::resolve;

    use super::*;
    use crate::testing::random;

    proptest! {
        #[test]
        fn people_are_measured_as_one_by_one(
            world in random::world(),
            event in random::event_match(),
            range in random::range(),
            width in 1usize..4,
        ) {
            let built = world.build(width);
            let instants = resolve(&range, world.as_of, &world.zone).expect("a valid range");
            let mut expected = Vec::new();
            for &person in &world.living {
                let of_person = world.events_of(person).into_iter().filter(|seen| {
                    let tests = &mut event.filters.iter();
                    seen.name == event.event
                        && (instants.from..instants.to).contains(&seen.time)
                        && seen.time <= world.as_of
                        && tests.all(|filter| filter.holds(&seen.props, |field, id| world.item(field, id)))
                });
                let of_person: Vec<_> = of_person.collect();
                let (Some(first), Some(last)) = (of_person.first(), of_person.last()) else { continue };
                let numbers = of_person.iter().filter_map(|seen| seen.props.get("amount")?.as_number());
                let (count, sum) = (of_person.len() as u64, numbers.sum::<f64>() + 0.0);
                expected.push(PersonSummary { person, count, first: first.time, last: last.time, sum });
            }
            let context = built.context();
            let found = summaries(&event, Some("amount"), instants, &context).expect("no unknown name");
            prop_assert_eq!(&found, &expected);
            let sums: Vec<_> = expected.iter().map(|summary| (summary.person, summary.sum)).collect();
            let measure = PersonMeasure::Sum { property: "amount".to_owned() };
            let found = per_person(&event, &measure, instants, &context).expect("no unknown name");
            prop_assert_eq!(found, sums);
            let counts: Vec<_> = expected.iter().map(|summary| (summary.person, summary.count as f64)).collect();
            let found = per_person(&event, &PersonMeasure::Count, instants, &context).expect("no unknown name");
            prop_assert_eq!(found, counts);
        }
    }

    #[test]
    fn an_average_of_nothing_is_no_value() {
        let mut world = crate::testing::World::new("UTC");
        world.living = [1].into();
        let props = Default::default();
        world.events.push(crate::testing::Event { person: 1, time: 0, name: "a".to_owned(), props });
        let built = world.build(1);
        let event = EventMatch { event: "a".to_owned(), filters: Vec::new() };
        let all = resolve(&DateRange::All, 0, &world.zone).expect("a valid range");
        let property = "amount".to_owned();
        for (measure, expected) in [
            (PersonMeasure::Avg { property: property.clone() }, vec![]),
            (PersonMeasure::Max { property: property.clone() }, vec![]),
            (PersonMeasure::Sum { property }, vec![(1, 0.0)]),
            (PersonMeasure::Days, vec![(1, 1.0)]),
        ] {
            assert_eq!(per_person(&event, &measure, all, &built.context()).expect("no error"), expected);
        }
        assert_eq!(columns_needed(&event, &PersonMeasure::Max { property: "x".to_owned() }), ["x"]);
    }
}
