//! Replacing records of the log, each by another under the same number: how what was said
//! of somebody leaves files that hold many people's records.
//!
//! Only whole files that nobody writes to are rewritten: the new one is made beside the old
//! one, synced, and takes its name by one rename. So after a crash a file is the old one or
//! the new one, entire. A reader under way keeps the file it has open; whoever begins
//! afterwards reads the new one.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use rustc_hash::FxHashMap;
use siyu_types::ports::SEALED_MORE;
use siyu_types::{Error, ErrorCode, Result};

use super::frame::{self, HEADER_BYTES, Parsed};
use super::segment::{self, Segment, damaged};
use super::{Log, LogPosition};

/// What a rewrite looked at and changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RewriteReport {
    pub records_read: u64,
    pub bytes_read: u64,
    pub records_changed: u64,
    pub files_changed: u64,
}

/// Answers what is to stand in the place of a record; `None` leaves it.
pub type Change<'a> = dyn FnMut(LogPosition, &Bytes) -> Result<Option<Bytes>> + 'a;

impl Log {
    /// Asks about every record before `before`, or only about the `wanted` ones of them, and
    /// replaces those for which there is an answer. Doing it twice changes nothing more.
    /// Appending and reading go on meanwhile; trimming waits.
    pub fn rewrite(
        &self,
        before: LogPosition,
        wanted: Option<&BTreeSet<u64>>,
        change: &mut Change<'_>,
    ) -> Result<RewriteReport> {
        let _rewriting = self.rewriting.lock();
        let concerns = |first: u64, until: u64| match wanted {
            Some(wanted) => first < before.0 && wanted.range(first..until.min(before.0)).next().is_some(),
            None => first < before.0,
        };
        let active = self.shared.synced.lock().segments.last().map_or(0, |segment| segment.first);
        if concerns(active, u64::MAX) {
            self.seal()?;
        }
        let stretches: Vec<(Arc<Segment>, u64)> = {
            let synced = self.shared.synced.lock();
            let pairs = synced.segments.windows(2).map(|pair| (Arc::clone(&pair[0]), pair[1].first));
            pairs.filter(|(segment, until)| concerns(segment.first, *until)).collect()
        };
        let mut report = RewriteReport::default();
        for (segment, until) in stretches {
            self.rewrite_one(&segment, until, &mut report, &mut |position, record| {
                let asked = position < before && wanted.is_none_or(|wanted| wanted.contains(&position.0));
                if asked { change(position, record) } else { Ok(None) }
            })?;
        }
        Ok(report)
    }

    /// Seals every record that lies open, as far as what is written now is sealed; `told` of
    /// files looked at and files there are. Answers how many records were open.
    pub fn seal_stored(&self, told: &mut dyn FnMut(u64, u64)) -> Result<u64> {
        let Some(vault) = self.options.vault.clone().filter(|vault| vault.seals()) else { return Ok(0) };
        let _rewriting = self.rewriting.lock();
        self.seal()?;
        let stretches: Vec<(Arc<Segment>, u64)> = {
            let synced = self.shared.synced.lock();
            synced.segments.windows(2).map(|pair| (Arc::clone(&pair[0]), pair[1].first)).collect()
        };
        let (mut report, all) = (RewriteReport::default(), stretches.len() as u64);
        for (done, (segment, until)) in (1..).zip(stretches) {
            self.replace_in(&segment, until, &mut report, &mut |_, stored| {
                if vault.is_sealed(stored) {
                    Ok(None)
                } else {
                    self.sealed(vec![stored.clone()]).map(|mut one| one.pop())
                }
            })?;
            told(done, all);
        }
        Ok(report.records_changed)
    }

    /// Closes the file that is written to; what follows goes to a new one.
    fn seal(&self) -> Result<()> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        {
            let mut queue = self.shared.queue.lock();
            if queue.closed {
                return Err(Error::new(ErrorCode::Overloaded, "the log is closed"));
            }
            queue.seals.push(Box::new(move |answer| {
                // The receiver waits below, so this cannot fail.
                let _ = sender.send(answer);
            }));
        }
        self.shared.arrived.notify_one();
        receiver.recv().map_err(|_| Error::internal("the log's writer ended"))?.map(drop)
    }

    fn rewrite_one(
        &self,
        segment: &Arc<Segment>,
        until: u64,
        report: &mut RewriteReport,
        change: &mut Change<'_>,
    ) -> Result<()> {
        self.replace_in(segment, until, report, &mut |position, stored| {
            let record = self.opened(stored.clone())?;
            match change(position, &record)? {
                // What takes the place of a sealed record is sealed too.
                Some(record) => self.sealed(vec![record]).map(|mut one| one.pop()),
                None => Ok(None),
            }
        })
    }

    /// As [`Log::rewrite_one`], of records as they are stored.
    fn replace_in(
        &self,
        segment: &Arc<Segment>,
        until: u64,
        report: &mut RewriteReport,
        change: &mut Change<'_>,
    ) -> Result<()> {
        let length = segment.file.metadata()?.len();
        let mut bytes = vec![0; length as usize];
        segment.file.read_exact_at(&mut bytes, 0)?;
        let bytes = Bytes::from(bytes);
        let mut changed = FxHashMap::default();
        self.each(segment, until, &bytes, |seq, range, _| {
            report.records_read += 1;
            changed.extend(change(LogPosition(seq), &bytes.slice(range))?.map(|record| (seq, record)));
            Ok(())
        })?;
        report.bytes_read += length;
        if changed.is_empty() {
            return Ok(());
        }
        let mut out = Vec::with_capacity(bytes.len());
        out.extend_from_slice(&bytes[..HEADER_BYTES as usize]);
        self.each(segment, until, &bytes, |seq, range, starts_group| {
            let record = changed.get(&seq).map_or(&bytes[range], |record| record);
            frame::encode(&mut out, seq, record, starts_group);
            Ok(())
        })?;
        self.put_in_place(segment, &out)?;
        report.records_changed += changed.len() as u64;
        report.files_changed += 1;
        Ok(())
    }

    /// Walks the records of a sealed segment.
    fn each(
        &self,
        segment: &Segment,
        until: u64,
        bytes: &Bytes,
        mut see: impl FnMut(u64, std::ops::Range<usize>, bool) -> Result<()>,
    ) -> Result<()> {
        let mut at = HEADER_BYTES as usize;
        for seq in segment.first..until {
            match frame::parse(&bytes[at..], self.options.record_bytes_max + SEALED_MORE) {
                Parsed::Frame(frame) if frame.seq == seq => {
                    see(seq, at + frame.payload.start..at + frame.payload.end, frame.starts_group)?;
                    at += frame.payload.end;
                }
                _ => return Err(damaged(&segment.path, &format!("is damaged at record {seq}"))),
            }
        }
        Ok(())
    }

    fn put_in_place(&self, old: &Arc<Segment>, bytes: &[u8]) -> Result<()> {
        let temporary = self.dir.join(segment::REWRITTEN);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        segment::rename(&temporary, &old.path)?;
        segment::sync_dir(&self.dir)?;
        let new = Arc::new(Segment::new(old.first, old.path.clone(), file));
        let mut synced = self.shared.synced.lock();
        if let Some(held) = synced.segments.iter_mut().find(|held| Arc::ptr_eq(held, old)) {
            *held = new;
        }
        Ok(())
    }
}
