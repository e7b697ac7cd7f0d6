//! Sequences by trying every choice of events, for tests.

use siyu_types::analysis::{
    Bucket, SEQUENCE_TIMES_SHOWN, SequenceCounts, SequenceGroup, SequenceQuery, SequenceResult,
};
use siyu_types::calendar::{bucket_date, day_start, next_bucket};

use crate::testing::plain::{self, Found};
use crate::testing::{Event, World};

/// Of each time, the first local day of the bucket of its last step.
pub(super) type Times = Vec<String>;

/// The least place at which a sequence may end that has come to `step` at `at`.
fn end(query: &SequenceQuery, world: &World, events: &[&Event], at: usize, step: usize) -> Option<usize> {
    let Some(next) = query.steps.get(step + 1) else { return Some(at) };
    let follows = |place: &usize| {
        let gap = events[*place].time - events[at].time;
        let between = &events[at + 1..*place];
        plain::matches(world, events[*place], &next.event)
            && next.within_seconds.is_none_or(|most| gap <= i64::from(most) * 1_000)
            && next.after_seconds.is_none_or(|least| gap >= i64::from(least) * 1_000)
            && !next
                .without
                .as_ref()
                .is_some_and(|x| between.iter().any(|event| plain::matches(world, event, x)))
    };
    let places = (at + 1..events.len()).filter(follows);
    places.filter_map(|place| end(query, world, events, place, step + 1)).min()
}

pub(super) fn found(query: &SequenceQuery, world: &World) -> Vec<Found<Times>> {
    let people = plain::chosen(world, query.segment);
    let (from, to) = plain::days(world, &query.range, &people, &query.steps[0].event);
    let mut found = Vec::new();
    for person in people {
        let mut events = world.events_of(person);
        events.retain(|event| event.time <= world.as_of && (from..=to).contains(&plain::date(world, event)));
        let (mut ends, mut begin) = (Vec::new(), 0);
        loop {
            let starts =
                (begin..events.len()).filter(|at| plain::matches(world, events[*at], &query.steps[0].event));
            let Some(last) = starts.filter_map(|at| end(query, world, &events, at, 0)).min() else { break };
            ends.push(events[last]);
            begin = last + 1;
        }
        if ends.len() >= query.least_times as usize {
            let bucket = |event: &&Event| bucket_date(plain::date(world, event), query.interval).to_string();
            found.push(Found {
                person,
                groups: plain::groups(world, query.breakdown.as_ref(), person, &ends[..1]),
                outcome: ends.iter().map(bucket).collect(),
            });
        }
    }
    found
}

pub(super) fn run(query: &SequenceQuery, world: &World) -> SequenceResult {
    let people = plain::chosen(world, query.segment);
    let (from, to) = plain::days(world, &query.range, &people, &query.steps[0].event);
    let dates = plain::buckets((from, to), query.interval);
    let group = |(group, found): (_, Vec<Found<Times>>)| {
        let all: Vec<&Times> = found.iter().map(|one| &one.outcome).collect();
        let counts = |date: &jiff::civil::Date| {
            let date = date.to_string();
            SequenceCounts {
                people: all.iter().filter(|times| times.contains(&date)).count() as u64,
                first: all.iter().filter(|times| times[0] == date).count() as u64,
                matches: all.iter().flat_map(|times| times.iter()).filter(|own| **own == date).count() as u64,
            }
        };
        let exactly = |times: usize| {
            let last = times == SEQUENCE_TIMES_SHOWN;
            all.iter().filter(|own| own.len() == times || (last && own.len() > times)).count() as u64
        };
        SequenceGroup {
            group,
            people: all.len() as u64,
            matches: all.iter().map(|times| times.len() as u64).sum(),
            buckets: dates.iter().map(counts).collect(),
            times: (1..=SEQUENCE_TIMES_SHOWN).map(exactly).collect(),
        }
    };
    let groups = plain::grouped(query.breakdown.is_some(), &found(query, world));
    let after = to.tomorrow().expect("in the calendar");
    let described = dates.iter().map(|date| {
        let end = next_bucket(*date, query.interval).min(after);
        Bucket { start: date.to_string(), complete: world.as_of >= day_start(end, &world.zone) }
    });
    SequenceResult {
        buckets: described.collect(),
        groups: groups.into_iter().map(group).collect(),
        complete: world.as_of >= day_start(after, &world.zone),
        as_of: world.as_of,
    }
}
