//! What an entry of the quarantine is, in memory and in its file.

use serde::{Deserialize, Serialize};
use siyu_types::Record;
use siyu_types::clock::Millis;
use utoipa::ToSchema;

use super::model::{AsideReason, SubjectKind};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = QuarantineEntryState)]
pub enum EntryState {
    #[default]
    Open,
    /// It has been stored after all.
    Replayed,
    Discarded,
}

/// One record, or some keys of one, that were set aside.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Ascending; never reused.
    pub seq: u64,
    pub state: EntryState,
    pub reason: AsideReason,
    /// The property or field; of several keys all, separated by `, `.
    pub field: String,
    /// What is wrong in a few English words; empty if the reason says it all.
    #[serde(default)]
    pub message: String,
    #[serde(default)]
    pub protocol: String,
    /// It could not be read: its content is bytes, not a record.
    #[serde(default)]
    pub raw: bool,
    /// When it was given back or discarded.
    #[serde(default)]
    pub settled_at: Option<Millis>,
    pub kind: SubjectKind,
    pub subject: String,
    pub time: Millis,
    pub received_at: Millis,
    pub source: String,
    /// The de-duplication key of the record.
    pub key: u128,
    /// Else only keys of it were set aside, and the rest was stored.
    pub whole: bool,
    /// Where the rest was stored, if it was an event.
    pub event: Option<EventPlace>,
    pub(super) file: u64,
    pub(super) at: u64,
    pub(super) bytes: u32,
}

/// Where the content of an entry stands.
pub(super) struct Place {
    pub(super) seq: u64,
    pub(super) file: u64,
    pub(super) at: u64,
    pub(super) bytes: u32,
}

impl Entry {
    pub(super) fn new(why: Why, protocol: &str, place: Place) -> Entry {
        Entry {
            seq: place.seq,
            state: EntryState::Open,
            reason: why.reason,
            field: why.field,
            message: why.message,
            protocol: protocol.to_owned(),
            raw: false,
            settled_at: None,
            kind: SubjectKind::Event,
            subject: String::new(),
            time: 0,
            received_at: 0,
            source: String::new(),
            key: 0,
            whole: true,
            event: None,
            file: place.file,
            at: place.at,
            bytes: place.bytes,
        }
    }

    /// Bytes of its content.
    pub fn size(&self) -> u64 {
        u64::from(self.bytes)
    }
}

/// Finds a stored event.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EventPlace {
    pub person: u32,
    pub seq: u64,
}

/// What a file holds of an entry: one or the other.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Held {
    /// As it arrived; if keys were taken out, with only these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Record>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<Raw>,
}

/// What could not be read.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Raw {
    /// The beginning, to look at.
    pub excerpt: String,
    /// Base64 of a frame that holds it, to be read again; absent if it was too large.
    pub frame: Option<String>,
}

/// Why something is set aside, in full.
#[derive(Clone, PartialEq, Debug)]
pub struct Why {
    pub reason: AsideReason,
    pub field: String,
    pub message: String,
}

/// What is set aside now.
#[derive(Clone, Debug)]
pub struct Aside<'a> {
    pub why: Why,
    pub protocol: &'a str,
    pub record: &'a Record,
    pub event: Option<EventPlace>,
    pub whole: bool,
}

/// What is set aside without having become a record.
#[derive(Clone, Debug)]
pub struct AsideRaw<'a> {
    pub why: Why,
    pub protocol: &'a str,
    pub source: &'a str,
    pub received_at: Millis,
    pub raw: Raw,
}
