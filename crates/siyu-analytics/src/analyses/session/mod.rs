//! Sessions: events of one person without a longer break between them, worked out when
//! asked. Reference/03 §2.7.
//!
//! - A break as long as the gap cuts; midnight does not. A session counts in the bucket of its
//!   first event, if that lies in the range, with all its events until now.
//! - The first event of a session is its entry, the last its exit; a session of one event is a
//!   bounce and lasts no time.
//! - By a property, a session belongs to the group of its first event that has it.

#[cfg(test)]
mod naive;
mod sessions;
#[cfg(test)]
mod tests;

use std::cell::RefCell;

use roaring::RoaringBitmap;
use siyu_types::Result;
use siyu_types::analysis::{
    Group, Question as _, SESSION_EVENTS_SHOWN, SessionCell, SessionCounts, SessionEvent, SessionGroup,
    SessionQuery, SessionResult,
};
use siyu_types::clock::Millis;

use crate::Context;
use crate::buckets::Buckets;
use crate::groups::Source;
use crate::masks::EventTest;
use crate::outcomes::{self, Outcomes, Tally};
use crate::pass::{People, Piece};
use crate::roles::Roles;
use crate::wanted::unbroken;
pub(crate) use sessions::Cut;

/// Answers the query, over all living people or those `within`.
pub fn run(
    query: &SessionQuery,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<SessionResult> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Sessions::new(query, context, within)?;
    let groups = outcomes::tally(
        &kind,
        context.scan,
        &source,
        &Counts::new(kind.buckets.len(), context.scan.event_names.len()),
    );
    let whole = groups.first().map(|(_, whole)| whole.events.clone()).unwrap_or_default();
    let mut events = described(&whole, &context.scan.event_names);
    let events_left_out = events.len().saturating_sub(SESSION_EVENTS_SHOWN) as u64;
    events.truncate(SESSION_EVENTS_SHOWN);
    Ok(SessionResult {
        buckets: kind.buckets.described(context.as_of),
        groups: groups.into_iter().map(|(group, counts)| counts.into_group(group)).collect(),
        events,
        events_left_out,
        as_of: context.as_of,
    })
}

/// The people behind one cell of the answer.
pub fn people(
    query: &SessionQuery,
    cell: &SessionCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    query.validate()?;
    let source = Source::new(query.breakdown.as_ref(), context.people)?;
    let kind = Sessions::new(query, context, within)?;
    let bucket = kind.buckets.chosen(cell.bucket.as_ref())?;
    let wanted = |session: &Session<'_>| {
        bucket.is_none_or(|bucket| bucket == session.bucket) && (!cell.bounced || session.codes.len() == 1)
    };
    Ok(outcomes::people(&kind, context.scan, &source, &cell.group, wanted))
}

/// Most frequent first, equal ones by name.
fn described(counts: &[EventCounts], names: &[Box<str>]) -> Vec<SessionEvent> {
    let named = names.iter().zip(counts).filter(|(_, counts)| counts.occurrences > 0);
    let mut events: Vec<_> = named
        .map(|(name, counts)| SessionEvent {
            event: name.to_string(),
            occurrences: counts.occurrences,
            entries: counts.entries,
            exits: counts.exits,
            bounces: counts.bounces,
        })
        .collect();
    events.sort_unstable_by(|a, b| b.occurrences.cmp(&a.occurrences).then_with(|| a.event.cmp(&b.event)));
    events
}

/// One session.
struct Session<'o> {
    bucket: usize,
    duration: Millis,
    /// Of its events, in order.
    codes: &'o [u16],
}

/// The query, prepared for one scan.
struct Sessions<'q> {
    roles: Roles<'q>,
    chosen: People,
    buckets: Buckets,
    cut: Cut,
    as_of: Millis,
}

impl<'q> Sessions<'q> {
    fn new(
        query: &'q SessionQuery,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Sessions<'q>> {
        let chosen = People::of(&context.chosen(query.segment, within)?);
        let buckets = Buckets::new(&query.range, query.interval, &[&query.event], context, &chosen)?;
        let test = EventTest::new(&query.event.event, &query.event.filters, context);
        Ok(Sessions {
            roles: Roles::new(vec![test]),
            chosen,
            buckets,
            cut: Cut::new(Some(query.gap_seconds), query.longest_seconds),
            as_of: context.as_of,
        })
    }
}

#[derive(Default)]
struct Scratch {
    rows: Vec<u32>,
    times: Vec<Millis>,
    codes: Vec<u16>,
}

impl Outcomes for Sessions<'_> {
    type Outcome<'o> = Session<'o>;

    fn each(&self, piece: &Piece<'_>, mut see: impl FnMut(u32, &[u32], Session<'_>)) {
        let (times, events) = (&piece.block.times[..], &piece.block.events[..]);
        let on = self.roles.on(piece.block);
        let scratch = RefCell::new(Scratch::default());
        piece.each_person(&self.roles.wanted, &self.chosen, |person, rows| {
            let mut cut = |rows: &[u32], times: &[Millis], codes: &[u16]| {
                self.cut.each(times, |session| {
                    if let Some(bucket) = self.buckets.of(times[session.start]) {
                        let duration = times[session.end - 1] - times[session.start];
                        let found = Session { bucket, duration, codes: &codes[session.clone()] };
                        see(person, &rows[session], found);
                    }
                });
            };
            // Where all of a person's events count they are read where they stand.
            if on.plain()
                && let Some(range) = unbroken(rows)
                && times[range.end - 1] <= self.as_of
            {
                cut(rows, &times[range.clone()], &events[range]);
                return;
            }
            let Scratch { rows: own, times: own_times, codes } = &mut *scratch.borrow_mut();
            own.clear();
            own.extend(rows.iter().filter(|row| times[**row as usize] <= self.as_of && on.of(**row) != 0));
            own_times.clear();
            own_times.extend(own.iter().map(|row| times[*row as usize]));
            codes.clear();
            codes.extend(own.iter().map(|row| events[*row as usize]));
            cut(own, own_times, codes);
        });
    }
}

#[derive(Clone, Copy, Default)]
struct EventCounts {
    occurrences: u64,
    entries: u64,
    exits: u64,
    bounces: u64,
}

#[derive(Clone)]
struct Counts {
    total: SessionCounts,
    last: Option<u32>,
    buckets: Vec<(SessionCounts, Option<u32>)>,
    /// By code.
    events: Vec<EventCounts>,
}

impl Counts {
    fn new(buckets: usize, events: usize) -> Counts {
        Counts {
            total: SessionCounts::default(),
            last: None,
            buckets: vec![(SessionCounts::default(), None); buckets],
            events: vec![EventCounts::default(); events],
        }
    }

    fn into_group(self, group: Group) -> SessionGroup {
        let buckets = self.buckets.into_iter().map(|(counts, _)| counts);
        SessionGroup { group, total: self.total, buckets: buckets.collect() }
    }
}

fn count(counts: &mut SessionCounts, new_person: bool, session: &Session<'_>) {
    counts.sessions += 1;
    counts.people += u64::from(new_person);
    counts.events += session.codes.len() as u64;
    counts.bounces += u64::from(session.codes.len() == 1);
    counts.duration_millis += session.duration;
}

fn merge(own: &mut SessionCounts, more: &SessionCounts) {
    own.sessions += more.sessions;
    own.people += more.people;
    own.events += more.events;
    own.bounces += more.bounces;
    own.duration_millis += more.duration_millis;
}

impl Tally<Sessions<'_>> for Counts {
    fn add(&mut self, person: u32, session: &Session<'_>) {
        let new = self.last.replace(person) != Some(person);
        count(&mut self.total, new, session);
        let (bucket, last) = &mut self.buckets[session.bucket];
        let new = last.replace(person) != Some(person);
        count(bucket, new, session);
        for &code in session.codes {
            self.events[usize::from(code)].occurrences += 1;
        }
        if let [entry, ..] = session.codes
            && let [.., exit] = session.codes
        {
            self.events[usize::from(*entry)].entries += 1;
            self.events[usize::from(*exit)].exits += 1;
            self.events[usize::from(*entry)].bounces += u64::from(session.codes.len() == 1);
        }
    }

    fn merge(&mut self, other: Counts) {
        merge(&mut self.total, &other.total);
        for ((own, _), (more, _)) in self.buckets.iter_mut().zip(&other.buckets) {
            merge(own, more);
        }
        for (own, more) in self.events.iter_mut().zip(other.events) {
            own.occurrences += more.occurrences;
            own.entries += more.entries;
            own.exits += more.exits;
            own.bounces += more.bounces;
        }
    }
}
