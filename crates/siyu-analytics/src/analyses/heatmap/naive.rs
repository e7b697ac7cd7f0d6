//! Heat maps by asking the calendar about every event, for tests.

use std::collections::BTreeSet;

use jiff::Timestamp;
use siyu_types::analysis::{HOURS, HeatmapCounts, HeatmapGroup, HeatmapQuery, WEEKDAYS};

use crate::testing::plain::{self, Found};
use crate::testing::{Event, World};

/// Day of the week from Monday, hour, and what it is worth.
pub(super) type At = (u32, u32, f64);

fn at(query: &HeatmapQuery, world: &World, event: &Event) -> At {
    let instant = Timestamp::from_millisecond(event.time).expect("in the calendar");
    let local = instant.to_zoned(world.zone.clone());
    let worth = query.worth.as_ref().and_then(|property| event.props.get(property)?.as_number());
    (local.date().weekday().to_monday_zero_offset() as u32, local.hour() as u32, worth.unwrap_or(0.0))
}

pub(super) fn found(query: &HeatmapQuery, world: &World) -> Vec<Found<At>> {
    let people = plain::chosen(world, query.segment);
    let (from, to) = plain::days(world, &query.range, &people, &query.event);
    let of = |person: u32| {
        let events = plain::known(world, person, &query.event).into_iter();
        let inside = events.filter(move |event| (from..=to).contains(&plain::date(world, event)));
        inside.map(move |event| Found {
            person,
            groups: plain::groups(world, query.breakdown.as_ref(), person, &[event]),
            outcome: at(query, world, event),
        })
    };
    people.into_iter().flat_map(of).collect()
}

fn counts(query: &HeatmapQuery, found: &[Found<At>], wanted: impl Fn(&At) -> bool) -> HeatmapCounts {
    let inside: Vec<_> = found.iter().filter(|one| wanted(&one.outcome)).collect();
    let sum: f64 = inside.iter().map(|one| one.outcome.2).sum();
    HeatmapCounts {
        count: inside.len() as u64,
        people: inside.iter().map(|one| one.person).collect::<BTreeSet<_>>().len() as u64,
        value: (sum * query.unit() as f64).round() as i64,
    }
}

pub(super) fn groups(query: &HeatmapQuery, world: &World) -> Vec<HeatmapGroup> {
    let group = |(group, found): (_, Vec<Found<At>>)| {
        let day = |day: usize| counts(query, &found, |at| at.0 as usize == day);
        let hour = |hour: usize| counts(query, &found, |at| at.1 as usize == hour);
        let cells = |day: usize| {
            let cell =
                |hour: usize| counts(query, &found, |at| at.0 as usize == day && at.1 as usize == hour);
            (0..HOURS).map(cell).collect()
        };
        HeatmapGroup {
            group,
            total: counts(query, &found, |_| true),
            weekdays: (0..WEEKDAYS).map(day).collect(),
            hours: (0..HOURS).map(hour).collect(),
            cells: (0..WEEKDAYS).map(cells).collect(),
        }
    };
    plain::grouped(query.breakdown.is_some(), &found(query, world)).into_iter().map(group).collect()
}
