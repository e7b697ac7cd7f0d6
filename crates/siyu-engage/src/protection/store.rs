//! SQL of caps, reservations and the list of those not to write to.

use std::collections::{HashMap, HashSet};

use siyu_db::{Db, TextColumn, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::error::{Error, Result};
use siyu_types::{ProjectId, Viewer};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::model::{Cap, Suppression};
use crate::batch;

fn cap_of(row: &AnyRow) -> Result<Option<Cap>> {
    let messages: i64 = row.try_get("cap_messages").map_err(db_error)?;
    let days: i64 = row.try_get("cap_days").map_err(db_error)?;
    let cap = Cap { messages: u32::try_from(messages).unwrap_or(0), days: u32::try_from(days).unwrap_or(0) };
    Ok((cap.messages > 0 && cap.days > 0).then_some(cap))
}

pub(crate) async fn cap(db: &Db, project: ProjectId) -> Result<Option<Cap>> {
    let row = sqlx::query("SELECT cap_messages, cap_days FROM protection_settings WHERE project = $1")
        .bind(project.0)
        .fetch_optional(db.read())
        .await
        .map_err(db_error)?;
    row.as_ref().map_or(Ok(None), cap_of)
}

/// Takes the project's turn: until the transaction ends nobody else reserves.
pub(crate) async fn take_turn(tx: &mut Tx, project: ProjectId) -> Result<Option<Cap>> {
    const SQL: &str = "INSERT INTO protection_settings (project, cap_messages, cap_days, turn)
        VALUES ($1, 0, 0, 1)
        ON CONFLICT (project) DO UPDATE SET turn = protection_settings.turn + 1
        RETURNING cap_messages, cap_days";
    let row = sqlx::query(SQL).bind(project.0).fetch_one(&mut **tx).await.map_err(db_error)?;
    cap_of(&row)
}

pub(crate) async fn set_cap(tx: &mut Tx, project: ProjectId, cap: Option<Cap>) -> Result<()> {
    const SQL: &str = "INSERT INTO protection_settings (project, cap_messages, cap_days, turn)
        VALUES ($1, $2, $3, 0)
        ON CONFLICT (project) DO UPDATE SET cap_messages = excluded.cap_messages, cap_days = excluded.cap_days";
    sqlx::query(SQL)
        .bind(project.0)
        .bind(cap.map_or(0, |cap| i64::from(cap.messages)))
        .bind(cap.map_or(0, |cap| i64::from(cap.days)))
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Reservations after `since`, per person.
pub(crate) async fn counts_by_person(
    tx: &mut Tx,
    project: ProjectId,
    since: Millis,
    people: &[u32],
) -> Result<HashMap<u32, u32>> {
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT person AS target, COUNT(*) AS messages FROM protection_reservations
         WHERE project = $1 AND at > $2 AND person IN ({}) GROUP BY person",
        batch::list(people.len(), 2)
    );
    // Safe: the text holds nothing but placeholders.
    let mut query = sqlx::query(AssertSqlSafe(text)).bind(project.0).bind(since);
    for person in people {
        query = query.bind(i64::from(*person));
    }
    let rows = query.fetch_all(&mut **tx).await.map_err(db_error)?;
    rows.iter()
        .map(|row| {
            let person: i64 = row.try_get("target").map_err(db_error)?;
            let messages: i64 = row.try_get("messages").map_err(db_error)?;
            Ok((person as u32, messages as u32))
        })
        .collect()
}

/// Reservations after `since`, per address.
pub(crate) async fn counts_by_address(
    tx: &mut Tx,
    project: ProjectId,
    since: Millis,
    hashes: &[&str],
) -> Result<HashMap<String, u32>> {
    if hashes.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT address_hash AS target, COUNT(*) AS messages FROM protection_reservations
         WHERE project = $1 AND at > $2 AND address_hash IN ({}) GROUP BY address_hash",
        batch::list(hashes.len(), 2)
    );
    // Safe: the text holds nothing but placeholders.
    let mut query = sqlx::query(AssertSqlSafe(text)).bind(project.0).bind(since);
    for hash in hashes {
        query = query.bind(*hash);
    }
    let rows = query.fetch_all(&mut **tx).await.map_err(db_error)?;
    rows.iter()
        .map(|row| {
            let messages: i64 = row.try_get("messages").map_err(db_error)?;
            Ok((row.try_get("target").map_err(db_error)?, messages as u32))
        })
        .collect()
}

/// One message that counts against the cap.
pub(crate) struct Reservation<'a> {
    pub send_id: &'a str,
    pub person: u32,
    pub address_hash: &'a str,
}

pub(crate) async fn reserve(
    tx: &mut Tx,
    project: ProjectId,
    at: Millis,
    reservations: &[Reservation<'_>],
) -> Result<()> {
    const COLUMNS: usize = 5;
    for part in reservations.chunks(batch::BINDS_MAX / COLUMNS) {
        let text = format!(
            "INSERT INTO protection_reservations (send_id, project, person, address_hash, at) VALUES {}
             ON CONFLICT (send_id) DO UPDATE SET at = excluded.at",
            batch::rows(part.len(), COLUMNS, 0)
        );
        // Safe: the text holds nothing but placeholders.
        let mut query = sqlx::query(AssertSqlSafe(text));
        for one in part {
            query = query.bind(one.send_id.to_owned()).bind(project.0).bind(i64::from(one.person));
            query = query.bind(one.address_hash.to_owned()).bind(at);
        }
        query.execute(&mut **tx).await.map_err(db_error)?;
    }
    Ok(())
}

pub(crate) async fn release(tx: &mut Tx, send_ids: &[&str]) -> Result<()> {
    for part in send_ids.chunks(batch::BINDS_MAX) {
        let list = batch::list(part.len(), 0);
        let text = format!("DELETE FROM protection_reservations WHERE send_id IN ({list})");
        // Safe: the text holds nothing but placeholders.
        let mut query = sqlx::query(AssertSqlSafe(text));
        for send_id in part {
            query = query.bind((*send_id).to_owned());
        }
        query.execute(&mut **tx).await.map_err(db_error)?;
    }
    Ok(())
}

pub(crate) fn person_target(person: u32) -> String {
    format!("person:{person}")
}

pub(crate) fn address_target(hash: &str) -> String {
    format!("address:{hash}")
}

/// Which of the targets are listed.
pub(crate) async fn listed(
    tx: &mut Tx,
    project: ProjectId,
    channel: &str,
    targets: &[String],
) -> Result<HashSet<String>> {
    let mut found = HashSet::new();
    for part in targets.chunks(batch::BINDS_MAX - 2) {
        let text = format!(
            "SELECT target FROM protection_suppressions
             WHERE project = $1 AND channel = $2 AND target IN ({})",
            batch::list(part.len(), 2)
        );
        // Safe: the text holds nothing but placeholders.
        let mut query = sqlx::query_scalar(AssertSqlSafe(text)).bind(project.0).bind(channel.to_owned());
        for target in part {
            query = query.bind(target.clone());
        }
        let rows: Vec<String> = query.fetch_all(&mut **tx).await.map_err(db_error)?;
        found.extend(rows);
    }
    Ok(found)
}

/// What is sealed of the list.
pub(crate) const SHOWN: TextColumn = TextColumn::new("protection_suppressions", "shown");

/// A new entry of the list.
pub(crate) struct NewSuppression<'a> {
    pub channel: &'a str,
    pub target: String,
    pub shown: String,
    pub reason: &'a str,
}

/// Adds an entry; one for the same target stays as it is. Answers its id.
pub(crate) async fn suppress(
    tx: &mut Tx,
    viewer: &Viewer,
    new: &NewSuppression<'_>,
    at: Millis,
) -> Result<i64> {
    const SQL: &str = "INSERT INTO protection_suppressions
            (id, project, channel, target, shown, reason, created_at, created_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (project, channel, target) DO NOTHING";
    let id = next_id(tx, "protection_suppressions").await?;
    sqlx::query(SQL)
        .bind(id)
        .bind(viewer.project.0)
        .bind(new.channel.to_owned())
        .bind(new.target.clone())
        .bind(tx.texts().seal(&SHOWN, id, &new.shown)?)
        .bind(new.reason.to_owned())
        .bind(at)
        .bind(viewer.actor.as_text())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    sqlx::query_scalar(
        "SELECT id FROM protection_suppressions WHERE project = $1 AND channel = $2 AND target = $3",
    )
    .bind(viewer.project.0)
    .bind(new.channel.to_owned())
    .bind(new.target.clone())
    .fetch_one(&mut **tx)
    .await
    .map_err(db_error)
}

/// Takes those off the list who were put there because they unsubscribed and who now
/// want messages again.
pub(crate) async fn lift(tx: &mut Tx, project: ProjectId, channel: &str, targets: &[String]) -> Result<()> {
    if targets.is_empty() {
        return Ok(());
    }
    let text = format!(
        "DELETE FROM protection_suppressions WHERE project = $1 AND channel = $2
            AND reason = 'unsubscribed' AND target IN ({})",
        batch::list(targets.len(), 2)
    );
    // Safe: the text holds nothing but placeholders.
    let mut query = sqlx::query(AssertSqlSafe(text)).bind(project.0).bind(channel.to_owned());
    for target in targets {
        query = query.bind(target.clone());
    }
    query.execute(&mut **tx).await.map_err(db_error)?;
    Ok(())
}

pub(super) async fn suppressions(
    db: &Db,
    project: ProjectId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Suppression>> {
    let rows = sqlx::query(
        "SELECT * FROM protection_suppressions WHERE project = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
    )
    .bind(project.0)
    .bind(before.unwrap_or(i64::MAX))
    .bind(limit)
    .fetch_all(db.read())
    .await
    .map_err(db_error)?;
    let open = |row: &AnyRow| {
        let found = suppression(row).map_err(db_error)?;
        let shown = db.texts().open(&SHOWN, found.id, found.shown)?;
        Ok(Suppression { shown, ..found })
    };
    rows.iter().map(open).collect()
}

fn suppression(row: &AnyRow) -> Result<Suppression, sqlx::Error> {
    Ok(Suppression {
        id: row.try_get("id")?,
        channel: row.try_get("channel")?,
        target: row.try_get("target")?,
        shown: row.try_get("shown")?,
        reason: row.try_get("reason")?,
        created_at: row.try_get("created_at")?,
        created_by: row.try_get("created_by")?,
    })
}

pub(super) async fn remove(tx: &mut Tx, project: ProjectId, id: i64) -> Result<()> {
    let removed = sqlx::query("DELETE FROM protection_suppressions WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    if removed.rows_affected() == 0 {
        return Err(Error::not_found("suppression", id));
    }
    Ok(())
}
