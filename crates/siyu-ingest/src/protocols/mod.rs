//! Decoders: one file per protocol, each a pure function from a frame to
//! records and refusals. What holds for all of them (sizes, times) is checked
//! once, here, after decoding.

mod body;
mod fields;
mod internal;
mod json;
mod limits;
mod own;
mod rewritten;
mod search;
mod segment;
mod sensors;
mod told;
mod webhook;

use serde::{Deserialize, Serialize};
use siyu_types::Record;
use siyu_types::clock::Millis;
use utoipa::ToSchema;

use crate::frame::{Frame, ProtocolId};
use json::Json;

pub use body::{base64_decoded, inflate};
pub use fields::by_trust;
pub use internal::encode as encode_records;
pub use json::Text;
pub use limits::*;
pub(crate) use rewritten::{Kept, encode as encode_kept};
pub use segment::{long_route, write_key as segment_write_key};
pub use sensors::{embedded_token as sensors_token, envelopes as sensors_envelopes};

/// A way in which clients speak to us.
pub trait Protocol: Sync {
    fn id(&self) -> ProtocolId;
    /// Never panics and never fails: what cannot be used becomes a refusal.
    fn decode(&self, frame: &Frame<'_>) -> Decoded;
    /// The items as they were sent, by the number that records and refusals carry;
    /// none of what cannot be read, or is no JSON.
    fn items(&self, _frame: &Frame<'_>) -> Vec<serde_json::Value> {
        Vec::new()
    }

    /// A body that holds only this item of the frame, so that it can be read again by
    /// itself; `None` where an item means nothing without what stands around it.
    fn alone(&self, _item: &str) -> Option<String> {
        None
    }

    /// Whether an identifier can stand in the frame as this text; false only when it surely does
    /// not, so that a search need not decode everything.
    fn mentions(&self, _frame: &Frame<'_>, _text: &str) -> bool {
        true
    }
}

/// Every protocol. A new one is a file beside this one and a line here.
const PROTOCOLS: &[&dyn Protocol] = &[
    &own::Own,
    &sensors::Sensors,
    &segment::Segment,
    &webhook::Webhook,
    &internal::Internal,
    &internal::Import,
    &rewritten::Rewritten,
];

/// What a frame holds.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Decoded {
    /// With the position of the item they came from; one item may give several.
    pub records: Vec<(usize, Record)>,
    pub refusals: Vec<Refusal>,
    /// Items of the frame.
    pub items: usize,
    /// Items whose time is the client's own, with when the client says it sent
    /// them, in the order of the items. The difference to the receipt is what is
    /// known of its clock.
    pub sent: Vec<(usize, Millis)>,
    /// The client's library as its first item names it: name and version.
    pub library: Option<(String, String)>,
}

/// Why an item, or the entire body, was not used.
#[derive(Clone, PartialEq, Debug)]
pub struct Refusal {
    pub index: usize,
    pub reason: Reason,
    /// The item as JSON, or the start of the body, cut to [`EXCERPT_BYTES_MAX`].
    pub excerpt: String,
    pub of: RefusalOf,
}

/// What was refused, as far as it can be read again.
#[derive(Clone, PartialEq, Debug)]
pub enum RefusalOf {
    /// The body as a whole.
    Body,
    /// One item among others: a body of its own, unless it is too large or has none.
    Item(Option<String>),
    /// An item that was read, and holds more than it may.
    Record(Box<Record>),
}

/// A coded reason with the field it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    pub code: ReasonCode,
    pub field: String,
    /// English, without the value that was wrong: that may be personal.
    pub message: String,
}

impl Reason {
    pub fn new(code: ReasonCode, field: &str, message: impl Into<String>) -> Reason {
        Reason { code, field: field.to_owned(), message: message.into() }
    }
}

/// The vocabulary of refusals; the console translates by it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    NotJson,
    BadBase64,
    BadGzip,
    TooLarge,
    TooDeep,
    /// The text does not have the checksum that came with it.
    ChecksumMismatch,
    /// Encrypted, and no key for it is registered.
    NoKey,
    WrongType,
    MissingField,
    UnknownType,
    NoIdentifier,
    BadTime,
    /// More than a day ahead of the time of receipt.
    FutureTime,
    /// Older than its source may send.
    PastTime,
    /// The tracking plan does not admit it; it is in the quarantine.
    AgainstPlan,
    /// The write key was not known when it arrived.
    UnknownKey,
    /// A webhook of a source that has no mapping yet.
    NoMapping,
    /// About somebody who was erased after it happened; nothing of it is kept.
    Erased,
}

impl ReasonCode {
    pub fn as_str(self) -> &'static str {
        match self {
            ReasonCode::NotJson => "not_json",
            ReasonCode::BadBase64 => "bad_base64",
            ReasonCode::BadGzip => "bad_gzip",
            ReasonCode::TooLarge => "too_large",
            ReasonCode::TooDeep => "too_deep",
            ReasonCode::ChecksumMismatch => "checksum_mismatch",
            ReasonCode::NoKey => "no_key",
            ReasonCode::WrongType => "wrong_type",
            ReasonCode::MissingField => "missing_field",
            ReasonCode::UnknownType => "unknown_type",
            ReasonCode::NoIdentifier => "no_identifier",
            ReasonCode::BadTime => "bad_time",
            ReasonCode::FutureTime => "future_time",
            ReasonCode::PastTime => "past_time",
            ReasonCode::AgainstPlan => "against_plan",
            ReasonCode::UnknownKey => "unknown_key",
            ReasonCode::NoMapping => "no_mapping",
            ReasonCode::Erased => "erased",
        }
    }
}

impl Decoded {
    /// Nothing of the body can be used.
    fn refused(body: &[u8], reason: Reason) -> Decoded {
        let excerpt = String::from_utf8_lossy(&body[..body.len().min(EXCERPT_BYTES_MAX)]).into_owned();
        let of = RefusalOf::Body;
        Decoded { refusals: vec![Refusal { index: 0, reason, excerpt, of }], items: 1, ..Decoded::default() }
    }

    /// Decodes every item. They are consumed on the way; when one is refused, which is
    /// rare, the body is read once more to show what was sent.
    fn of_items<T>(
        frame: &Frame<'_>,
        items: impl Fn() -> Result<Vec<T>, Reason>,
        one: impl Fn(usize, T) -> Result<Vec<Record>, Reason>,
        shown: impl Fn(&T) -> String,
    ) -> Decoded {
        let all = match items() {
            Ok(all) if all.len() > ITEMS_MAX => {
                let message = format!("holds more than {ITEMS_MAX} items");
                return Decoded::refused(frame.body, Reason::new(ReasonCode::TooLarge, "body", message));
            }
            Ok(all) => all,
            Err(reason) => return Decoded::refused(frame.body, reason),
        };
        let mut decoded = Decoded { items: all.len(), ..Decoded::default() };
        decoded.records.reserve(all.len());
        let mut failed = Vec::new();
        for (index, item) in all.into_iter().enumerate() {
            match one(index, item) {
                Ok(records) => decoded.records.extend(records.into_iter().map(|record| (index, record))),
                Err(reason) => failed.push((index, reason)),
            }
        }
        if !failed.is_empty() {
            let originals = items().unwrap_or_default();
            let single = originals.len() == 1;
            decoded.refusals.extend(failed.into_iter().map(|(index, reason)| {
                let text = originals.get(index).map(&shown).unwrap_or_default();
                let of = if single { RefusalOf::Body } else { RefusalOf::Item(alone(frame, &text)) };
                Refusal { index, reason, excerpt: excerpt(text), of }
            }));
        }
        decoded
    }
}

/// What stands in an unpacked body, or why it could not be unpacked.
fn read<'t, T>(
    text: &'t Result<Text<'_>, Reason>,
    items: impl Fn(&'t Text<'_>) -> Result<T, Reason>,
) -> Result<T, Reason> {
    items(text.as_ref().map_err(Reason::clone)?)
}

/// Trees of their own of items that were read.
fn values(items: Result<Vec<Json<'_>>, Reason>) -> Vec<serde_json::Value> {
    items.unwrap_or_default().into_iter().map(Json::value).collect()
}

/// A body that holds only this item.
fn alone(frame: &Frame<'_>, item: &str) -> Option<String> {
    let protocol = PROTOCOLS.iter().find(|protocol| protocol.id() == frame.protocol)?;
    protocol.alone(item).filter(|_| item.len() <= ITEM_KEPT_BYTES_MAX)
}

/// The start of a refused item, to look at.
pub(crate) fn excerpt(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(EXCERPT_BYTES_MAX));
    text
}

/// Whether an identifier can stand in the frame; see [`Protocol::mentions`].
pub fn mentions(frame: &Frame<'_>, text: &str) -> bool {
    let protocol = PROTOCOLS.iter().find(|protocol| protocol.id() == frame.protocol);
    protocol.is_none_or(|protocol| protocol.mentions(frame, text))
}

/// The items of a frame as they were sent, to be searched.
pub fn items(frame: &Frame<'_>) -> Vec<serde_json::Value> {
    let protocol = PROTOCOLS.iter().find(|protocol| protocol.id() == frame.protocol);
    protocol.map(|protocol| protocol.items(frame)).unwrap_or_default()
}
/// The route of a frame that holds only the beginning of a body that was too large.
pub const ROUTE_TOO_LARGE: &str = "too_large";

/// Decodes a frame and checks what holds for every protocol.
pub fn decode(frame: &Frame<'_>) -> Decoded {
    if frame.route == ROUTE_TOO_LARGE {
        let message = "is larger than the limit; its beginning was kept";
        return Decoded::refused(frame.body, Reason::new(ReasonCode::TooLarge, "body", message));
    }
    let Some(protocol) = PROTOCOLS.iter().find(|protocol| protocol.id() == frame.protocol) else {
        return Decoded::refused(frame.body, Reason::new(ReasonCode::UnknownType, "protocol", "not known"));
    };
    let mut decoded = protocol.decode(frame);
    let mut refusals = Vec::new();
    decoded.records.retain(|(index, record)| match limits::check(record) {
        Ok(()) => true,
        Err(reason) => {
            let excerpt = excerpt(serde_json::to_string(record).unwrap_or_default());
            refusals.push(Refusal {
                index: *index,
                reason,
                excerpt,
                of: RefusalOf::Record(Box::new(record.clone())),
            });
            false
        }
    });
    decoded.refusals.append(&mut refusals);
    decoded
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
