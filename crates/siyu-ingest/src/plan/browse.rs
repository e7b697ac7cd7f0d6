//! Looking through the quarantine.

use serde::{Deserialize, Serialize};
use siyu_http::At;
use siyu_types::Result;
use utoipa::ToSchema;

use super::entry::{Entry, EntryState, Held};
use super::model::{AsideReason, SubjectKind};
use super::quarantine::Quarantine;
use super::shelf::{Shelf, read};

/// Entries that one search for a text reads; it goes on with the next page.
pub const SEARCHED_MAX: usize = 5_000;
/// Entries that may be named one by one.
pub const NAMED_MAX: usize = 1_000;

/// Which entries.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = QuarantineFilter)]
pub struct Filter {
    /// Only these; all that fit the rest if empty.
    pub entries: Vec<u64>,
    pub reason: Option<AsideReason>,
    pub kind: Option<SubjectKind>,
    /// The event, or type of item.
    pub subject: Option<String>,
    /// The property it is about, alone or among others.
    pub field: Option<String>,
    pub source: Option<String>,
    /// Received at or after.
    pub from: Option<At>,
    /// Received before.
    pub to: Option<At>,
}

impl Filter {
    pub fn fits(&self, entry: &Entry) -> bool {
        (self.entries.is_empty() || self.entries.contains(&entry.seq))
            && self.reason.is_none_or(|reason| entry.reason == reason)
            && self.kind.is_none_or(|kind| entry.kind == kind)
            && self.subject.as_ref().is_none_or(|subject| entry.subject == *subject)
            && self.field.as_ref().is_none_or(|field| entry.field.split(", ").any(|one| one == field))
            && self.source.as_ref().is_none_or(|source| entry.source == *source)
            && self.from.is_none_or(|from| entry.received_at >= from.0)
            && self.to.is_none_or(|to| entry.received_at < to.0)
    }

    /// The open entries that fit, oldest first.
    pub fn open(&self, quarantine: &Quarantine) -> Vec<Entry> {
        let written = quarantine.unwritten();
        let open =
            |entry: &&Entry| entry.seq < written && entry.state == EntryState::Open && self.fits(entry);
        quarantine.entries().iter().filter(open).cloned().collect()
    }
}

/// A page of the quarantine, newest first.
pub struct Search {
    pub filter: Filter,
    pub state: Option<EntryState>,
    /// Within the record as JSON; empty for any.
    pub text: String,
    pub before: Option<u64>,
    pub limit: usize,
}

/// What was found, and where to go on.
pub struct Found {
    pub entries: Vec<(Entry, Option<Held>)>,
    pub next: Option<u64>,
}

impl Search {
    /// The entries to look into; brief, since the pipeline waits.
    pub fn candidates(&self, quarantine: &Quarantine) -> (Vec<Entry>, Shelf) {
        let most = if self.text.is_empty() { self.limit + 1 } else { SEARCHED_MAX };
        let before = self.before.unwrap_or(u64::MAX).min(quarantine.unwritten());
        let entries = quarantine.entries().iter().rev().filter(|entry| {
            entry.seq < before
                && self.state.is_none_or(|state| entry.state == state)
                && self.filter.fits(entry)
        });
        (entries.take(most).cloned().collect(), quarantine.shelf())
    }

    /// Reads the records. Blocks.
    pub fn read(&self, candidates: Vec<Entry>, shelf: &Shelf) -> Result<Found> {
        let full = candidates.len() == SEARCHED_MAX;
        let last = candidates.last().map(|entry| entry.seq);
        let mut entries = Vec::new();
        for entry in candidates {
            if entries.len() == self.limit {
                let next = entries.last().map(|(entry, _): &(Entry, _)| entry.seq);
                return Ok(Found { entries, next });
            }
            let held = read(shelf, &entry)?;
            if self.text.is_empty() || held.as_ref().is_some_and(|held| holds(held, &self.text)) {
                entries.push((entry, held));
            }
        }
        Ok(Found { entries, next: if full && !self.text.is_empty() { last } else { None } })
    }
}

fn holds(held: &Held, text: &str) -> bool {
    match (&held.record, &held.raw) {
        (Some(record), _) => serde_json::to_string(record).is_ok_and(|json| json.contains(text)),
        (None, Some(raw)) => raw.excerpt.contains(text),
        (None, None) => false,
    }
}
