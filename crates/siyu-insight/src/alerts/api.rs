//! Alerts over HTTP.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use siyu_http::{At, Body, Caller, Json, Page, Params, Path, Result};
use siyu_types::analysis::AnalysisCell;
use siyu_types::telling::Receiver;
use siyu_types::{Permission, Viewer};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{
    Alert, AlertEdit, AlertError, AlertMeasure, AlertRhythm, AlertRule, AlertState, Change, Found, NewAlert,
    Watched,
};
use super::tell::{self, TellingItem};
use super::{AlertWatch, seen_by};

pub(crate) fn routes(watch: Arc<AlertWatch>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(preview))
        .routes(routes!(get, change, remove))
        .with_state(Arc::clone(&watch))
        .merge(tell::routes(watch))
}

/// What a look found.
#[derive(Debug, Serialize, ToSchema)]
struct AlertFinding {
    state: AlertState,
    /// Null where there is none, or whoever asks may not see it.
    value: Option<f64>,
    /// Of the earlier period that it is compared with.
    compared: Option<f64>,
    /// First local day of what was judged, `2026-11-20`.
    from: Option<String>,
    /// Last local day of what was judged.
    to: Option<String>,
    /// Why it could not be judged.
    error: Option<AlertError>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alert)]
struct AlertItem {
    id: i64,
    name: String,
    /// The question and the cell of its answer; null if whoever asks may not ask it.
    cell: Option<AnalysisCell>,
    measure: AlertMeasure,
    rule: AlertRule,
    rhythm: AlertRhythm,
    /// Who is told outside of the console; without the addresses for those who may not change it.
    tell: Vec<Receiver>,
    /// False while it is paused.
    enabled: bool,
    found: AlertFinding,
    /// Since when the state is what it is.
    since: At,
    checked_at: Option<At>,
    next_at: Option<At>,
    /// `user:3`, `key:1`.
    created_by: String,
    created_at: At,
    updated_at: At,
}

/// A change of an alert's state.
#[derive(Debug, Serialize, ToSchema)]
struct AlertChangeItem {
    at: At,
    found: AlertFinding,
    /// What became of telling each receiver; empty for changes that are not told.
    tellings: Vec<TellingItem>,
}

/// An alert and its history.
#[derive(Debug, Serialize, ToSchema)]
struct AlertDetail {
    alert: AlertItem,
    /// Latest first, the latest 200.
    changes: Vec<AlertChangeItem>,
}

#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only those that fire or could not be judged.
    open: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAlert)]
struct CreateAlert {
    name: String,
    /// The question and the cell of its answer. Of a cell in a bucket the latest bucket that is over
    /// is judged; of another, as many whole days as the question is about.
    cell: AnalysisCell,
    measure: AlertMeasure,
    rule: AlertRule,
    rhythm: AlertRhythm,
    /// Who is told outside of the console when it begins and ends to fire and when it cannot be
    /// judged; at most 10, each by a channel that has settings.
    #[serde(default)]
    tell: Vec<Receiver>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AlertTry {
    cell: AnalysisCell,
    measure: AlertMeasure,
    rule: AlertRule,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AlertChange)]
struct ChangeAlert {
    name: Option<String>,
    rule: Option<AlertRule>,
    rhythm: Option<AlertRhythm>,
    /// All receivers, in place of those there are.
    tell: Option<Vec<Receiver>>,
    /// False pauses it.
    enabled: Option<bool>,
}

fn finding(found: Found, seen: bool) -> AlertFinding {
    let day = |pick: fn(super::Days) -> jiff::civil::Date| found.days.map(|days| pick(days).to_string());
    let (from, to) = (day(|days| days.first), day(|days| days.last));
    AlertFinding {
        state: found.state,
        value: found.value.filter(|_| seen),
        compared: found.compared.filter(|_| seen),
        from,
        to,
        error: found.error,
    }
}

fn item(alert: Alert, viewer: &Viewer) -> AlertItem {
    let seen = seen_by(viewer, &alert.watched.cell);
    AlertItem {
        id: alert.id,
        name: alert.name,
        cell: seen.then_some(alert.watched.cell),
        measure: alert.watched.measure,
        rule: alert.rule,
        rhythm: alert.rhythm,
        tell: match viewer.may(Permission::AnalysesWrite) {
            true => alert.tell,
            false => alert.tell.iter().map(Receiver::hidden).collect(),
        },
        enabled: alert.enabled,
        found: finding(alert.found, seen),
        since: At(alert.since),
        checked_at: alert.checked_at.map(At),
        next_at: alert.next_at.map(At),
        created_by: alert.created_by,
        created_at: At(alert.created_at),
        updated_at: At(alert.updated_at),
    }
}

/// Alerts, newest first.
#[utoipa::path(get, path = "/api/v1/alerts", tag = "alerts", operation_id = "alerts_list", params(ListQuery),
    responses((status = 200, body = Page<AlertItem>)))]
async fn list(
    State(watch): State<Arc<AlertWatch>>,
    Caller(viewer): Caller,
    Params(query): Params<ListQuery>,
) -> Result<Json<Page<AlertItem>>> {
    let found = super::list(&watch.insight, &viewer, query.open.unwrap_or(false)).await?;
    Ok(Json(Page::whole(found).map(|alert| item(alert, &viewer))))
}

/// Makes an alert of a cell, and looks at it.
#[utoipa::path(post, path = "/api/v1/alerts", tag = "alerts", operation_id = "alerts_create",
    request_body = CreateAlert, responses((status = 201, body = AlertItem)))]
async fn create(
    State(watch): State<Arc<AlertWatch>>,
    Caller(viewer): Caller,
    Body(CreateAlert { name, cell, measure, rule, rhythm, tell }): Body<CreateAlert>,
) -> Result<(StatusCode, Json<AlertItem>)> {
    let new = NewAlert { name, watched: Watched { cell, measure }, rule, rhythm, tell };
    let alert = super::create(&watch, &viewer, new).await?;
    // A project that is younger than this process has nobody who looks yet.
    watch.start(viewer.project).await?;
    Ok((StatusCode::CREATED, Json(item(alert, &viewer))))
}

/// What an alert would find now. Keeps nothing.
#[utoipa::path(post, path = "/api/v1/alerts/preview", tag = "alerts", operation_id = "alerts_preview",
    request_body = AlertTry, responses((status = 200, body = AlertFinding)))]
async fn preview(
    State(watch): State<Arc<AlertWatch>>,
    Caller(viewer): Caller,
    Body(AlertTry { cell, measure, rule }): Body<AlertTry>,
) -> Result<Json<AlertFinding>> {
    let found = super::preview(&watch.insight, &viewer, &Watched { cell, measure }, rule).await?;
    Ok(Json(finding(found, true)))
}

/// One alert, when its state changed, and who was told.
#[utoipa::path(get, path = "/api/v1/alerts/{id}", tag = "alerts", operation_id = "alerts_get",
    params(("id" = i64, Path)), responses((status = 200, body = AlertDetail)))]
async fn get(
    State(watch): State<Arc<AlertWatch>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<AlertDetail>> {
    let (alert, changes) = super::get(&watch, &viewer, id).await?;
    let seen = seen_by(&viewer, &alert.watched.cell);
    let changes = changes.into_iter().map(|Change { at, found, tellings, .. }| AlertChangeItem {
        at: At(at),
        found: finding(found, seen),
        tellings: tellings.into_iter().map(|telling| TellingItem::seen_by(&viewer, telling)).collect(),
    });
    let changes = changes.collect();
    Ok(Json(AlertDetail { alert: item(alert, &viewer), changes }))
}

/// Changes an alert, or pauses it; absent fields stay.
#[utoipa::path(patch, path = "/api/v1/alerts/{id}", tag = "alerts", operation_id = "alerts_change",
    params(("id" = i64, Path)), request_body = ChangeAlert, responses((status = 200, body = AlertItem)))]
async fn change(
    State(watch): State<Arc<AlertWatch>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(ChangeAlert { name, rule, rhythm, tell, enabled }): Body<ChangeAlert>,
) -> Result<Json<AlertItem>> {
    let edit = AlertEdit { name, rule, rhythm, tell, enabled };
    let alert = super::edit(&watch, &viewer, id, edit).await?;
    watch.start(viewer.project).await?;
    Ok(Json(item(alert, &viewer)))
}

/// Removes an alert and its history.
#[utoipa::path(delete, path = "/api/v1/alerts/{id}", tag = "alerts", operation_id = "alerts_remove",
    params(("id" = i64, Path)), responses((status = 204)))]
async fn remove(
    State(watch): State<Arc<AlertWatch>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    super::remove(&watch.insight, &viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
