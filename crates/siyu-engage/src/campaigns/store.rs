//! SQL of campaigns.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roaring::RoaringBitmap;
use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::ProjectId;
use siyu_types::clock::Millis;
use siyu_types::error::{Error, Result};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::model::{Campaign, CampaignState, SendCounts};
use super::rules::Draft;
use crate::batch;

const ONE: &str = "SELECT * FROM campaigns WHERE project = $1 AND id = $2";

pub(crate) async fn get(db: &Db, project: ProjectId, id: i64) -> Result<Campaign> {
    let query = sqlx::query(ONE).bind(project.0).bind(id);
    let row = query.fetch_optional(db.read()).await.map_err(db_error)?;
    campaign(&row.ok_or_else(|| Error::not_found("campaign", id))?)
}

/// As [`get`], within a transaction that may change it.
pub(super) async fn get_in(tx: &mut Tx, project: ProjectId, id: i64) -> Result<Campaign> {
    let query = sqlx::query(ONE).bind(project.0).bind(id);
    let row = query.fetch_optional(&mut **tx).await.map_err(db_error)?;
    campaign(&row.ok_or_else(|| Error::not_found("campaign", id))?)
}

/// The channel of a campaign, within a transaction.
pub(crate) async fn channel_in(tx: &mut Tx, id: i64) -> Result<String> {
    let query = sqlx::query_scalar("SELECT channel FROM campaigns WHERE id = $1").bind(id);
    let channel: Option<String> = query.fetch_optional(&mut **tx).await.map_err(db_error)?;
    channel.ok_or_else(|| Error::not_found("campaign", id))
}

/// The purpose of a campaign, within a transaction.
pub(crate) async fn purpose_in(tx: &mut Tx, id: i64) -> Result<String> {
    let query = sqlx::query_scalar("SELECT purpose FROM campaigns WHERE id = $1").bind(id);
    let purpose: Option<String> = query.fetch_optional(&mut **tx).await.map_err(db_error)?;
    purpose.ok_or_else(|| Error::not_found("campaign", id))
}

/// Newest first, ids below `before`.
pub(super) async fn list(
    db: &Db,
    project: ProjectId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Campaign>> {
    let rows =
        sqlx::query("SELECT * FROM campaigns WHERE project = $1 AND id < $2 ORDER BY id DESC LIMIT $3")
            .bind(project.0)
            .bind(before.unwrap_or(i64::MAX))
            .bind(limit)
            .fetch_all(db.read())
            .await
            .map_err(db_error)?;
    rows.iter().map(campaign).collect()
}

pub(crate) async fn create(tx: &mut Tx, project: ProjectId, draft: &Draft, now: Millis) -> Result<i64> {
    const SQL: &str = "INSERT INTO campaigns (id, project, name, state, channel, segment, content,
            control_percent, goal, chosen, expanded, created_at, updated_at, purpose, automated)
        VALUES ($1, $2, $3, 'draft', $4, $5, $6, $7, $8, 0, 0, $9, $9, $10, $11)";
    let id = next_id(tx, "campaigns").await?;
    sqlx::query(SQL)
        .bind(id)
        .bind(project.0)
        .bind(draft.name.clone())
        .bind(draft.channel.clone())
        .bind(draft.segment)
        .bind(json(&draft.content)?)
        .bind(draft.control_percent)
        .bind(draft.goal.as_ref().map(json).transpose()?)
        .bind(now)
        .bind(draft.purpose.clone())
        .bind(i64::from(draft.automated))
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(id)
}

/// Changes a draft. Nothing happens to a campaign that is no draft any more.
pub(super) async fn update(
    tx: &mut Tx,
    project: ProjectId,
    id: i64,
    draft: &Draft,
    now: Millis,
) -> Result<()> {
    const SQL: &str = "UPDATE campaigns SET name = $1, channel = $2, segment = $3, content = $4,
            control_percent = $5, goal = $6, updated_at = $7, purpose = $8, automated = $9
        WHERE project = $10 AND id = $11 AND state = 'draft'";
    sqlx::query(SQL)
        .bind(draft.name.clone())
        .bind(draft.channel.clone())
        .bind(draft.segment)
        .bind(json(&draft.content)?)
        .bind(draft.control_percent)
        .bind(draft.goal.as_ref().map(json).transpose()?)
        .bind(now)
        .bind(draft.purpose.clone())
        .bind(i64::from(draft.automated))
        .bind(project.0)
        .bind(id)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, project: ProjectId, id: i64) -> Result<()> {
    sqlx::query("DELETE FROM campaigns WHERE project = $1 AND id = $2 AND state = 'draft'")
        .bind(project.0)
        .bind(id)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Moves a campaign from one state to another; false if it was not in `from`.
pub(super) async fn change_state(
    tx: &mut Tx,
    id: i64,
    from: CampaignState,
    to: CampaignState,
    now: Millis,
) -> Result<bool> {
    const SQL: &str = "UPDATE campaigns SET state = $1, updated_at = $2,
            finished_at = CASE WHEN $1 IN ('finished', 'cancelled') THEN $2 ELSE finished_at END
        WHERE id = $3 AND state = $4";
    let changed = sqlx::query(SQL)
        .bind(to.as_str())
        .bind(now)
        .bind(id)
        .bind(from.as_str())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(changed.rows_affected() == 1)
}

pub(crate) async fn pause(tx: &mut Tx, id: i64, now: Millis) -> Result<bool> {
    change_state(tx, id, CampaignState::Running, CampaignState::Paused, now).await
}

/// Ends a running campaign whose audience is expanded and of which nothing waits.
pub(crate) async fn finish_if_done(tx: &mut Tx, id: i64, now: Millis) -> Result<bool> {
    const DONE: &str = "SELECT id FROM campaigns WHERE id = $1 AND state = 'running' AND expanded >= chosen";
    let done = sqlx::query(DONE).bind(id).fetch_optional(&mut **tx).await.map_err(db_error)?;
    if done.is_none() || crate::delivery::is_open(tx, id).await? {
        return Ok(false);
    }
    change_state(tx, id, CampaignState::Running, CampaignState::Finished, now).await
}

/// Keeps the frozen audience and marks the start.
pub(super) async fn start(
    tx: &mut Tx,
    id: i64,
    members: &RoaringBitmap,
    automated: bool,
    now: Millis,
) -> Result<()> {
    let mut bytes = Vec::with_capacity(members.serialized_size());
    members.serialize_into(&mut bytes)?;
    sqlx::query("INSERT INTO campaign_audiences (campaign, members) VALUES ($1, $2)")
        .bind(id)
        .bind(STANDARD.encode(bytes))
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    sqlx::query("UPDATE campaigns SET chosen = $1, started_at = $2, automated = $3 WHERE id = $4")
        .bind(members.len() as i64)
        .bind(now)
        .bind(i64::from(automated))
        .bind(id)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(crate) async fn audience(db: &Db, id: i64) -> Result<RoaringBitmap> {
    let text: Option<String> =
        sqlx::query_scalar("SELECT members FROM campaign_audiences WHERE campaign = $1")
            .bind(id)
            .fetch_optional(db.read())
            .await
            .map_err(db_error)?;
    let bytes = STANDARD.decode(text.unwrap_or_default()).map_err(Error::internal)?;
    if bytes.is_empty() {
        return Ok(RoaringBitmap::new());
    }
    RoaringBitmap::deserialize_from(&bytes[..]).map_err(Error::from)
}

pub(super) async fn set_expanded(tx: &mut Tx, id: i64, expanded: u64) -> Result<()> {
    sqlx::query("UPDATE campaigns SET expanded = $1 WHERE id = $2")
        .bind(expanded as i64)
        .bind(id)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Counts of many campaigns in one read; campaigns without sends are absent.
pub(super) async fn counts(db: &Db, ids: &[i64]) -> Result<HashMap<i64, SendCounts>> {
    let mut found: HashMap<i64, SendCounts> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let text = format!(
        "SELECT campaign, state, COUNT(*) AS sends FROM delivery_sends WHERE campaign IN ({})
         GROUP BY campaign, state",
        batch::list(ids.len(), 0)
    );
    // Safe: the text holds nothing but placeholders.
    let mut query = sqlx::query(AssertSqlSafe(text));
    for id in ids {
        query = query.bind(*id);
    }
    for row in query.fetch_all(db.read()).await.map_err(db_error)? {
        let campaign: i64 = row.try_get("campaign").map_err(db_error)?;
        let state: String = row.try_get("state").map_err(db_error)?;
        let sends = row.try_get::<i64, _>("sends").map_err(db_error)? as u64;
        let counts = found.entry(campaign).or_default();
        match state.as_str() {
            "sent" => counts.sent += sends,
            "failed" => counts.failed += sends,
            "unknown" => counts.unknown += sends,
            "suppressed" => counts.suppressed += sends,
            "withheld" => counts.control += sends,
            "cancelled" => counts.cancelled += sends,
            _ => counts.pending += sends,
        }
    }
    Ok(found)
}

fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

fn campaign(row: &AnyRow) -> Result<Campaign> {
    let read = || -> Result<Campaign, sqlx::Error> {
        let damaged = |error: serde_json::Error| sqlx::Error::Decode(error.into());
        let state: String = row.try_get("state")?;
        let content: String = row.try_get("content")?;
        let goal: Option<String> = row.try_get("goal")?;
        Ok(Campaign {
            id: row.try_get("id")?,
            project: ProjectId(row.try_get("project")?),
            name: row.try_get("name")?,
            state: CampaignState::parse(&state)
                .ok_or_else(|| sqlx::Error::Decode(format!("unknown state {state}").into()))?,
            channel: row.try_get("channel")?,
            segment: row.try_get("segment")?,
            content: serde_json::from_str(&content).map_err(damaged)?,
            control_percent: row.try_get("control_percent")?,
            goal: goal.map(|text| serde_json::from_str(&text)).transpose().map_err(damaged)?,
            purpose: row.try_get("purpose")?,
            automated: row.try_get::<i64, _>("automated")? == 1,
            chosen: row.try_get::<i64, _>("chosen")? as u64,
            expanded: row.try_get::<i64, _>("expanded")? as u64,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
            started_at: row.try_get("started_at")?,
            finished_at: row.try_get("finished_at")?,
        })
    };
    read().map_err(db_error)
}

/// Unfinished campaigns that name a segment, as shown to people.
pub(crate) async fn users_of(db: &Db, project: ProjectId, segment: i64) -> Result<Vec<String>> {
    const SQL: &str = "SELECT name FROM campaigns WHERE project = $1 AND segment = $2
        AND state IN ('draft', 'running', 'paused') ORDER BY id LIMIT 20";
    let names: Vec<String> =
        sqlx::query_scalar(SQL).bind(project.0).bind(segment).fetch_all(db.read()).await.map_err(db_error)?;
    Ok(names.into_iter().map(|name| format!("campaign:{name}")).collect())
}
