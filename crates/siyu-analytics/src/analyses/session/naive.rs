//! Sessions by going from event to event of every person, for tests.

use std::collections::{BTreeMap, BTreeSet};

use siyu_types::analysis::{
    Bucket, SESSION_EVENTS_SHOWN, SessionCounts, SessionEvent, SessionGroup, SessionQuery, SessionResult,
};
use siyu_types::calendar::{bucket_date, day_start, next_bucket};

use crate::testing::plain::{self, Found};
use crate::testing::{Event, World};

#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) bucket: String,
    pub(super) events: Vec<Event>,
}

pub(super) fn found(query: &SessionQuery, world: &World) -> Vec<Found<Session>> {
    let people = plain::chosen(world, query.segment);
    let (from, to) = plain::days(world, &query.range, &people, &query.event);
    let mut found = Vec::new();
    for person in people {
        let mut sessions: Vec<Vec<&Event>> = Vec::new();
        for event in plain::known(world, person, &query.event) {
            let stays = sessions.last().is_some_and(|session: &Vec<&Event>| {
                let (first, last) = (session[0], session[session.len() - 1]);
                event.time - last.time < i64::from(query.gap_seconds) * 1_000
                    && query.longest_seconds.is_none_or(|l| event.time - first.time <= i64::from(l) * 1_000)
            });
            match sessions.last_mut().filter(|_| stays) {
                Some(session) => session.push(event),
                None => sessions.push(vec![event]),
            }
        }
        for session in sessions {
            let date = plain::date(world, session[0]);
            if (from..=to).contains(&date) {
                found.push(Found {
                    person,
                    groups: plain::groups(world, query.breakdown.as_ref(), person, &session),
                    outcome: Session {
                        bucket: bucket_date(date, query.interval).to_string(),
                        events: session.into_iter().cloned().collect(),
                    },
                });
            }
        }
    }
    found
}

fn counts<'f>(found: impl Iterator<Item = &'f Found<Session>>) -> SessionCounts {
    let found: Vec<_> = found.collect();
    let length = |session: &Session| session.events[session.events.len() - 1].time - session.events[0].time;
    SessionCounts {
        sessions: found.len() as u64,
        people: found.iter().map(|one| one.person).collect::<BTreeSet<_>>().len() as u64,
        events: found.iter().map(|one| one.outcome.events.len() as u64).sum(),
        bounces: found.iter().filter(|one| one.outcome.events.len() == 1).count() as u64,
        duration_millis: found.iter().map(|one| length(&one.outcome)).sum(),
    }
}

fn events(found: &[Found<Session>]) -> Vec<SessionEvent> {
    let mut by_name: BTreeMap<&str, SessionEvent> = BTreeMap::new();
    for session in found.iter().map(|one| &one.outcome.events) {
        for (at, event) in session.iter().enumerate() {
            let none =
                SessionEvent { event: event.name.clone(), occurrences: 0, entries: 0, exits: 0, bounces: 0 };
            let counts = by_name.entry(&event.name).or_insert(none);
            counts.occurrences += 1;
            counts.entries += u64::from(at == 0);
            counts.exits += u64::from(at + 1 == session.len());
            counts.bounces += u64::from(session.len() == 1);
        }
    }
    let mut events: Vec<_> = by_name.into_values().collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.occurrences));
    events
}

pub(super) fn run(query: &SessionQuery, world: &World) -> SessionResult {
    let (from, to) = plain::days(world, &query.range, &plain::chosen(world, query.segment), &query.event);
    let all = found(query, world);
    let buckets = plain::buckets((from, to), query.interval);
    let group = |(group, found): (_, Vec<Found<Session>>)| SessionGroup {
        group,
        total: counts(found.iter()),
        buckets: buckets
            .iter()
            .map(|date| counts(found.iter().filter(|one| one.outcome.bucket == date.to_string())))
            .collect(),
    };
    let mut shown = events(&all);
    let events_left_out = shown.len().saturating_sub(SESSION_EVENTS_SHOWN) as u64;
    shown.truncate(SESSION_EVENTS_SHOWN);
    let groups = plain::grouped(query.breakdown.is_some(), &all).into_iter().map(group).collect();
    let described = buckets.iter().map(|date| {
        let end = next_bucket(*date, query.interval).min(to.tomorrow().expect("in the calendar"));
        Bucket { start: date.to_string(), complete: world.as_of >= day_start(end, &world.zone) }
    });
    SessionResult { buckets: described.collect(), groups, events: shown, events_left_out, as_of: world.as_of }
}
