//! Applies receipts: to the send, to the lists, to consent.

use siyu_db::{Tx, db_error};
use siyu_govern::consent::How;
use siyu_types::clock::Millis;
use siyu_types::error::Result;
use siyu_types::{ProjectId, Viewer};

use super::model::{About, Receipt, Said, Verdict};
use super::rules::{self, DAY_MILLIS, Standing};
use super::store::{self, Found};
use super::tell;
use crate::delivery::DeliveryParts;
use crate::protection as lists;
use crate::tracking::{self, Leaving};

/// Receipts applied in one transaction, and waiting ones looked at in one go.
const BATCH: usize = 100;

/// Applies receipts in order; one verdict each.
pub(super) async fn apply(
    parts: &DeliveryParts,
    project: ProjectId,
    receipts: &[Receipt],
) -> Result<Vec<Verdict>> {
    let mut verdicts = Vec::with_capacity(receipts.len());
    for group in receipts.chunks(BATCH) {
        let mut tx = parts.db.begin().await?;
        for receipt in group {
            verdicts.push(one(&mut tx, parts, project, receipt).await?);
        }
        tx.commit().await.map_err(db_error)?;
    }
    Ok(verdicts)
}

/// Applies receipts that came before their message was known, and forgets those
/// whose message never came. Answers how many were applied.
pub(crate) async fn match_waiting(parts: &DeliveryParts) -> Result<usize> {
    let matched = store::matched(&parts.db, BATCH as i64).await?;
    if matched.is_empty() {
        return Ok(0);
    }
    let mut tx = parts.db.begin().await?;
    for (project, receipt) in &matched {
        one(&mut tx, parts, *project, receipt).await?;
        if let About::Provider(id) = &receipt.about {
            store::stop_waiting(&mut tx, *project, id, receipt.said).await?;
        }
    }
    tx.commit().await.map_err(db_error)?;
    Ok(matched.len())
}

/// Forgets receipts whose message never came.
pub(crate) async fn forget_waiting(parts: &DeliveryParts) -> Result<()> {
    let mut tx = parts.db.begin().await?;
    let before = parts.clock.now() - rules::WAITING_DAYS * DAY_MILLIS;
    let forgotten = store::forget(&mut tx, before).await?;
    tx.commit().await.map_err(db_error)?;
    if forgotten > 0 {
        tracing::warn!(forgotten, "receipts named messages that never were");
    }
    Ok(())
}

async fn one(tx: &mut Tx, parts: &DeliveryParts, project: ProjectId, receipt: &Receipt) -> Result<Verdict> {
    let now = parts.clock.now();
    let Some(found) = store::take(tx, project, &receipt.about).await? else {
        let About::Provider(id) = &receipt.about else { return Ok(Verdict::UnknownMessage) };
        store::wait(tx, project, id, receipt, now).await?;
        return Ok(Verdict::Waiting);
    };
    let send = &found.send;
    let complained = store::has(tx, &send.send_id, Said::Complained).await?;
    let from = Standing {
        state: send.state,
        tried: send.attempt > 0,
        bounce: send.bounce,
        delivered: send.delivered_at.is_some(),
        complained,
    };
    let at = rules::plausible(Some(receipt.at), send.decided_at, now);
    let step = match rules::step(from, receipt.said) {
        Ok(step) => step,
        // Nothing was handed over, so there is nothing that a receipt could be about.
        Err(Verdict::NotSent) => return Ok(Verdict::NotSent),
        Err(verdict) => {
            store::keep(tx, &found, receipt, at, false, now).await?;
            return Ok(verdict);
        }
    };
    store::keep(tx, &found, receipt, at, tell::event(receipt.said).is_some(), now).await?;
    store::advance(tx, send, &step.to, &receipt.reason, at, now).await?;
    if step.release {
        lists::release(tx, &[&send.send_id]).await?;
    }
    match receipt.said {
        Said::Dead => suppress(tx, parts, &found, now).await?,
        Said::Returned => {
            let since = now - rules::SOFT_WINDOW_DAYS * DAY_MILLIS;
            if let Some(hash) = &found.address_hash
                && store::soft_bounces(tx, project, hash, since).await? >= rules::SOFT_BOUNCES_MAX
            {
                suppress(tx, parts, &found, now).await?;
            }
        }
        Said::Complained => {
            let (reason, source, how) = ("complaint", "complaint", How::Program);
            let leaving = Leaving { kind: "complained", reason, source, how };
            tracking::leave(tx, parts, send, &leaving, now).await?;
        }
        Said::Delivered | Said::Failed | Said::Delayed => {}
    }
    Ok(Verdict::Applied)
}

/// The address that the send went to is not written to any more. The receipt's own
/// word for the address is not used: it may be anybody's.
async fn suppress(tx: &mut Tx, parts: &DeliveryParts, found: &Found, now: Millis) -> Result<()> {
    let send = &found.send;
    let channel = crate::campaigns::channel_in(tx, send.campaign).await?;
    // A webhook's "address" is the person in somebody else's system.
    let (Some(hash), true) = (&found.address_hash, channel == "email") else { return Ok(()) };
    let view = parts.audience.people(send.project, &[send.person])?.pop().flatten();
    let email = view.and_then(|view| view.email);
    let same = email.filter(|email| parts.links.secret().address_hash(&channel, email) == *hash);
    let new = lists::NewSuppression {
        channel: &channel,
        target: lists::address_target(hash),
        shown: match same {
            Some(email) => siyu_govern::masking::mask(siyu_types::PersonalClass::Email, &email),
            None => format!("#{}", send.person),
        },
        reason: "bounced",
    };
    lists::suppress(tx, &Viewer::system(send.project), &new, now).await?;
    Ok(())
}
