//! Reading synced records back, in order, across segments.

use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use siyu_types::{Error, Result};

use super::frame::{self, HEADER_BYTES, Parsed};
use super::segment::{Segment, damaged};
use super::{LogPosition, Shared};

/// Bytes fetched from the file at a time.
const CHUNK_BYTES: usize = 1 << 20;
/// What headers take beside the payloads that a reader asks for.
const BESIDE_BYTES: usize = 16 << 10;
/// Readers whose place is remembered, so that reading on does not search.
const PLACES_MAX: usize = 8;

/// Where a record starts.
#[derive(Clone, Copy)]
pub(super) struct Place {
    seq: u64,
    /// Its generation.
    segment: u64,
    offset: u64,
}

/// A stretch of one segment that may be read.
struct Stretch {
    segment: Arc<Segment>,
    /// One past the last record of it.
    until: u64,
    length: u64,
}

pub(super) fn read(
    shared: &Shared,
    from: u64,
    max_bytes: usize,
    record_bytes_max: usize,
) -> Result<Vec<(LogPosition, Bytes)>> {
    let mut records = Vec::new();
    let mut taken = 0;
    let mut next = from;
    while let Some(stretch) = stretch(shared, next)? {
        let (mut seq, mut offset) = place(shared, &stretch.segment, next);
        let mut chunk = Bytes::new();
        while seq < stretch.until {
            let frame = match frame::parse(&chunk, record_bytes_max) {
                Parsed::Frame(frame) if frame.seq == seq => frame,
                Parsed::Short(needed) => {
                    let wanted = max_bytes.saturating_sub(taken).saturating_add(BESIDE_BYTES);
                    chunk = fetch(&stretch, offset, needed, wanted).ok_or_else(|| {
                        damaged(&stretch.segment.path, &format!("ends before record {seq}"))
                    })??;
                    continue;
                }
                _ => {
                    return Err(damaged(&stretch.segment.path, &format!("is damaged at record {seq}")));
                }
            };
            let payload = chunk.slice(frame.payload.clone());
            // Not `from`: a place may be lost between two stretches of one file.
            if seq >= next {
                if taken > 0 && taken + payload.len() > max_bytes {
                    remember(shared, Place { seq, segment: stretch.segment.generation, offset });
                    return Ok(records);
                }
                taken += payload.len().max(1);
                records.push((LogPosition(seq), payload));
            }
            offset += frame.payload.end as u64;
            chunk = chunk.slice(frame.payload.end..);
            seq += 1;
        }
        remember(shared, Place { seq, segment: stretch.segment.generation, offset });
        next = stretch.until;
    }
    Ok(records)
}

/// The segment that holds `seq`, or `None` at the end.
fn stretch(shared: &Shared, seq: u64) -> Result<Option<Stretch>> {
    let synced = shared.synced.lock();
    if seq >= synced.end {
        return Ok(None);
    }
    let index = synced.segments.partition_point(|segment| segment.first <= seq);
    let Some(index) = index.checked_sub(1) else {
        return Err(Error::not_found("log record", seq).with("reason", "trimmed"));
    };
    let segment = Arc::clone(&synced.segments[index]);
    Ok(Some(match synced.segments.get(index + 1) {
        Some(after) => Stretch { until: after.first, length: segment.file.metadata()?.len(), segment },
        None => Stretch { until: synced.end, length: synced.length, segment },
    }))
}

/// At least `needed` bytes at `offset`, or `None` if the stretch is shorter; more if they are
/// `wanted`, as what is fetched and not used would be fetched again.
fn fetch(stretch: &Stretch, offset: u64, needed: usize, wanted: usize) -> Option<Result<Bytes>> {
    let left = stretch.length.saturating_sub(offset) as usize;
    if left < needed {
        return None;
    }
    let mut bytes = vec![0; left.min(CHUNK_BYTES.min(wanted).max(needed))];
    Some(match stretch.segment.file.read_exact_at(&mut bytes, offset) {
        Ok(()) => Ok(Bytes::from(bytes)),
        Err(error) => Err(error.into()),
    })
}

/// The nearest known place at or before `seq` in the segment.
fn place(shared: &Shared, segment: &Segment, seq: u64) -> (u64, u64) {
    let places = shared.places.lock();
    let known = places.iter().filter(|place| place.segment == segment.generation && place.seq <= seq);
    known
        .max_by_key(|place| place.seq)
        .map_or((segment.first, HEADER_BYTES), |place| (place.seq, place.offset))
}

fn remember(shared: &Shared, place: Place) {
    let mut places = shared.places.lock();
    places.retain(|known| known.segment != place.segment || known.seq != place.seq);
    if places.len() == PLACES_MAX {
        places.remove(0);
    }
    places.push(place);
}
