//! An order to erase somebody, obeyed in its place in the log; and what arrives about them
//! afterwards.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use siyu_audience::People;
use siyu_audience::identity::Admission;
use siyu_events::{Forgotten, ForgottenRows, LogPosition, RewriteReport};
use siyu_types::clock::Millis;
use siyu_types::erasure::{Erased, ErasureOrder};
use siyu_types::ports::NamesErased;
use siyu_types::record::Body;
use siyu_types::{Identifier, Record, Result};

use super::Pipeline;
use super::apply::Applier;
use super::decode::DecodedFrame;
use super::outcome::Outcome;
use crate::erasure::{Scrub, Verdict, bitmap, scrub};
use crate::frame::ProtocolId;
use crate::protocols::{ReasonCode, likely_time};
use crate::quality::Counters;

impl Applier {
    /// Makes a person nobody: from here on no reading knows them, and what of them is still on
    /// its way into the store is dropped. An order is obeyed once.
    fn erase(&mut self, people: &mut People, order: &ErasureOrder, at: Millis, outcome: &mut Outcome) {
        let mut tombstones = self.shared.tombstones.write();
        if tombstones.knows(order.erasure) {
            return;
        }
        let (numbers, identifiers) = people.erase(order.person).unwrap_or_default();
        tombstones.entomb(order.erasure, at, numbers.clone(), &identifiers);
        let admission = people.graph().admission();
        let without = |ids: &[Identifier], time: Millis| tombstones.without(admission, ids, time);
        outcome.forget(&numbers, without);
        self.shared.live.lock().forget(&numbers, without);
        outcome.erased.extend(numbers);
        self.unswept = true;
    }

    /// Whether a record goes no further: it is an order, which is obeyed, or it is about
    /// somebody who was erased, which is counted.
    pub fn is_about_erasure(
        &mut self,
        people: &mut People,
        (counters, source): (&mut Counters, u16),
        record: &mut Record,
        (frame, item): (&DecodedFrame, usize),
        outcome: &mut Outcome,
    ) -> bool {
        if frame.protocol == ProtocolId::Internal
            && let Body::Erasure(order) = &record.body
        {
            let (order, at) = (order.clone(), record.received_at);
            self.erase(people, &order, at, outcome);
            return true;
        }
        if !self.drops(people, record, frame, item) {
            return false;
        }
        counters.rejected(source, Some(&record.body), frame.received_at, ReasonCode::Erased);
        true
    }

    /// Whether a record is about somebody who was erased after it happened: then it goes no
    /// further, and its frame is cleaned. Who is merely named beside others is taken off.
    fn drops(&self, people: &People, record: &mut Record, frame: &DecodedFrame, item: usize) -> bool {
        let tombstones = self.shared.tombstones.read();
        if tombstones.is_empty() {
            return false;
        }
        // What siyu itself says of somebody, who was there a moment ago, never brings them back;
        // nor does a time that cannot be true say that it happened afterwards.
        let unsaid = frame.protocol == ProtocolId::Internal
            || likely_time(record.time, record.received_at, frame.terms).is_err();
        let unknown = |ids: &[Identifier]| ids.iter().all(|id| people.lookup(id).is_none());
        let other = match &record.body {
            Body::Relation(statement) if !statement.other().is_empty() => Some(statement.other()),
            _ => None,
        };
        let unknown = || unknown(&record.ids) || other.is_some_and(unknown);
        let time = if unsaid && unknown() { Millis::MIN } else { record.time };
        let verdict = tombstones.verdict_of(people.graph(), record, time);
        if verdict == Verdict::Clear {
            return false;
        }
        drop(tombstones);
        let mut tombstones = self.shared.tombstones.write();
        tombstones.soil(frame.position, item);
        tombstones.strip(people.graph().admission(), record, time);
        verdict == Verdict::Theirs
    }

    /// Frames that hold what was dropped are cleaned beside the pipeline once a checkpoint
    /// covers them, and their places forgotten with the next one.
    pub fn clean(&mut self, applied: LogPosition) {
        let frames = self.shared.tombstones.read().unclean(applied.0);
        if frames.is_empty() || self.cleaning.as_ref().is_some_and(|running| !running.is_finished()) {
            return;
        }
        self.join_cleaning();
        let (project, log, shared) =
            (Arc::clone(&self.project), Arc::clone(&self.log), Arc::clone(&self.shared));
        let spawned = std::thread::Builder::new().name("cleaning".into()).spawn(move || {
            let what = Scrub { project: &project, tombstones: &shared.tombstones, frames: Some(&frames) };
            match scrub(&log, applied, &what) {
                Ok(_) => shared.tombstones.write().cleaned(&frames),
                Err(error) => {
                    tracing::error!(project = project.id.0, %error, "late data of erased people stays in the log for now");
                }
            }
        });
        match spawned {
            Ok(thread) => self.cleaning = Some(thread),
            Err(error) => tracing::warn!(%error, "no thread to clean the log on"),
        }
    }

    pub fn join_cleaning(&mut self) {
        if let Some(thread) = self.cleaning.take()
            && thread.join().is_err()
        {
            tracing::error!("cleaning the log panicked");
        }
    }
}

impl Pipeline {
    /// Whom an order made nobody, once it is applied.
    pub fn erased(&self, erasure: i64) -> Option<Erased> {
        self.shared.tombstones.read().erased(erasure)
    }

    /// Whether a record of this time is about somebody who was erased since.
    pub fn is_erased(&self, people: &People, record: &Record) -> bool {
        let tombstones = self.shared.tombstones.read();
        tombstones.verdict_of(people.graph(), record, record.time) == Verdict::Theirs
    }

    /// Recognises one erased person in texts.
    pub fn names_erased(&self, erasure: i64) -> Arc<NamesErased> {
        let (project, shared) = (Arc::clone(&self.project), Arc::clone(&self.shared));
        Arc::new(move |text: &str| {
            let people = project.people.read();
            shared.tombstones.read().names(&people, text, Some(erasure))
        })
    }

    /// Takes the rows of erased people out of the event store, and their identifiers out of
    /// the rows of others. Blocks; counts on disk with the next checkpoint.
    pub fn forget_events(&self, erased: &Erased) -> Result<ForgottenRows> {
        let numbers = bitmap(&erased.numbers);
        // Copies: the store asks while it holds locks that the pipeline may wait for.
        let (rules, hashes) = {
            let people = self.project.people.read();
            (people.graph().rules().clone(), people.graph().hashes().cloned())
        };
        let admission = Admission { rules: &rules, hashes: hashes.as_ref() };
        let tombstones = self.shared.tombstones.read().clone();
        let without = |ids: &[Identifier], time: Millis| tombstones.without(admission, ids, time);
        self.project.events.forget(Forgotten { numbers: &numbers, ids: &without })
    }

    /// Rewrites every frame that a checkpoint covers and that holds something of people who
    /// were erased. Blocks. Answers how many records and unreadable items went.
    pub fn clean_log(&self) -> Result<(RewriteReport, u64)> {
        let covered = LogPosition(self.shared.checkpoint.load(Ordering::Relaxed));
        let what = Scrub { project: &self.project, tombstones: &self.shared.tombstones, frames: None };
        scrub(&self.log, covered, &what)
    }

    /// Takes what was set aside of people who were erased out of the quarantine. Blocks.
    /// Answers how many entries; counts on disk at once, and in the index with the next
    /// checkpoint.
    pub fn clean_quarantine(&self) -> Result<u64> {
        let (entries, shelf) = {
            let mut gate = self.gate();
            gate.quarantine.flush()?;
            (gate.quarantine.entries().clone(), gate.quarantine.shelf())
        };
        let mut theirs = Vec::new();
        for entry in entries {
            let Some(held) = crate::plan::read(&shelf, &entry)? else { continue };
            let people = self.project.people.read();
            let tombstones = self.shared.tombstones.read();
            let text = serde_json::to_string(&held.raw).unwrap_or_default();
            let of_record = held.record.as_ref().is_some_and(|record| {
                let by = record.time.min(record.received_at);
                let verdict = tombstones.verdict_of(people.graph(), record, by);
                verdict == Verdict::Theirs
            });
            if of_record || (held.raw.is_some() && self.names_raw(&people, &tombstones, &held, &text)) {
                theirs.push(entry.seq);
            }
        }
        let mut gate = self.gate();
        gate.quarantine.erase(&theirs)?;
        Ok(theirs.len() as u64)
    }

    /// Whether what could not be read names somebody who was erased: in its beginning, or in
    /// the frame that holds it.
    fn names_raw(
        &self,
        people: &People,
        tombstones: &crate::erasure::Tombstones,
        held: &crate::plan::Held,
        text: &str,
    ) -> bool {
        use base64::Engine;
        let frame = held.raw.as_ref().and_then(|raw| raw.frame.as_ref());
        let bytes = frame.and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok());
        let body = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        tombstones.names(people, text, None) || tombstones.names(people, &body, None)
    }

    /// The rows of an erased person are gone from the disk.
    pub fn unhide(&self, erased: &Erased) {
        self.project.events.unhide(&bitmap(&erased.numbers));
    }
}
