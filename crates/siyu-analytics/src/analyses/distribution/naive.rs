//! The distribution by working out every person's number alone, for tests.

use std::collections::BTreeSet;

use siyu_types::analysis::{Bin, DistributionGroup, DistributionQuery};
use siyu_types::condition::PersonMeasure;

use crate::summary::summary;
use crate::testing::plain::{self, Found};
use crate::testing::{Event, World};
use crate::values::keys;

fn number(measure: &PersonMeasure, world: &World, events: &[&Event]) -> Option<f64> {
    let numbers = |property: &str| -> Vec<f64> {
        events.iter().filter_map(|event| event.props.get(property)?.as_number()).collect()
    };
    match measure {
        PersonMeasure::Count => Some(events.len() as f64),
        PersonMeasure::Sum { property } => Some(numbers(property).iter().sum::<f64>() + 0.0),
        PersonMeasure::Avg { property } => {
            let numbers = numbers(property);
            (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64)
        }
        PersonMeasure::Min { property } => numbers(property).into_iter().reduce(f64::min),
        PersonMeasure::Max { property } => numbers(property).into_iter().reduce(f64::max),
        PersonMeasure::Days => {
            let days: BTreeSet<_> = events.iter().map(|event| plain::date(world, event)).collect();
            Some(days.len() as f64)
        }
        PersonMeasure::Distinct { property } => {
            let values = events.iter().filter_map(|event| event.props.get(property)).flat_map(keys);
            Some(values.collect::<BTreeSet<_>>().len() as f64)
        }
    }
}

pub(super) fn found(query: &DistributionQuery, world: &World) -> Vec<Found<Option<f64>>> {
    let people = plain::chosen(world, query.segment);
    let (from, to) = plain::days(world, &query.range, &people, &query.event);
    let of = |person: u32| {
        let mut events = plain::known(world, person, &query.event);
        events.retain(|event| (from..=to).contains(&plain::date(world, event)));
        let groups = plain::groups(world, query.breakdown.as_ref(), person, events.get(..1)?);
        Some(Found { person, groups, outcome: number(&query.measure, world, &events) })
    };
    people.iter().filter_map(|person| of(*person)).collect()
}

pub(super) fn holds(bin: &Bin, number: f64) -> bool {
    bin.from.is_none_or(|from| from <= number) && bin.to.is_none_or(|to| number < to)
}

pub(super) fn groups(query: &DistributionQuery, world: &World, bins: &[Bin]) -> Vec<DistributionGroup> {
    let groups = plain::grouped(query.breakdown.is_some(), &found(query, world));
    let group = |(group, found): (_, Vec<Found<Option<f64>>>)| {
        let mut numbers: Vec<f64> = found.iter().filter_map(|one| one.outcome).collect();
        numbers.sort_unstable_by(f64::total_cmp);
        let count = |bin: &Bin| numbers.iter().filter(|number| holds(bin, **number)).count() as u64;
        DistributionGroup {
            group,
            total: numbers.len() as u64,
            without: (found.len() - numbers.len()) as u64,
            people: bins.iter().map(count).collect(),
            summary: summary(&numbers),
        }
    };
    groups.into_iter().map(group).collect()
}
