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
mod whole;

use std::cell::RefCell;
use std::ops::Range;

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
    let kind = Sessions::new(query, &source, context, within)?;
    let whole = matches!(source, Source::Whole).then(|| whole::counts(&kind, context.scan)).flatten();
    let groups = match whole {
        Some(counts) => vec![(Group::Whole, counts)],
        None => {
            let empty = Counts::new(kind.buckets.len(), context.scan.event_names.len());
            outcomes::tally(&kind, context.scan, &source, &empty)
        }
    };
    let mut events =
        groups.first().map_or_else(Vec::new, |(_, whole)| described(whole, &context.scan.event_names));
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
    let kind = Sessions::new(query, &source, context, within)?;
    let bucket = kind.buckets.chosen(cell.bucket.as_ref())?;
    let wanted = |session: &Session<'_>| {
        bucket.is_none_or(|bucket| bucket == session.bucket) && (!cell.bounced || session.codes.len() == 1)
    };
    Ok(outcomes::people(&kind, context.scan, &source, &cell.group, wanted))
}

/// Most frequent first, equal ones by name.
fn described(counts: &Counts, names: &[Box<str>]) -> Vec<SessionEvent> {
    let counted = names.iter().zip(&counts.occurrences).zip(&counts.ends);
    let events = counted.map(|((name, occurrences), ends)| SessionEvent {
        event: name.to_string(),
        occurrences: occurrences.iter().sum(),
        entries: ends.entries,
        exits: ends.exits,
        bounces: ends.bounces,
    });
    let mut events: Vec<SessionEvent> = events.filter(|event| event.occurrences > 0).collect();
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
    /// Nobody asks for the rows of a session.
    unread: bool,
}

impl<'q> Sessions<'q> {
    fn new(
        query: &'q SessionQuery,
        source: &Source<'_>,
        context: &Context<'q>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Sessions<'q>> {
        let chosen = People::of(&*context.chosen(query.segment, within)?);
        let buckets = Buckets::new(&query.range, query.interval, &[&query.event], context, &chosen)?;
        let test = EventTest::new(&query.event.event, &query.event.filters, context);
        Ok(Sessions {
            roles: Roles::new(vec![test]),
            chosen,
            buckets,
            cut: Cut::new(Some(query.gap_seconds), query.longest_seconds),
            as_of: context.as_of,
            unread: matches!(source, Source::Whole) || source.by_person(),
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
        if self.unread && on.plain() && self.roles.wanted.is_everything() {
            // Every event counts and no row has to be named: the events are read where they stand.
            piece.each_run(&self.chosen, |person, run| {
                let run = run.start as usize..run.end as usize;
                self.known_sessions(&times[run.clone()], &events[run], |_, session| {
                    see(person, &[], session)
                });
            });
            return;
        }
        let scratch = RefCell::new(Scratch::default());
        piece.each_person(&self.roles.wanted, &self.chosen, |person, rows| {
            let mut cut = |rows: &[u32], times: &[Millis], codes: &[u16]| {
                self.sessions(times, codes, |range, session| see(person, &rows[range], session));
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

impl Sessions<'_> {
    /// As [`Sessions::sessions`], of events of which the last may not be known yet.
    #[inline]
    fn known_sessions<'o>(
        &self,
        times: &[Millis],
        codes: &'o [u16],
        see: impl FnMut(Range<usize>, Session<'o>),
    ) {
        let times = match times {
            [.., last] if *last > self.as_of => &times[..times.partition_point(|time| *time <= self.as_of)],
            times => times,
        };
        self.sessions(times, codes, see);
    }

    /// Calls `see` with each session of somebody's events that begins in the range, and where it is
    /// among them.
    #[inline(always)]
    fn sessions<'o>(
        &self,
        times: &[Millis],
        codes: &'o [u16],
        mut see: impl FnMut(Range<usize>, Session<'o>),
    ) {
        self.cut.each(times, |session| {
            if let Some(bucket) = self.buckets.of(times[session.start]) {
                let duration = times[session.end - 1] - times[session.start];
                let codes = &codes[session.clone()];
                see(session, Session { bucket, duration, codes });
            }
        });
    }
}

/// Of one event: how often it was the first, the last, the only one of a session.
#[derive(Clone, Copy, Default)]
struct Ends {
    entries: u64,
    exits: u64,
    bounces: u64,
}

/// No person has this number.
const NOBODY: u32 = u32::MAX;

#[derive(Clone)]
struct Counts {
    /// Of all buckets together; everything else of the total is the sum of theirs.
    people: u64,
    last: u32,
    /// Each with who was counted last.
    buckets: Vec<(SessionCounts, u32)>,
    /// By code; each event is added to one of four numbers in turn, because the same one again would
    /// wait for the addition before.
    occurrences: Vec<[u64; 4]>,
    ends: Vec<Ends>,
}

impl Counts {
    fn new(buckets: usize, events: usize) -> Counts {
        Counts {
            people: 0,
            last: NOBODY,
            buckets: vec![(SessionCounts::default(), NOBODY); buckets],
            occurrences: vec![[0; 4]; events],
            ends: vec![Ends::default(); events],
        }
    }

    #[inline]
    fn occurred(&mut self, codes: &[u16]) {
        let (fours, rest) = codes.as_chunks::<4>();
        for four in fours {
            for (lane, code) in four.iter().enumerate() {
                self.occurrences[usize::from(*code)][lane] += 1;
            }
        }
        for (lane, code) in rest.iter().enumerate() {
            self.occurrences[usize::from(*code)][lane] += 1;
        }
    }

    /// Who comes next was not met.
    fn forget_who_was_last(&mut self) {
        self.last = NOBODY;
        self.buckets.iter_mut().for_each(|(_, last)| *last = NOBODY);
    }

    fn into_group(self, group: Group) -> SessionGroup {
        let buckets: Vec<SessionCounts> = self.buckets.into_iter().map(|(counts, _)| counts).collect();
        let mut total = SessionCounts::default();
        buckets.iter().for_each(|counts| merge(&mut total, counts));
        total.people = self.people;
        SessionGroup { group, total, buckets }
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
        self.people += u64::from(std::mem::replace(&mut self.last, person) != person);
        let (bucket, last) = &mut self.buckets[session.bucket];
        let new = std::mem::replace(last, person) != person;
        count(bucket, new, session);
        self.occurred(session.codes);
        if let [entry, ..] = session.codes
            && let [.., exit] = session.codes
        {
            self.ends[usize::from(*entry)].entries += 1;
            self.ends[usize::from(*exit)].exits += 1;
            self.ends[usize::from(*entry)].bounces += u64::from(session.codes.len() == 1);
        }
    }

    fn merge(&mut self, other: Counts) {
        self.people += other.people;
        for ((own, _), (more, _)) in self.buckets.iter_mut().zip(&other.buckets) {
            merge(own, more);
        }
        for (own, more) in self.occurrences.iter_mut().zip(other.occurrences) {
            own.iter_mut().zip(more).for_each(|(own, more)| *own += more);
        }
        for (own, more) in self.ends.iter_mut().zip(other.ends) {
            own.entries += more.entries;
            own.exits += more.exits;
            own.bounces += more.bounces;
        }
    }
}
