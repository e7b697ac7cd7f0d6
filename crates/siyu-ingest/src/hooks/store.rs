//! SQL of webhooks.

use siyu_db::{Db, Tx, db_error};
use siyu_types::{Error, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Hook, Signature};

pub async fn get(db: &Db, project: ProjectId, key: i64) -> Result<Option<Hook>> {
    let found = sqlx::query("SELECT * FROM hooks WHERE project = $1 AND key_id = $2")
        .bind(project.0)
        .bind(key)
        .fetch_optional(db.read())
        .await;
    found.map_err(db_error)?.as_ref().map(row).transpose()
}

/// Of keys that are still valid, with the name of each, newest key first.
pub async fn list(db: &Db, project: ProjectId, limit: i64) -> Result<Vec<(Hook, String)>> {
    const LIST: &str = "SELECT hooks.*, keys.name AS key_name FROM hooks
        JOIN keys ON keys.id = hooks.key_id
        WHERE hooks.project = $1 AND keys.revoked_at IS NULL
        ORDER BY hooks.key_id DESC LIMIT $2";
    let rows = sqlx::query(LIST).bind(project.0).bind(limit).fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(|found| Ok((row(found)?, found.try_get("key_name").map_err(db_error)?))).collect()
}

/// The name of a valid write key.
pub async fn key_name(tx: &mut Tx, project: ProjectId, key: i64) -> Result<String> {
    const NAME: &str =
        "SELECT name FROM keys WHERE project = $1 AND id = $2 AND kind = 'write' AND revoked_at IS NULL";
    let found: Option<String> = sqlx::query_scalar(NAME)
        .bind(project.0)
        .bind(key)
        .fetch_optional(&mut **tx)
        .await
        .map_err(db_error)?;
    found.ok_or_else(|| Error::not_found("key", key))
}

/// Stores a mapping in the place of the one before; answers with its version.
pub async fn put(tx: &mut Tx, project: ProjectId, hook: &Hook, mapping: &str) -> Result<i64> {
    const PUT: &str = "INSERT INTO hooks (key_id, project, mapping, version, signature_header,
            signature_secret, answer, updated_at)
        VALUES ($1, $2, $3, 1, $4, $5, $6, $7)
        ON CONFLICT (key_id) DO UPDATE SET mapping = excluded.mapping, version = hooks.version + 1,
            signature_header = excluded.signature_header, signature_secret = excluded.signature_secret,
            answer = excluded.answer, updated_at = excluded.updated_at";
    sqlx::query(PUT)
        .bind(hook.key)
        .bind(project.0)
        .bind(mapping.to_owned())
        .bind(hook.signature.as_ref().map(|signature| signature.header.clone()))
        .bind(hook.signature.as_ref().map(|signature| signature.secret.clone()))
        .bind(hook.answer.clone())
        .bind(hook.updated_at)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    let version = sqlx::query_scalar("SELECT version FROM hooks WHERE key_id = $1").bind(hook.key);
    version.fetch_one(&mut **tx).await.map_err(db_error)
}

pub async fn remove(tx: &mut Tx, project: ProjectId, key: i64) -> Result<()> {
    let removed = sqlx::query("DELETE FROM hooks WHERE project = $1 AND key_id = $2")
        .bind(project.0)
        .bind(key)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    match removed.rows_affected() {
        0 => Err(Error::not_found("hook", key)),
        _ => Ok(()),
    }
}

fn row(row: &AnyRow) -> Result<Hook> {
    let mapping: String = row.try_get("mapping").map_err(db_error)?;
    let header: Option<String> = row.try_get("signature_header").map_err(db_error)?;
    let secret: Option<String> = row.try_get("signature_secret").map_err(db_error)?;
    Ok(Hook {
        key: row.try_get("key_id").map_err(db_error)?,
        mapping: serde_json::from_str(&mapping).map_err(Error::internal)?,
        version: row.try_get("version").map_err(db_error)?,
        signature: header.zip(secret).map(|(header, secret)| Signature { header, secret }),
        answer: row.try_get("answer").map_err(db_error)?,
        updated_at: row.try_get("updated_at").map_err(db_error)?,
    })
}
