//! Intervals by looking for the start of every end, for tests.

use siyu_types::Value;
use siyu_types::analysis::{IntervalQuery, Pairing};
use siyu_types::calendar::bucket_date;

use crate::testing::plain::{self, Found};
use crate::testing::{Event, World};
use crate::values::keys;

#[derive(Clone, Debug)]
pub(super) struct Pair {
    /// First local day.
    pub(super) bucket: String,
    pub(super) millis: i64,
}

fn link(query: &IntervalQuery, event: &Event) -> Option<Option<Vec<String>>> {
    let Some(name) = &query.link else { return Some(None) };
    match event.props.get(name) {
        None | Some(Value::List(_)) => None,
        Some(value) => Some(Some(keys(value))),
    }
}

/// All intervals, also those that are too long.
pub(super) fn found(query: &IntervalQuery, world: &World) -> Vec<Found<Pair>> {
    let people = plain::chosen(world, query.segment);
    let (from, to) = plain::days(world, &query.range, &people, &query.from);
    let mut found = Vec::new();
    for person in people {
        let mut events = world.events_of(person);
        events.retain(|event| event.time <= world.as_of && link(query, event).is_some());
        let is_end = |event: &Event| plain::matches(world, event, &query.to);
        let is_start = |event: &Event| plain::matches(world, event, &query.from);
        for (at, end) in events.iter().enumerate().filter(|(_, event)| is_end(event)) {
            let same = |event: &&&Event| link(query, event) == link(query, end);
            // The starts since the last end before this one, which itself may be a start.
            let before: Vec<&&Event> = events[..at].iter().filter(same).collect();
            let since = before.iter().rposition(|event| is_end(event)).unwrap_or(0);
            let mut starts = before[since..].iter().filter(|event| is_start(event));
            let start = match query.pairing {
                Pairing::Latest => starts.next_back(),
                Pairing::Earliest => starts.next(),
            };
            let Some(start) = start.filter(|start| (from..=to).contains(&plain::date(world, start))) else {
                continue;
            };
            found.push(Found {
                person,
                groups: plain::groups(world, query.breakdown.as_ref(), person, &[start]),
                outcome: Pair {
                    bucket: bucket_date(plain::date(world, start), query.interval).to_string(),
                    millis: end.time - start.time,
                },
            });
        }
    }
    found
}
