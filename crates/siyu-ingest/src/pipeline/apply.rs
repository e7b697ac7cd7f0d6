//! The second stage: one thread per project applies decoded records in log order
//! to people and events, and writes checkpoints. What it does depends on the log
//! alone, never on the clock, so a replay ends in the same state.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

use siyu_audience::{People, Project};
use siyu_events::{Amendment, EventRow, Log, LogPosition};
use siyu_types::record::Body;
use siyu_types::{Record, Result};

use super::aside;
use super::checkpoint::{self, Applied, Manifest};
use super::decode::{Batch, DecodedFrame};
use super::dedupe::Memory;
use super::outcome::Outcome;
use super::rows::{applied_event, apply_record, moved_event};
use super::{PipelineOptions, Shared, Work};
use crate::frame::ProtocolId;
use crate::plan::{Admitted, EventPlace, Gate, Why};
use crate::protocols::{Decoded, ReasonCode, likely_time};
use crate::quality::Counters;

pub struct Applier {
    pub project: Arc<Project>,
    pub log: Arc<Log>,
    pub shared: Arc<Shared>,
    pub options: PipelineOptions,
    pub applied: Applied,
    /// Since the last checkpoint.
    pub since: Since,
    pub compaction: Option<std::thread::JoinHandle<()>>,
    /// Takes what is left of erased people out of the log.
    pub cleaning: Option<std::thread::JoinHandle<()>>,
    /// Somebody was erased since the last checkpoint.
    pub unswept: bool,
}

pub struct Since {
    pub records: u64,
    pub started: Instant,
    /// The last attempt failed; the next one waits its time.
    pub failed: bool,
}

impl Since {
    pub fn now() -> Since {
        Since { records: 0, started: Instant::now(), failed: false }
    }
}

impl Applier {
    /// Runs until told to stop; a last checkpoint is written unless it is abandoned.
    pub fn run(mut self, work: &Receiver<Work>) -> Result<()> {
        // What the last process did not come to.
        self.clean(self.applied.position);
        loop {
            match work.recv_timeout(self.until_checkpoint()) {
                Ok(Work::Batch(batch)) => {
                    if !self.apply(batch)? {
                        // Half of the batch is not written: the log has it, and it is applied again.
                        self.end_compaction();
                        self.join_cleaning();
                        return Ok(());
                    }
                }
                // Whoever asked may have gone.
                Ok(Work::Checkpoint(reply)) => {
                    let _gone = reply.send(self.checkpoint());
                }
                Ok(Work::Renew(reply)) => {
                    self.applied.clocks.renew();
                    let _gone = reply.send(self.checkpoint());
                }
                #[cfg(test)]
                Ok(Work::WriteParts(reply)) => {
                    let parts = checkpoint::write_parts(&self.project, &mut self.applied, &self.shared);
                    let _gone = reply.send(parts.map(|_| ()));
                }
                Ok(Work::Stop { checkpoint }) => {
                    if checkpoint && self.since.records > 0 {
                        self.try_checkpoint();
                    }
                    self.end_compaction();
                    self.join_cleaning();
                    return Ok(());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            if self.checkpoint_due() {
                self.try_checkpoint();
            }
        }
    }

    fn until_checkpoint(&self) -> std::time::Duration {
        self.options.checkpoint_every.saturating_sub(self.since.started.elapsed())
    }

    fn checkpoint_due(&mut self) -> bool {
        if self.since.records == 0 {
            // Nothing to save: the span begins anew.
            if self.until_checkpoint().is_zero() {
                self.since.started = Instant::now();
            }
            return false;
        }
        let many = self.since.records >= self.options.checkpoint_records && !self.since.failed;
        many || self.until_checkpoint().is_zero()
    }

    /// A checkpoint that fails, for lack of room perhaps, is tried again later: the
    /// log still holds everything.
    fn try_checkpoint(&mut self) {
        if let Err(error) = self.checkpoint() {
            tracing::error!(project = self.project.id.0, %error, "a checkpoint failed");
            self.since.started = Instant::now();
            self.since.failed = true;
        }
    }

    /// False if it was told to stop before everything was written down.
    fn apply(&mut self, batch: Batch) -> Result<bool> {
        let mut outcome = Outcome::default();
        let listeners = self.shared.listeners.read().clone();
        {
            let (project, shared) = (Arc::clone(&self.project), Arc::clone(&self.shared));
            let mut people = project.people.write();
            let mut quality = shared.quality.lock();
            let mut gate = shared.gate.lock();
            outcome.listened = !listeners.is_empty();
            outcome.rows.reserve(batch.frames.iter().map(|frame| frame.decoded.records.len()).sum());
            for frame in batch.frames {
                self.apply_frame(&mut people, quality.change(), &mut gate, frame, &mut outcome)?;
            }
        }
        if !outcome.erased.is_empty() {
            // Not while people are held: whoever reads events may hold them and wait for people.
            self.project.events.hide(&outcome.erased.iter().copied().collect());
        }
        self.shared.live.lock().push(&outcome.rows);
        let events = outcome.rows.len() as u64;
        if !outcome.rows.is_empty() {
            self.project.events.append(outcome.rows)?;
        }
        if !self.write_down(&outcome.amendments) {
            return Ok(false);
        }
        *self.shared.dedupe.lock() = self.applied.dedupe.figures();
        self.applied.position = batch.next;
        self.since.records += outcome.records;
        self.shared.count(outcome.records, events, outcome.duplicates, batch.bytes);
        if !outcome.events.is_empty() {
            for listener in listeners.iter() {
                listener.applied(self.project.id, &outcome.events);
            }
        }
        self.shared.publish(batch.next);
        Ok(true)
    }

    /// What a batch leaves on disk. As long as the disk refuses, for lack of room perhaps,
    /// nothing is applied and clients are asked to come later; then it goes on by itself.
    /// False if it was told to stop meanwhile.
    fn write_down(&self, amendments: &[Amendment]) -> bool {
        let project = self.project.id.0;
        let mut waited = false;
        while let Err(error) = self.try_write_down(amendments) {
            if !waited {
                tracing::error!(project, %error, "what was set aside cannot be written; waiting for the disk");
                self.shared.wait(true);
            }
            waited = true;
            std::thread::park_timeout(self.options.retry_every);
            if self.shared.stop.load(std::sync::atomic::Ordering::Acquire) {
                return false;
            }
        }
        if waited {
            tracing::info!(project, "the disk takes it again; going on");
            self.shared.wait(false);
        }
        true
    }

    /// Doing it twice changes nothing.
    fn try_write_down(&self, amendments: &[Amendment]) -> Result<()> {
        if !amendments.is_empty() {
            self.project.events.amend(amendments)?;
        }
        self.shared.gate.lock().quarantine.flush()
    }

    fn apply_frame(
        &mut self,
        people: &mut People,
        counters: &mut Counters,
        gate: &mut Gate,
        mut frame: DecodedFrame,
        outcome: &mut Outcome,
    ) -> Result<()> {
        outcome.records += frame.decoded.items as u64 + u64::from(frame.decree.is_some());
        if let Some(decree) = frame.decree.take() {
            return self.obey(people, gate, (decree, frame.received_at), outcome);
        }
        if let Some((entry, at)) = frame.entry
            && !aside::reopen(gate, entry, at, &frame.decoded)
        {
            return Ok(());
        }
        let source = begin(counters, &frame);
        let Decoded { mut records, refusals, sent, .. } = std::mem::take(&mut frame.decoded);
        if !frame.terms.trust_time {
            self.applied.clocks.correct(&frame.source, frame.received_at, &sent, &mut records);
        }
        if frame.terms.dedupe_hours > 0 {
            self.applied.dedupe.remember_for(frame.terms.dedupe_hours);
        }
        let protocol = frame.protocol.as_str();
        // What siyu itself writes is noted, but not judged; what was let in is a client's.
        let judged = frame.protocol != ProtocolId::Internal || frame.terms.time_accepted;
        for (item, mut record) in records {
            if self.is_about_erasure(people, (&mut *counters, source), &mut record, (&frame, item), outcome) {
                continue;
            }
            people.keep_record(&mut record);
            if let Some((why, code)) = refused(gate, &frame, judged, &record) {
                // What was set aside is not remembered as stored: it may be given back.
                if !self.applied.dedupe.knows(record.key) && gate.set_aside(why, protocol, &record)? {
                    counters.rejected(source, Some(&record.body), frame.received_at, code);
                } else {
                    outcome.duplicates += 1;
                    counters.duplicate(source, &record);
                }
                continue;
            }
            // What is read again may have been sent again, and stored, in the meantime.
            let known = frame.entry.is_some() && self.applied.dedupe.knows(record.key);
            if known || !self.applied.dedupe.insert(frame.memory, record.key, record.received_at) {
                outcome.duplicates += 1;
                counters.duplicate(source, &record);
                continue;
            }
            if let Some((_, at)) = frame.entry {
                self.applied.dedupe.insert(Memory::Window, record.key, at);
            }
            gate.note(&record);
            let admitted = if judged { gate.strip(&mut record) } else { Admitted::Whole };
            counters.applied(source, &record);
            match self.apply_one(people, record, outcome) {
                Ok(place) => gate.keep(admitted, protocol, place)?,
                Err(record) => {
                    counters.refused_after_all(source, &record);
                    aside::nobody(gate, protocol, &record)?;
                }
            }
        }
        for refusal in refusals {
            counters.rejected(source, None, frame.received_at, refusal.reason.code);
            aside::unusable(gate, people, &frame, refusal)?;
        }
        Ok(())
    }

    /// Applies a record and says where it stands if it is an event; gives it back if
    /// it is about nobody.
    pub fn apply_one(
        &mut self,
        people: &mut People,
        mut record: Record,
        outcome: &mut Outcome,
    ) -> Result<Option<EventPlace>, Box<Record>> {
        // What is given back may have been set aside before its identifiers were to be hashed.
        people.keep_record(&mut record);
        let (received_at, ruled) = (record.received_at, matches!(record.body, Body::Identity(_)));
        let row = apply_record(people, record, self.applied.next_seq)?;
        let place = row.map(|row| {
            let place = EventPlace { person: row.person.0, seq: row.seq };
            self.store(people, row, outcome);
            place
        });
        if ruled {
            self.keep_underway(people, outcome);
        }
        for moved in people.take_moves() {
            let row = moved_event(people, &moved, self.applied.next_seq, received_at);
            self.store(people, row, outcome);
        }
        Ok(place)
    }

    fn store(&mut self, people: &People, row: EventRow, outcome: &mut Outcome) {
        self.applied.next_seq += 1;
        if outcome.listened {
            outcome.events.push(applied_event(people, &row));
        }
        outcome.rows.push(row);
    }

    /// Saves everything up to the present position and makes it the state.
    pub fn checkpoint(&mut self) -> Result<()> {
        if std::mem::take(&mut self.unswept) {
            self.project.people.write().blank_texts();
        }
        let manifest = checkpoint::write_parts(&self.project, &mut self.applied, &self.shared)?;
        manifest.commit(&self.project.dir)?;
        checkpoint::retire(&self.project, &self.shared, &manifest)?;
        self.trim(&manifest)?;
        self.since = Since::now();
        self.shared.checkpointed(manifest.applied);
        self.clean(manifest.applied);
        self.compact();
        Ok(())
    }

    /// Frames are kept for a while after they were applied, so that a mistake in
    /// decoding or identification can be repaired.
    fn trim(&self, manifest: &Manifest) -> Result<()> {
        self.log.trim(LogPosition(manifest.applied.0.saturating_sub(self.options.keep_frames)))
    }

    /// Merges small segments beside the pipeline, one run at a time.
    fn compact(&mut self) {
        if self.compaction.as_ref().is_some_and(|running| !running.is_finished()) {
            return;
        }
        self.join_compaction();
        let project = Arc::clone(&self.project);
        let spawned = std::thread::Builder::new().name("compaction".into()).spawn(move || {
            if let Err(error) = project.events.compact() {
                tracing::error!(project = project.id.0, %error, "merging segments failed");
            }
        });
        match spawned {
            Ok(thread) => self.compaction = Some(thread),
            Err(error) => tracing::warn!(%error, "no thread to merge segments on"),
        }
    }

    /// A compaction under way is given up: it may be at many gigabytes, and begins anew after the next start.
    fn end_compaction(&mut self) {
        self.project.events.halt_compaction();
        self.join_compaction();
    }

    fn join_compaction(&mut self) {
        if let Some(thread) = self.compaction.take()
            && thread.join().is_err()
        {
            tracing::error!("merging segments panicked");
        }
    }
}

/// A request is counted; answers what its source is called in the counters.
fn begin(counters: &mut Counters, frame: &DecodedFrame) -> u16 {
    let source = counters.begin(&frame.source, frame.received_at, frame.decoded.library.as_ref());
    if frame.protocol == ProtocolId::Import {
        counters.imported(source);
    }
    source
}

/// Why a record is to be set aside before it is applied, and what it counts as. What is
/// set aside for its time is judged by the plan when it is given back.
fn refused(gate: &Gate, frame: &DecodedFrame, judged: bool, record: &Record) -> Option<(Why, ReasonCode)> {
    match likely_time(record.time, record.received_at, frame.terms) {
        Err(reason) => Some((aside::why(&reason), reason.code)),
        Ok(()) if judged => gate.refuses(record).map(|refused| (refused.into(), ReasonCode::AgainstPlan)),
        Ok(()) => None,
    }
}
