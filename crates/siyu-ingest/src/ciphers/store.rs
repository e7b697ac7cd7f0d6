//! SQL of private keys.

use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::{Error, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::model::Cipher;

/// With the name of the write key of each, newest first. Those of keys that were withdrawn
/// too: what was set aside before can still be opened.
pub async fn list(db: &Db, project: ProjectId) -> Result<Vec<(Cipher, String)>> {
    const LIST: &str = "SELECT ciphers.*, keys.name AS key_name FROM ciphers
        JOIN keys ON keys.id = ciphers.key_id
        WHERE ciphers.project = $1 ORDER BY ciphers.id DESC";
    let rows = sqlx::query(LIST).bind(project.0).fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(|found| Ok((row(found)?, found.try_get("key_name").map_err(db_error)?))).collect()
}

/// Every key of every project, with its project.
pub async fn all(db: &Db) -> Result<Vec<(ProjectId, Cipher)>> {
    let rows = sqlx::query("SELECT * FROM ciphers ORDER BY id").fetch_all(db.read()).await;
    let of = |found: &AnyRow| Ok((ProjectId(found.try_get("project").map_err(db_error)?), row(found)?));
    rows.map_err(db_error)?.iter().map(of).collect()
}

pub async fn insert(tx: &mut Tx, project: ProjectId, cipher: Cipher) -> Result<Cipher> {
    const INSERT: &str = "INSERT INTO ciphers (id, project, key_id, fingerprint, bits, sealed, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let cipher = Cipher { id: next_id(tx, "ciphers").await?, ..cipher };
    sqlx::query(INSERT)
        .bind(cipher.id)
        .bind(project.0)
        .bind(cipher.key)
        .bind(cipher.fingerprint.clone())
        .bind(cipher.bits)
        .bind(cipher.sealed.clone())
        .bind(cipher.created_at)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(cipher)
}

/// Stores the secret sealed anew.
pub async fn reseal(tx: &mut Tx, id: i64, sealed: &str) -> Result<()> {
    let update = sqlx::query("UPDATE ciphers SET sealed = $1 WHERE id = $2").bind(sealed.to_owned()).bind(id);
    update.execute(&mut **tx).await.map(drop).map_err(db_error)
}

pub async fn remove(tx: &mut Tx, project: ProjectId, id: i64) -> Result<()> {
    let removed = sqlx::query("DELETE FROM ciphers WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    match removed.rows_affected() {
        0 => Err(Error::not_found("cipher", id)),
        _ => Ok(()),
    }
}

fn row(row: &AnyRow) -> Result<Cipher> {
    Ok(Cipher {
        id: row.try_get("id").map_err(db_error)?,
        key: row.try_get("key_id").map_err(db_error)?,
        fingerprint: row.try_get("fingerprint").map_err(db_error)?,
        bits: row.try_get("bits").map_err(db_error)?,
        sealed: row.try_get("sealed").map_err(db_error)?,
        created_at: row.try_get("created_at").map_err(db_error)?,
    })
}
