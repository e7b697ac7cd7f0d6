//! What naive twins share: events one by one, groups by name, days by date.

use std::collections::BTreeMap;

use jiff::civil::Date;
use siyu_types::ItemField;
use siyu_types::analysis::{ANY_EVENT, Breakdown, DateRange, EventMatch, GROUPS_MAX, Group, Interval};
use siyu_types::calendar::{bucket_date, local_date, next_bucket, resolve_dates};
use siyu_types::record::names::DONE_TO_PEOPLE;

use super::{Event, World};
use crate::values::keys;

/// An outcome, whose it is, and the groups it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Found<O> {
    pub(crate) person: u32,
    pub(crate) groups: Vec<Group>,
    pub(crate) outcome: O,
}

pub(crate) fn matches(world: &World, event: &Event, asked: &EventMatch) -> bool {
    let named = match asked.event.as_str() {
        ANY_EVENT => !DONE_TO_PEOPLE.contains(&event.name.as_str()),
        name => event.name == name,
    };
    named && asked.filters.iter().all(|f| f.holds(&event.props, |field, id| world.item(field, id)))
}

/// The people a question looks at.
pub(crate) fn chosen(world: &World, segment: Option<i64>) -> Vec<u32> {
    let in_segment = |person: &u32| segment.is_none_or(|id| world.segments[&id].contains(person));
    world.living.iter().copied().filter(in_segment).collect()
}

/// What of a person is known, in order, and matches.
pub(crate) fn known<'w>(world: &'w World, person: u32, asked: &EventMatch) -> Vec<&'w Event> {
    let mut events = world.events_of(person);
    events.retain(|event| event.time <= world.as_of && matches(world, event, asked));
    events
}

pub(crate) fn date(world: &World, event: &Event) -> Date {
    local_date(event.time, &world.zone)
}

/// First and last local day of a range; one of all time starts with the first event that matches.
pub(crate) fn days(world: &World, range: &DateRange, people: &[u32], asked: &EventMatch) -> (Date, Date) {
    let (from, to) = resolve_dates(range, world.as_of, &world.zone).expect("a valid range");
    if *range != DateRange::All {
        return (from, to);
    }
    let today = local_date(world.as_of, &world.zone);
    let events = people.iter().flat_map(|person| known(world, *person, asked));
    (events.map(|event| date(world, event)).filter(|date| *date >= from).min().unwrap_or(today), today)
}

/// First days of the buckets that touch the days.
pub(crate) fn buckets((from, to): (Date, Date), interval: Interval) -> Vec<Date> {
    let next = |date: &Date| Some(next_bucket(*date, interval)).filter(|next| *next <= to);
    std::iter::successors(Some(bucket_date(from, interval)), next).collect()
}

/// The groups of an outcome; by a property, of the first event that has it.
pub(crate) fn groups(
    world: &World,
    breakdown: Option<&Breakdown>,
    person: u32,
    events: &[&Event],
) -> Vec<Group> {
    let value = match breakdown {
        None => return Vec::new(),
        Some(Breakdown::Property { name }) => {
            let mut found = events.iter().filter_map(|event| event.props.get(name));
            found.find(|value| !keys(value).is_empty()).cloned()
        }
        Some(Breakdown::Item { property, field }) => {
            let found = |event: &&Event| ItemField::of(event.props.get(property), |id| world.item(field, id));
            events.iter().find_map(found)
        }
        Some(Breakdown::Ranges { property, edges }) => {
            let numbers = events.iter().filter_map(|event| event.props.get(property)?.as_number());
            return vec![numbers.map(|number| range(edges, number)).next().unwrap_or(Group::Missing)];
        }
        Some(Breakdown::Segments { segments }) => {
            let own = segments.iter().filter(|id| world.segments[id].contains(&person));
            let mut groups: Vec<Group> = own.map(|id| Group::Value { value: id.to_string() }).collect();
            if groups.is_empty() {
                groups.push(Group::Missing);
            }
            return groups;
        }
        Some(Breakdown::Attribute { name }) => world.attributes[name].get(&person).cloned(),
        Some(Breakdown::Tag { tag }) => world.tags[tag].get(&person).cloned(),
    };
    let values = value.as_ref().map(keys).unwrap_or_default();
    if values.is_empty() {
        return vec![Group::Missing];
    }
    values.into_iter().map(|value| Group::Value { value }).collect()
}

/// The range that holds a number.
fn range(edges: &[f64], number: f64) -> Group {
    let below = edges.iter().rfind(|edge| **edge <= number);
    let above = edges.iter().find(|edge| **edge > number);
    let text = |edge: Option<&f64>| edge.map_or_else(String::new, ToString::to_string);
    Group::Value { value: format!("{}..{}", text(below), text(above)) }
}

/// The whole, then the shown groups that have anything, with their outcomes.
pub(crate) fn grouped<O: Clone>(broken_down: bool, found: &[Found<O>]) -> Vec<(Group, Vec<Found<O>>)> {
    let mut answer = vec![(Group::Whole, found.to_vec())];
    if !broken_down {
        return answer;
    }
    let mut by_group: BTreeMap<Group, Vec<Found<O>>> = BTreeMap::new();
    for one in found {
        for group in &one.groups {
            by_group.entry(group.clone()).or_default().push(one.clone());
        }
    }
    let missing = by_group.remove(&Group::Missing);
    let mut shown: Vec<_> = by_group.into_iter().collect();
    shown.sort_by_key(|(_, found)| std::cmp::Reverse(found.len()));
    shown.truncate(GROUPS_MAX);
    let is_shown = |group: &Group| *group == Group::Missing || shown.iter().any(|(own, _)| own == group);
    let has_other = |one: &&Found<O>| one.groups.iter().any(|group| !is_shown(group));
    let other: Vec<_> = found.iter().filter(has_other).cloned().collect();
    answer.extend(shown.clone());
    answer.extend(missing.map(|found| (Group::Missing, found)));
    if !other.is_empty() {
        answer.push((Group::Other, other));
    }
    answer
}

/// The people of a group whose outcome is wanted, ascending.
pub(crate) fn people<O: Clone>(
    groups: &[(Group, Vec<Found<O>>)],
    group: &Group,
    wanted: impl Fn(&O) -> bool,
) -> Vec<u32> {
    let found = groups.iter().find(|(own, _)| own == group).map(|(_, found)| found.as_slice());
    let wanted = found.unwrap_or_default().iter().filter(|one| wanted(&one.outcome));
    let mut people: Vec<u32> = wanted.map(|one| one.person).collect();
    people.sort_unstable();
    people.dedup();
    people
}
