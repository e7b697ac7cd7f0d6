//! Setting aside what cannot be applied, and reading again what was.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use siyu_audience::People;
use siyu_types::clock::Millis;
use siyu_types::{Record, Result};

use super::decode::DecodedFrame;
use crate::plan::{AsideRaw, EntryState, Gate, Raw, Why};
use crate::protocols::{Decoded, Reason, ReasonCode, Refusal, RefusalOf};

pub fn why(reason: &Reason) -> Why {
    Why { reason: reason.code.into(), field: reason.field.clone(), message: reason.message.clone() }
}

/// What could not be read, or holds more than it may.
pub fn unusable(gate: &mut Gate, people: &People, frame: &DecodedFrame, refusal: Refusal) -> Result<()> {
    let (why, protocol) = (why(&refusal.reason), frame.protocol.as_str());
    if let RefusalOf::Record(record) = &refusal.of {
        // Again and again the same: it is there already.
        let mut record = record.clone();
        people.keep_record(&mut record);
        return gate.set_aside_unnoted(why, protocol, &record).map(drop);
    }
    let again = frame.again(&refusal.of).map(|bytes| STANDARD.encode(bytes));
    let raw = Raw { excerpt: refusal.excerpt, frame: again };
    let (source, received_at) = (frame.source.as_str(), frame.received_at);
    gate.quarantine.push_raw(AsideRaw { why, protocol, source, received_at, raw })
}

/// A record that turned out to be about nobody.
pub fn nobody(gate: &mut Gate, protocol: &str, record: &Record) -> Result<()> {
    let message = "none of the identifiers can be used";
    let why = why(&Reason::new(ReasonCode::NoIdentifier, "identifiers", message));
    gate.set_aside_unnoted(why, protocol, record).map(drop)
}

/// Whether an entry that is read again goes through the pipeline now. One that is still
/// unreadable stays, with its reason of today.
pub fn reopen(gate: &mut Gate, entry: u64, at: Millis, decoded: &Decoded) -> bool {
    if gate.quarantine.entry(entry).is_none_or(|entry| entry.state != EntryState::Open) {
        return false;
    }
    if let ([refusal, ..], []) = (&decoded.refusals[..], &decoded.records[..]) {
        gate.quarantine.refuse_again(entry, why(&refusal.reason));
        return false;
    }
    gate.quarantine.settle(entry, EntryState::Replayed, at)
}
