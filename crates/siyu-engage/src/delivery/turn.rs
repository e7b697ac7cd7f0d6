//! One turn of a campaign: claimed sends go out through a fixed number of slots.
//!
//! An intent is committed only when a slot is free for it, together with the
//! results that came meanwhile. So at every instant the database holds at most
//! [`CALLS_MAX`] intents without a result, and that is the most a crash can leave
//! unknown; and while one commit is on its way to the disk, the other calls go on.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use fail::fail_point;
use siyu_connect::{Channel, Message};
use siyu_db::{Tx, db_error};
use siyu_types::Viewer;
use siyu_types::error::{Error, Result};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::model::{Plan, SendRow, SendState};
use super::rules::{self, Next};
use super::worker::{DeliveryParts, Worked};
use super::{decide, store};
use crate::protection as lists;

/// Calls under way at the same time, and intents without a result.
pub(super) const CALLS_MAX: usize = 16;
/// Longer than a call can take with the channel's time limits.
const CALL_MILLIS: i64 = 60 * 60_000;
/// Results that come this close together are written together.
const TOGETHER_MILLIS: u64 = 5;

/// The sends of one claim on their way.
pub(super) struct Turn<'a> {
    parts: &'a DeliveryParts,
    plan: Arc<Plan>,
    channel: Arc<dyn Channel>,
    lease: String,
    waiting: VecDeque<SendRow>,
    calls: JoinSet<Called>,
    /// Results that are not written yet.
    ended: Vec<Called>,
    worked: Worked,
}

/// What came of one call.
struct Called {
    send_id: String,
    address: Option<String>,
    next: Next,
}

impl<'a> Turn<'a> {
    pub fn new(
        parts: &'a DeliveryParts,
        plan: Arc<Plan>,
        channel: Arc<dyn Channel>,
        lease: String,
        rows: Vec<SendRow>,
    ) -> Turn<'a> {
        Turn {
            parts,
            plan,
            channel,
            lease,
            waiting: rows.into(),
            calls: JoinSet::new(),
            ended: Vec::new(),
            worked: Worked::default(),
        }
    }

    /// Ends when every claimed send was decided and every call has its result
    /// written. Told to stop, or with the campaign no longer running, it begins no
    /// further call and gives the rest of the claim back.
    pub async fn run(mut self, stop: &watch::Receiver<bool>) -> Result<Worked> {
        while !self.waiting.is_empty() || !self.calls.is_empty() || !self.ended.is_empty() {
            let stopping = *stop.borrow();
            self.commit(stopping).await?;
            self.wait().await?;
        }
        Ok(self.worked)
    }

    /// Waits for a call to end, and a moment for those that end with it: they share
    /// its commit, which is what a fast provider is limited by.
    async fn wait(&mut self) -> Result<()> {
        let Some(first) = self.calls.join_next().await else { return Ok(()) };
        self.ended.push(first.map_err(Error::internal)?);
        let moment = tokio::time::sleep(Duration::from_millis(TOGETHER_MILLIS));
        tokio::pin!(moment);
        loop {
            tokio::select! {
                biased;
                next = self.calls.join_next() => match next {
                    Some(called) => self.ended.push(called.map_err(Error::internal)?),
                    None => return Ok(()),
                },
                () = &mut moment => return Ok(()),
            }
        }
    }

    /// Writes the results that came and the intents for the slots that are free, in
    /// one transaction, and begins the calls.
    async fn commit(&mut self, stopping: bool) -> Result<()> {
        let free = CALLS_MAX - self.calls.len();
        let next: Vec<SendRow> = self.waiting.drain(..free.min(self.waiting.len())).collect();
        // As fresh as can be: the claim may have waited for a slow provider.
        let people: Vec<u32> = next.iter().map(|row| row.person).collect();
        let views = self.parts.audience.people(self.plan.project, &people)?;
        let batch = decide::prepare(&self.plan, next, views, &self.parts.links);
        let ended = std::mem::take(&mut self.ended);
        if !ended.is_empty() {
            fail_point!("delivery-called", |_| Err(Error::internal("fail point")));
        }
        let now = self.parts.clock.now();
        let mut tx = self.parts.db.begin().await?;
        self.write_results(&mut tx, &ended).await?;
        let mut messages = Vec::new();
        if !batch.is_empty() {
            if stopping || !store::is_running(&mut tx, self.plan.campaign).await? {
                store::give_back(&mut tx, self.plan.campaign, &self.lease).await?;
                self.waiting.clear();
            } else {
                self.worked.decided += batch.len();
                let until = now + CALL_MILLIS;
                messages = decide::decide(&mut tx, &self.plan, &batch, &self.lease, now, until).await?;
            }
        }
        tx.commit().await.map_err(db_error)?;
        if !ended.is_empty() {
            fail_point!("delivery-results-written", |_| Err(Error::internal("fail point")));
        }
        self.worked.called += messages.len();
        if messages.is_empty() {
            return Ok(());
        }
        fail_point!("delivery-intent-written", |_| Err(Error::internal("fail point")));
        for (message, address) in messages {
            fail_point!("delivery-before-call", |_| Err(Error::internal("fail point")));
            let attempt = batch.iter().find(|one| one.row.send_id == message.send_id);
            self.begin(message, address, attempt.map_or(1, |one| one.row.attempt + 1));
        }
        Ok(())
    }

    fn begin(&mut self, message: Message, address: Option<String>, attempt: i64) {
        let (channel, clock) = (Arc::clone(&self.channel), Arc::clone(&self.parts.clock));
        self.calls.spawn(async move {
            let outcome = channel.send(&message).await;
            let next = rules::after(outcome, attempt, channel.repeatable(), clock.now());
            Called { send_id: message.send_id, address, next }
        });
    }

    /// Results, released reservations and dead addresses.
    async fn write_results(&self, tx: &mut Tx, ended: &[Called]) -> Result<()> {
        if ended.is_empty() {
            return Ok(());
        }
        let now = self.parts.clock.now();
        let results: Vec<(String, Next)> =
            ended.iter().map(|one| (one.send_id.clone(), one.next.clone())).collect();
        let ours = store::write_results(tx, &self.lease, &results, now).await?;
        // What a receipt settled meanwhile has had its effects already.
        let ended = || ended.iter().filter(|one| ours.contains(&one.send_id));
        let released: Vec<&str> =
            ended().filter(|one| one.next.release).map(|one| one.send_id.as_str()).collect();
        lists::release(tx, &released).await?;
        for one in ended().filter(|one| one.next.bounced && one.next.state == SendState::Failed) {
            let Some(address) = &one.address else { continue };
            let channel = self.plan.channel;
            let new = lists::NewSuppression {
                channel,
                target: lists::address_target(&self.parts.links.secret().address_hash(channel, address)),
                shown: siyu_govern::masking::mask(siyu_types::PersonalClass::Email, address),
                reason: "bounced",
            };
            lists::suppress(tx, &Viewer::system(self.plan.project), &new, now).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use siyu_connect::mail_catcher::{Fault, FaultRule};
    use siyu_testkit::databases;

    use super::*;
    use crate::campaigns::Move;
    use crate::testing::{Town, content};

    /// A server that answers nobody holds the slots; whoever pauses, or stops the
    /// process, waits for these calls and for no more.
    #[tokio::test]
    async fn pausing_and_stopping_wait_for_the_calls_under_way_only() {
        for stops in [false, true] {
            let database = databases::sqlite().await;
            let town = Town::open(database.db.clone(), 100).await;
            let campaign = town.draft(content(), 0.0, None).await;
            town.start(campaign).await;
            town.catcher.inject(FaultRule { to: None, fault: Fault::HangBeforeData, times: None });
            let (stop, stopped) = watch::channel(false);
            let engage = Arc::clone(&town.engage);
            let working = tokio::spawn(async move { engage.delivery.work(stopped).await });
            while !town.states(campaign).await.contains_key("attempting") {
                tokio::task::yield_now().await;
            }
            if stops {
                stop.send_replace(true);
            } else {
                town.advance(campaign, Move::Pause).await.expect("pauses");
                while town.states(campaign).await.contains_key("attempting") {
                    tokio::task::yield_now().await;
                }
                stop.send_replace(true);
            }
            working.await.expect("ends");
            let rows = store::of_campaign(&town.db, campaign, None, -1, 1_000).await.expect("readable");
            let tried = rows.iter().filter(|row| row.attempt > 0).count();
            assert!((1..=CALLS_MAX).contains(&tried), "stops: {stops}: {tried} were tried");
            // The rest is free at once.
            town.catcher.clear_faults();
            if !stops {
                town.advance(campaign, Move::Resume).await.expect("resumes");
            }
            town.engage.delivery.run_due().await.expect("works");
            assert_eq!(town.states(campaign).await["sent"], 100 - tried, "stops: {stops}");
        }
    }

    /// How many mails a second leave, with a provider that answers at once and with one
    /// that takes its time. A measurement for docs/benchmarks.md, not a test: it prints.
    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "a measurement"]
    async fn mails_a_second() {
        const PEOPLE: u32 = 5_000;
        let database = databases::sqlite().await;
        let town = Town::open(database.db.clone(), PEOPLE).await;
        let campaign = town.draft(content(), 0.0, None).await;
        town.start(campaign).await;
        let began = std::time::Instant::now();
        town.engage.delivery.run_due().await.expect("works");
        let seconds = began.elapsed().as_secs_f64();
        assert_eq!(town.states(campaign).await["sent"], PEOPLE as usize);
        println!("{PEOPLE} mails in {seconds:.2} s: {:.0} a second", f64::from(PEOPLE) / seconds);
    }
}
