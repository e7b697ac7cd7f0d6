//! The writer's thread: takes everything that has arrived, writes it once, syncs
//! once, then answers.

use std::io;
use std::os::unix::fs::FileExt;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use siyu_types::{Error, ErrorCode, Result};

use super::frame::{self, HEADER_BYTES};
use super::segment::{self, Segment};
use super::{LogPosition, Shared};

pub(super) type Done = Box<dyn FnOnce(Result<LogPosition>) + Send>;

/// One call of `append`.
pub(super) struct Append {
    pub payloads: Vec<Bytes>,
    pub done: Done,
}

pub(super) struct Writer {
    pub dir: PathBuf,
    pub segment_bytes: u64,
    pub shared: Arc<Shared>,
    pub active: Arc<Segment>,
    /// Bytes of the active segment that are synced; nothing beyond is ever read.
    pub length: u64,
    pub next: u64,
    /// The file may hold bytes beyond `length` that were never acknowledged and
    /// could not be removed yet. Nothing is written before they are.
    pub suspect: bool,
    pub buffer: Vec<u8>,
}

impl Writer {
    pub fn run(mut self) {
        while let Some((group, seals)) = self.shared.take() {
            let outcome = self.write_group(&group);
            let mut position = match outcome {
                Ok(()) => self.next,
                Err(ref error) => {
                    tracing::error!(%error, appends = group.len(), "log group refused");
                    0
                }
            };
            if outcome.is_ok() {
                self.next += group.iter().map(|append| append.payloads.len() as u64).sum::<u64>();
                self.shared.publish(self.length, self.next);
            }
            for append in group {
                position += append.payloads.len() as u64;
                let answer = outcome.as_ref().map(|()| LogPosition(position - 1)).map_err(Error::clone);
                // A panicking caller must not take the log down with it.
                if std::panic::catch_unwind(AssertUnwindSafe(|| (append.done)(answer))).is_err() {
                    tracing::error!("the receiver of a log answer panicked");
                }
            }
            for done in seals {
                let sealed = self.seal().map(|()| LogPosition(self.next)).map_err(disk_error);
                if std::panic::catch_unwind(AssertUnwindSafe(|| done(sealed))).is_err() {
                    tracing::error!("the receiver of a log answer panicked");
                }
            }
        }
    }

    /// Everything written so far stands in files that are not written to any more.
    fn seal(&mut self) -> io::Result<()> {
        if self.suspect {
            self.repair()?;
        }
        if self.length > HEADER_BYTES { self.roll() } else { Ok(()) }
    }

    fn write_group(&mut self, group: &[Append]) -> Result<()> {
        if group.is_empty() {
            return Ok(());
        }
        self.buffer.clear();
        let payloads = group.iter().flat_map(|append| &append.payloads);
        for (seq, payload) in (self.next..).zip(payloads) {
            frame::encode(&mut self.buffer, seq, payload, seq == self.next);
        }
        if self.suspect {
            self.repair().map_err(disk_error)?;
        }
        if self.length > HEADER_BYTES && self.length + self.buffer.len() as u64 > self.segment_bytes {
            self.roll().map_err(disk_error)?;
        }
        let written = write(&self.active, &self.buffer, self.length);
        // After a failed sync the kernel may have dropped the pages and would report
        // success the next time, so the file is never synced again as if nothing
        // had happened: the group is cut off and a new file is begun.
        if let Err(error) = written.and_then(|()| sync(&self.active)) {
            self.suspect = true;
            if let Err(error) = self.repair() {
                tracing::error!(%error, "log segment not repaired; will be tried again");
            }
            return Err(disk_error(error));
        }
        self.length += self.buffer.len() as u64;
        Ok(())
    }

    /// Cuts off what was not acknowledged and goes on in a new file.
    fn repair(&mut self) -> io::Result<()> {
        fail::fail_point!("log::repair", |kind| Err(crate::faults::injected(kind)));
        self.active.file.set_len(self.length)?;
        self.active.file.sync_all()?;
        self.roll()?;
        self.suspect = false;
        Ok(())
    }

    fn roll(&mut self) -> io::Result<()> {
        let segment = Arc::new(segment::create(&self.dir, self.next)?);
        self.shared.rolled(Arc::clone(&segment), HEADER_BYTES);
        self.active = segment;
        self.length = HEADER_BYTES;
        Ok(())
    }
}

fn write(segment: &Segment, buffer: &[u8], at: u64) -> io::Result<()> {
    fail::fail_point!("log::write", |kind| {
        // As a full disk does: some of it arrives.
        segment.file.write_all_at(&buffer[..buffer.len() * 2 / 3], at)?;
        Err(crate::faults::injected(kind))
    });
    segment.file.write_all_at(buffer, at)
}

fn sync(segment: &Segment) -> io::Result<()> {
    fail::fail_point!("log::sync", |kind| Err(crate::faults::injected(kind)));
    segment.file.sync_data()
}

fn disk_error(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Error::new(ErrorCode::DiskFull, "the disk has no room for the log")
        }
        _ => Error::internal(format!("log write failed: {error}")),
    }
}
