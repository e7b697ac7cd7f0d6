//! The lifecycle by asking of every bucket and person, for tests.

use jiff::civil::Date;
use siyu_types::analysis::{Bucket, LifecycleGroup, LifecycleQuery, LifecycleResult, LifecycleState};
use siyu_types::calendar::{bucket_date, day_start, local_date, next_bucket};

use crate::testing::World;
use crate::testing::plain::{self, Found};

/// The buckets somebody was ever active in, and the states those make.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) states: Vec<(Date, LifecycleState)>,
}

fn days(query: &LifecycleQuery, world: &World) -> (Date, Date) {
    plain::days(world, &query.range, &plain::chosen(world, query.segment), &query.event)
}

fn state(active: &[Date], bucket: Date, query: &LifecycleQuery) -> Option<LifecycleState> {
    let before = bucket_date(bucket.yesterday().expect("in the calendar"), query.interval);
    let was = |date: Date| active.contains(&date);
    let ever = active.iter().any(|date| *date < bucket);
    match (was(bucket), was(before)) {
        (true, true) => Some(LifecycleState::Returning),
        (true, false) if ever => Some(LifecycleState::Resurrecting),
        (true, false) => Some(LifecycleState::New),
        (false, true) => Some(LifecycleState::Dormant),
        (false, false) => None,
    }
}

pub(super) fn found(query: &LifecycleQuery, world: &World) -> Vec<Found<Life>> {
    let (from, to) = days(query, world);
    let buckets = plain::buckets((from, to), query.interval);
    let today = local_date(world.as_of, &world.zone);
    let mut found = Vec::new();
    for person in plain::chosen(world, query.segment) {
        let events = plain::known(world, person, &query.event);
        let counted = events.iter().filter(|event| plain::date(world, event) <= to);
        let active: Vec<Date> =
            counted.map(|event| bucket_date(plain::date(world, event), query.interval)).collect();
        let before = bucket_date(buckets[0].yesterday().expect("in the calendar"), query.interval);
        if !active.iter().any(|date| *date >= before) {
            continue;
        }
        let begun = buckets.iter().filter(|bucket| **bucket <= today);
        let states = begun.filter_map(|bucket| Some((*bucket, state(&active, *bucket, query)?)));
        found.push(Found {
            person,
            groups: plain::groups(world, query.breakdown.as_ref(), person, &events[..1]),
            outcome: Life { states: states.collect() },
        });
    }
    found
}

pub(super) fn run(query: &LifecycleQuery, world: &World) -> LifecycleResult {
    let (from, to) = days(query, world);
    let buckets = plain::buckets((from, to), query.interval);
    let groups = plain::grouped(query.breakdown.is_some(), &found(query, world));
    let group = |(group, found): (_, Vec<Found<Life>>)| {
        let of = |state: LifecycleState| {
            let count = |bucket: &Date| {
                found.iter().filter(|one| one.outcome.states.contains(&(*bucket, state))).count() as u64
            };
            buckets.iter().map(count).collect()
        };
        LifecycleGroup {
            group,
            new: of(LifecycleState::New),
            returning: of(LifecycleState::Returning),
            resurrecting: of(LifecycleState::Resurrecting),
            dormant: of(LifecycleState::Dormant),
        }
    };
    let described = buckets.iter().map(|date| {
        let end = next_bucket(*date, query.interval).min(to.tomorrow().expect("in the calendar"));
        Bucket { start: date.to_string(), complete: world.as_of >= day_start(end, &world.zone) }
    });
    LifecycleResult {
        buckets: described.collect(),
        groups: groups.into_iter().map(group).collect(),
        as_of: world.as_of,
    }
}
