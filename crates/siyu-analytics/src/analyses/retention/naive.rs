//! Retention by asking of every cohort, person and column, for tests.

use jiff::civil::Date;
use siyu_types::analysis::{
    Bucket, Entry, Interval, RetentionClock, RetentionCohort, RetentionCount, RetentionGroup, RetentionMean,
    RetentionQuery, RetentionResult,
};
use siyu_types::calendar::{bucket_date, day_start, next_bucket};

use crate::testing::plain::{self, Found};
use crate::testing::{Event, World};

/// A start and all returns that are not earlier.
#[derive(Clone, Debug)]
pub(super) struct Joined {
    pub(super) cohort: Date,
    start: Event,
    backs: Vec<Event>,
}

fn days(query: &RetentionQuery, world: &World) -> (Date, Date) {
    plain::days(world, &query.range, &plain::chosen(world, query.segment), &query.start)
}

pub(super) fn found(query: &RetentionQuery, world: &World) -> Vec<Found<Joined>> {
    let (from, to) = days(query, world);
    let mut found = Vec::new();
    for person in plain::chosen(world, query.segment) {
        let all = plain::known(world, person, &query.start);
        let in_range = |event: &&&Event| (from..=to).contains(&plain::date(world, event));
        let starts: Vec<&Event> = match query.entry {
            Entry::Recurring => all.iter().filter(in_range).copied().collect(),
            Entry::FirstInRange => all.iter().find(in_range).copied().into_iter().collect(),
            Entry::FirstEver => all.first().filter(|first| in_range(first)).copied().into_iter().collect(),
        };
        let mut cohorts = Vec::new();
        for start in starts {
            let cohort = bucket_date(plain::date(world, start), query.interval);
            if cohorts.contains(&cohort) {
                continue;
            }
            cohorts.push(cohort);
            let backs = plain::known(world, person, &query.back).into_iter();
            let backs = backs.filter(|back| back.time >= start.time && !std::ptr::eq(*back, start));
            found.push(Found {
                person,
                groups: plain::groups(world, query.breakdown.as_ref(), person, &[start]),
                outcome: Joined { cohort, start: start.clone(), backs: backs.cloned().collect() },
            });
        }
    }
    found
}

fn later(date: Date, intervals: u32, interval: Interval) -> Date {
    (0..intervals).fold(date, |date, _| next_bucket(date, interval))
}

fn stretch(interval: Interval) -> i64 {
    [1, 7, 7, 30][interval as usize] * 86_400_000
}

/// Whether somebody is back in some interval `first..=last` after the cohort's.
fn is_back(query: &RetentionQuery, world: &World, joined: &Joined, first: u32, last: u32) -> bool {
    joined.backs.iter().any(|back| match query.clock {
        RetentionClock::Calendar => {
            let date = plain::date(world, back);
            date >= later(joined.cohort, first, query.interval)
                && date < later(joined.cohort, last + 1, query.interval)
        }
        RetentionClock::Elapsed => {
            let passed = back.time - joined.start.time;
            let length = stretch(query.interval);
            passed >= i64::from(first) * length && passed < (i64::from(last) + 1) * length
        }
    })
}

pub(super) fn is_same(query: &RetentionQuery, world: &World, joined: &Joined) -> bool {
    is_back(query, world, joined, 0, 0)
}

pub(super) fn is_in(query: &RetentionQuery, world: &World, joined: &Joined, column: usize) -> bool {
    is_back(query, world, joined, query.columns()[column].0, horizon(query, column))
}

/// Until when a return counts for a column.
fn horizon(query: &RetentionQuery, column: usize) -> u32 {
    let columns = query.columns();
    columns[if query.rolling { columns.len() - 1 } else { column }].1
}

fn is_over(query: &RetentionQuery, world: &World, cohort: Date, to: Date, interval: u32) -> bool {
    let start = |date: Date| day_start(date, &world.zone);
    let end = match query.clock {
        RetentionClock::Calendar => start(later(cohort, interval + 1, query.interval)),
        RetentionClock::Elapsed => {
            let joined = next_bucket(cohort, query.interval).min(to.tomorrow().expect("in the calendar"));
            start(joined) + (i64::from(interval) + 1) * stretch(query.interval)
        }
    };
    world.as_of >= end
}

pub(super) fn run(query: &RetentionQuery, world: &World) -> RetentionResult {
    let (from, to) = days(query, world);
    let cohorts = plain::buckets((from, to), query.interval);
    let columns = query.columns();
    let groups = plain::grouped(query.breakdown.is_some(), &found(query, world));
    let group = |(group, found): (_, Vec<Found<Joined>>)| {
        let cohort = |date: &Date| {
            let members: Vec<&Joined> =
                found.iter().map(|one| &one.outcome).filter(|joined| joined.cohort == *date).collect();
            let count = |interval: u32, is: &dyn Fn(&Joined) -> bool| RetentionCount {
                people: members.iter().filter(|joined| is(joined)).count() as u64,
                complete: is_over(query, world, *date, to, interval),
            };
            let end = next_bucket(*date, query.interval).min(to.tomorrow().expect("in the calendar"));
            let complete = world.as_of >= day_start(end, &world.zone);
            RetentionCohort {
                bucket: Bucket { start: date.to_string(), complete },
                size: members.len() as u64,
                same: count(0, &|joined| is_same(query, world, joined)),
                back: (0..columns.len())
                    .map(|column| {
                        count(horizon(query, column), &|joined| is_in(query, world, joined, column))
                    })
                    .collect(),
            }
        };
        let cohorts: Vec<_> = cohorts.iter().map(cohort).collect();
        let mean = |column: usize| {
            let cells: Vec<(f64, f64)> = cohorts
                .iter()
                .filter(|cohort| cohort.size > 0 && cohort.back[column].complete)
                .map(|cohort| (cohort.back[column].people as f64, cohort.size as f64))
                .collect();
            let sum = |part: fn(&(f64, f64)) -> f64| cells.iter().map(part).sum::<f64>();
            let some = !cells.is_empty();
            RetentionMean {
                weighted: some.then(|| sum(|cell| cell.0) / sum(|cell| cell.1)),
                simple: some.then(|| sum(|cell| cell.0 / cell.1) / cells.len() as f64),
            }
        };
        RetentionGroup {
            group,
            size: found.len() as u64,
            means: (0..columns.len()).map(mean).collect(),
            cohorts,
        }
    };
    let groups = groups.into_iter().map(group).collect();
    RetentionResult { columns: query.columns(), groups, as_of: world.as_of }
}
