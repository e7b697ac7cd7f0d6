//! "Why is my event not here?": finds what was received about somebody or under a
//! message id, newest first, and says of each record what became of it at every
//! stage. It looks at what is still kept: the frames of the log, what was set aside,
//! the event store.

use std::collections::VecDeque;

use siyu_audience::People;
use siyu_events::{EventRow, EventStore, LogPosition, TimelinePage};
use siyu_types::clock::Millis;
use siyu_types::record::Body;
use siyu_types::{Identifier, PersonNo, Props, Record, Result, Value};

use super::cells::HOUR;
use crate::frame::Frame;
use crate::pipeline::{Pipeline, SHIFT_PROPERTY};
use crate::plan::{AsideReason, Entry, EntryState};
use crate::protocols::{self, Decoded, Reason};
use crate::unassigned::Stray;

/// Looked at by one request: frames, their bytes, and records found.
pub const FRAMES_MAX: u64 = 20_000;
pub const BYTES_MAX: usize = 64 << 20;
pub const FOUND_MAX: usize = 50;
/// Frames read in one go.
const STEP: u64 = 4_096;
const READ_BYTES: usize = 8 << 20;
/// Events of a person that are compared with a record.
const EVENTS_MAX: usize = 2_000;
/// Fields in which protocols carry the id of a message.
const MESSAGE_IDS: &[&str] = &["id", "messageId", "_track_id"];

/// What is looked for; at least one of the two texts is not empty.
#[derive(Clone, Default, Debug)]
pub struct Wanted {
    pub identifier: String,
    pub message: String,
    pub from: Option<Millis>,
    pub to: Option<Millis>,
    /// Only frames before this one.
    pub before: Option<u64>,
    /// Namespaces that may not be searched, because their values may not be seen.
    pub hidden: Vec<String>,
}

/// What was looked at and found.
#[derive(Default, Debug)]
pub struct Found {
    pub traces: Vec<Trace>,
    pub frames: u64,
    /// Receipt of the earliest frame that was looked at.
    pub back_to: Option<Millis>,
    /// Go on before this frame; none if the log begins there.
    pub more: Option<u64>,
}

/// One record, or what was to be one.
#[derive(Debug)]
pub struct Trace {
    pub position: Option<u64>,
    pub received_at: Millis,
    pub source: String,
    pub protocol: String,
    /// When the client says it sent it.
    pub sent_at: Option<Millis>,
    pub decoded: std::result::Result<Record, Reason>,
    pub fate: Fate,
    /// It was set aside, and given back then.
    pub given_back: Option<(AsideReason, Millis)>,
}

/// What became of it.
#[derive(Clone, PartialEq, Debug)]
pub enum Fate {
    /// The write key was not known; its first letters.
    UnknownKey(String),
    Refused,
    /// Accepted, and not applied yet.
    Waiting,
    /// The same was received before, then.
    Duplicate {
        first_at: Millis,
    },
    /// It is in the quarantine, under this number, or was discarded from there.
    Quarantined {
        reason: AsideReason,
        field: String,
        number: u64,
        discarded: bool,
    },
    /// None of its identifiers can be used, or it was about nobody.
    Nobody,
    /// The person is known, but the event is not in the store: erased, or older
    /// than what is kept.
    Missing {
        person: PersonNo,
    },
    /// An event in the store, as of this time.
    Stored {
        person: PersonNo,
        time: Millis,
        shift: Millis,
    },
    /// About somebody who was erased after it happened.
    Erased,
    /// A change of a person, which leaves no event.
    Applied {
        person: Option<PersonNo>,
    },
}

/// Searches backwards. Blocks.
pub fn search(pipeline: &Pipeline, wanted: &Wanted) -> Result<Found> {
    let log = pipeline.log();
    let (start, end) = (log.start().0, log.end().0);
    let applied = pipeline.stats().applied;
    let mut found = Found::default();
    let place = Place { pipeline, applied };
    let mut next = wanted.before.unwrap_or(end).min(end);
    let mut bytes = 0;
    'back: while next > start {
        for (position, data) in read(log, next.saturating_sub(STEP).max(start), next)?.iter().rev() {
            let frame = Frame::decode(data)?;
            (found.frames, found.back_to, next) = (found.frames + 1, Some(frame.received_at), *position);
            bytes += data.len();
            if wanted.from.is_some_and(|from| frame.received_at < from) {
                // Nothing before it is wanted.
                next = start;
                break 'back;
            }
            if wanted.to.is_none_or(|to| frame.received_at <= to) {
                look(&place, wanted, &frame, *position, &mut found.traces)?;
            }
            if found.traces.len() >= FOUND_MAX || bytes >= BYTES_MAX || found.frames >= FRAMES_MAX {
                break 'back;
            }
        }
    }
    found.more = (next > start).then_some(next);
    let people = pipeline.project().people.read();
    for record in found.traces.iter_mut().filter_map(|trace| trace.decoded.as_mut().ok()) {
        // The log has what was received; shown is what is kept.
        people.keep_record(record);
    }
    drop(people);
    repeat(&mut found.traces, Millis::from(pipeline.dedupe().window_hours) * HOUR);
    Ok(found)
}

/// Of records with one key that were found, the earliest is the one that counted; a
/// repetition of a change of a person leaves no other sign.
fn repeat(traces: &mut [Trace], window: Millis) {
    for later in 0..traces.len() {
        let (newer, older) = traces.split_at_mut(later + 1);
        let Some(Trace { decoded: Ok(record), fate, received_at, .. }) = newer.last_mut() else { continue };
        let mut before =
            older.iter().filter(|trace| trace.decoded.as_ref().is_ok_and(|old| old.key == record.key));
        let Some(first) = before.rfind(|trace| *received_at - trace.received_at <= window) else {
            continue;
        };
        if !matches!(fate, Fate::Waiting | Fate::Nobody) {
            *fate = Fate::Duplicate { first_at: first.received_at };
        }
    }
}

/// The frames from `first` up to, not including, `end`; of many large ones the last.
fn read(log: &siyu_events::Log, first: u64, end: u64) -> Result<VecDeque<(u64, bytes::Bytes)>> {
    let mut frames = VecDeque::new();
    let (mut next, mut bytes) = (first, 0);
    while next < end {
        for (position, data) in log.read(LogPosition(next), READ_BYTES)? {
            next = position.0 + 1;
            if position.0 < end {
                bytes += data.len();
                frames.push_back((position.0, data));
            }
            while bytes > BYTES_MAX && frames.len() > 1 {
                bytes -= frames.pop_front().map_or(0, |(_, data)| data.len());
            }
        }
    }
    Ok(frames)
}

/// Where the fate of records is looked up.
struct Place<'a> {
    pipeline: &'a Pipeline,
    /// One past the last frame that is applied.
    applied: u64,
}

/// What of a frame is wanted.
fn look(
    place: &Place<'_>,
    wanted: &Wanted,
    frame: &Frame<'_>,
    position: u64,
    traces: &mut Vec<Trace>,
) -> Result<()> {
    // The last of a frame first, as the frames themselves.
    for (sent_at, decoded) in matching(wanted, frame).into_iter().rev() {
        let (fate, given_back) = match &decoded {
            Err(_) => (Fate::Refused, None),
            Ok(_) if position >= place.applied => (Fate::Waiting, None),
            Ok(record) => fate(place, frame, record)?,
        };
        traces.push(Trace {
            position: Some(position),
            received_at: frame.received_at,
            source: frame.source.to_owned(),
            protocol: frame.protocol.as_str().to_owned(),
            sent_at,
            decoded,
            fate,
            given_back,
        });
    }
    Ok(())
}

/// When it was sent, and what it was or why it is nothing.
type Matched = (Option<Millis>, std::result::Result<Record, Reason>);

/// The records and refusals of a frame that are wanted.
fn matching(wanted: &Wanted, frame: &Frame<'_>) -> Vec<Matched> {
    // Looking at the bytes is many times cheaper than reading them, and most frames are not meant.
    let texts = [&wanted.identifier, &wanted.message];
    if texts.into_iter().any(|text| !text.is_empty() && !protocols::mentions(frame, text)) {
        return Vec::new();
    }
    let by_message: Option<Vec<usize>> = (!wanted.message.is_empty()).then(|| {
        let items = protocols::items(frame).into_iter().enumerate();
        items.filter(|(_, item)| carries(item, &wanted.message)).map(|(index, _)| index).collect()
    });
    if by_message.as_ref().is_some_and(Vec::is_empty) {
        return Vec::new();
    }
    let of_message = |index: &usize| by_message.as_ref().is_none_or(|items| items.contains(index));
    let Decoded { records, refusals, sent, .. } = protocols::decode(frame);
    let sent_at = |index: usize| sent.iter().find(|(item, _)| *item == index).map(|(_, at)| *at);
    let about = |record: &Record| {
        wanted.identifier.is_empty()
            || record
                .ids
                .iter()
                .any(|id| id.value == wanted.identifier && !wanted.hidden.contains(&id.namespace))
    };
    let records = records.into_iter().filter(|(index, record)| of_message(index) && about(record));
    // A refused item names its people only in its text, which is searched by those who may see it.
    let quoted = format!("\"{}\"", wanted.identifier);
    let says =
        |text: &str| wanted.identifier.is_empty() || (wanted.hidden.is_empty() && text.contains(&quoted));
    let refusals =
        refusals.into_iter().filter(|refusal| of_message(&refusal.index) && says(&refusal.excerpt));
    let records = records.map(|(index, record)| (sent_at(index), Ok(record)));
    records.chain(refusals.map(|refusal| (sent_at(refusal.index), Err(refusal.reason)))).collect()
}

fn carries(item: &serde_json::Value, message: &str) -> bool {
    MESSAGE_IDS.iter().any(|field| match item.get(field) {
        Some(serde_json::Value::String(text)) => text == message,
        Some(serde_json::Value::Number(number)) => number.to_string() == message,
        _ => false,
    })
}

/// What became of a record that was applied; and, if it was set aside and given back,
/// why and when.
fn fate(
    place: &Place<'_>,
    frame: &Frame<'_>,
    record: &Record,
) -> Result<(Fate, Option<(AsideReason, Millis)>)> {
    let Some(entry) = entry_of(place.pipeline, record) else {
        return Ok((after(place, frame, record)?, None));
    };
    if entry.received_at != frame.received_at {
        return Ok((Fate::Duplicate { first_at: entry.received_at }, None));
    }
    if entry.state != EntryState::Replayed {
        let (reason, field, number) = (entry.reason, entry.field, entry.seq);
        let discarded = entry.state == EntryState::Discarded;
        return Ok((Fate::Quarantined { reason, field, number, discarded }, None));
    }
    let given_back = entry.settled_at.map(|at| (entry.reason, at));
    let fate = after(place, frame, record)?;
    if entry.reason.is_time() && matches!(fate, Fate::Missing { .. } | Fate::Duplicate { .. }) {
        // It may have got the time of its receipt.
        let received = Record { time: record.received_at, ..record.clone() };
        return Ok((after(place, frame, &received)?, given_back));
    }
    Ok((fate, given_back))
}

/// What became of a record that is not in the quarantine.
fn after(place: &Place<'_>, frame: &Frame<'_>, record: &Record) -> Result<Fate> {
    let project = place.pipeline.project();
    let people = project.people.read();
    if place.pipeline.is_erased(&people, record) {
        return Ok(Fate::Erased);
    }
    let Some(person) = person(&people, &record.ids) else {
        let about_nobody = matches!(record.body, Body::Item { .. });
        return Ok(if about_nobody { Fate::Applied { person: None } } else { Fate::Nobody });
    };
    let Body::Event { name, props } = &record.body else {
        return Ok(Fate::Applied { person: Some(person) });
    };
    let numbers = people.numbers(person);
    drop(people);
    stored(&project.events, &numbers, person, frame, (record, name, props))
}

/// The entry under which a record was set aside whole.
fn entry_of(pipeline: &Pipeline, record: &Record) -> Option<Entry> {
    let gate = pipeline.gate();
    let of_record = |entry: &&Entry| entry.whole && !entry.raw && entry.key == record.key;
    gate.quarantine.entries().iter().rev().find(of_record).cloned()
}

fn person(people: &People, ids: &[Identifier]) -> Option<PersonNo> {
    ids.iter().find_map(|id| people.lookup(id))
}

/// The event in the store that a record became, or the one it repeats. The time of
/// receipt tells the two apart.
fn stored(
    events: &EventStore,
    numbers: &[u32],
    person: PersonNo,
    frame: &Frame<'_>,
    (record, name, props): (&Record, &str, &Props),
) -> Result<Fate> {
    let rows = events.person(numbers, TimelinePage { before: None, limit: EVENTS_MAX })?;
    let same: Vec<&EventRow> = rows
        .iter()
        .filter(|row| row.name == name && before_shift(row) == (record.time, props.clone()))
        .collect();
    let seen = |row: &&&EventRow| row.received_at == frame.received_at;
    // A record that had no time of its own has that of each receipt.
    let repeated = rows.iter().filter(|row| row.name == name && row.received_at < frame.received_at);
    let repeated = || repeated.clone().find(|row| record.time == frame.received_at && row.props == *props);
    Ok(match (same.iter().find(seen), same.first().copied().or_else(repeated)) {
        (Some(row), _) => Fate::Stored { person, time: row.time, shift: row.time - record.time },
        (None, Some(row)) => Fate::Duplicate { first_at: row.received_at },
        (None, None) => Fate::Missing { person },
    })
}

/// Time and properties as they were before the clock of the client was corrected.
fn before_shift(row: &EventRow) -> (Millis, Props) {
    let mut props = row.props.clone();
    match props.get(SHIFT_PROPERTY) {
        Some(Value::Number(shift)) => {
            let time = row.time - *shift as Millis;
            props.remove(SHIFT_PROPERTY);
            (time, props)
        }
        _ => (row.time, props),
    }
}

/// What is wanted of the requests whose key nobody knew.
pub fn strays(strays: Vec<Stray>, wanted: &Wanted) -> Vec<Trace> {
    let mut traces = Vec::new();
    for stray in strays {
        let in_time = wanted.from.is_none_or(|from| stray.received_at >= from)
            && wanted.to.is_none_or(|to| stray.received_at <= to);
        let Some(body) = stray.bytes_kept().filter(|_| in_time) else { continue };
        let Some(frame) = stray.frame(&body) else { continue };
        for (sent_at, decoded) in matching(wanted, &frame) {
            traces.push(Trace {
                position: None,
                received_at: stray.received_at,
                source: String::new(),
                protocol: stray.protocol.clone(),
                sent_at,
                decoded,
                fate: Fate::UnknownKey(stray.key_hint.clone()),
                given_back: None,
            });
        }
    }
    traces.truncate(FOUND_MAX);
    traces
}
