//! SQL of what was told.

use std::collections::BTreeMap;

use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::telling::Receiver;
use siyu_types::{Error, ErrorCode, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::model::{TellOutcome, Telling, Waiting};
use super::rules::Next;

/// Which change of which alert.
#[derive(Clone, Copy)]
pub(super) struct About {
    pub alert: i64,
    pub change: i64,
}

/// Notes that a receiver is to be told and answers the number of that; `None` if it is noted.
pub(super) async fn insert(
    tx: &mut Tx,
    project: ProjectId,
    about: About,
    (send_id, receiver): (&str, &Receiver),
    at: Millis,
) -> Result<Option<i64>> {
    const INSERT: &str = "INSERT INTO alerts_tellings
            (id, project, alert, change, send_id, receiver, outcome, calling, attempts, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8) ON CONFLICT (project, send_id) DO NOTHING";
    let id = next_id(tx, "alerts_tellings").await?;
    let inserted = sqlx::query(INSERT)
        .bind(id)
        .bind(project.0)
        .bind(about.alert)
        .bind(about.change)
        .bind(send_id.to_owned())
        .bind(serde_json::to_string(receiver).map_err(Error::internal)?)
        .bind(TellOutcome::Queued.as_str())
        .bind(at)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok((inserted.rows_affected() > 0).then_some(id))
}

/// A telling that still waits; `None` if it has its outcome, or its alert was removed.
pub(super) async fn waiting(db: &Db, project: ProjectId, id: i64) -> Result<Option<Waiting>> {
    const GET: &str = "SELECT * FROM alerts_tellings WHERE project = $1 AND id = $2 AND outcome = 'queued'";
    let row = sqlx::query(GET).bind(project.0).bind(id).fetch_optional(db.read()).await.map_err(db_error)?;
    let Some(row) = row else { return Ok(None) };
    let number = |name: &str| row.try_get::<i64, _>(name).map_err(db_error);
    Ok(Some(Waiting {
        id,
        alert: number("alert")?,
        change: number("change")?,
        send_id: row.try_get("send_id").map_err(db_error)?,
        receiver: receiver(&row)?,
        calling: number("calling")? != 0,
        attempts: number("attempts")?,
    }))
}

/// Writes down that a call begins; false if somebody else was faster.
pub(super) async fn begin(tx: &mut Tx, project: ProjectId, waiting: &Waiting) -> Result<bool> {
    const BEGIN: &str = "UPDATE alerts_tellings SET calling = 1, attempts = attempts + 1
        WHERE project = $1 AND id = $2 AND outcome = 'queued' AND attempts = $3";
    let begun =
        sqlx::query(BEGIN).bind(project.0).bind(waiting.id).bind(waiting.attempts).execute(&mut **tx).await;
    Ok(begun.map_err(db_error)?.rows_affected() > 0)
}

/// Writes down what came of the call that `begin` noted.
pub(super) async fn end(
    tx: &mut Tx,
    project: ProjectId,
    waiting: &Waiting,
    next: &Next,
    at: Millis,
) -> Result<()> {
    // A later try may have begun meanwhile, and found only that this one's outcome is unknown.
    const END: &str = "UPDATE alerts_tellings SET outcome = $3, calling = $4, code = $5, reason = $6, at = $7
        WHERE project = $1 AND id = $2 AND (attempts = $8 OR (outcome = 'unknown' AND $3 <> 'queued'))";
    let ended = sqlx::query(END)
        .bind(project.0)
        .bind(waiting.id)
        .bind(next.outcome.as_str())
        .bind(i64::from(next.calling))
        .bind(next.code.map(ErrorCode::as_str))
        .bind(next.reason.clone())
        .bind(at)
        .bind(waiting.attempts + 1)
        .execute(&mut **tx)
        .await;
    ended.map(|_| ()).map_err(db_error)
}

/// What was told of an alert, by the change it was about.
pub(super) async fn of_alert(db: &Db, project: ProjectId, alert: i64) -> Result<BTreeMap<i64, Vec<Telling>>> {
    const LIST: &str = "SELECT * FROM alerts_tellings WHERE project = $1 AND alert = $2 ORDER BY id";
    let rows = sqlx::query(LIST).bind(project.0).bind(alert).fetch_all(db.read()).await.map_err(db_error)?;
    let mut found: BTreeMap<i64, Vec<Telling>> = BTreeMap::new();
    for row in &rows {
        found.entry(row.try_get("change").map_err(db_error)?).or_default().push(telling(row)?);
    }
    Ok(found)
}

/// Lets go of what was told of changes that are no longer kept.
pub(super) async fn forget(tx: &mut Tx, project: ProjectId, alert: i64) -> Result<()> {
    const FORGET: &str = "DELETE FROM alerts_tellings WHERE project = $1 AND alert = $2 AND change NOT IN
        (SELECT id FROM alerts_changes WHERE project = $1 AND alert = $2)";
    let forgotten = sqlx::query(FORGET).bind(project.0).bind(alert).execute(&mut **tx).await;
    forgotten.map(|_| ()).map_err(db_error)
}

fn receiver(row: &AnyRow) -> Result<Receiver> {
    let text: String = row.try_get("receiver").map_err(db_error)?;
    serde_json::from_str(&text).map_err(Error::internal)
}

fn telling(row: &AnyRow) -> Result<Telling> {
    let outcome: String = row.try_get("outcome").map_err(db_error)?;
    let code: Option<String> = row.try_get("code").map_err(db_error)?;
    Ok(Telling {
        receiver: receiver(row)?,
        outcome: TellOutcome::parse(&outcome)
            .ok_or_else(|| Error::internal("unknown outcome of a telling"))?,
        code: code.and_then(|code| ErrorCode::ALL.iter().copied().find(|known| known.as_str() == code)),
        reason: row.try_get("reason").map_err(db_error)?,
        at: row.try_get("at").map_err(db_error)?,
    })
}
