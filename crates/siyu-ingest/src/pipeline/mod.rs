//! From the log to people and events, per project: decode, drop duplicates,
//! identify, apply, checkpoint. Two threads, in order, replayable; a third keeps what came ready for questions.

mod apply;
mod aside;
mod checkpoint;
mod clocks;
mod decode;
mod decree;
mod dedupe;
mod erase;
mod former;
mod keep;
mod known;
mod live;
mod options;
mod outcome;
mod rows;
#[cfg(test)]
mod tests;
mod threads;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use siyu_audience::projects::Protection;
use siyu_audience::{Project, ProjectSettings};
use siyu_events::{EventRow, Log, LogOptions, LogPosition};
use siyu_govern::sealing::Pseudonyms;
use siyu_types::ports::EventListener;
use siyu_types::{Clock, Error, ErrorCode, ProjectId, Result};
use tokio::sync::{oneshot, watch};

use apply::{Applier, Since};
use checkpoint::{Applied, LOG_DIR, Manifest};
use keep::Kept;
use known::Known;
use live::Live;

use crate::erasure::Tombstones;
use crate::frame::Frame;
use crate::plan::{Gate, GateState};
use crate::protocols::Decoded;

pub use clocks::SHIFT_PROPERTY;
pub use dedupe::DedupeFigures;
pub use keep::Renewing;
pub use options::PipelineOptions;

use crate::quality::Quality;
use crate::safe::Safe;

/// Decoded batches that may wait for the second stage.
const AHEAD: usize = 2;

/// Figures of one pipeline.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PipelineStats {
    /// One past the last frame that is durable.
    pub log_end: u64,
    /// One past the last frame that is applied.
    pub applied: u64,
    /// One past the last frame of the last checkpoint.
    pub checkpoint: u64,
    /// Since the start of the process: items seen, events stored, duplicates dropped.
    pub items: u64,
    pub events: u64,
    pub duplicates: u64,
    /// Set aside, of all time.
    pub rejected: u64,
    /// Applying waits for the disk, and nothing is accepted meanwhile.
    pub waiting: bool,
}

/// What the second stage is asked to do.
enum Work {
    Batch(decode::Batch),
    Checkpoint(std::sync::mpsc::Sender<Result<()>>),
    /// A checkpoint for which everything is written anew.
    Renew(std::sync::mpsc::Sender<Result<()>>),
    /// The first half of a checkpoint, for tests of a crash in its middle.
    #[cfg(test)]
    WriteParts(std::sync::mpsc::Sender<Result<()>>),
    Stop {
        checkpoint: bool,
    },
}

#[derive(Clone, Copy, Debug)]
struct Progress {
    applied: u64,
    /// A stage has ended with an error; nothing more will be applied.
    failed: bool,
    /// Something that was applied cannot be written down; it is tried again.
    waiting: bool,
}

/// What both stages and the callers share.
struct Shared {
    stop: AtomicBool,
    progress: watch::Sender<Progress>,
    live: Mutex<Live>,
    tombstones: RwLock<Tombstones>,
    quality: Mutex<Quality>,
    dedupe: Mutex<DedupeFigures>,
    gate: Mutex<Gate>,
    safe: Safe,
    kept: Mutex<Kept>,
    known: Known,
    listeners: Listeners,
    backlog: AtomicI64,
    checkpoint: AtomicU64,
    items: AtomicU64,
    events: AtomicU64,
    duplicates: AtomicU64,
}

impl Shared {
    fn publish(&self, applied: LogPosition) {
        self.progress.send_modify(|progress| progress.applied = applied.0);
    }

    fn wait(&self, waiting: bool) {
        self.progress.send_modify(|progress| progress.waiting = waiting);
    }

    fn fail(&self) {
        self.progress.send_modify(|progress| progress.failed = true);
    }

    fn count(&self, items: u64, events: u64, duplicates: u64, bytes: usize) {
        self.items.fetch_add(items, Ordering::Relaxed);
        self.events.fetch_add(events, Ordering::Relaxed);
        self.duplicates.fetch_add(duplicates, Ordering::Relaxed);
        self.backlog.fetch_sub(bytes as i64, Ordering::Relaxed);
    }

    fn checkpointed(&self, applied: LogPosition) {
        self.checkpoint.store(applied.0, Ordering::Relaxed);
    }
}

/// Listeners of all projects, shared by all pipelines.
pub type Listeners = Arc<RwLock<Arc<[Arc<dyn EventListener>]>>>;

/// The running pipeline of a project.
pub struct Pipeline {
    project: Arc<Project>,
    log: Arc<Log>,
    shared: Arc<Shared>,
    backlog_bytes_max: i64,
    work: SyncSender<Work>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Pipeline {
    /// Opens a project as of its last checkpoint and goes on from there.
    pub fn open(
        dir: &Path,
        id: ProjectId,
        settings: ProjectSettings,
        clock: Arc<dyn Clock>,
        options: PipelineOptions,
        listeners: Listeners,
        pseudonyms: Pseudonyms,
    ) -> Result<Pipeline> {
        std::fs::create_dir_all(dir)?;
        let vault = options.vault.clone();
        let log = LogOptions { vault: vault.clone(), place: format!("log/{}", id.0), ..options.log.clone() };
        let log = Arc::new(Log::open(&dir.join(LOG_DIR), log)?);
        let manifest = Manifest::read(dir)?;
        let states = manifest.as_ref().map(|manifest| (&manifest.events, &manifest.people)).unzip();
        let safe = Safe::new(vault.clone(), id);
        let protection = Protection { vault, hashes: options.hashes.clone() };
        let store = options.store.clone();
        let project = Project::open_protected(dir, id, (settings, clock), store, states, protection)?;
        let part = manifest.as_ref();
        let applied =
            part.map(|manifest| Applied::load(dir, manifest, &safe)).transpose()?.unwrap_or_default();
        let quality = part.map(|manifest| checkpoint::load_quality(dir, manifest, &safe)).transpose()?;
        let live = part.map(|manifest| checkpoint::load_live(dir, manifest, &safe)).transpose()?;
        let gate = manifest.as_ref().map_or_else(GateState::default, |manifest| manifest.plan.clone());
        let mut gate = Gate::open(dir, &gate, &safe)?;
        if let Some(rejects) = part.and_then(|manifest| manifest.rejects.as_ref()) {
            former::move_in(dir, rejects, &mut gate.quarantine)?;
        }
        if applied.position < log.start() {
            return Err(Error::internal("the log begins after the last checkpoint"));
        }
        let shared = Arc::new(Shared {
            stop: AtomicBool::new(false),
            progress: watch::Sender::new(Progress {
                applied: applied.position.0,
                failed: false,
                waiting: false,
            }),
            live: Mutex::new(live.unwrap_or_default()),
            tombstones: RwLock::new(checkpoint::load_erased(dir, manifest.as_ref(), &safe, pseudonyms)?),
            quality: Mutex::new(quality.unwrap_or_default()),
            dedupe: Mutex::new(applied.dedupe.figures()),
            gate: Mutex::new(gate),
            kept: Mutex::new(Kept::of(manifest.as_ref(), &safe, log.end().0 == 0)),
            safe,
            known: Known::default(),
            listeners,
            backlog: AtomicI64::new(0),
            checkpoint: AtomicU64::new(applied.position.0),
            items: AtomicU64::new(0),
            events: AtomicU64::new(0),
            duplicates: AtomicU64::new(0),
        });
        let from = applied.position;
        let backlog_bytes_max = options.backlog_bytes_max;
        let applier = Applier {
            project: Arc::clone(&project),
            log: Arc::clone(&log),
            shared: Arc::clone(&shared),
            options,
            applied,
            since: Since::now(),
            compaction: None,
            cleaning: None,
            unswept: false,
        };
        let (work, threads) = threads::spawn(applier, from)?;
        Ok(Pipeline { project, log, shared, backlog_bytes_max, work, threads: Mutex::new(threads) })
    }

    pub fn project(&self) -> &Arc<Project> {
        &self.project
    }

    /// Appends frames; answers when they are durable.
    pub async fn append(&self, frames: Vec<Bytes>) -> Result<LogPosition> {
        let progress = *self.shared.progress.borrow();
        if progress.failed {
            return Err(Error::new(ErrorCode::Overloaded, "the pipeline of this project has stopped"));
        }
        if progress.waiting {
            return Err(Error::new(ErrorCode::Overloaded, "the disk does not take what was set aside"));
        }
        if self.shared.backlog.load(Ordering::Relaxed) > self.backlog_bytes_max {
            return Err(Error::new(ErrorCode::Overloaded, "too much is waiting to be applied"));
        }
        let bytes: usize = frames.iter().map(Bytes::len).sum();
        let (sender, receiver) = oneshot::channel();
        self.log.append(frames, move |answer| {
            // A caller that went away does not want the answer.
            let _gone = sender.send(answer);
        });
        let answer = receiver.await.map_err(|_| Error::internal("the log ended"))?;
        if answer.is_ok() {
            self.shared.backlog.fetch_add(bytes as i64, Ordering::Relaxed);
        }
        answer
    }

    /// As [`Pipeline::append`], of a frame that was decoded already.
    pub async fn append_decoded(&self, frame: &Frame<'_>, decoded: Decoded) -> Result<LogPosition> {
        let bytes = frame.encode();
        // A header that had to be cut would decode otherwise than what was cut.
        if Frame::decode(&bytes).is_ok_and(|encoded| encoded == *frame) {
            self.shared.known.keep(&bytes, decoded);
        }
        let answer = self.append(vec![bytes.clone()]).await;
        if answer.is_err() {
            // It may be in the log or not; nobody comes for it soon.
            self.shared.known.take(&bytes);
        }
        answer
    }

    /// Waits until everything that is durable now has been applied.
    pub async fn drain(&self) -> Result<()> {
        let target = self.log.end().0;
        let mut progress = self.shared.progress.subscribe();
        let seen = progress
            .wait_for(|progress| progress.failed || progress.applied >= target)
            .await
            .map_err(|_| Error::internal("the pipeline ended"))?;
        if seen.applied >= target {
            return Ok(());
        }
        Err(Error::internal("the pipeline has failed; see the log"))
    }

    /// Writes a checkpoint of what is applied now.
    pub fn checkpoint(&self) -> Result<()> {
        self.ask(Work::Checkpoint)
    }

    #[cfg(test)]
    fn write_parts(&self) -> Result<()> {
        self.ask(Work::WriteParts)
    }

    fn ask(&self, work: impl FnOnce(std::sync::mpsc::Sender<Result<()>>) -> Work) -> Result<()> {
        let (reply, answer) = std::sync::mpsc::channel();
        let ended = || Error::internal("the pipeline ended");
        self.work.send(work(reply)).map_err(|_| ended())?;
        answer.recv().map_err(|_| ended())?
    }

    pub fn stats(&self) -> PipelineStats {
        let shared = &self.shared;
        PipelineStats {
            log_end: self.log.end().0,
            applied: shared.progress.borrow().applied,
            checkpoint: shared.checkpoint.load(Ordering::Relaxed),
            items: shared.items.load(Ordering::Relaxed),
            events: shared.events.load(Ordering::Relaxed),
            duplicates: shared.duplicates.load(Ordering::Relaxed),
            rejected: shared.gate.lock().quarantine.total(),
            waiting: shared.progress.borrow().waiting,
        }
    }

    /// The newest events in memory that match, newest first.
    pub fn live(&self, limit: usize, matches: impl Fn(&EventRow) -> bool) -> Vec<EventRow> {
        self.shared.live.lock().newest(limit, matches)
    }

    /// The counters of data quality, under their lock: take what is needed and go.
    pub fn counters<T>(&self, read: impl FnOnce(&crate::quality::Counters) -> T) -> T {
        read(&self.shared.quality.lock().counters)
    }

    pub fn dedupe(&self) -> DedupeFigures {
        *self.shared.dedupe.lock()
    }

    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The plan in force, what has been seen, what was set aside. Applying waits
    /// while it is looked at, so look briefly.
    pub fn gate(&self) -> parking_lot::MutexGuard<'_, Gate> {
        self.shared.gate.lock()
    }

    /// The newest frames that are still in the log, oldest first: at most so many,
    /// and about so many bytes.
    pub fn tail(&self, frames: u64, bytes_max: usize) -> Result<Vec<Bytes>> {
        let end = self.log.end().0;
        let from = self.log.start().max(LogPosition(end.saturating_sub(frames)));
        let mut found = self.log.read(from, bytes_max)?;
        let fit = found.len() as u64;
        if from.0 + fit < end {
            // The newest are wanted, so as many from the end as fitted from there.
            found = self.log.read(LogPosition(end - fit), bytes_max)?;
        }
        Ok(found.into_iter().map(|(_, bytes)| bytes).collect())
    }

    /// Stops both stages. With a checkpoint the next start has nothing to replay;
    /// without, it is as if the process had died.
    pub fn stop(&self, checkpoint: bool) {
        let threads = std::mem::take(&mut *self.threads.lock());
        if threads.is_empty() {
            return;
        }
        self.shared.stop.store(true, Ordering::Release);
        self.log.wake();
        // One may be waiting for the disk.
        threads.iter().for_each(|thread| thread.thread().unpark());
        // An ended stage needs no telling.
        let _ended = self.work.send(Work::Stop { checkpoint });
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!(project = self.project.id.0, "a stage of the pipeline panicked");
            }
        }
        self.log.close();
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.stop(false);
    }
}
