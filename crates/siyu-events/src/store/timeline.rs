//! One person's events, newest first.

use std::sync::Arc;

use siyu_types::Result;
use siyu_types::clock::Millis;

use super::EventStore;
use super::catalog::Naming;
use super::model::{EventRow, TimelinePage};
use super::read::Segment;
use super::settled::Settled;
use crate::block::Block;
use crate::remap::partition_of;

/// An event of a timeline, not yet read.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub time: Millis,
    pub seq: u64,
    /// Of the event's name: see [`Timeline::name`].
    pub event: u16,
    place: Place,
}

impl Moment {
    pub fn key(&self) -> (Millis, u64) {
        (self.time, self.seq)
    }
}

#[derive(Clone, Copy, Debug)]
enum Place {
    /// Index into the rows that were in memory.
    Recent { row: usize },
    /// `of` is an index into the stretches.
    Stored { of: usize, row: usize },
}

/// A person's rows in one row group.
struct Stretch {
    segment: Arc<Segment>,
    group: usize,
}

/// When a person did what, newest first, as of the instant it was asked for; the
/// properties of what is on disk are read for chosen events only. It holds no lock, and
/// keeps the files it names open.
pub struct Timeline {
    naming: Naming,
    /// The person's rows that were in memory.
    recent: Vec<EventRow>,
    stretches: Vec<Stretch>,
    moments: Vec<Moment>,
}

impl EventStore {
    /// Events of a person (all its numbers), newest first.
    pub fn person(&self, numbers: &[u32], page: TimelinePage) -> Result<Vec<EventRow>> {
        let timeline = self.timeline(numbers)?;
        let wanted = |moment: &&Moment| page.before.is_none_or(|before| moment.key() < before);
        let chosen: Vec<Moment> =
            timeline.moments().iter().filter(wanted).take(page.limit).copied().collect();
        timeline.read(&chosen)
    }

    /// The timeline of a person, all its numbers.
    pub fn timeline(&self, numbers: &[u32]) -> Result<Timeline> {
        let mut recent_rows: Vec<EventRow> = Vec::new();
        let mut stored: Vec<(u32, Arc<Settled>)> = Vec::new();
        let inner = self.inner.read();
        let naming = inner.catalog.naming();
        let mut moments: Vec<Moment> = Vec::new();
        for &number in numbers.iter().filter(|number| !inner.hidden.contains(**number)) {
            let partition = partition_of(number);
            if let Some(recent) = inner.recent.get(&partition) {
                let chunk = &recent.chunk;
                for row in (0..chunk.rows()).filter(|&row| chunk.persons[row] == number) {
                    let place = Place::Recent { row: recent_rows.len() };
                    let (time, seq, event) = (chunk.times[row], chunk.seqs[row], chunk.events[row]);
                    moments.push(Moment { time, seq, event, place });
                    recent_rows.push(chunk.row(row, &naming)?);
                }
            }
            let settled = inner.settled.get(&partition).into_iter().flatten();
            stored.extend(settled.map(|settled| (number, Arc::clone(settled))));
        }
        // Reading files takes its time, and what they hold does not change.
        drop(inner);
        let mut stretches: Vec<Stretch> = Vec::new();
        for (number, settled) in stored {
            let found = match self.cache.held(&settled) {
                Some(held) => keys_held(&settled, &held, number)?,
                None => keys_stored(&settled, number)?,
            };
            for Keys { stretch, first, keys } in found {
                let of = stretches.len();
                stretches.push(stretch);
                moments.extend((first..).zip(keys).map(|(row, (time, seq, event))| Moment {
                    time,
                    seq,
                    event,
                    place: Place::Stored { of, row },
                }));
            }
        }
        moments.sort_unstable_by_key(|moment| std::cmp::Reverse(moment.key()));
        Ok(Timeline { naming, recent: recent_rows, stretches, moments })
    }
}

impl Timeline {
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// The name of an event. Of the few that found no room among the names it is
    /// the shared one; their rows carry their own.
    pub fn name(&self, event: u16) -> &str {
        self.naming.event_name(event)
    }

    /// The rows of these events, in the order given.
    pub fn read(&self, chosen: &[Moment]) -> Result<Vec<EventRow>> {
        let mut rows: Vec<Option<EventRow>> = chosen.iter().map(|_| None).collect();
        for (row, moment) in rows.iter_mut().zip(chosen) {
            if let Place::Recent { row: at } = moment.place {
                *row = self.recent.get(at).cloned();
            }
        }
        for (index, stretch) in self.stretches.iter().enumerate() {
            let mut mine: Vec<(usize, usize)> = chosen
                .iter()
                .enumerate()
                .filter_map(|(slot, moment)| match moment.place {
                    Place::Stored { of, row } if of == index => Some((row, slot)),
                    _ => None,
                })
                .collect();
            mine.sort_unstable();
            for near in runs(&mine) {
                let (first, last) = (near[0].0, near[near.len() - 1].0);
                let chunk = stretch.segment.chunk(stretch.group, first..last + 1, self.naming.columns())?;
                for (row, slot) in near {
                    rows[*slot] = Some(chunk.row(row - first, &self.naming)?);
                }
            }
        }
        Ok(rows.into_iter().flatten().collect())
    }
}

/// Rows that lie close enough to be read at once.
fn runs(rows: &[(usize, usize)]) -> impl Iterator<Item = &[(usize, usize)]> {
    /// Decoding so many rows in between costs less than beginning anew.
    const GAP: usize = if cfg!(test) { 2 } else { 4_096 };
    rows.chunk_by(|(a, _), (b, _)| b - a <= GAP)
}

/// Somebody's rows in one row group: the first of them, and when each was, with its number and event.
struct Keys {
    stretch: Stretch,
    first: usize,
    keys: Vec<(Millis, u64, u16)>,
}

/// From the files.
fn keys_stored(settled: &Settled, number: u32) -> Result<Vec<Keys>> {
    let mut found = Vec::new();
    let groups = settled.segments.iter().flat_map(|segment| {
        segment.state.groups.iter().enumerate().map(move |(group, state)| (segment, group, state))
    });
    for (segment, group, state) in groups {
        if number < state.person_min || number > state.person_max {
            continue;
        }
        let persons = segment.persons(group)?;
        let first = persons.partition_point(|&known| known < number);
        let rows = first..persons.partition_point(|&known| known <= number);
        if rows.is_empty() {
            continue;
        }
        let times = segment.times(group, rows.clone())?;
        let seqs = segment.seqs(group, rows.clone())?;
        let events = segment.events(group, rows)?;
        let keys = times.into_iter().zip(seqs).zip(events).map(|((time, seq), event)| (time, seq, event));
        let stretch = Stretch { segment: Arc::clone(segment), group };
        found.push(Keys { stretch, first, keys: keys.collect() });
    }
    Ok(found)
}

/// From the rows as scans hold them; only when each arrived is read.
fn keys_held(settled: &Settled, held: &Block, number: u32) -> Result<Vec<Keys>> {
    let Ok(at) = held.persons.binary_search(&number) else { return Ok(Vec::new()) };
    let rows = held.starts[at] as usize..held.starts[at + 1] as usize;
    let mut found = Vec::new();
    for (segment, stored, there) in settled.places(rows) {
        let mut there = there.into_iter();
        for (group, rows) in segment.among_groups(stored) {
            let keys = segment.seqs(group, rows.clone())?.into_iter().zip(there.by_ref());
            let keys = keys.map(|(seq, row)| (held.times[row], seq, held.events[row])).collect();
            let stretch = Stretch { segment: Arc::clone(segment), group };
            found.push(Keys { stretch, first: rows.start, keys });
        }
    }
    Ok(found)
}
