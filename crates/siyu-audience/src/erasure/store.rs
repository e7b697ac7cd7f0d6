//! SQL of erasures.

use siyu_db::{Db, TextColumn, Texts, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::erasure::{Erased, Removed};
use siyu_types::{Error, PersonNo, ProjectId, Result, Viewer};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::model::{Erasure, ErasureState, Step};

/// What is sealed of erasures.
pub(crate) const REASON: TextColumn = TextColumn::new("erasures", "reason");

pub(super) async fn insert(
    tx: &mut Tx,
    viewer: &Viewer,
    person: PersonNo,
    reason: &str,
    request: Option<i64>,
    now: Millis,
) -> Result<i64> {
    const INSERT: &str = "INSERT INTO erasures (id, project, person, reason, request, state, ordered_by,
            ordered_by_name, ordered_at, numbers, identifiers, digest)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '[]', 0, '')";
    let id = next_id(tx, "erasures").await?;
    sqlx::query(INSERT)
        .bind(id)
        .bind(viewer.project.0)
        .bind(i64::from(person.0))
        .bind(tx.texts().seal(&REASON, id, reason)?)
        .bind(request)
        .bind(ErasureState::Ordered.as_str())
        .bind(viewer.actor.as_text())
        .bind(viewer.actor.name())
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(id)
}

/// The order was obeyed.
pub(super) async fn applied(tx: &mut Tx, erased: &Erased) -> Result<()> {
    const APPLIED: &str = "UPDATE erasures SET state = 'removing', applied_at = $2, numbers = $3,
            identifiers = $4, digest = $5
        WHERE id = $1 AND state = 'ordered'";
    sqlx::query(APPLIED)
        .bind(erased.erasure)
        .bind(erased.at)
        .bind(serde_json::to_string(&erased.numbers).map_err(Error::internal)?)
        .bind(erased.identifiers as i64)
        .bind(erased.digest.clone())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(super) async fn finish(tx: &mut Tx, id: i64, now: Millis) -> Result<()> {
    const FINISH: &str =
        "UPDATE erasures SET state = 'done', finished_at = $2 WHERE id = $1 AND state <> 'done'";
    sqlx::query(FINISH).bind(id).bind(now).execute(&mut **tx).await.map_err(db_error)?;
    Ok(())
}

pub(super) async fn get(db: &Db, project: ProjectId, id: i64) -> Result<Erasure> {
    let found = sqlx::query("SELECT * FROM erasures WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .fetch_optional(db.read())
        .await
        .map_err(db_error)?;
    opened(&found.ok_or_else(|| Error::not_found("erasure", id))?, db.texts())
}

/// Newest first, ids below `before`.
pub(super) async fn list(db: &Db, project: ProjectId, before: i64, limit: i64) -> Result<Vec<Erasure>> {
    let rows = sqlx::query("SELECT * FROM erasures WHERE project = $1 AND id < $2 ORDER BY id DESC LIMIT $3")
        .bind(project.0)
        .bind(before)
        .bind(limit)
        .fetch_all(db.read())
        .await
        .map_err(db_error)?;
    rows.iter().map(|row| opened(row, db.texts())).collect()
}

/// The steps that were begun, in order.
pub(super) async fn steps(db: &Db, id: i64) -> Result<Vec<Step>> {
    let rows = sqlx::query("SELECT * FROM erasure_steps WHERE erasure = $1 ORDER BY seq")
        .bind(id)
        .fetch_all(db.read())
        .await
        .map_err(db_error)?;
    rows.iter().map(step).collect()
}

/// A step is begun, perhaps again.
pub(super) async fn begin(tx: &mut Tx, id: i64, (seq, step): (usize, &str), now: Millis) -> Result<()> {
    const BEGIN: &str = "INSERT INTO erasure_steps (erasure, seq, step, removed, started_at)
        VALUES ($1, $2, $3, '[]', $4) ON CONFLICT (erasure, seq) DO NOTHING";
    sqlx::query(BEGIN)
        .bind(id)
        .bind(seq as i64)
        .bind(step.to_owned())
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(super) async fn end(tx: &mut Tx, id: i64, seq: usize, removed: &[Removed], now: Millis) -> Result<()> {
    const END: &str =
        "UPDATE erasure_steps SET removed = $3, finished_at = $4 WHERE erasure = $1 AND seq = $2";
    sqlx::query(END)
        .bind(id)
        .bind(seq as i64)
        .bind(serde_json::to_string(removed).map_err(Error::internal)?)
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

fn step(row: &AnyRow) -> Result<Step> {
    let removed: String = row.try_get("removed").map_err(db_error)?;
    Ok(Step {
        step: row.try_get("step").map_err(db_error)?,
        removed: serde_json::from_str(&removed).map_err(Error::internal)?,
        started_at: row.try_get("started_at").map_err(db_error)?,
        finished_at: row.try_get("finished_at").map_err(db_error)?,
    })
}

fn opened(row: &AnyRow, texts: &Texts) -> Result<Erasure> {
    let erasure = erasure(row).map_err(db_error)?;
    let reason = texts.open(&REASON, erasure.id, erasure.reason)?;
    Ok(Erasure { reason, ..erasure })
}

fn erasure(row: &AnyRow) -> Result<Erasure, sqlx::Error> {
    let unknown = |what: &str| sqlx::Error::Decode(format!("unknown {what} of an erasure").into());
    let person: i64 = row.try_get("person")?;
    let state: String = row.try_get("state")?;
    let numbers: String = row.try_get("numbers")?;
    Ok(Erasure {
        id: row.try_get("id")?,
        person: u32::try_from(person).map_err(|_| unknown("person"))?,
        reason: row.try_get("reason")?,
        request: row.try_get("request")?,
        state: ErasureState::parse(&state).ok_or_else(|| unknown("state"))?,
        ordered_by: row.try_get("ordered_by")?,
        ordered_by_name: row.try_get("ordered_by_name")?,
        ordered_at: row.try_get("ordered_at")?,
        applied_at: row.try_get("applied_at")?,
        numbers: serde_json::from_str(&numbers).map_err(|_| unknown("numbers"))?,
        identifiers: row.try_get("identifiers")?,
        digest: row.try_get("digest")?,
        finished_at: row.try_get("finished_at")?,
    })
}
