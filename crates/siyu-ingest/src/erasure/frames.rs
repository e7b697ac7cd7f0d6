//! Frames of the log without what was said of people who were erased. A frame holds records
//! of many people in the words of their client, which may be compressed or encrypted; what is
//! left of one that held records of theirs stands as records under [`ProtocolId::Rewritten`].
//! Only frames that a checkpoint covers are ever rewritten: none of them is replayed.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use siyu_audience::Project;
use siyu_events::{Log, LogPosition, RewriteReport};
use siyu_types::clock::Millis;
use siyu_types::identity::IdentityChange;
use siyu_types::record::Body;
use siyu_types::relation::Parties;
use siyu_types::{Record, Result};

use super::tombstones::{Tombstones, Verdict};
use crate::frame::{Frame, ProtocolId};
use crate::plan::{self, Decree, Return};
use crate::protocols::{Kept, Refusal, RefusalOf, decode, encode_kept, items};

/// What is taken out of the log.
pub struct Scrub<'a> {
    pub project: &'a Project,
    pub tombstones: &'a parking_lot::RwLock<Tombstones>,
    /// Only these frames, with the items that the pipeline dropped; all of them if `None`.
    pub frames: Option<&'a BTreeMap<u64, BTreeSet<usize>>>,
}

/// Rewrites frames before `before`. Answers what was done, and how many records and
/// unreadable items went.
pub fn scrub(log: &Log, before: LogPosition, what: &Scrub<'_>) -> Result<(RewriteReport, u64)> {
    let wanted: Option<BTreeSet<u64>> = what.frames.map(|frames| frames.keys().copied().collect());
    let mut gone = 0;
    let report = log.rewrite(before, wanted.as_ref(), &mut |position, bytes| {
        let none = BTreeSet::new();
        let dropped = what.frames.and_then(|frames| frames.get(&position.0)).unwrap_or(&none);
        let (people, tombstones) = (what.project.people.read(), what.tombstones.read());
        let knife = Knife { people: &people, tombstones: &tombstones, dropped };
        let Some((bytes, records)) = knife.without(bytes)? else { return Ok(None) };
        gone += records;
        Ok(Some(bytes))
    })?;
    Ok((report, gone))
}

struct Knife<'a> {
    people: &'a siyu_audience::People,
    tombstones: &'a Tombstones,
    dropped: &'a BTreeSet<usize>,
}

impl Knife<'_> {
    /// The frame without what is theirs, and how much that was; `None` if it is none of it.
    fn without(&self, bytes: &[u8]) -> Result<Option<(Bytes, u64)>> {
        let frame = Frame::decode(bytes)?;
        if let Some(decree) = plan::decree(&frame)? {
            return self.without_returns(decree, frame.received_at);
        }
        let decoded = decode(&frame);
        let total = decoded.records.len() + decoded.refusals.len();
        let refused_body = decoded.refusals.iter().any(|refusal| refusal.of == RefusalOf::Body);
        let mut kept = Vec::new();
        let mut changed = false;
        for (index, mut record) in decoded.records {
            // What was received by then is judged as if it had happened by then; what the
            // pipeline judged, by its verdict that it was said of before.
            let by = if self.dropped.contains(&index) { Millis::MIN } else { frame.received_at };
            if self.is_theirs(&record, by) {
                continue;
            }
            let before = record.ids.len();
            record.ids = self.ids_left(&record, by);
            changed |= record.ids.len() < before;
            kept.push(Kept { index, record, item: None });
        }
        let readable = kept.len();
        let left = decoded.refusals.iter().filter(|refusal| !self.named(refusal)).count();
        let body_named = refused_body && self.names(&String::from_utf8_lossy(frame.body));
        if readable + left == total && !changed && !body_named {
            return Ok(None);
        }
        // As they were sent, unless they name somebody.
        let sent = items(&frame);
        for one in &mut kept {
            one.item = sent.get(one.index).filter(|item| !self.names(&item.to_string())).cloned();
        }
        let body = encode_kept(&kept)?;
        let rewritten = Frame {
            protocol: ProtocolId::Rewritten,
            route: frame.protocol.as_str(),
            query: "",
            body: &body,
            ..frame
        };
        Ok(Some((rewritten.encode(), (total - readable) as u64)))
    }

    /// Whether a record that happened `by` then, at the latest, is theirs.
    fn is_theirs(&self, record: &Record, by: Millis) -> bool {
        if let Body::Identity(decision) = &record.body {
            let named = match &decision.change {
                IdentityChange::Merge { former: ids, .. }
                | IdentityChange::Split { identifiers: ids, .. } => ids.as_slice(),
                IdentityChange::Undo { .. } | IdentityChange::Rules { .. } => &[],
            };
            let graph = self.people.graph();
            let gone = match decision.change {
                IdentityChange::Merge { one, other, .. } => graph.is_gone(one) || graph.is_gone(other),
                IdentityChange::Split { person, .. } => graph.is_gone(person),
                _ => false,
            };
            return gone
                || self.tombstones.without(graph.admission(), named, by).is_some()
                || self.names(&decision.reason);
        }
        if let Body::Correction(correction) = &record.body
            && self.people.graph().is_gone(correction.number.0)
        {
            return true;
        }
        if let Body::Relation(statement) = &record.body {
            let graph = self.people.graph();
            let gone = match statement.parties() {
                Some(Parties::Numbers { from, to }) => graph.is_gone(*from) || graph.is_gone(*to),
                _ => false,
            };
            if gone || self.names(&statement.reason) {
                return true;
            }
        }
        let time = record.time.min(by);
        self.tombstones.verdict_of(self.people.graph(), record, time) == Verdict::Theirs
    }

    fn ids_left(&self, record: &Record, by: Millis) -> Vec<siyu_types::Identifier> {
        let time = record.time.min(by);
        let left = self.tombstones.without(self.people.graph().admission(), &record.ids, time);
        left.unwrap_or_else(|| record.ids.clone())
    }

    /// What could not be read is searched for their identifiers as text.
    fn named(&self, refusal: &Refusal) -> bool {
        let of_item = match &refusal.of {
            RefusalOf::Body => false,
            RefusalOf::Item(text) => text.as_ref().is_some_and(|text| self.names(text)),
            RefusalOf::Record(record) => self.is_theirs(record, record.received_at),
        };
        of_item || self.names(&refusal.excerpt)
    }

    fn names(&self, text: &str) -> bool {
        self.tombstones.names(self.people, text, None)
    }

    /// A decree that gave records of theirs back; it was obeyed long ago.
    fn without_returns(&self, decree: Decree, received_at: Millis) -> Result<Option<(Bytes, u64)>> {
        let Decree::Returns(mut returns) = decree else { return Ok(None) };
        let before = returns.len();
        let mut outcome = Ok(());
        returns.retain(|one| match self.returned(one, received_at) {
            Ok(theirs) => !theirs,
            Err(error) => {
                outcome = Err(error);
                true
            }
        });
        outcome?;
        let gone = before - returns.len();
        if gone == 0 {
            return Ok(None);
        }
        Ok(Some((plan::encode(&Decree::Returns(returns), received_at)?, gone as u64)))
    }

    fn returned(&self, one: &Return, received_at: Millis) -> Result<bool> {
        if one.record.as_ref().is_some_and(|record| self.is_theirs(record, received_at)) {
            return Ok(true);
        }
        let Some(bytes) = one.frame.as_ref().and_then(|text| STANDARD.decode(text).ok()) else {
            return Ok(false);
        };
        Ok(self.without(&bytes)?.is_some())
    }
}
