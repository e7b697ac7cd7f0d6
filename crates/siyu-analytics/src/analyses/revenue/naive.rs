//! Revenue by asking of every cohort, person and column, for tests.

use jiff::civil::Date;
use siyu_types::analysis::{
    Bucket, Entry, Interval, RetentionClock, RevenueCohort, RevenueColumn, RevenueGroup, RevenueMean,
    RevenueQuery,
};
use siyu_types::calendar::{bucket_date, day_start, local_date, next_bucket};

use crate::testing::plain::{self, Found};
use crate::testing::{Event, World, orders};

/// A start, and all that was brought since: when, how much, and whether it counts.
#[derive(Clone, Debug)]
pub(super) struct Began {
    pub(super) cohort: Date,
    start: Event,
    brought: Vec<(i64, f64, bool)>,
}

fn days(query: &RevenueQuery, world: &World) -> (Date, Date) {
    plain::days(world, &query.range, &plain::chosen(world, query.segment), &query.start)
}

pub(super) fn found(query: &RevenueQuery, world: &World) -> Vec<Found<Began>> {
    let (from, to) = days(query, world);
    let in_range = |event: &&Event| (from..=to).contains(&plain::date(world, event));
    let of = |person: u32| {
        let all = plain::known(world, person, &query.start).into_iter();
        let start = match query.entry {
            Entry::FirstEver => all.take(1).find(in_range),
            _ => all.into_iter().find(in_range),
        }?;
        let brought = orders::gained(world, &query.gain, person).into_iter();
        let brought = brought.filter(|(time, ..)| *time >= start.time);
        let outcome = Began {
            cohort: bucket_date(plain::date(world, start), query.interval),
            start: start.clone(),
            brought: brought.map(|(time, _, amount, counts)| (time, amount, counts)).collect(),
        };
        Some(Found {
            person,
            groups: plain::groups(world, query.breakdown.as_ref(), person, &[start]),
            outcome,
        })
    };
    plain::chosen(world, query.segment).into_iter().filter_map(of).collect()
}

fn later(date: Date, intervals: u32, interval: Interval) -> Date {
    (0..intervals).fold(date, |date, _| next_bucket(date, interval))
}

fn stretch(interval: Interval) -> i64 {
    [1, 7, 30][interval as usize] * 86_400_000
}

/// What somebody brought in some columns, and whether anything of it counts.
pub(super) fn brought(
    query: &RevenueQuery,
    world: &World,
    began: &Began,
    columns: std::ops::RangeInclusive<u32>,
) -> (f64, bool) {
    let inside = began.brought.iter().filter(|(time, ..)| match query.clock {
        RetentionClock::Calendar => {
            let date = local_date(*time, &world.zone);
            date >= later(began.cohort, *columns.start(), query.interval)
                && date < later(began.cohort, columns.end() + 1, query.interval)
        }
        RetentionClock::Elapsed => {
            let passed = (time - began.start.time) / stretch(query.interval);
            columns.contains(&(passed as u32))
        }
    });
    let inside: Vec<_> = inside.collect();
    (inside.iter().map(|(_, amount, _)| amount).sum(), inside.iter().any(|(.., counts)| *counts))
}

fn is_over(query: &RevenueQuery, world: &World, cohort: Date, to: Date, interval: u32) -> bool {
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

pub(super) fn groups(query: &RevenueQuery, world: &World) -> Vec<RevenueGroup> {
    let (from, to) = days(query, world);
    let unit = query.gain.unit() as f64;
    let amount = |value: f64| (value * unit).round() as i64;
    let cohort = |date: &Date, found: &[Found<Began>]| {
        let members: Vec<&Began> =
            found.iter().map(|one| &one.outcome).filter(|began| began.cohort == *date).collect();
        let sums = |columns: std::ops::RangeInclusive<u32>| {
            let all = members.iter().map(|began| brought(query, world, began, columns.clone()));
            let all: Vec<_> = all.collect();
            let paid = all.iter().filter(|(_, paid)| *paid).count() as u64;
            (amount(all.iter().map(|(value, _)| value).sum()), paid)
        };
        let column = |column: u32| {
            let ((value, people), (value_so_far, people_so_far)) = (sums(column..=column), sums(0..=column));
            let complete = is_over(query, world, *date, to, column);
            RevenueColumn { value, people, value_so_far, people_so_far, complete }
        };
        let end = next_bucket(*date, query.interval).min(to.tomorrow().expect("in the calendar"));
        let complete = world.as_of >= day_start(end, &world.zone);
        RevenueCohort {
            bucket: Bucket { start: date.to_string(), complete },
            size: members.len() as u64,
            columns: (0..=query.periods).map(column).collect(),
        }
    };
    let dates = plain::buckets((from, to), query.interval);
    let group = |(group, found): (_, Vec<Found<Began>>)| {
        let cohorts: Vec<_> = dates.iter().map(|date| cohort(date, &found)).collect();
        let mean = |column: usize| {
            let counted: Vec<_> = cohorts.iter().filter(|cohort| cohort.columns[column].complete).collect();
            let size: u64 = counted.iter().map(|cohort| cohort.size).sum();
            let sum = |of: fn(&RevenueColumn) -> i64| -> i64 {
                counted.iter().map(|cohort| of(&cohort.columns[column])).sum()
            };
            let per = |value: i64| (size > 0).then(|| value as f64 / size as f64);
            RevenueMean { value: per(sum(|one| one.value)), value_so_far: per(sum(|one| one.value_so_far)) }
        };
        RevenueGroup {
            group,
            size: found.len() as u64,
            value: cohorts.iter().flat_map(|cohort| &cohort.columns).map(|column| column.value).sum(),
            means: (0..=query.periods as usize).map(mean).collect(),
            cohorts,
        }
    };
    plain::grouped(query.breakdown.is_some(), &found(query, world)).into_iter().map(group).collect()
}
