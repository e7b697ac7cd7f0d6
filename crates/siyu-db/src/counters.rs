//! Ids from a table of counters, because the two databases number rows differently.

use siyu_types::Result;

use crate::{Tx, db_error};

/// The next id of a named sequence, starting at 1. Part of the transaction: a
/// rollback gives the id back.
pub async fn next_id(tx: &mut Tx, sequence: &str) -> Result<i64> {
    const SQL: &str = "INSERT INTO counters (name, value) VALUES ($1, 1)
        ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value";
    sqlx::query_scalar(SQL).bind(sequence).fetch_one(&mut **tx).await.map_err(db_error)
}
