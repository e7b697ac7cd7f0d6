//! Looks on their way into the database.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use siyu_types::Result;
use siyu_types::clock::Millis;
use tokio::sync::{Notify, watch};

use super::model::Look;
use super::{FLUSH_MILLIS, rules, store};
use crate::Govern;
use crate::govern::commit;

/// Looks that wait in memory; whoever would add one more writes them first.
pub const PENDING_MAX: usize = 1_000;
/// From so many on they are written at once.
const BATCH: usize = 200;
/// Rows that are forgotten in one transaction, and how often it is looked for them.
const FORGOTTEN_AT_ONCE: i64 = 5_000;
const FORGET_EVERY_MILLIS: Millis = 3_600_000;
const DAY_MILLIS: Millis = 86_400_000;

#[derive(Default)]
pub(crate) struct Recorder {
    pending: Mutex<Vec<Look>>,
    wake: Notify,
    writing: tokio::sync::Mutex<()>,
    /// Held while a value is revealed.
    pub(crate) revealing: tokio::sync::Mutex<()>,
    forgot_at: AtomicI64,
}

impl Govern {
    /// Notes a look. Costs a push onto a list, unless the list is full: then it is
    /// written first, and an error means that nothing may be shown.
    pub async fn looked(&self, look: Look) -> Result<()> {
        if !look.counts() {
            return Ok(());
        }
        let recorder = &self.inner.looks;
        if recorder.pending.lock().len() >= PENDING_MAX {
            self.write_looks().await?;
        }
        let mut pending = recorder.pending.lock();
        if !pending.iter_mut().rev().any(|known| rules::together(known, &look)) {
            pending.push(look);
        }
        if pending.len() >= BATCH {
            recorder.wake.notify_one();
        }
        Ok(())
    }

    /// Writes what waits; answers how many rows.
    pub async fn write_looks(&self) -> Result<usize> {
        let recorder = &self.inner.looks;
        let _writing = recorder.writing.lock().await;
        let batch = std::mem::take(&mut *recorder.pending.lock());
        if batch.is_empty() {
            return Ok(0);
        }
        let written = async {
            let mut tx = self.begin().await?;
            store::append(&mut tx, &batch).await?;
            commit(tx).await
        };
        match written.await {
            Ok(()) => Ok(batch.len()),
            Err(error) => {
                // They are written with the next ones.
                let mut pending = recorder.pending.lock();
                let newer = std::mem::replace(&mut *pending, batch);
                pending.extend(newer);
                Err(error)
            }
        }
    }

    /// Writes looks every [`FLUSH_MILLIS`] and forgets old ones, until told to stop;
    /// then writes the last.
    pub async fn keep_looks(&self, mut stop: watch::Receiver<bool>) {
        let every = Duration::from_millis(FLUSH_MILLIS);
        while !*stop.borrow() {
            tokio::select! {
                () = self.inner.looks.wake.notified() => {}
                () = tokio::time::sleep(every) => {}
                _ = stop.changed() => {}
            }
            if let Err(error) = self.write_looks().await {
                tracing::error!(%error, "looks at people wait to be written");
            }
            if let Err(error) = self.forget_looks_when_due().await {
                tracing::error!(%error, "old looks at people are not deleted");
            }
        }
    }

    async fn forget_looks_when_due(&self) -> Result<()> {
        let (now, last) = (self.now(), self.inner.looks.forgot_at.load(Ordering::Relaxed));
        if now - last < FORGET_EVERY_MILLIS {
            return Ok(());
        }
        self.inner.looks.forgot_at.store(now, Ordering::Relaxed);
        self.forget_looks().await
    }

    /// Deletes the looks of every project that are older than it keeps them.
    pub async fn forget_looks(&self) -> Result<()> {
        for project in self.projects().await? {
            let days = self.personal_settings(project.id).await?.looks_days;
            let before = self.now() - days * DAY_MILLIS;
            loop {
                let mut tx = self.begin().await?;
                let gone = store::forget(&mut tx, project.id, before, FORGOTTEN_AT_ONCE).await?;
                commit(tx).await?;
                if gone < FORGOTTEN_AT_ONCE as u64 {
                    break;
                }
            }
        }
        Ok(())
    }
}
