//! SQL of alerts.

use jiff::civil::Date;
use siyu_db::{Db, Tx, db_error, maybe_double, next_id};
use siyu_types::clock::Millis;
use siyu_types::{Error, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::model::{Alert, AlertMeasure, AlertState, Change, Days, Found, Watched};

/// Newest first.
pub(super) async fn list(db: &Db, project: ProjectId) -> Result<Vec<Alert>> {
    const LIST: &str = "SELECT * FROM alerts WHERE project = $1 ORDER BY id DESC";
    let rows = sqlx::query(LIST).bind(project.0).fetch_all(db.read()).await;
    rows.map_err(db_error)?.iter().map(read).collect()
}

/// Those whose time has come, the longest overdue first.
pub(super) async fn due(db: &Db, project: ProjectId, now: Millis) -> Result<Vec<Alert>> {
    const DUE: &str = "SELECT * FROM alerts WHERE project = $1 AND next_at <= $2 ORDER BY next_at, id";
    let rows = sqlx::query(DUE).bind(project.0).bind(now).fetch_all(db.read()).await;
    rows.map_err(db_error)?.iter().map(read).collect()
}

pub(super) async fn get(db: &Db, project: ProjectId, id: i64) -> Result<Alert> {
    const GET: &str = "SELECT * FROM alerts WHERE project = $1 AND id = $2";
    let found = sqlx::query(GET).bind(project.0).bind(id).fetch_optional(db.read()).await;
    read(&found.map_err(db_error)?.ok_or_else(|| Error::not_found("alert", id))?)
}

pub(super) async fn count(tx: &mut Tx, project: ProjectId) -> Result<i64> {
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM alerts WHERE project = $1").bind(project.0);
    count.fetch_one(&mut **tx).await.map_err(db_error)
}

pub(super) async fn next(tx: &mut Tx) -> Result<i64> {
    next_id(tx, "alerts").await
}

pub(super) async fn insert(tx: &mut Tx, project: ProjectId, alert: &Alert) -> Result<()> {
    const INSERT: &str = "INSERT INTO alerts (id, project, name, cell, measure, rule, rhythm, enabled, state,
            since, next_at, version, created_by, created_at, updated_at, tell)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, 0, $11, $12, $12, $13)";
    let inserted = sqlx::query(INSERT)
        .bind(alert.id)
        .bind(project.0)
        .bind(alert.name.clone())
        .bind(json(&alert.watched.cell)?)
        .bind(alert.watched.measure.as_str())
        .bind(json(&alert.rule)?)
        .bind(json(&alert.rhythm)?)
        .bind(AlertState::Pending.as_str())
        .bind(alert.since)
        .bind(alert.next_at)
        .bind(alert.created_by.clone())
        .bind(alert.created_at)
        .bind(json(&alert.tell)?)
        .execute(&mut **tx)
        .await;
    inserted.map(|_| ()).map_err(db_error)
}

/// Keeps what was edited; false if the alert was looked at or edited meanwhile.
pub(super) async fn update(tx: &mut Tx, project: ProjectId, alert: &Alert) -> Result<bool> {
    const UPDATE: &str = "UPDATE alerts SET name = $3, rule = $4, rhythm = $5, enabled = $6, next_at = $7,
            updated_at = $8, tell = $10, version = version + 1
        WHERE project = $1 AND id = $2 AND version = $9";
    let updated = sqlx::query(UPDATE)
        .bind(project.0)
        .bind(alert.id)
        .bind(alert.name.clone())
        .bind(json(&alert.rule)?)
        .bind(json(&alert.rhythm)?)
        .bind(i64::from(alert.enabled))
        .bind(alert.next_at)
        .bind(alert.updated_at)
        .bind(alert.version)
        .bind(json(&alert.tell)?)
        .execute(&mut **tx)
        .await;
    Ok(updated.map_err(db_error)?.rows_affected() > 0)
}

/// Notes what a look found; false if the alert was looked at, edited or removed meanwhile.
pub(super) async fn note(tx: &mut Tx, project: ProjectId, alert: &Alert) -> Result<bool> {
    const NOTE: &str = "UPDATE alerts SET state = $3, since = $4, value = CAST($5 AS DOUBLE PRECISION),
            compared = CAST($6 AS DOUBLE PRECISION), first_day = $7,
            last_day = $8, error = $9, checked_at = $10, next_at = $11, version = version + 1
        WHERE project = $1 AND id = $2 AND version = $12";
    let found = &alert.found;
    let noted = sqlx::query(NOTE)
        .bind(project.0)
        .bind(alert.id)
        .bind(found.state.as_str())
        .bind(alert.since)
        .bind(maybe_double(found.value))
        .bind(maybe_double(found.compared))
        .bind(found.days.map(|days| days.first.to_string()))
        .bind(found.days.map(|days| days.last.to_string()))
        .bind(found.error.as_ref().map(json).transpose()?)
        .bind(alert.checked_at)
        .bind(alert.next_at)
        .bind(alert.version)
        .execute(&mut **tx)
        .await;
    Ok(noted.map_err(db_error)?.rows_affected() > 0)
}

/// What was found last that says whether all is well.
pub(super) async fn last_judged(tx: &mut Tx, project: ProjectId, id: i64) -> Result<Option<AlertState>> {
    const LAST: &str = "SELECT state FROM alerts_changes WHERE project = $1 AND alert = $2
            AND state IN ('ok', 'firing', 'error') ORDER BY id DESC LIMIT 1";
    let last: Option<String> = sqlx::query_scalar(LAST)
        .bind(project.0)
        .bind(id)
        .fetch_optional(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(last.and_then(|state| AlertState::parse(&state)))
}

/// Writes down a change of state and answers its number; lets go of all but the latest so many.
pub(super) async fn changed(
    tx: &mut Tx,
    project: ProjectId,
    alert: &Alert,
    at: Millis,
    kept: i64,
) -> Result<i64> {
    const INSERT: &str = "INSERT INTO alerts_changes
            (id, project, alert, at, state, value, compared, first_day, last_day, error)
        VALUES ($1, $2, $3, $4, $5, CAST($6 AS DOUBLE PRECISION), CAST($7 AS DOUBLE PRECISION), $8, $9, $10)";
    const FORGET: &str = "DELETE FROM alerts_changes WHERE project = $1 AND alert = $2 AND id NOT IN
        (SELECT id FROM alerts_changes WHERE project = $1 AND alert = $2 ORDER BY id DESC LIMIT $3)";
    let id = next_id(tx, "alerts_changes").await?;
    let found = &alert.found;
    sqlx::query(INSERT)
        .bind(id)
        .bind(project.0)
        .bind(alert.id)
        .bind(at)
        .bind(found.state.as_str())
        .bind(maybe_double(found.value))
        .bind(maybe_double(found.compared))
        .bind(found.days.map(|days| days.first.to_string()))
        .bind(found.days.map(|days| days.last.to_string()))
        .bind(found.error.as_ref().map(json).transpose()?)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    let forgotten = sqlx::query(FORGET).bind(project.0).bind(alert.id).bind(kept).execute(&mut **tx).await;
    forgotten.map_err(db_error)?;
    Ok(id)
}

/// One change, if it is still kept.
pub(super) async fn change(db: &Db, project: ProjectId, id: i64) -> Result<Option<Change>> {
    const GET: &str = "SELECT * FROM alerts_changes WHERE project = $1 AND id = $2";
    let found = sqlx::query(GET).bind(project.0).bind(id).fetch_optional(db.read()).await;
    found.map_err(db_error)?.as_ref().map(read_change).transpose()
}

/// Newest first.
pub(super) async fn changes(db: &Db, project: ProjectId, id: i64) -> Result<Vec<Change>> {
    const LIST: &str = "SELECT * FROM alerts_changes WHERE project = $1 AND alert = $2 ORDER BY id DESC";
    let rows = sqlx::query(LIST).bind(project.0).bind(id).fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(read_change).collect()
}

pub(super) async fn delete(tx: &mut Tx, project: ProjectId, id: i64) -> Result<()> {
    const TELLINGS: &str = "DELETE FROM alerts_tellings WHERE project = $1 AND alert = $2";
    const CHANGES: &str = "DELETE FROM alerts_changes WHERE project = $1 AND alert = $2";
    const ALERT: &str = "DELETE FROM alerts WHERE project = $1 AND id = $2";
    sqlx::query(TELLINGS).bind(project.0).bind(id).execute(&mut **tx).await.map_err(db_error)?;
    sqlx::query(CHANGES).bind(project.0).bind(id).execute(&mut **tx).await.map_err(db_error)?;
    let deleted = sqlx::query(ALERT).bind(project.0).bind(id).execute(&mut **tx).await.map_err(db_error)?;
    if deleted.rows_affected() == 0 { Err(Error::not_found("alert", id)) } else { Ok(()) }
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

fn parsed<T: serde::de::DeserializeOwned>(row: &AnyRow, name: &str) -> Result<T> {
    let text: String = row.try_get(name).map_err(db_error)?;
    serde_json::from_str(&text).map_err(Error::internal)
}

fn found(row: &AnyRow) -> Result<Found> {
    let state: String = row.try_get("state").map_err(db_error)?;
    let error: Option<String> = row.try_get("error").map_err(db_error)?;
    let day = |name: &str| -> Result<Option<Date>> {
        let text: Option<String> = row.try_get(name).map_err(db_error)?;
        text.map(|text| text.parse().map_err(Error::internal)).transpose()
    };
    Ok(Found {
        state: AlertState::parse(&state).ok_or_else(|| Error::internal("unknown state of an alert"))?,
        value: row.try_get("value").map_err(db_error)?,
        compared: row.try_get("compared").map_err(db_error)?,
        days: day("first_day")?.zip(day("last_day")?).map(|(first, last)| Days { first, last }),
        error: error.map(|error| serde_json::from_str(&error).map_err(Error::internal)).transpose()?,
    })
}

/// Without what was told of it.
fn read_change(row: &AnyRow) -> Result<Change> {
    let number = |name: &str| row.try_get::<i64, _>(name).map_err(db_error);
    Ok(Change { id: number("id")?, at: number("at")?, found: found(row)?, tellings: Vec::new() })
}

fn read(row: &AnyRow) -> Result<Alert> {
    let number = |name: &str| row.try_get::<i64, _>(name).map_err(db_error);
    let measure: String = row.try_get("measure").map_err(db_error)?;
    let measure =
        AlertMeasure::parse(&measure).ok_or_else(|| Error::internal("unknown measure of an alert"))?;
    Ok(Alert {
        id: number("id")?,
        name: row.try_get("name").map_err(db_error)?,
        watched: Watched { cell: parsed(row, "cell")?, measure },
        rule: parsed(row, "rule")?,
        rhythm: parsed(row, "rhythm")?,
        tell: parsed(row, "tell")?,
        enabled: number("enabled")? != 0,
        found: found(row)?,
        since: number("since")?,
        checked_at: row.try_get("checked_at").map_err(db_error)?,
        next_at: row.try_get("next_at").map_err(db_error)?,
        version: number("version")?,
        created_by: row.try_get("created_by").map_err(db_error)?,
        created_at: number("created_at")?,
        updated_at: number("updated_at")?,
    })
}
