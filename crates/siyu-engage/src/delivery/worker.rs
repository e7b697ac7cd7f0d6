//! The worker: claims, decides, calls, writes down, tells.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use fail::fail_point;
use parking_lot::Mutex;
use siyu_db::{Backend, Db, db_error};
use siyu_types::clock::Millis;
use siyu_types::error::{ErrorCode, Result};
use siyu_types::ports::EventSink;
use siyu_types::{Clock, ProjectId};
use tokio::sync::{Notify, watch};

use super::model::Plan;
use super::turn::Turn;
use super::{store, tell};
use crate::audience::Audience;
use crate::channels::Channels;
use crate::receipts;
use crate::tracking::Links;

/// Sends claimed at a time. A claim is no intent: nothing of it can become unknown.
const BATCH: i64 = 256;
/// A claim that never became a decision is free again after this.
const CLAIM_MILLIS: i64 = 60_000;
/// How often intents whose process is gone are looked for.
const LOST_EVERY_MILLIS: i64 = 60_000;
/// How often the outbox is looked at without being woken.
const POLL_MILLIS: u64 = 1_000;

/// What delivery is made of.
pub struct DeliveryParts {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub audience: Arc<dyn Audience>,
    pub sink: Arc<dyn EventSink>,
    pub channels: Arc<Channels>,
    pub links: Links,
    /// Different for every process that shares the database.
    pub worker: String,
}

pub struct Delivery {
    parts: DeliveryParts,
    plans: Mutex<HashMap<i64, Arc<Plan>>>,
    leases: AtomicU64,
    looked_for_lost: AtomicI64,
    wake: Notify,
}

/// What one run did.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Worked {
    pub decided: usize,
    pub called: usize,
    pub told: usize,
}

impl Delivery {
    pub fn new(parts: DeliveryParts) -> Delivery {
        Delivery {
            parts,
            plans: Mutex::default(),
            leases: AtomicU64::new(0),
            looked_for_lost: AtomicI64::new(0),
            wake: Notify::new(),
        }
    }

    pub(crate) fn parts(&self) -> &DeliveryParts {
        &self.parts
    }

    /// There may be something to do.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Resolves what a process that is gone left behind. On SQLite there is only
    /// one process, so at its start every intent without a result is such.
    pub async fn recover(&self) -> Result<u64> {
        match self.parts.db.backend() {
            Backend::Sqlite => {
                let mut tx = self.parts.db.begin().await?;
                store::free_claims(&mut tx).await?;
                tx.commit().await.map_err(db_error)?;
                self.resolve_lost(i64::MAX).await
            }
            Backend::Postgres => self.resolve_lost(self.parts.clock.now()).await,
        }
    }

    async fn resolve_lost(&self, before: Millis) -> Result<u64> {
        let mut tx = self.parts.db.begin().await?;
        let now = self.parts.clock.now();
        let resolved = store::resolve_lost(&mut tx, &["webhook"], before, now).await?;
        tx.commit().await.map_err(db_error)?;
        Ok(resolved)
    }

    /// Works until `stop` becomes true.
    pub async fn work(&self, mut stop: watch::Receiver<bool>) {
        if let Err(error) = self.recover().await {
            tracing::error!(%error, "lost sends cannot be resolved");
        }
        while !*stop.borrow() {
            let outcome = self.round(&stop).await;
            let busy = match &outcome {
                Ok(worked) => worked.decided > 0 || worked.told > 0,
                Err(error) => {
                    tracing::error!(%error, "delivery stopped for a moment");
                    false
                }
            };
            if busy {
                continue;
            }
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep(std::time::Duration::from_millis(POLL_MILLIS)) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Does everything that is due by the clock. For tests, and before a shutdown.
    pub async fn run_due(&self) -> Result<Worked> {
        let mut sum = Worked::default();
        let (_never, stop) = watch::channel(false);
        loop {
            let worked = self.round(&stop).await?;
            if worked == Worked::default() {
                return Ok(sum);
            }
            sum.decided += worked.decided;
            sum.called += worked.called;
            sum.told += worked.told;
        }
    }

    /// One batch of each running campaign, so that none starves the others.
    async fn round(&self, stop: &watch::Receiver<bool>) -> Result<Worked> {
        let mut sum = Worked::default();
        let now = self.parts.clock.now();
        if now - self.looked_for_lost.load(Ordering::Relaxed) >= LOST_EVERY_MILLIS {
            self.looked_for_lost.store(now, Ordering::Relaxed);
            self.resolve_lost(now).await?;
            receipts::forget_waiting(&self.parts).await?;
        }
        for (project, campaign) in store::running(&self.parts.db).await? {
            match self.batch(project, campaign, stop).await {
                Ok(worked) if worked.decided == 0 => self.finish_if_done(campaign, now).await?,
                Ok(worked) => {
                    sum.decided += worked.decided;
                    sum.called += worked.called;
                }
                // Nothing can be sent until somebody sets the channel up again.
                Err(error)
                    if matches!(
                        error.code,
                        ErrorCode::ChannelNotConfigured | ErrorCode::SecretUnreadable
                    ) =>
                {
                    tracing::warn!(campaign, %error, "paused: the channel cannot be used");
                    self.pause(campaign, now).await?;
                }
                Err(error) => return Err(error),
            }
        }
        let matched = receipts::match_waiting(&self.parts).await?;
        sum.told = matched + tell::tell(&self.parts).await? + receipts::tell(&self.parts).await?;
        Ok(sum)
    }

    async fn pause(&self, campaign: i64, now: Millis) -> Result<()> {
        let mut tx = self.parts.db.begin().await?;
        crate::campaigns::pause(&mut tx, campaign, now).await?;
        tx.commit().await.map_err(db_error)
    }

    async fn finish_if_done(&self, campaign: i64, now: Millis) -> Result<()> {
        let mut tx = self.parts.db.begin().await?;
        if crate::campaigns::finish_if_done(&mut tx, campaign, now).await? {
            tracing::info!(campaign, "campaign finished");
        }
        tx.commit().await.map_err(db_error)
    }

    async fn plan(&self, project: ProjectId, campaign: i64) -> Result<Arc<Plan>> {
        if let Some(plan) = self.plans.lock().get(&campaign) {
            return Ok(Arc::clone(plan));
        }
        let plan =
            Arc::new(crate::campaigns::plan(&self.parts.db, &*self.parts.audience, project, campaign).await?);
        // A started campaign's content never changes, so the plan may be kept.
        self.plans.lock().insert(campaign, Arc::clone(&plan));
        Ok(plan)
    }

    /// One claim of a campaign, all the way.
    async fn batch(&self, project: ProjectId, campaign: i64, stop: &watch::Receiver<bool>) -> Result<Worked> {
        let parts = &self.parts;
        let lease = format!("{}-{}", parts.worker, self.leases.fetch_add(1, Ordering::Relaxed));
        let now = parts.clock.now();
        let mut tx = parts.db.begin().await?;
        let rows = store::claim(&mut tx, campaign, &lease, now, now + CLAIM_MILLIS, BATCH).await?;
        tx.commit().await.map_err(db_error)?;
        if rows.is_empty() {
            return Ok(Worked::default());
        }
        fail_point!("delivery-claimed", |_| Err(siyu_types::Error::internal("fail point")));
        let plan = self.plan(project, campaign).await?;
        let channel = parts.channels.open(project, plan.channel).await?;
        Turn::new(parts, plan, channel, lease, rows).run(stop).await
    }
}
