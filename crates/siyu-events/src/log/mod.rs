//! The durable log: records are acknowledged only after they are on disk.

mod frame;
mod reader;
mod rewrite;
#[cfg(test)]
mod rewrite_tests;
mod segment;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use serde::{Deserialize, Serialize};
use siyu_types::ports::{SEALED_MORE, Vault};
use siyu_types::{Error, ErrorCode, Result};

use self::segment::Segment;
use self::writer::{Append, Done, Writer};

pub use self::rewrite::RewriteReport;

/// Sequence number of a log record; the first record ever has 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LogPosition(pub u64);

impl LogPosition {
    pub fn next(self) -> LogPosition {
        LogPosition(self.0 + 1)
    }
}

/// Limits of a log.
#[derive(Clone, Debug)]
pub struct LogOptions {
    /// A segment is sealed when the next group would make it larger than this.
    pub segment_bytes: u64,
    /// Payload bytes that may wait for the writer before `append` answers `Overloaded`.
    pub queue_bytes_max: usize,
    /// Calls of `append` that may wait for the writer.
    pub queue_appends_max: usize,
    /// The largest single record.
    pub record_bytes_max: usize,
    /// Encrypts records on their way to the file, and opens them again.
    pub vault: Option<Arc<dyn Vault>>,
    /// What the vault ties them to, such as `log/3`.
    pub place: String,
}

impl Default for LogOptions {
    fn default() -> LogOptions {
        LogOptions {
            segment_bytes: 64 << 20,
            queue_bytes_max: 64 << 20,
            queue_appends_max: 65_536,
            record_bytes_max: 32 << 20,
            vault: None,
            place: "log".to_owned(),
        }
    }
}

/// An append-only sequence of records in one folder. One process at a time.
pub struct Log {
    dir: PathBuf,
    options: LogOptions,
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// Held while sealed segments are replaced or removed.
    rewriting: Mutex<()>,
    /// Held open: its lock keeps a second process out.
    lock: File,
}

/// What callers, readers and the writer share.
struct Shared {
    queue: Mutex<Queue>,
    arrived: Condvar,
    synced: Mutex<Synced>,
    grew: Condvar,
    places: Mutex<Vec<reader::Place>>,
}

#[derive(Default)]
struct Queue {
    appends: Vec<Append>,
    /// Who wants the present file to be closed.
    seals: Vec<Done>,
    bytes: usize,
    closed: bool,
}

/// Everything that may be read.
struct Synced {
    segments: Vec<Arc<Segment>>,
    /// Bytes of the last segment.
    length: u64,
    end: u64,
    closed: bool,
}

impl Log {
    /// Opens or creates the log; cuts a torn tail, which was never acknowledged.
    pub fn open(dir: &Path, options: LogOptions) -> Result<Log> {
        std::fs::create_dir_all(dir)?;
        let lock = File::create(dir.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                Error::internal(format!("log {} is open in another process", dir.display()))
            }
            TryLockError::Error(error) => error.into(),
        })?;
        let recovered = segment::recover(dir, options.record_bytes_max + SEALED_MORE)?;
        let active = match recovered.segments.last() {
            Some(active) => Arc::clone(active),
            None => return Err(Error::internal("recovery answered no segment")),
        };
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            arrived: Condvar::new(),
            synced: Mutex::new(Synced {
                segments: recovered.segments,
                length: recovered.length,
                end: recovered.next,
                closed: false,
            }),
            grew: Condvar::new(),
            places: Mutex::default(),
        });
        let writer = Writer {
            dir: dir.to_owned(),
            segment_bytes: options.segment_bytes,
            shared: Arc::clone(&shared),
            active,
            length: recovered.length,
            next: recovered.next,
            suspect: false,
            buffer: Vec::new(),
        };
        let thread = std::thread::Builder::new().name("log-writer".into()).spawn(move || writer.run())?;
        Ok(Log {
            dir: dir.to_owned(),
            options,
            shared,
            writer: Mutex::new(Some(thread)),
            rewriting: Mutex::new(()),
            lock,
        })
    }

    /// Queues records. `done` is called once, on the writer's thread (or at once on
    /// refusal), with the position of the *last* of them, after all are on disk.
    pub fn append(&self, payloads: Vec<Bytes>, done: impl FnOnce(Result<LogPosition>) + Send + 'static) {
        match self.enqueue(payloads) {
            Ok((mut queue, payloads, bytes)) => {
                queue.bytes += bytes;
                queue.appends.push(Append { payloads, done: Box::new(done) });
                drop(queue);
                self.shared.arrived.notify_one();
            }
            Err(error) => done(Err(error)),
        }
    }

    /// The queue, locked, if it has room for the payloads.
    fn enqueue(
        &self,
        payloads: Vec<Bytes>,
    ) -> Result<(parking_lot::MutexGuard<'_, Queue>, Vec<Bytes>, usize)> {
        if payloads.is_empty() {
            return Err(Error::invalid("payloads", "nothing to append"));
        }
        if payloads.iter().any(|payload| payload.len() > self.options.record_bytes_max) {
            return Err(Error::new(ErrorCode::TooLarge, "record is larger than the log takes")
                .with("limit_bytes", self.options.record_bytes_max.to_string()));
        }
        let payloads = self.sealed(payloads)?;
        let bytes = payloads.iter().map(Bytes::len).sum();
        let queue = self.shared.queue.lock();
        if queue.closed {
            return Err(Error::new(ErrorCode::Overloaded, "the log is closed"));
        }
        // An empty queue takes anything, so a large batch is never refused forever.
        let full = queue.appends.len() >= self.options.queue_appends_max
            || queue.bytes + bytes > self.options.queue_bytes_max;
        if full && !queue.appends.is_empty() {
            return Err(Error::new(ErrorCode::Overloaded, "too much is waiting for the log"));
        }
        Ok((queue, payloads, bytes))
    }

    fn sealed(&self, payloads: Vec<Bytes>) -> Result<Vec<Bytes>> {
        let LogOptions { vault, place, .. } = &self.options;
        match vault.as_ref().filter(|vault| vault.seals()) {
            Some(vault) => payloads.iter().map(|plain| Ok(vault.seal(place, plain)?.into())).collect(),
            None => Ok(payloads),
        }
    }

    fn opened(&self, payload: Bytes) -> Result<Bytes> {
        match &self.options.vault {
            Some(vault) => Ok(vault.open(&self.options.place, &payload)?.map_or(payload, Bytes::from)),
            None => Ok(payload),
        }
    }

    /// As [`Log::append`], waiting for the answer.
    pub fn append_and_wait(&self, payloads: Vec<Bytes>) -> Result<LogPosition> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.append(payloads, move |answer| {
            // The receiver waits below, so this cannot fail.
            let _ = sender.send(answer);
        });
        receiver.recv().map_err(|_| Error::internal("the log's writer ended"))?
    }

    /// Synced records from `from` on: at least one if there is one, then up to `max_bytes`.
    pub fn read(&self, from: LogPosition, max_bytes: usize) -> Result<Vec<(LogPosition, Bytes)>> {
        let records =
            reader::read(&self.shared, from.0, max_bytes, self.options.record_bytes_max + SEALED_MORE)?;
        records.into_iter().map(|(position, payload)| Ok((position, self.opened(payload)?))).collect()
    }

    /// The first record still kept.
    pub fn start(&self) -> LogPosition {
        LogPosition(self.shared.synced.lock().segments.first().map_or(0, |segment| segment.first))
    }

    /// One past the last synced record.
    pub fn end(&self) -> LogPosition {
        LogPosition(self.shared.synced.lock().end)
    }

    /// Waits until the record at `position` can be read (true), or until `stop` is
    /// set or the log closed (false). After setting `stop`, call [`Log::wake`].
    pub fn wait_for(&self, position: LogPosition, stop: &AtomicBool) -> bool {
        let mut synced = self.shared.synced.lock();
        while synced.end <= position.0 && !synced.closed && !stop.load(Ordering::Acquire) {
            self.shared.grew.wait(&mut synced);
        }
        synced.end > position.0 && !stop.load(Ordering::Acquire)
    }

    /// Makes every `wait_for` look at its `stop` flag again.
    pub fn wake(&self) {
        // Under the lock, so that nobody is between looking and waiting.
        let _synced = self.shared.synced.lock();
        self.shared.grew.notify_all();
    }

    /// Deletes sealed segments that only hold records before `before`.
    pub fn trim(&self, before: LogPosition) -> Result<()> {
        // What is being rewritten is trimmed the next time.
        let Some(_rewriting) = self.rewriting.try_lock() else { return Ok(()) };
        loop {
            let mut synced = self.shared.synced.lock();
            let oldest = match &synced.segments[..] {
                [oldest, second, ..] if second.first <= before.0 => oldest.path.clone(),
                _ => return Ok(()),
            };
            synced.segments.remove(0);
            drop(synced);
            std::fs::remove_file(oldest)?;
            // One by one, so that no crash can leave a gap between segments.
            segment::sync_dir(&self.dir)?;
        }
    }

    /// Writes what is queued and ends the writer. Later appends are refused.
    pub fn close(&self) {
        self.shared.queue.lock().closed = true;
        self.shared.arrived.notify_all();
        if let Some(thread) = self.writer.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("the log's writer panicked");
        }
        self.shared.synced.lock().closed = true;
        self.wake();
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.close();
        // Closing the file is not enough: a program that this process is about to start holds it, and its lock,
        // until that program has begun. Where it cannot be let go it goes with the process.
        let _ = self.lock.unlock();
    }
}

impl Shared {
    /// Everything that is queued; waits for something. `None` when closed and empty.
    fn take(&self) -> Option<(Vec<Append>, Vec<Done>)> {
        let mut queue = self.queue.lock();
        while queue.appends.is_empty() && queue.seals.is_empty() {
            if queue.closed {
                return None;
            }
            self.arrived.wait(&mut queue);
        }
        queue.bytes = 0;
        Some((std::mem::take(&mut queue.appends), std::mem::take(&mut queue.seals)))
    }

    fn publish(&self, length: u64, end: u64) {
        let mut synced = self.synced.lock();
        synced.length = length;
        synced.end = end;
        self.grew.notify_all();
    }

    /// A new last segment, in place of an empty one that begins at the same record.
    fn rolled(&self, segment: Arc<Segment>, length: u64) {
        let mut synced = self.synced.lock();
        if synced.segments.last().is_some_and(|last| last.first == segment.first) {
            synced.segments.pop();
        }
        synced.segments.push(segment);
        synced.length = length;
    }
}
