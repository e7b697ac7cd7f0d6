//! One person's events, newest first.

use std::ops::Range;
use std::sync::Arc;

use siyu_types::Result;
use siyu_types::clock::Millis;

use super::model::{EventRow, TimelinePage};
use super::plan::partition_of;
use super::read::Segment;
use super::{EventStore, Inner};

/// An event found, not yet read.
struct Found {
    key: (Millis, u64),
    place: Place,
}

#[derive(Clone, Copy)]
enum Place {
    Recent {
        partition: u32,
        row: usize,
    },
    /// `of` is an index into the stretches.
    Stored {
        of: usize,
        row: usize,
    },
}

/// A person's rows in one row group.
struct Stretch {
    segment: Arc<Segment>,
    group: usize,
}

impl EventStore {
    /// Events of a person (all its numbers), newest first.
    pub fn person(&self, numbers: &[u32], page: TimelinePage) -> Result<Vec<EventRow>> {
        let inner = self.inner.read();
        let wanted = |key: (Millis, u64)| page.before.is_none_or(|before| key < before);
        let mut found: Vec<Found> = Vec::new();
        let mut stretches: Vec<Stretch> = Vec::new();
        for &number in numbers {
            let partition = partition_of(number);
            if let Some(recent) = inner.recent.get(&partition) {
                let chunk = &recent.chunk;
                let rows = (0..chunk.rows()).filter(|&row| chunk.persons[row] == number);
                let rows = rows.map(|row| Found {
                    key: (chunk.times[row], chunk.seqs[row]),
                    place: Place::Recent { partition, row },
                });
                found.extend(rows.filter(|found| wanted(found.key)));
            }
            for segment in inner.partitions.get(&partition).into_iter().flatten() {
                for (group, state) in segment.state.groups.iter().enumerate() {
                    if number < state.person_min || number > state.person_max {
                        continue;
                    }
                    let rows = rows_of(&segment.persons(group)?, number);
                    let times = segment.times(group, rows.clone())?;
                    let seqs = segment.seqs(group, rows.clone())?;
                    let of = stretches.len();
                    stretches.push(Stretch { segment: Arc::clone(segment), group });
                    let keys = times.into_iter().zip(seqs).zip(rows);
                    let rows = keys.map(|(key, row)| Found { key, place: Place::Stored { of, row } });
                    found.extend(rows.filter(|found| wanted(found.key)));
                }
            }
        }
        found.sort_unstable_by_key(|found| std::cmp::Reverse(found.key));
        found.truncate(page.limit);
        fetch(&inner, &stretches, &found)
    }
}

fn rows_of(persons: &[u32], number: u32) -> Range<usize> {
    persons.partition_point(|&known| known < number)..persons.partition_point(|&known| known <= number)
}

/// Reads what was found, in that order.
fn fetch(inner: &Inner, stretches: &[Stretch], found: &[Found]) -> Result<Vec<EventRow>> {
    let mut rows: Vec<Option<EventRow>> = found.iter().map(|_| None).collect();
    for (row, found) in rows.iter_mut().zip(found) {
        if let Place::Recent { partition, row: at } = found.place
            && let Some(recent) = inner.recent.get(&partition)
        {
            *row = Some(recent.chunk.row(at, &inner.catalog)?);
        }
    }
    for (index, stretch) in stretches.iter().enumerate() {
        let mine: Vec<(usize, usize)> = found
            .iter()
            .enumerate()
            .filter_map(|(slot, found)| match found.place {
                Place::Stored { of, row } if of == index => Some((slot, row)),
                _ => None,
            })
            .collect();
        let (Some(first), Some(last)) =
            (mine.iter().map(|(_, row)| *row).min(), mine.iter().map(|(_, row)| *row).max())
        else {
            continue;
        };
        let chunk = stretch.segment.chunk(stretch.group, first..last + 1, inner.catalog.columns())?;
        for (slot, row) in mine {
            rows[slot] = Some(chunk.row(row - first, &inner.catalog)?);
        }
    }
    Ok(rows.into_iter().flatten().collect())
}
