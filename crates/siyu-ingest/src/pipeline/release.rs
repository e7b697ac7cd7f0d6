//! Letting in what was held back for its time: the record is written again, as a
//! frame of our own that says the time was accepted and which numbers it answers.

use siyu_types::clock::Millis;
use siyu_types::record::key_of;
use siyu_types::{Error, Record, Result};

use super::rejects::Reject;
use crate::frame::{Frame, ProtocolId, Terms};
use crate::protocols::{ReasonCode, encode_records};

/// The route of such a frame; its query is the numbers, with commas.
const ROUTE: &str = "release";
/// Records let in at once.
pub const RELEASE_MAX: usize = 500;

/// Which time a record gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Accept {
    /// The one it came with.
    Client,
    /// The one at which it was received.
    Received,
}

/// Whether a record of this kind can be let in as it is.
pub fn releasable(reject: &Reject) -> bool {
    matches!(reject.code, ReasonCode::FutureTime | ReasonCode::PastTime) && reject.released_at.is_none()
}

/// The bytes of one frame per source.
pub fn frames(rejects: &[Reject], accept: Accept, now: Millis) -> Result<Vec<bytes::Bytes>> {
    let mut by_source: std::collections::BTreeMap<&str, (Vec<Record>, Vec<String>)> = Default::default();
    for reject in rejects.iter().filter(|reject| releasable(reject)) {
        let (records, numbers) = by_source.entry(&reject.source).or_default();
        records.push(record(reject, accept)?);
        numbers.push(reject.seq.to_string());
    }
    let terms = Terms { time_accepted: true, ..Terms::default() };
    let frame = |(source, (records, numbers)): (&str, (Vec<Record>, Vec<String>))| {
        let (body, query) = (encode_records(&records)?, numbers.join(","));
        let protocol = ProtocolId::Internal;
        Ok(Frame { protocol, terms, received_at: now, source, route: ROUTE, query: &query, body: &body }
            .encode())
    };
    by_source.into_iter().map(frame).collect()
}

/// The record with a key of its own: that of the original is known already. It
/// depends on nothing else, so letting in twice counts once.
fn record(reject: &Reject, accept: Accept) -> Result<Record> {
    let damaged = |_| Error::internal("a held-back record cannot be read");
    let record: Record = serde_json::from_str(&reject.excerpt).map_err(damaged)?;
    let time = if accept == Accept::Client { record.time } else { reject.received_at };
    Ok(Record { key: key_of(&[b"released", &record.key.to_le_bytes()]), time, ..record })
}

/// The numbers that a frame lets in.
pub fn numbers(frame: &Frame<'_>) -> Vec<u64> {
    if frame.protocol != ProtocolId::Internal || frame.route != ROUTE {
        return Vec::new();
    }
    frame.query.split(',').filter_map(|number| number.parse().ok()).collect()
}
