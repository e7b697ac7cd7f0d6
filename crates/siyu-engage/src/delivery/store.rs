//! SQL of the outbox, for many rows at a time.

use std::collections::HashSet;

use siyu_db::{Db, Tx, db_error};
use siyu_govern::masking::without_addresses;
use siyu_types::ProjectId;
use siyu_types::clock::Millis;
use siyu_types::error::Result;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::model::{Arm, Bounce, SendRow, SendState};
use super::rules::Next;
use crate::batch;

/// A send to be put into the outbox.
pub(crate) struct NewSend {
    pub send_id: String,
    pub person: u32,
    pub arm: Arm,
}

/// Adds sends; those that are there already stay as they are.
pub(crate) async fn add(
    tx: &mut Tx,
    project: ProjectId,
    campaign: i64,
    sends: &[NewSend],
    due_at: Millis,
) -> Result<()> {
    const COLUMNS: usize = 3;
    for part in sends.chunks(batch::BINDS_MAX / COLUMNS) {
        let text = format!(
            "INSERT INTO delivery_sends (send_id, person, arm, project, campaign, state, attempt, due_at,
                lease_until, bounced, told)
             SELECT v.column1, v.column2, v.column3, $1, $2, 'pending', 0, $3, 0, 0, 0
             FROM (VALUES {}) AS v WHERE 1 = 1 ON CONFLICT (send_id) DO NOTHING",
            batch::rows(part.len(), COLUMNS, 3)
        );
        // Safe: the text holds nothing but placeholders.
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(project.0).bind(campaign).bind(due_at);
        for send in part {
            query = query.bind(send.send_id.clone()).bind(i64::from(send.person)).bind(send.arm.number());
        }
        query.execute(&mut **tx).await.map_err(db_error)?;
    }
    Ok(())
}

/// Takes sends that are due. Nobody else takes them before `until`.
pub(super) async fn claim(
    tx: &mut Tx,
    campaign: i64,
    lease: &str,
    now: Millis,
    until: Millis,
    limit: i64,
) -> Result<Vec<SendRow>> {
    const TAKE: &str = "UPDATE delivery_sends SET lease = $1, lease_until = $2
        WHERE state = 'pending' AND lease_until <= $3 AND send_id IN (
            SELECT send_id FROM delivery_sends
            WHERE campaign = $4 AND state = 'pending' AND due_at <= $3 AND lease_until <= $3
            ORDER BY due_at LIMIT $5)
        RETURNING *";
    let rows = sqlx::query(TAKE)
        .bind(lease.to_owned())
        .bind(until)
        .bind(now)
        .bind(campaign)
        .bind(limit)
        .fetch_all(&mut **tx)
        .await
        .map_err(db_error)?;
    let mut sends: Vec<SendRow> =
        rows.iter().map(send_row).collect::<Result<_, sqlx::Error>>().map_err(db_error)?;
    sends.sort_by_key(|send| (send.due_at, send.person));
    Ok(sends)
}

/// Addresses that other sends of the campaign already went, or are going, to.
pub(super) async fn taken_addresses(
    tx: &mut Tx,
    campaign: i64,
    hashes: &[String],
) -> Result<HashSet<(String, String)>> {
    let mut found = HashSet::new();
    for part in hashes.chunks(batch::BINDS_MAX - 1) {
        let text = format!(
            "SELECT address_hash, send_id FROM delivery_sends WHERE campaign = $1
                AND address_hash IN ({}) AND state IN ('attempting', 'sent', 'unknown', 'withheld', 'failed')",
            batch::list(part.len(), 1)
        );
        // Safe: the text holds nothing but placeholders.
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(campaign);
        for hash in part {
            query = query.bind(hash.clone());
        }
        for row in query.fetch_all(&mut **tx).await.map_err(db_error)? {
            let hash: String = row.try_get("address_hash").map_err(db_error)?;
            found.insert((hash, row.try_get("send_id").map_err(db_error)?));
        }
    }
    Ok(found)
}

/// A decided send, as it is written.
pub(super) struct Decided<'a> {
    pub send_id: &'a str,
    pub state: SendState,
    pub reason: Option<&'a str>,
    pub address_hash: Option<&'a str>,
    pub rendered_hash: Option<&'a str>,
}

/// Writes decisions of a claimed batch; answers the sends that were still ours.
pub(super) async fn write_decisions(
    tx: &mut Tx,
    lease: &str,
    decided: &[Decided<'_>],
    now: Millis,
    call_until: Millis,
) -> Result<HashSet<String>> {
    const COLUMNS: usize = 5;
    let mut ours = HashSet::new();
    for part in decided.chunks(batch::BINDS_MAX / COLUMNS) {
        let text = format!(
            "UPDATE delivery_sends SET state = v.column2, reason = v.column3,
                address_hash = v.column4, rendered_hash = v.column5, decided_at = $1,
                attempt = attempt + CASE WHEN v.column2 = 'attempting' THEN 1 ELSE 0 END,
                lease_until = CASE WHEN v.column2 = 'attempting' THEN $2 ELSE 0 END,
                finished_at = CASE WHEN v.column2 = 'attempting' THEN NULL ELSE $1 END,
                told = CASE WHEN v.column2 = 'attempting' THEN told ELSE 1 END
             FROM (VALUES {}) AS v
             WHERE delivery_sends.send_id = v.column1 AND delivery_sends.lease = $3
                AND delivery_sends.state = 'pending'
             RETURNING delivery_sends.send_id AS send_id",
            batch::rows(part.len(), COLUMNS, 3)
        );
        // Safe: the text holds nothing but placeholders.
        let mut query =
            sqlx::query_scalar(AssertSqlSafe(text)).bind(now).bind(call_until).bind(lease.to_owned());
        for one in part {
            query = query.bind(one.send_id.to_owned()).bind(one.state.as_str());
            query = query.bind(one.reason.map(str::to_owned));
            query = query.bind(one.address_hash.map(str::to_owned));
            query = query.bind(one.rendered_hash.map(str::to_owned));
        }
        let rows: Vec<String> = query.fetch_all(&mut **tx).await.map_err(db_error)?;
        ours.extend(rows);
    }
    Ok(ours)
}

/// Writes what came of tries; answers the sends that took it. One that a receipt
/// settled before our own result came keeps what the receipt said, and learns the
/// provider's id for the receipts that follow.
pub(super) async fn write_results(
    tx: &mut Tx,
    lease: &str,
    results: &[(String, Next)],
    now: Millis,
) -> Result<HashSet<String>> {
    const COLUMNS: usize = 6;
    let mut ours = HashSet::new();
    for part in results.chunks(batch::BINDS_MAX / COLUMNS) {
        let text = format!(
            "UPDATE delivery_sends SET state = v.column2, due_at = v.column3, bounced = v.column4,
                provider_id = v.column5, error = v.column6, lease = NULL, lease_until = 0,
                finished_at = CASE WHEN v.column2 = 'pending' THEN NULL ELSE $1 END,
                told = CASE WHEN v.column2 = 'pending' THEN 0 ELSE 1 END
             FROM (VALUES {}) AS v
             WHERE delivery_sends.send_id = v.column1 AND delivery_sends.lease = $2
                AND delivery_sends.state IN ('attempting', 'unknown')
             RETURNING delivery_sends.send_id AS send_id",
            batch::rows(part.len(), COLUMNS, 2)
        );
        // Safe: the text holds nothing but placeholders.
        let mut query = sqlx::query_scalar(AssertSqlSafe(text)).bind(now).bind(lease.to_owned());
        for (send_id, next) in part {
            query = query.bind(send_id.clone()).bind(next.state.as_str()).bind(next.due_at);
            query = query.bind(i64::from(next.bounced)).bind(next.provider_id.clone());
            // Providers repeat the address in their words.
            query = query.bind(next.error.as_deref().map(without_addresses));
        }
        let rows: Vec<String> = query.fetch_all(&mut **tx).await.map_err(db_error)?;
        ours.extend(rows);
    }
    for (send_id, next) in results.iter().filter(|(send_id, _)| !ours.contains(send_id)) {
        const NAME: &str = "UPDATE delivery_sends SET provider_id = $1
            WHERE send_id = $2 AND lease = $3 AND provider_id IS NULL";
        let Some(provider_id) = &next.provider_id else { continue };
        let name = sqlx::query(NAME).bind(provider_id.clone()).bind(send_id.clone()).bind(lease.to_owned());
        name.execute(&mut **tx).await.map_err(db_error)?;
    }
    Ok(ours)
}

/// Resolves intents without a result: for channels that recognise repetitions
/// another try, otherwise unknown. Only those whose lease ended before `before`.
pub(super) async fn resolve_lost(
    tx: &mut Tx,
    repeatable: &[&str],
    before: Millis,
    now: Millis,
) -> Result<u64> {
    let again = format!(
        "UPDATE delivery_sends SET state = 'pending', due_at = $1, lease = NULL, lease_until = 0
         WHERE state = 'attempting' AND lease_until < $2 AND attempt < $3 AND campaign IN
            (SELECT id FROM campaigns WHERE channel IN ({}))",
        batch::list(repeatable.len().max(1), 3)
    );
    // Safe: the text holds nothing but placeholders.
    let mut query = sqlx::query(AssertSqlSafe(again)).bind(now).bind(before).bind(super::rules::ATTEMPTS_MAX);
    for channel in repeatable {
        query = query.bind((*channel).to_owned());
    }
    if repeatable.is_empty() {
        query = query.bind("");
    }
    let again = query.execute(&mut **tx).await.map_err(db_error)?;
    // The lease stays written so that a late answer can still be recognised.
    const LOST: &str =
        "UPDATE delivery_sends SET state = 'unknown', finished_at = $1, lease_until = 0, told = 1,
            error = 'the answer was lost'
        WHERE state = 'attempting' AND lease_until < $2";
    let lost = sqlx::query(LOST).bind(now).bind(before).execute(&mut **tx).await.map_err(db_error)?;
    Ok(again.rows_affected() + lost.rows_affected())
}

/// Frees what was claimed but not decided, without waiting until the claims end: for the
/// start of the only process there is.
pub(super) async fn free_claims(tx: &mut Tx) -> Result<()> {
    const FREE: &str = "UPDATE delivery_sends SET lease = NULL, lease_until = 0
        WHERE state = 'pending' AND lease_until > 0";
    sqlx::query(FREE).execute(&mut **tx).await.map_err(db_error)?;
    Ok(())
}

/// Ended sends whose event is not written yet.
pub(super) async fn untold(db: &Db, limit: i64) -> Result<Vec<SendRow>> {
    let rows = sqlx::query("SELECT * FROM delivery_sends WHERE told = 1 ORDER BY project LIMIT $1")
        .bind(limit)
        .fetch_all(db.read())
        .await
        .map_err(db_error)?;
    rows.iter().map(send_row).collect::<Result<_, sqlx::Error>>().map_err(db_error)
}

/// Notes that the events are written, unless the send changed since they were read.
pub(super) async fn mark_told(tx: &mut Tx, sends: &[SendRow]) -> Result<()> {
    const COLUMNS: usize = 2;
    for part in sends.chunks(batch::BINDS_MAX / COLUMNS) {
        let text = format!(
            "UPDATE delivery_sends SET told = 2 FROM (VALUES {}) AS v
             WHERE delivery_sends.send_id = v.column1 AND delivery_sends.state = v.column2",
            batch::rows(part.len(), COLUMNS, 0)
        );
        // Safe: the text holds nothing but placeholders.
        let mut query = sqlx::query(AssertSqlSafe(text));
        for send in part {
            query = query.bind(send.send_id.clone()).bind(send.state.as_str());
        }
        query.execute(&mut **tx).await.map_err(db_error)?;
    }
    Ok(())
}

/// Ends everything that waits. Answers how many there were.
pub(crate) async fn cancel_waiting(tx: &mut Tx, campaign: i64, now: Millis) -> Result<u64> {
    const SQL: &str = "UPDATE delivery_sends SET state = 'cancelled', finished_at = $1
        WHERE campaign = $2 AND state = 'pending'";
    let ended = sqlx::query(SQL).bind(now).bind(campaign).execute(&mut **tx).await.map_err(db_error)?;
    Ok(ended.rows_affected())
}

/// Whether anything of the campaign waits or is under way.
pub(crate) async fn is_open(tx: &mut Tx, campaign: i64) -> Result<bool> {
    const SQL: &str = "SELECT send_id FROM delivery_sends
        WHERE campaign = $1 AND state IN ('pending', 'attempting') LIMIT 1";
    let open = sqlx::query(SQL).bind(campaign).fetch_optional(&mut **tx).await.map_err(db_error)?;
    Ok(open.is_some())
}

/// Whether the campaign's sends may go out, as of this transaction.
pub(super) async fn is_running(tx: &mut Tx, campaign: i64) -> Result<bool> {
    let row = sqlx::query("SELECT id FROM campaigns WHERE id = $1 AND state = 'running'").bind(campaign);
    Ok(row.fetch_optional(&mut **tx).await.map_err(db_error)?.is_some())
}

/// Frees what is claimed and not decided.
pub(super) async fn give_back(tx: &mut Tx, campaign: i64, lease: &str) -> Result<()> {
    const SQL: &str = "UPDATE delivery_sends SET lease = NULL, lease_until = 0
        WHERE campaign = $1 AND state = 'pending' AND lease = $2";
    let given = sqlx::query(SQL).bind(campaign).bind(lease.to_owned());
    given.execute(&mut **tx).await.map_err(db_error)?;
    Ok(())
}

/// Campaigns whose sends may go out.
pub(super) async fn running(db: &Db) -> Result<Vec<(ProjectId, i64)>> {
    let rows = sqlx::query("SELECT project, id FROM campaigns WHERE state = 'running' ORDER BY id")
        .fetch_all(db.read())
        .await
        .map_err(db_error)?;
    rows.iter()
        .map(|row| {
            let project = ProjectId(row.try_get("project").map_err(db_error)?);
            Ok((project, row.try_get("id").map_err(db_error)?))
        })
        .collect()
}

pub(crate) fn send_row(row: &AnyRow) -> Result<SendRow, sqlx::Error> {
    let state: String = row.try_get("state")?;
    Ok(SendRow {
        send_id: row.try_get("send_id")?,
        project: ProjectId(row.try_get("project")?),
        campaign: row.try_get("campaign")?,
        person: row.try_get::<i64, _>("person")? as u32,
        arm: Arm::from_number(row.try_get("arm")?),
        state: SendState::parse(&state)
            .ok_or_else(|| sqlx::Error::Decode(format!("unknown state {state}").into()))?,
        reason: row.try_get("reason")?,
        attempt: row.try_get("attempt")?,
        due_at: row.try_get("due_at")?,
        provider_id: row.try_get("provider_id")?,
        error: row.try_get("error")?,
        decided_at: row.try_get("decided_at")?,
        finished_at: row.try_get("finished_at")?,
        bounce: Bounce::from_number(row.try_get("bounced")?),
        delivered_at: row.try_get("delivered_at")?,
    })
}

/// Sends of a campaign by person, numbers above `after`.
pub(crate) async fn of_campaign(
    db: &Db,
    campaign: i64,
    state: Option<SendState>,
    after: i64,
    limit: i64,
) -> Result<Vec<SendRow>> {
    const ALL: &str = "SELECT * FROM delivery_sends WHERE campaign = $1 AND person > $2
        ORDER BY person LIMIT $3";
    const SOME: &str = "SELECT * FROM delivery_sends WHERE campaign = $1 AND person > $2 AND state = $4
        ORDER BY person LIMIT $3";
    let query = sqlx::query(if state.is_some() { SOME } else { ALL }).bind(campaign).bind(after).bind(limit);
    let query = match state {
        Some(state) => query.bind(state.as_str()),
        None => query,
    };
    let rows = query.fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(send_row).collect::<Result<_, sqlx::Error>>().map_err(db_error)
}

/// Sends to any of these numbers, the latest campaign first.
pub(crate) async fn of_people(
    db: &Db,
    project: ProjectId,
    numbers: &[u32],
    limit: i64,
) -> Result<Vec<SendRow>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT * FROM delivery_sends WHERE project = $1 AND person IN ({}) ORDER BY campaign DESC LIMIT $2",
        batch::list(numbers.len(), 2)
    );
    // Safe: the text holds nothing but placeholders.
    let mut query = sqlx::query(AssertSqlSafe(text)).bind(project.0).bind(limit);
    for number in numbers {
        query = query.bind(i64::from(*number));
    }
    let rows = query.fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(send_row).collect::<Result<_, sqlx::Error>>().map_err(db_error)
}
