//! The trend by asking of every bucket and group which events belong to it, for tests.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use siyu_types::ItemField;
use siyu_types::analysis::{
    Breakdown, Bucket, DateRange, GROUPS_MAX, Group, Measure, TrendLine, TrendQuery, TrendResult,
};
use siyu_types::calendar::{bucket_date, day_start, local_date, next_bucket, resolve_dates};

use crate::testing::{Event, World};
use crate::values::keys;

fn matching<'w>(query: &TrendQuery, series: usize, world: &'w World) -> Vec<&'w Event> {
    let asked = &query.series[series].event;
    let (from, to) = resolve_dates(&query.range, world.as_of, &world.zone).expect("a valid range");
    let mut events: Vec<_> = world
        .events
        .iter()
        .filter(|event| event.name == asked.event && event.time <= world.as_of)
        .filter(|event| (from..=to).contains(&local_date(event.time, &world.zone)))
        .filter(|event| {
            asked.filters.iter().all(|f| f.holds(&event.props, |field, id| world.item(field, id)))
        })
        .filter(|event| world.living.contains(&event.person))
        .filter(|event| query.segment.is_none_or(|id| world.segments[&id].contains(&event.person)))
        .collect();
    events.sort_by_key(|event| (event.person, event.time));
    events
}

fn groups(query: &TrendQuery, world: &World, event: &Event) -> Vec<Group> {
    let value = match &query.breakdown {
        None => return vec![Group::Whole],
        Some(Breakdown::Property { name }) => event.props.get(name).cloned(),
        Some(Breakdown::Attribute { name }) => world.attributes[name].get(&event.person).cloned(),
        Some(Breakdown::Tag { tag }) => world.tags[tag].get(&event.person).cloned(),
        Some(Breakdown::Item { property, field }) => {
            ItemField::of(event.props.get(property), |id| world.item(field, id))
        }
    };
    let values = value.as_ref().map(keys).unwrap_or_default();
    if values.is_empty() {
        return vec![Group::Missing];
    }
    values.into_iter().map(|value| Group::Value { value }).collect()
}

fn number(measure: &Measure, events: &[&Event]) -> Option<f64> {
    let people: BTreeSet<u32> = events.iter().map(|event| event.person).collect();
    let numbers = |property: &String| -> Vec<f64> {
        events.iter().filter_map(|event| event.props.get(property)?.as_number()).collect()
    };
    let ratio = |above: f64, below: usize| (below > 0).then(|| above / below as f64);
    match measure {
        Measure::Count => Some(events.len() as f64),
        Measure::People => Some(people.len() as f64),
        Measure::Sum { property } => Some(numbers(property).iter().sum::<f64>() + 0.0),
        Measure::Avg { property } => ratio(numbers(property).iter().sum(), numbers(property).len()),
        Measure::PerPerson => ratio(events.len() as f64, people.len()),
    }
}

fn buckets(query: &TrendQuery, world: &World) -> (Vec<Date>, Date) {
    let today = local_date(world.as_of, &world.zone);
    let (mut from, mut to) = resolve_dates(&query.range, world.as_of, &world.zone).expect("a valid range");
    if matches!(query.range, DateRange::All) {
        let all = (0..query.series.len()).flat_map(|series| matching(query, series, world));
        from = all.map(|event| local_date(event.time, &world.zone)).min().unwrap_or(today);
        to = today;
    }
    let mut dates = Vec::new();
    let mut date = bucket_date(from, query.interval);
    while date <= to {
        dates.push(date);
        date = next_bucket(date, query.interval);
    }
    (dates, to)
}

pub(super) fn in_bucket(query: &TrendQuery, world: &World, event: &Event, bucket: Date) -> bool {
    bucket_date(local_date(event.time, &world.zone), query.interval) == bucket
}

pub(super) fn run(query: &TrendQuery, world: &World) -> TrendResult {
    let (dates, last) = buckets(query, world);
    let described = dates.iter().map(|&date| {
        let end = next_bucket(date, query.interval).min(last.tomorrow().expect("in the calendar"));
        Bucket { start: date.to_string(), complete: world.as_of >= day_start(end, &world.zone) }
    });
    let mut lines = Vec::new();
    for (series, asked) in query.series.iter().enumerate() {
        for (group, events) in grouped(query, series, world) {
            let value = |date: &Date| {
                let events: Vec<_> =
                    events.iter().copied().filter(|event| in_bucket(query, world, event, *date)).collect();
                number(&asked.measure, &events)
            };
            let values = dates.iter().map(value).collect();
            let total = number(&asked.measure, &events);
            lines.push(TrendLine { series, group, values, total });
        }
    }
    TrendResult { buckets: described.collect(), lines, as_of: world.as_of }
}

/// The shown groups of a series and their events, in the order shown.
pub(super) fn grouped<'w>(
    query: &TrendQuery,
    series: usize,
    world: &'w World,
) -> Vec<(Group, Vec<&'w Event>)> {
    let measure = &query.series[series].measure;
    let mut by_group: BTreeMap<Group, Vec<&Event>> = BTreeMap::new();
    if query.breakdown.is_none() {
        by_group.insert(Group::Whole, Vec::new());
    }
    for event in matching(query, series, world) {
        for group in groups(query, world, event) {
            by_group.entry(group).or_default().push(event);
        }
    }
    let missing = by_group.remove(&Group::Missing);
    let mut shown: Vec<_> = by_group.into_iter().collect();
    let size = |events: &[&Event]| match measure {
        Measure::Avg { .. } | Measure::PerPerson => events.len() as f64,
        _ => number(measure, events).expect("counts and sums always are"),
    };
    shown.sort_by(|a, b| size(&b.1).total_cmp(&size(&a.1)));
    let rest = shown.split_off(shown.len().min(GROUPS_MAX));
    shown.extend(missing.map(|events| (Group::Missing, events)));
    if !rest.is_empty() {
        let mut events: Vec<_> = rest.into_iter().flat_map(|(_, events)| events).collect();
        // An event with several of the other values counts once among them.
        events.sort_by_key(|event| (event.person, event.time, std::ptr::from_ref(*event)));
        events.dedup_by(|a, b| std::ptr::eq(*a, *b));
        shown.push((Group::Other, events));
    }
    shown
}
