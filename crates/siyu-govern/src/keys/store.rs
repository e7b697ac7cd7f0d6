//! SQL of keys.

use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::{Error, ProjectId, Result, Role};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Key, KeyKind, SourceChange};

pub(super) async fn by_hash(db: &Db, hash: &str) -> Result<Option<Key>> {
    const SELECT: &str = "SELECT keys.*, projects.dedupe_hours FROM keys
        JOIN projects ON projects.id = keys.project WHERE secret_hash = $1";
    let found = sqlx::query(SELECT).bind(hash).fetch_optional(db.read()).await;
    found.map_err(db_error)?.as_ref().map(row).transpose().map_err(db_error)
}

/// Newest first, revoked ones included.
pub(super) async fn list(db: &Db, project: ProjectId, before: i64, limit: i64) -> Result<Vec<Key>> {
    const SELECT: &str = "SELECT keys.*, projects.dedupe_hours FROM keys
        JOIN projects ON projects.id = keys.project
        WHERE project = $1 AND keys.id < $2 ORDER BY keys.id DESC LIMIT $3";
    let rows = sqlx::query(SELECT).bind(project.0).bind(before).bind(limit).fetch_all(db.read()).await;
    rows.map_err(db_error)?.iter().map(row).collect::<Result<_, _>>().map_err(db_error)
}

pub(super) async fn insert(tx: &mut Tx, mut key: Key, hash: &str) -> Result<Key> {
    const INSERT: &str = "INSERT INTO keys (id, project, kind, name, role, secret_hash, hint, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    key.id = next_id(tx, "keys").await?;
    sqlx::query(INSERT)
        .bind(key.id)
        .bind(key.project.0)
        .bind(key.kind.as_str())
        .bind(key.name.clone())
        .bind(key.role.map(|role| role.as_str().to_owned()))
        .bind(hash)
        .bind(key.hint.clone())
        .bind(key.created_at)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(key)
}

pub(super) async fn revoke(tx: &mut Tx, project: ProjectId, id: i64, now: Millis) -> Result<()> {
    let revoked =
        sqlx::query("UPDATE keys SET revoked_at = $3 WHERE project = $1 AND id = $2 AND revoked_at IS NULL")
            .bind(project.0)
            .bind(id)
            .bind(now)
            .execute(&mut **tx)
            .await
            .map_err(db_error)?;
    match revoked.rows_affected() {
        0 => Err(Error::not_found("key", id)),
        _ => Ok(()),
    }
}

/// Of a write key that is not revoked.
pub(super) async fn change(tx: &mut Tx, project: ProjectId, id: i64, change: SourceChange) -> Result<Key> {
    const UPDATE: &str = "UPDATE keys SET trust_time = $3, oldest_days = $4
        WHERE project = $1 AND id = $2 AND kind = $5 AND revoked_at IS NULL";
    const SELECT: &str = "SELECT keys.*, projects.dedupe_hours FROM keys
        JOIN projects ON projects.id = keys.project WHERE project = $1 AND keys.id = $2";
    let changed = sqlx::query(UPDATE)
        .bind(project.0)
        .bind(id)
        .bind(i64::from(change.trust_time))
        .bind(change.oldest_days)
        .bind(KeyKind::Write.as_str())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    if changed.rows_affected() == 0 {
        return Err(Error::not_found("key", id));
    }
    let found = sqlx::query(SELECT).bind(project.0).bind(id).fetch_one(&mut **tx).await;
    row(&found.map_err(db_error)?).map_err(db_error)
}

fn row(row: &AnyRow) -> Result<Key, sqlx::Error> {
    let unknown = || sqlx::Error::Decode("unknown kind of key".into());
    Ok(Key {
        id: row.try_get("id")?,
        project: ProjectId(row.try_get("project")?),
        kind: KeyKind::parse(&row.try_get::<String, _>("kind")?).ok_or_else(unknown)?,
        name: row.try_get("name")?,
        role: row.try_get::<Option<String>, _>("role")?.and_then(|role| Role::parse(&role)),
        hint: row.try_get("hint")?,
        created_at: row.try_get("created_at")?,
        revoked_at: row.try_get("revoked_at")?,
        trust_time: row.try_get::<i64, _>("trust_time")? != 0,
        oldest_days: row.try_get("oldest_days")?,
        dedupe_hours: row.try_get("dedupe_hours")?,
    })
}
