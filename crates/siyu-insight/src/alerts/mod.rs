//! Alerts: a number of an answer that is looked at again and again, in the background. Only
//! what is over is judged, and what could not be asked is an error, never well.

mod api;
mod jobs;
mod model;
mod periods;
mod reading;
mod rules;
mod store;
mod tell;
#[cfg(test)]
mod tests;

use serde_json::json;
use siyu_audience::Named;
use siyu_db::{Tx, db_error};
use siyu_types::analysis::AnalysisCell;
use siyu_types::clock::Millis;
use siyu_types::sight::require_sight_of;
use siyu_types::{Error, ErrorCode, Permission, ProjectId, Result, Viewer};

pub(crate) use api::routes;
pub use jobs::{AlertHandler, AlertWatch};
pub use model::{
    Alert, AlertDirection, AlertEdit, AlertError, AlertMeasure, AlertRhythm, AlertRule, AlertState, Change,
    Days, Found, NewAlert, Watched,
};
pub use tell::{TellHandler, TellOutcome, Telling};

use crate::{Insight, analyses, naming};

/// Alerts per project: each is a question that is asked up to once an hour.
const ALERTS_MAX: usize = 200;
/// Changes of its state that are kept of an alert.
const CHANGES_KEPT: i64 = 200;

/// All alerts, newest first; `open`: only those that fire or could not be judged.
pub async fn list(insight: &Insight, viewer: &Viewer, open: bool) -> Result<Vec<Alert>> {
    viewer.require(Permission::ProjectRead)?;
    let all = store::list(insight.db(), viewer.project).await?;
    Ok(all.into_iter().filter(|alert| !open || alert.found.state.is_open()).collect())
}

/// One alert, and when its state changed, latest first, with who was told.
pub async fn get(watch: &AlertWatch, viewer: &Viewer, id: i64) -> Result<(Alert, Vec<Change>)> {
    viewer.require(Permission::ProjectRead)?;
    let alert = store::get(watch.insight.db(), viewer.project, id).await?;
    let mut changes = store::changes(watch.insight.db(), viewer.project, id).await?;
    let mut told = tell::of_alert(watch, viewer.project, id).await?;
    for change in &mut changes {
        change.tellings = told.remove(&change.id).unwrap_or_default();
    }
    Ok((alert, changes))
}

/// What an alert would find now, before it is kept.
pub async fn preview(
    insight: &Insight,
    viewer: &Viewer,
    watched: &Watched,
    rule: AlertRule,
) -> Result<Found> {
    viewer.require(Permission::AnalysesRun)?;
    rules::check_rule(rule)?;
    check(insight, viewer, watched).await?;
    reading::judge(insight, viewer.project, watched, rule).await
}

/// Keeps an alert, and looks at it for the first time.
pub async fn create(watch: &AlertWatch, viewer: &Viewer, new: NewAlert) -> Result<Alert> {
    viewer.require(Permission::AnalysesWrite)?;
    let insight = &watch.insight;
    let name = naming::name("name", &new.name)?;
    rules::check_rule(new.rule)?;
    rules::check_rhythm(new.rhythm)?;
    check(insight, viewer, &new.watched).await?;
    let tell = tell::checked(watch, viewer.project, new.tell).await?;
    let now = insight.now();
    let mut alert = Alert {
        id: 0,
        name,
        watched: new.watched,
        rule: new.rule,
        rhythm: new.rhythm,
        tell,
        enabled: true,
        found: Found::PENDING,
        since: now,
        checked_at: None,
        // Should the look below not come to an end, the job looks.
        next_at: Some(now),
        version: 0,
        created_by: viewer.actor.as_text(),
        created_at: now,
        updated_at: now,
    };
    let mut tx = insight.db().begin().await?;
    if store::count(&mut tx, viewer.project).await? >= ALERTS_MAX as i64 {
        return Err(Error::new(ErrorCode::TooComplex, "the project has too many alerts")
            .with("limit", ALERTS_MAX.to_string()));
    }
    alert.id = store::next(&mut tx).await?;
    store::insert(&mut tx, viewer.project, &alert).await?;
    audited(&mut tx, viewer, "alerts.create", &alert, now).await?;
    tx.commit().await.map_err(db_error)?;
    look(watch, viewer.project, alert.clone()).await?;
    store::get(insight.db(), viewer.project, alert.id).await
}

/// Changes an alert. What it found by another rule, or before it was paused, is not what it
/// would find now: it is looked at anew.
pub async fn edit(watch: &AlertWatch, viewer: &Viewer, id: i64, edit: AlertEdit) -> Result<Alert> {
    viewer.require(Permission::AnalysesWrite)?;
    let insight = &watch.insight;
    let mut alert = store::get(insight.db(), viewer.project, id).await?;
    // Who may not ask the question is not told by another rule, or a message, what its number is.
    require_sight_of(viewer, &alert.watched.cell)?;
    let before = alert.clone();
    if let Some(name) = edit.name {
        alert.name = naming::name("name", &name)?;
    }
    if let Some(rule) = edit.rule {
        rules::check_rule(rule)?;
        alert.rule = rule;
    }
    if let Some(rhythm) = edit.rhythm {
        rules::check_rhythm(rhythm)?;
        alert.rhythm = rhythm;
    }
    if let Some(tell) = edit.tell {
        alert.tell = tell::checked(watch, viewer.project, tell).await?;
    }
    alert.enabled = edit.enabled.unwrap_or(alert.enabled);
    alert.updated_at = insight.now();
    let anew = (alert.rule, alert.rhythm, alert.enabled) != (before.rule, before.rhythm, before.enabled);
    alert.next_at = if anew { Some(alert.updated_at) } else { alert.next_at }.filter(|_| alert.enabled);
    let mut tx = insight.db().begin().await?;
    if !store::update(&mut tx, viewer.project, &alert).await? {
        return Err(Error::new(ErrorCode::Conflict, "the alert has changed meanwhile"));
    }
    audited(&mut tx, viewer, "alerts.change", &alert, alert.updated_at).await?;
    tx.commit().await.map_err(db_error)?;
    alert.version += 1;
    if !alert.enabled {
        let at = alert.updated_at;
        keep(watch, viewer.project, alert, Found::PENDING, at).await?;
    } else if anew {
        look(watch, viewer.project, alert).await?;
    }
    store::get(insight.db(), viewer.project, id).await
}

pub async fn remove(insight: &Insight, viewer: &Viewer, id: i64) -> Result<()> {
    viewer.require(Permission::AnalysesWrite)?;
    let alert = store::get(insight.db(), viewer.project, id).await?;
    let mut tx = insight.db().begin().await?;
    store::delete(&mut tx, viewer.project, id).await?;
    audited(&mut tx, viewer, "alerts.delete", &alert, insight.now()).await?;
    tx.commit().await.map_err(db_error)
}

/// The alerts of a project that speak of a tag or segment.
pub(crate) async fn users(insight: &Insight, project: ProjectId, named: Named) -> Result<Vec<String>> {
    let all = store::list(insight.db(), project).await?;
    let using = all.into_iter().filter(|alert| analyses::names(&alert.watched.cell.query()).contains(&named));
    Ok(using.map(|alert| format!("alert:{}", alert.name)).collect())
}

/// Whether somebody may see the number of an alert: who may ask for it.
fn seen_by(viewer: &Viewer, cell: &AnalysisCell) -> bool {
    viewer.may(Permission::AnalysesRun) && require_sight_of(viewer, cell).is_ok()
}

async fn check(insight: &Insight, viewer: &Viewer, watched: &Watched) -> Result<()> {
    rules::check(watched)?;
    require_sight_of(viewer, &watched.cell)?;
    analyses::check(insight, viewer, &watched.cell.query(), "cell.query").await
}

/// Looks at an alert now.
async fn look(watch: &AlertWatch, project: ProjectId, alert: Alert) -> Result<()> {
    let found = reading::look(&watch.insight, project, &alert.watched, alert.rule).await;
    let now = watch.insight.now();
    keep(watch, project, alert, found, now).await
}

/// Writes down what was found, and queues what is to be told of it; when an alert begins and ends
/// to fire is also in the audit. A second look at the same alert, by a job that runs twice,
/// changes nothing, and tells nobody.
async fn keep(
    watch: &AlertWatch,
    project: ProjectId,
    mut alert: Alert,
    found: Found,
    now: Millis,
) -> Result<()> {
    let (insight, viewer) = (&watch.insight, Viewer::system(project));
    let before = alert.found.state;
    let state = found.state;
    if state != before {
        alert.since = now;
    }
    alert.found = found;
    alert.checked_at = (state != AlertState::Pending).then_some(now).or(alert.checked_at);
    let zone = insight.project(&viewer)?.zone();
    alert.next_at = alert.enabled.then(|| rules::next(alert.rhythm, now, &zone));
    let mut tx = insight.db().begin().await?;
    if !store::note(&mut tx, project, &alert).await? {
        return Ok(());
    }
    if state != before {
        let last = store::last_judged(&mut tx, project, alert.id).await?;
        let change = store::changed(&mut tx, project, &alert, now, CHANGES_KEPT).await?;
        tell::forget(&mut tx, project, alert.id).await?;
        if tell::is_told(state, last) {
            tell::queue(watch, &mut tx, project, (&alert, change), now).await?;
        }
    }
    if state != before && (state == AlertState::Firing || before == AlertState::Firing) {
        let action = if state == AlertState::Firing { "alerts.fires" } else { "alerts.ends" };
        audited(&mut tx, &viewer, action, &alert, now).await?;
    }
    tx.commit().await.map_err(db_error)?;
    watch.jobs.wake();
    Ok(())
}

async fn audited(tx: &mut Tx, viewer: &Viewer, action: &str, alert: &Alert, at: Millis) -> Result<()> {
    let detail = json!({ "name": alert.name, "state": alert.found.state, "value": alert.found.value,
        "enabled": alert.enabled, "receivers": alert.tell.len() });
    siyu_govern::audit(tx, viewer, action, &format!("alert:{}", alert.id), detail, at).await
}
