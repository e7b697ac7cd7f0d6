//! The worker: claims, decides, calls, writes down, tells.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use fail::fail_point;
use parking_lot::Mutex;
use siyu_connect::{Channel, Message};
use siyu_db::{Backend, Db, db_error};
use siyu_types::clock::Millis;
use siyu_types::error::{Error, ErrorCode, Result};
use siyu_types::ports::EventSink;
use siyu_types::{Clock, ProjectId, Viewer};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;

use super::model::{Plan, SendState};
use super::rules::{self, Next};
use super::{decide, store, tell};
use crate::audience::Audience;
use crate::channels::Channels;
use crate::protection as lists;
use crate::tracking::Links;

/// Sends decided in one transaction: the most a crash can leave unknown. Calls under way
/// at the same time.
const BATCH: i64 = 64;
const CALLS_MAX: usize = 16;
/// A claim that never became a decision is free again after this.
const CLAIM_MILLIS: i64 = 60_000;
/// Longer than all calls of a batch can take with the channel's time limits.
const CALL_MILLIS: i64 = 60 * 60_000;
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

    pub(super) fn parts(&self) -> &DeliveryParts {
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
            Backend::Sqlite => self.resolve_lost(i64::MAX).await,
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
            let outcome = self.round().await;
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
        loop {
            let worked = self.round().await?;
            if worked == Worked::default() {
                return Ok(sum);
            }
            sum.decided += worked.decided;
            sum.called += worked.called;
            sum.told += worked.told;
        }
    }

    /// One batch of each running campaign, so that none starves the others.
    async fn round(&self) -> Result<Worked> {
        let mut sum = Worked::default();
        let now = self.parts.clock.now();
        if now - self.looked_for_lost.load(Ordering::Relaxed) >= LOST_EVERY_MILLIS {
            self.looked_for_lost.store(now, Ordering::Relaxed);
            self.resolve_lost(now).await?;
        }
        for (project, campaign) in store::running(&self.parts.db).await? {
            match self.batch(project, campaign).await {
                Ok(worked) if worked.decided == 0 => self.finish_if_done(campaign, now).await?,
                Ok(worked) => {
                    sum.decided += worked.decided;
                    sum.called += worked.called;
                }
                // Nothing can be sent until somebody sets the channel up again.
                Err(error) if error.code == ErrorCode::ChannelNotConfigured => {
                    tracing::warn!(campaign, "paused: the channel has no settings");
                    self.pause(campaign, now).await?;
                }
                Err(error) => return Err(error),
            }
        }
        sum.told = tell::tell(&self.parts).await?;
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

    async fn batch(&self, project: ProjectId, campaign: i64) -> Result<Worked> {
        let parts = &self.parts;
        let lease = format!("{}-{}", parts.worker, self.leases.fetch_add(1, Ordering::Relaxed));
        let now = parts.clock.now();
        let mut tx = parts.db.begin().await?;
        let rows = store::claim(&mut tx, campaign, &lease, now, now + CLAIM_MILLIS, BATCH).await?;
        tx.commit().await.map_err(db_error)?;
        if rows.is_empty() {
            return Ok(Worked::default());
        }
        fail_point!("delivery-claimed", |_| Err(Error::internal("fail point")));
        let channel = parts.channels.open(project, self.plan(project, campaign).await?.channel).await?;
        let plan = self.plan(project, campaign).await?;
        let people: Vec<u32> = rows.iter().map(|row| row.person).collect();
        let views = parts.audience.people(project, &people)?;
        let batch = decide::prepare(&plan, rows, views, &parts.links);
        let attempts: HashMap<String, i64> =
            batch.iter().map(|one| (one.row.send_id.clone(), one.row.attempt + 1)).collect();
        let mut tx = parts.db.begin().await?;
        let messages = decide::decide(&mut tx, &plan, &batch, &lease, now, now + CALL_MILLIS).await?;
        tx.commit().await.map_err(db_error)?;
        fail_point!("delivery-intent-written", |_| Err(Error::internal("fail point")));
        let called = messages.len();
        let results = self.call(&channel, messages, &attempts).await?;
        fail_point!("delivery-called", |_| Err(Error::internal("fail point")));
        self.write_results(&plan, &lease, results).await?;
        fail_point!("delivery-results-written", |_| Err(Error::internal("fail point")));
        Ok(Worked { decided: batch.len(), called, told: 0 })
    }

    /// Calls the provider for every message, a few at a time.
    async fn call(
        &self,
        channel: &Arc<dyn Channel>,
        messages: Vec<(Message, Option<String>)>,
        attempts: &HashMap<String, i64>,
    ) -> Result<Vec<Called>> {
        let slots = Arc::new(Semaphore::new(CALLS_MAX));
        let mut calls = JoinSet::new();
        for (message, address) in messages {
            let slot = Arc::clone(&slots).acquire_owned().await.map_err(Error::internal)?;
            fail_point!("delivery-before-call", |_| Err(Error::internal("fail point")));
            let (channel, clock) = (Arc::clone(channel), Arc::clone(&self.parts.clock));
            let attempt = attempts.get(&message.send_id).copied().unwrap_or(1);
            calls.spawn(async move {
                let outcome = channel.send(&message).await;
                drop(slot);
                let next = rules::after(outcome, attempt, channel.repeatable(), clock.now());
                Called { send_id: message.send_id, address, next }
            });
        }
        let mut results = Vec::new();
        while let Some(called) = calls.join_next().await {
            results.push(called.map_err(Error::internal)?);
        }
        Ok(results)
    }

    async fn write_results(&self, plan: &Plan, lease: &str, called: Vec<Called>) -> Result<()> {
        if called.is_empty() {
            return Ok(());
        }
        let now = self.parts.clock.now();
        let mut tx = self.parts.db.begin().await?;
        let released: Vec<&str> =
            called.iter().filter(|one| one.next.release).map(|one| one.send_id.as_str()).collect();
        lists::release(&mut tx, &released).await?;
        for one in called.iter().filter(|one| one.next.bounced && one.next.state == SendState::Failed) {
            let Some(address) = &one.address else { continue };
            let new = lists::NewSuppression {
                channel: plan.channel,
                target: lists::address_target(&self.parts.links.secret().address_hash(plan.channel, address)),
                shown: siyu_govern::masking::mask(siyu_govern::masking::Personal::Email, address),
                reason: "bounced",
            };
            lists::suppress(&mut tx, &Viewer::system(plan.project), &new, now).await?;
        }
        let results: Vec<(String, Next)> = called.into_iter().map(|one| (one.send_id, one.next)).collect();
        store::write_results(&mut tx, lease, &results, now).await?;
        tx.commit().await.map_err(db_error)
    }
}

/// What came of one call.
struct Called {
    send_id: String,
    address: Option<String>,
    next: Next,
}
