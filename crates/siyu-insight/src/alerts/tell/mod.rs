//! Telling people outside of the console what becomes of an alert: when it begins to fire, when
//! that ends, and when it cannot be judged. Each receiver of each change is one row and one job,
//! made in the transaction that writes the change down, so nobody is told twice or not at all.

mod api;
mod jobs;
mod model;
mod rules;
mod store;
#[cfg(test)]
mod tests;
mod units;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use siyu_db::{Tx, db_error};
use siyu_types::clock::Millis;
use siyu_types::sight::require_sight_of;
use siyu_types::telling::{Receiver, TeamMessage};
use siyu_types::{Error, ErrorCode, Permission, ProjectId, Result, Viewer};
use tokio::task::JoinSet;

pub(super) use api::{TellingItem, routes};
pub use jobs::TellHandler;
pub use model::{TellOutcome, Telling};
pub(super) use rules::is_told;
use words::{Occasion, Place};

use super::{Alert, AlertWatch, audited};

/// The receivers as they are kept, if each of them can be told.
pub(super) async fn checked(
    watch: &AlertWatch,
    project: ProjectId,
    tell: Vec<Receiver>,
) -> Result<Vec<Receiver>> {
    let tell: Vec<Receiver> = tell.into_iter().map(Receiver::trimmed).collect();
    rules::check(&tell)?;
    for (at, receiver) in tell.iter().enumerate() {
        let here = |error: Error| match error.field.clone() {
            Some(field) => error.at(rules::place(at, &field)),
            None => error,
        };
        watch.tells.check(project, receiver).await.map_err(here)?;
    }
    Ok(tell)
}

/// Queues what is to be told of a change, once for each receiver; wake the queue after the commit.
pub(super) async fn queue(
    watch: &AlertWatch,
    tx: &mut Tx,
    project: ProjectId,
    (alert, change): (&Alert, i64),
    at: Millis,
) -> Result<()> {
    let about = store::About { alert: alert.id, change };
    for receiver in &alert.tell {
        let send_id = rules::send_id(project, alert.id, change, receiver);
        if let Some(telling) = store::insert(tx, project, about, (&send_id, receiver), at).await? {
            watch.jobs.enqueue_in(tx, jobs::job(project, telling, &send_id)?).await?;
        }
    }
    Ok(())
}

/// What was told of an alert, by the change it was about.
pub(super) async fn of_alert(
    watch: &AlertWatch,
    project: ProjectId,
    alert: i64,
) -> Result<BTreeMap<i64, Vec<Telling>>> {
    store::of_alert(watch.insight.db(), project, alert).await
}

/// Lets go of what was told of changes that are no longer kept.
pub(super) async fn forget(tx: &mut Tx, project: ProjectId, alert: i64) -> Result<()> {
    store::forget(tx, project, alert).await
}

/// One try to tell one receiver; `None` if there is nothing left to tell. That a call begins is
/// written down before it does: a process that ends meanwhile leaves a mail whose outcome is
/// unknown, and does not send it again (ADR 6).
async fn carry_out(
    watch: &AlertWatch,
    project: ProjectId,
    telling: i64,
    last: bool,
) -> Result<Option<TellOutcome>> {
    let db = watch.insight.db();
    let Some(waiting) = store::waiting(db, project, telling).await? else { return Ok(None) };
    let alert = match super::store::get(db, project, waiting.alert).await {
        Err(error) if error.code == ErrorCode::NotFound => return Ok(None),
        alert => alert?,
    };
    let Some(change) = super::store::change(db, project, waiting.change).await? else { return Ok(None) };
    let mut tx = db.begin().await?;
    if !store::begin(&mut tx, project, &waiting).await? {
        return Ok(None);
    }
    tx.commit().await.map_err(db_error)?;
    let occasion =
        Occasion { alert: &alert, found: &change.found, since: change.at, as_of: change.at, trial: false };
    let message = message(watch, project, &occasion, waiting.send_id.clone(), waiting.calling)?;
    let told = watch.tells.tell(project, &waiting.receiver, &message).await;
    let next = rules::after(told, waiting.calling, last);
    let mut tx = db.begin().await?;
    store::end(&mut tx, project, &waiting, &next, watch.insight.now()).await?;
    tx.commit().await.map_err(db_error)?;
    match next.again {
        Some(error) => Err(error),
        None => Ok(Some(next.outcome)),
    }
}

/// Sends a test to every receiver of an alert and answers what became of each. Noted in the
/// audit, and nowhere else.
pub(super) async fn trial(watch: &AlertWatch, viewer: &Viewer, id: i64) -> Result<Vec<Telling>> {
    viewer.require(Permission::AnalysesWrite)?;
    let (db, project) = (watch.insight.db(), viewer.project);
    let alert = super::store::get(db, project, id).await?;
    require_sight_of(viewer, &alert.watched.cell)?;
    if alert.tell.is_empty() {
        return Err(Error::invalid("tell", "the alert has no receivers yet"));
    }
    let now = watch.insight.now();
    let mut tx = db.begin().await?;
    audited(&mut tx, viewer, "alerts.test", &alert, now).await?;
    tx.commit().await.map_err(db_error)?;
    let as_of = alert.checked_at.unwrap_or(now);
    let occasion = Occasion { alert: &alert, found: &alert.found, since: alert.since, as_of, trial: true };
    let mut calls = JoinSet::new();
    for (at, receiver) in alert.tell.iter().cloned().enumerate() {
        // Every test is another one, so that none is taken for a repetition.
        let send_id = format!("test-{}", rules::send_id(project, id, now, &receiver));
        let message = message(watch, project, &occasion, send_id, false)?;
        let tells = Arc::clone(&watch.tells);
        calls.spawn(async move { (at, tells.tell(project, &receiver, &message).await, receiver) });
    }
    let mut told = calls.join_all().await;
    told.sort_by_key(|(at, ..)| *at);
    let at = watch.insight.now();
    let became = told.into_iter().map(|(_, told, receiver)| {
        let next = rules::after(told, false, true);
        Telling { receiver, outcome: next.outcome, code: next.code, reason: next.reason, at }
    });
    Ok(became.collect())
}

fn message(
    watch: &AlertWatch,
    project: ProjectId,
    occasion: &Occasion<'_>,
    send_id: String,
    again: bool,
) -> Result<TeamMessage> {
    let settings = watch.insight.project(&Viewer::system(project))?.settings();
    let place = Place {
        project: &settings.name,
        currency: &settings.currency,
        zone: &settings.zone,
        public_url: &watch.public_url,
    };
    Ok(words::message(occasion, &place, send_id, again))
}
