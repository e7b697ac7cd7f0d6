//! SQL of the machine's own secrets.

use siyu_db::{Tx, db_error};
use siyu_types::error::Result;

/// Stores a value unless there is one already; answers the stored one.
pub(super) async fn keep(tx: &mut Tx, name: &str, value: &str) -> Result<String> {
    sqlx::query("INSERT INTO engage_secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
        .bind(name)
        .bind(value)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    sqlx::query_scalar("SELECT value FROM engage_secrets WHERE name = $1")
        .bind(name)
        .fetch_one(&mut **tx)
        .await
        .map_err(db_error)
}

pub(super) async fn replace(tx: &mut Tx, name: &str, value: &str) -> Result<()> {
    let query = sqlx::query("UPDATE engage_secrets SET value = $2 WHERE name = $1").bind(name.to_owned());
    query.bind(value.to_owned()).execute(&mut **tx).await.map_err(db_error)?;
    Ok(())
}
