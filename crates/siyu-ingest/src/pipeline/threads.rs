//! The threads of a pipeline: one decodes ahead, one applies, one keeps what came ready for questions.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use siyu_events::{LogPosition, give_back};
use siyu_types::Result;

use super::apply::Applier;
use super::{AHEAD, Shared, Work, decode};

/// Marks the pipeline failed when its thread ends in any way but by being told to.
struct Watchdog {
    shared: Arc<Shared>,
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if !self.shared.stop.load(Ordering::Acquire) {
            self.shared.fail();
        }
    }
}

/// How often what came is put in its places before anybody asks.
const READY_EVERY: Duration = Duration::from_secs(1);
/// So often in between, freed memory is given back.
const GIVEN_BACK: u32 = 10;

/// Starts the stages; the first reads the log from there.
pub fn spawn(applier: Applier, from: LogPosition) -> Result<(SyncSender<Work>, Vec<JoinHandle<()>>)> {
    let (sender, receiver) = sync_channel(AHEAD);
    let id = applier.project.id.0;
    let (log, shared) = (Arc::clone(&applier.log), Arc::clone(&applier.shared));
    let decoding = sender.clone();
    let first = std::thread::Builder::new().name(format!("decode-{id}")).spawn(move || {
        let watchdog = Watchdog { shared };
        if let Err(error) = decode::run(&log, from, &watchdog.shared, &decoding) {
            tracing::error!(project = id, %error, "decoding stopped");
            watchdog.shared.fail();
        }
    })?;
    let (project, shared) = (Arc::clone(&applier.project), Arc::clone(&applier.shared));
    let third = std::thread::Builder::new().name(format!("ready-{id}")).spawn(move || {
        let is_stopped = || shared.stop.load(Ordering::Acquire);
        while !is_stopped() {
            for _ in 0..GIVEN_BACK {
                if !is_stopped() {
                    // Whoever tells it to stop wakes it.
                    std::thread::park_timeout(READY_EVERY / GIVEN_BACK);
                }
                give_back();
            }
            let kept = project.events.keep_ready(|with| with(project.people.read().remap()));
            if let Err(error) = kept {
                // Questions do it themselves then, and answer with the error if it is still there.
                tracing::warn!(project = id, %error, "events were not kept ready");
            }
        }
    })?;
    let shared = Arc::clone(&applier.shared);
    let second = std::thread::Builder::new().name(format!("apply-{id}")).spawn(move || {
        let watchdog = Watchdog { shared };
        if let Err(error) = applier.run(&receiver) {
            tracing::error!(project = id, %error, "applying stopped");
            watchdog.shared.fail();
        }
    })?;
    Ok((sender, vec![first, second, third]))
}
