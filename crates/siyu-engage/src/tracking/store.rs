//! SQL of reactions.

use std::collections::HashMap;

use siyu_db::{Db, Tx, db_error};
use siyu_types::clock::Millis;
use siyu_types::error::Result;
use sqlx::Row;

use crate::delivery::SendRow;

pub(crate) async fn send(db: &Db, send_id: &str) -> Result<Option<SendRow>> {
    let row = sqlx::query("SELECT * FROM delivery_sends WHERE send_id = $1")
        .bind(send_id.to_owned())
        .fetch_optional(db.read())
        .await
        .map_err(db_error)?;
    row.as_ref().map(crate::delivery::send_row).transpose().map_err(db_error)
}

/// Counts a reaction; answers how often it has happened now.
pub(crate) async fn react(tx: &mut Tx, send: &SendRow, kind: &str, at: Millis) -> Result<i64> {
    const SQL: &str =
        "INSERT INTO delivery_reactions (send_id, kind, project, campaign, person, first_at, times)
        VALUES ($1, $2, $3, $4, $5, $6, 1)
        ON CONFLICT (send_id, kind) DO UPDATE SET times = delivery_reactions.times + 1
        RETURNING times";
    sqlx::query_scalar(SQL)
        .bind(send.send_id.clone())
        .bind(kind.to_owned())
        .bind(send.project.0)
        .bind(send.campaign)
        .bind(i64::from(send.person))
        .bind(at)
        .fetch_one(&mut **tx)
        .await
        .map_err(db_error)
}

/// People of a campaign by what they did.
pub(crate) async fn reaction_counts(db: &Db, campaign: i64) -> Result<HashMap<String, u64>> {
    const SQL: &str = "SELECT kind, COUNT(DISTINCT person) AS people FROM delivery_reactions
        WHERE campaign = $1 GROUP BY kind";
    let rows = sqlx::query(SQL).bind(campaign).fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter()
        .map(|row| {
            let people: i64 = row.try_get("people").map_err(db_error)?;
            Ok((row.try_get("kind").map_err(db_error)?, people as u64))
        })
        .collect()
}
