//! Stickiness by counting every person's different buckets, for tests.

use std::collections::BTreeSet;

use siyu_types::analysis::{StickinessGroup, StickinessQuery, StickinessResult};
use siyu_types::calendar::{bucket_date, day_start};

use crate::testing::World;
use crate::testing::plain::{self, Found};

pub(super) fn found(query: &StickinessQuery, world: &World) -> Vec<Found<usize>> {
    let people = plain::chosen(world, query.segment);
    let (from, to) = plain::days(world, &query.range, &people, &query.event);
    let of = |person: u32| {
        let mut events = plain::known(world, person, &query.event);
        events.retain(|event| (from..=to).contains(&plain::date(world, event)));
        let buckets = events.iter().map(|event| bucket_date(plain::date(world, event), query.interval));
        let active = buckets.collect::<BTreeSet<_>>().len();
        let first = events.get(..1)?;
        let groups = plain::groups(world, query.breakdown.as_ref(), person, first);
        Some(Found { person, groups, outcome: active })
    };
    people.iter().filter_map(|person| of(*person)).collect()
}

pub(super) fn run(query: &StickinessQuery, world: &World) -> StickinessResult {
    let days = plain::days(world, &query.range, &plain::chosen(world, query.segment), &query.event);
    let intervals = plain::buckets(days, query.interval).len();
    let groups = plain::grouped(query.breakdown.is_some(), &found(query, world));
    let group = |(group, found): (_, Vec<Found<usize>>)| {
        let exactly = |active: usize| found.iter().filter(|one| one.outcome == active).count() as u64;
        let sum: usize = found.iter().map(|one| one.outcome).sum();
        StickinessGroup {
            group,
            total: found.len() as u64,
            people: (1..=intervals).map(exactly).collect(),
            average: (!found.is_empty()).then(|| sum as f64 / found.len() as f64),
        }
    };
    StickinessResult {
        intervals: intervals as u32,
        complete: world.as_of >= day_start(days.1.tomorrow().expect("in the calendar"), &world.zone),
        groups: groups.into_iter().map(group).collect(),
        as_of: world.as_of,
    }
}
