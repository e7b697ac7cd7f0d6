//! SQL of receipts.

use siyu_db::{Db, Tx, db_error};
use siyu_govern::masking::without_addresses;
use siyu_types::ProjectId;
use siyu_types::clock::Millis;
use siyu_types::error::Result;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::model::{About, Receipt, Said};
use super::rules::Standing;
use crate::delivery::{SendRow, send_row};

/// A send as receipts see it.
pub(super) struct Found {
    pub send: SendRow,
    pub address_hash: Option<String>,
}

/// The send that a receipt is about, held until the transaction ends, so that two
/// receipts for it follow each other.
pub(super) async fn take(tx: &mut Tx, project: ProjectId, about: &About) -> Result<Option<Found>> {
    const BY_SEND: &str = "UPDATE delivery_sends SET attempt = attempt
        WHERE send_id = $2 AND project = $1 RETURNING *";
    const BY_PROVIDER: &str = "UPDATE delivery_sends SET attempt = attempt WHERE send_id = (
            SELECT send_id FROM delivery_sends WHERE project = $1 AND provider_id = $2
            ORDER BY send_id LIMIT 1) RETURNING *";
    let (text, id) = match about {
        About::Send(id) => (BY_SEND, id),
        About::Provider(id) => (BY_PROVIDER, id),
    };
    let query = sqlx::query(text).bind(project.0).bind(id.clone());
    let row = query.fetch_optional(&mut **tx).await.map_err(db_error)?;
    row.as_ref().map(found).transpose().map_err(db_error)
}

fn found(row: &AnyRow) -> Result<Found, sqlx::Error> {
    Ok(Found { send: send_row(row)?, address_hash: row.try_get("address_hash")? })
}

pub(super) async fn has(tx: &mut Tx, send_id: &str, said: Said) -> Result<bool> {
    let query = sqlx::query("SELECT send_id FROM receipts_receipts WHERE send_id = $1 AND kind = $2");
    let query = query.bind(send_id.to_owned()).bind(said.as_str());
    Ok(query.fetch_optional(&mut **tx).await.map_err(db_error)?.is_some())
}

/// Keeps a receipt; a repeated one has no effect. `tell`: an event is to be written.
pub(super) async fn keep(
    tx: &mut Tx,
    found: &Found,
    receipt: &Receipt,
    at: Millis,
    tell: bool,
    now: Millis,
) -> Result<()> {
    const SQL: &str = "INSERT INTO receipts_receipts (send_id, kind, project, campaign, person,
            address_hash, reason, source, at, received_at, told)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (send_id, kind) DO NOTHING";
    sqlx::query(SQL)
        .bind(found.send.send_id.clone())
        .bind(receipt.said.as_str())
        .bind(found.send.project.0)
        .bind(found.send.campaign)
        .bind(i64::from(found.send.person))
        .bind(found.address_hash.clone())
        .bind(without_addresses(&receipt.reason))
        .bind(receipt.source)
        .bind(at)
        .bind(now)
        .bind(i64::from(tell))
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Writes where the receipt led. A state that changed is told like one of our own;
/// the lease stays written so that our own late result is still recognised.
pub(super) async fn advance(
    tx: &mut Tx,
    send: &SendRow,
    to: &Standing,
    reason: &str,
    at: Millis,
    now: Millis,
) -> Result<()> {
    const SQL: &str = "UPDATE delivery_sends SET state = $2, bounced = $3,
            delivered_at = CASE WHEN $4 = 1 THEN COALESCE(delivered_at, $5) ELSE delivered_at END,
            error = CASE WHEN $6 = '' THEN error ELSE $6 END,
            told = CASE WHEN $7 = 1 THEN 1 ELSE told END,
            lease_until = CASE WHEN $7 = 1 THEN 0 ELSE lease_until END,
            finished_at = COALESCE(finished_at, $8)
        WHERE send_id = $1";
    // What arrived leaves no error to be shown; what came back says why.
    let words = if to.delivered && to.bounce == crate::delivery::Bounce::None { "" } else { reason };
    sqlx::query(SQL)
        .bind(send.send_id.clone())
        .bind(to.state.as_str())
        .bind(to.bounce.number())
        .bind(i64::from(to.delivered))
        .bind(at)
        .bind(without_addresses(words))
        .bind(i64::from(to.state != send.state))
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Messages that came back softly from an address since `since`, and since the last
/// one known to have arrived.
pub(super) async fn soft_bounces(
    tx: &mut Tx,
    project: ProjectId,
    address_hash: &str,
    since: Millis,
) -> Result<u64> {
    const SQL: &str = "SELECT COUNT(*) FROM receipts_receipts
        WHERE project = $1 AND address_hash = $2 AND kind = 'bounced_soft' AND at >= $3
            AND at > COALESCE((SELECT MAX(at) FROM receipts_receipts
                WHERE project = $1 AND address_hash = $2 AND kind = 'delivered'), 0)";
    let count: i64 = sqlx::query_scalar(SQL)
        .bind(project.0)
        .bind(address_hash.to_owned())
        .bind(since)
        .fetch_one(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(count as u64)
}

/// Keeps a receipt whose message is not known yet.
pub(super) async fn wait(
    tx: &mut Tx,
    project: ProjectId,
    provider_id: &str,
    receipt: &Receipt,
    now: Millis,
) -> Result<()> {
    const SQL: &str =
        "INSERT INTO receipts_waiting (project, provider_id, kind, reason, source, at, received_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (project, provider_id, kind) DO NOTHING";
    sqlx::query(SQL)
        .bind(project.0)
        .bind(provider_id.to_owned())
        .bind(receipt.said.as_str())
        .bind(without_addresses(&receipt.reason))
        .bind(receipt.source)
        .bind(receipt.at)
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Waiting receipts whose message is known by now.
pub(super) async fn matched(db: &Db, limit: i64) -> Result<Vec<(ProjectId, Receipt)>> {
    const SQL: &str = "SELECT w.project AS project, w.provider_id AS provider_id, w.kind AS kind,
            w.reason AS reason, w.source AS source, w.at AS at
        FROM receipts_waiting w WHERE EXISTS (SELECT 1 FROM delivery_sends s
            WHERE s.project = w.project AND s.provider_id = w.provider_id)
        ORDER BY w.received_at, w.provider_id, w.kind LIMIT $1";
    let rows = sqlx::query(SQL).bind(limit).fetch_all(db.read()).await.map_err(db_error)?;
    let one = |row: &AnyRow| -> Result<(ProjectId, Receipt), sqlx::Error> {
        let kind: String = row.try_get("kind")?;
        let source: String = row.try_get("source")?;
        let receipt = Receipt {
            about: About::Provider(row.try_get("provider_id")?),
            said: Said::parse(&kind)
                .ok_or_else(|| sqlx::Error::Decode(format!("unknown receipt {kind}").into()))?,
            reason: row.try_get("reason")?,
            at: row.try_get("at")?,
            source: if source == "mail" { "mail" } else { "api" },
        };
        Ok((ProjectId(row.try_get("project")?), receipt))
    };
    rows.iter().map(one).collect::<Result<_, _>>().map_err(db_error)
}

pub(super) async fn stop_waiting(
    tx: &mut Tx,
    project: ProjectId,
    provider_id: &str,
    said: Said,
) -> Result<()> {
    sqlx::query("DELETE FROM receipts_waiting WHERE project = $1 AND provider_id = $2 AND kind = $3")
        .bind(project.0)
        .bind(provider_id.to_owned())
        .bind(said.as_str())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Gives up waiting for messages that never came. Answers how many receipts that were.
pub(super) async fn forget(tx: &mut Tx, before: Millis) -> Result<u64> {
    let query = sqlx::query("DELETE FROM receipts_waiting WHERE received_at < $1").bind(before);
    Ok(query.execute(&mut **tx).await.map_err(db_error)?.rows_affected())
}

/// A receipt whose event is not written yet, with its send.
pub(super) struct Untold {
    pub send: SendRow,
    pub said: Said,
    pub reason: String,
    pub at: Millis,
}

pub(super) async fn untold(db: &Db, limit: i64) -> Result<Vec<Untold>> {
    const SQL: &str = "SELECT s.*, r.kind AS receipt_kind, r.reason AS receipt_reason, r.at AS receipt_at
        FROM receipts_receipts r JOIN delivery_sends s ON s.send_id = r.send_id
        WHERE r.told = 1 ORDER BY r.project LIMIT $1";
    let rows = sqlx::query(SQL).bind(limit).fetch_all(db.read()).await.map_err(db_error)?;
    let one = |row: &AnyRow| -> Result<Untold, sqlx::Error> {
        let kind: String = row.try_get("receipt_kind")?;
        Ok(Untold {
            send: send_row(row)?,
            said: Said::parse(&kind)
                .ok_or_else(|| sqlx::Error::Decode(format!("unknown receipt {kind}").into()))?,
            reason: row.try_get("receipt_reason")?,
            at: row.try_get("receipt_at")?,
        })
    };
    rows.iter().map(one).collect::<Result<_, _>>().map_err(db_error)
}

/// Notes that the events of these receipts are written.
pub(super) async fn mark_told(tx: &mut Tx, receipts: &[Untold]) -> Result<()> {
    const COLUMNS: usize = 2;
    for part in receipts.chunks(crate::batch::BINDS_MAX / COLUMNS) {
        let text = format!(
            "UPDATE receipts_receipts SET told = 2 FROM (VALUES {}) AS v
             WHERE receipts_receipts.send_id = v.column1 AND receipts_receipts.kind = v.column2",
            crate::batch::rows(part.len(), COLUMNS, 0)
        );
        // Safe: the text holds nothing but placeholders.
        let mut query = sqlx::query(sqlx::AssertSqlSafe(text));
        for one in part {
            query = query.bind(one.send.send_id.clone()).bind(one.said.as_str());
        }
        query.execute(&mut **tx).await.map_err(db_error)?;
    }
    Ok(())
}
