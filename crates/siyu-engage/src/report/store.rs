//! SQL of reports: sends by person, and pages of people behind a number.

use std::collections::BTreeMap;

use siyu_db::{Db, db_error};
use siyu_types::clock::Millis;
use siyu_types::error::{Error, Result};
use sqlx::Row;

use crate::delivery::Arm;

/// Sends of a campaign by state, reason, bounce.
#[derive(Default)]
pub(super) struct Tally {
    pub by_state: BTreeMap<String, u64>,
    pub by_reason: BTreeMap<String, u64>,
    pub bounced: u64,
    pub delivered: u64,
    /// Some message of the campaign was reported as delivered.
    pub confirmed: bool,
    /// Waiting for another try: decided already.
    pub retrying: u64,
}

pub(super) async fn tally(db: &Db, campaign: i64) -> Result<Tally> {
    const SQL: &str = "SELECT state, reason, bounced, CASE WHEN attempt > 0 THEN 1 ELSE 0 END AS tried,
            CASE WHEN delivered_at IS NULL THEN 0 ELSE 1 END AS confirmed, COUNT(*) AS sends
        FROM delivery_sends WHERE campaign = $1 GROUP BY state, reason, bounced,
            CASE WHEN attempt > 0 THEN 1 ELSE 0 END, CASE WHEN delivered_at IS NULL THEN 0 ELSE 1 END";
    let rows = sqlx::query(SQL).bind(campaign).fetch_all(db.read()).await.map_err(db_error)?;
    let mut tally = Tally::default();
    let (mut arrived, mut not_back) = (0, 0);
    for row in rows {
        let state: String = row.try_get("state").map_err(db_error)?;
        let reason: Option<String> = row.try_get("reason").map_err(db_error)?;
        let bounced: i64 = row.try_get("bounced").map_err(db_error)?;
        let tried: i64 = row.try_get("tried").map_err(db_error)?;
        let confirmed: i64 = row.try_get("confirmed").map_err(db_error)?;
        let sends = row.try_get::<i64, _>("sends").map_err(db_error)? as u64;
        if bounced != 0 {
            tally.bounced += sends;
        }
        tally.confirmed |= confirmed != 0;
        if state == "sent" && bounced == 0 {
            not_back += sends;
            arrived += if confirmed != 0 { sends } else { 0 };
        }
        if state == "pending" && tried != 0 {
            tally.retrying += sends;
        }
        if let (Some(reason), "suppressed") = (reason, state.as_str()) {
            *tally.by_reason.entry(reason).or_default() += sends;
        }
        *tally.by_state.entry(state).or_default() += sends;
    }
    tally.delivered = if tally.confirmed { arrived } else { not_back };
    Ok(tally)
}

/// Everybody who passed protection: number at the start, arm, instant of the
/// (virtual) send. Intention to treat: what became of the message does not matter.
pub(super) async fn eligible(db: &Db, campaign: i64) -> Result<Vec<(u32, Arm, Millis)>> {
    const SQL: &str = "SELECT person, arm, decided_at FROM delivery_sends
        WHERE campaign = $1 AND decided_at IS NOT NULL AND (state IN ('attempting', 'sent', 'failed',
            'unknown', 'withheld') OR (state IN ('pending', 'cancelled') AND attempt > 0))";
    let rows = sqlx::query(SQL).bind(campaign).fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter()
        .map(|row| {
            let person: i64 = row.try_get("person").map_err(db_error)?;
            let arm = Arm::from_number(row.try_get("arm").map_err(db_error)?);
            Ok((person as u32, arm, row.try_get("decided_at").map_err(db_error)?))
        })
        .collect()
}

/// One person behind a number of a report.
pub(super) struct Behind {
    pub person: u32,
    pub at: Option<Millis>,
    pub reason: Option<String>,
}

/// The people behind a metric that is a state of sends or a reaction.
pub(super) async fn people(
    db: &Db,
    campaign: i64,
    metric: &str,
    reason: Option<&str>,
    after: i64,
    limit: i64,
) -> Result<Vec<Behind>> {
    let by_state = |states: &str| {
        format!(
            "SELECT person, finished_at AS at, COALESCE(reason, error) AS reason FROM delivery_sends
             WHERE campaign = $1 AND person > $2 AND ({states}) ORDER BY person LIMIT $3"
        )
    };
    const REACTED: &str = "SELECT person, MIN(first_at) AS at, CAST(NULL AS TEXT) AS reason
        FROM delivery_reactions WHERE campaign = $1 AND person > $2 AND kind = $4
        GROUP BY person ORDER BY person LIMIT $3";
    let text = match metric {
        "chosen" => by_state("1 = 1"),
        "control" => by_state("state = 'withheld'"),
        "treated" => by_state(
            "state IN ('attempting', 'sent', 'failed', 'unknown') OR (state = 'pending' AND attempt > 0)",
        ),
        "suppressed" if reason.is_some() => by_state("state = 'suppressed' AND reason = $4"),
        "suppressed" | "sent" | "failed" | "unknown" | "cancelled" => by_state("state = $4"),
        // As the number: receipts where the campaign has any.
        "delivered" => by_state(
            "state = 'sent' AND bounced = 0 AND (delivered_at IS NOT NULL OR NOT EXISTS (SELECT 1
                FROM delivery_sends d WHERE d.campaign = $1 AND d.delivered_at IS NOT NULL))",
        ),
        "bounced" => by_state("bounced <> 0"),
        "pending" => by_state("state IN ('pending', 'attempting')"),
        "opened" | "clicked" | "unsubscribed" | "complained" => REACTED.to_owned(),
        _ => return Err(Error::invalid("metric", "is not one that can be opened")),
    };
    let needs_value = text.contains("$4");
    // Safe: assembled from the literals above.
    let mut query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(campaign).bind(after).bind(limit);
    if needs_value {
        query = query.bind(reason.unwrap_or(metric).to_owned());
    }
    let rows = query.fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter()
        .map(|row| {
            Ok(Behind {
                person: row.try_get::<i64, _>("person").map_err(db_error)? as u32,
                at: row.try_get("at").map_err(db_error)?,
                reason: row.try_get("reason").map_err(db_error)?,
            })
        })
        .collect()
}
