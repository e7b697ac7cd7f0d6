//! SQL of expectations and alerts.

use siyu_db::{Db, Tx, db_error, maybe_double, next_id};
use siyu_types::clock::Millis;
use siyu_types::{Error, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::model::{Alert, Rule, RuleDraft, RuleKind, RuleState, Verdict};

/// Alerts shown at once; older ones stay in the audit.
const ALERTS_SHOWN: i64 = 100;

pub async fn rules(db: &Db, project: ProjectId) -> Result<Vec<Rule>> {
    let rows = sqlx::query("SELECT * FROM quality_rules WHERE project = $1 ORDER BY id")
        .bind(project.0)
        .fetch_all(db.read())
        .await;
    rows.map_err(db_error)?.iter().map(rule).collect::<Result<_, _>>().map_err(db_error)
}

pub async fn insert(tx: &mut Tx, project: ProjectId, draft: &RuleDraft, now: Millis) -> Result<i64> {
    const INSERT: &str = "INSERT INTO quality_rules
        (id, project, source, event, kind, threshold, enabled, created_at, state)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let id = next_id(tx, "quality_rules").await?;
    sqlx::query(INSERT)
        .bind(id)
        .bind(project.0)
        .bind(draft.source.clone())
        .bind(draft.event.clone())
        .bind(draft.kind.as_str())
        .bind(draft.threshold)
        .bind(i64::from(draft.enabled))
        .bind(now)
        .bind(RuleState::Pending.as_str())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(id)
}

/// A changed rule has not been looked at.
pub async fn update(tx: &mut Tx, project: ProjectId, id: i64, draft: &RuleDraft) -> Result<()> {
    const UPDATE: &str = "UPDATE quality_rules SET source = $3, event = $4, kind = $5, threshold = $6,
        enabled = $7, state = $8, observed = NULL, expected = NULL, checked_at = NULL
        WHERE project = $1 AND id = $2";
    let updated = sqlx::query(UPDATE)
        .bind(project.0)
        .bind(id)
        .bind(draft.source.clone())
        .bind(draft.event.clone())
        .bind(draft.kind.as_str())
        .bind(draft.threshold)
        .bind(i64::from(draft.enabled))
        .bind(RuleState::Pending.as_str())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    found(updated.rows_affected(), id)
}

pub async fn remove(tx: &mut Tx, project: ProjectId, id: i64) -> Result<()> {
    let removed = sqlx::query("DELETE FROM quality_rules WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    found(removed.rows_affected(), id)
}

fn found(rows: u64, id: i64) -> Result<()> {
    if rows == 0 { Err(Error::not_found("quality rule", id)) } else { Ok(()) }
}

/// Notes what a rule found; false if it was changed or removed meanwhile.
pub async fn note(
    tx: &mut Tx,
    project: ProjectId,
    before: &Rule,
    verdict: Verdict,
    now: Millis,
) -> Result<bool> {
    const UPDATE: &str = "UPDATE quality_rules SET state = $3, observed = CAST($4 AS DOUBLE PRECISION),
            expected = CAST($5 AS DOUBLE PRECISION), checked_at = $6
        WHERE project = $1 AND id = $2 AND state = $7";
    let noted = sqlx::query(UPDATE)
        .bind(project.0)
        .bind(before.id)
        .bind(verdict.state.as_str())
        .bind(maybe_double(verdict.observed))
        .bind(maybe_double(verdict.expected))
        .bind(now)
        .bind(before.verdict.state.as_str())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(noted.rows_affected() > 0)
}

pub async fn open_alert(
    tx: &mut Tx,
    project: ProjectId,
    rule: &Rule,
    found: Verdict,
    now: Millis,
) -> Result<i64> {
    const INSERT: &str = "INSERT INTO quality_alerts
        (id, project, rule, source, event, kind, threshold, started_at, observed, expected)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CAST($9 AS DOUBLE PRECISION), CAST($10 AS DOUBLE PRECISION))";
    let id = next_id(tx, "quality_alerts").await?;
    sqlx::query(INSERT)
        .bind(id)
        .bind(project.0)
        .bind(rule.id)
        .bind(rule.draft.source.clone())
        .bind(rule.draft.event.clone())
        .bind(rule.draft.kind.as_str())
        .bind(rule.draft.threshold)
        .bind(now)
        .bind(maybe_double(found.observed))
        .bind(maybe_double(found.expected))
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(id)
}

/// Ends the alerts of a rule that last.
pub async fn end_alerts(tx: &mut Tx, project: ProjectId, rule: i64, now: Millis) -> Result<u64> {
    const UPDATE: &str =
        "UPDATE quality_alerts SET ended_at = $3 WHERE project = $1 AND rule = $2 AND ended_at IS NULL";
    let ended = sqlx::query(UPDATE).bind(project.0).bind(rule).bind(now).execute(&mut **tx).await;
    Ok(ended.map_err(db_error)?.rows_affected())
}

/// Newest first.
pub async fn alerts(db: &Db, project: ProjectId, open: bool) -> Result<Vec<Alert>> {
    const ALL: &str = "SELECT * FROM quality_alerts WHERE project = $1 ORDER BY id DESC LIMIT $2";
    const OPEN: &str =
        "SELECT * FROM quality_alerts WHERE project = $1 AND ended_at IS NULL ORDER BY id DESC LIMIT $2";
    let text = if open { OPEN } else { ALL };
    let rows = sqlx::query(text).bind(project.0).bind(ALERTS_SHOWN).fetch_all(db.read()).await;
    rows.map_err(db_error)?.iter().map(alert).collect::<Result<_, _>>().map_err(db_error)
}

fn draft(row: &AnyRow, enabled: bool) -> Result<RuleDraft, sqlx::Error> {
    let kind = RuleKind::parse(&row.try_get::<String, _>("kind")?);
    Ok(RuleDraft {
        source: row.try_get("source")?,
        event: row.try_get("event")?,
        kind: kind.ok_or_else(|| sqlx::Error::Decode("unknown kind of rule".into()))?,
        threshold: row.try_get("threshold")?,
        enabled,
    })
}

fn rule(row: &AnyRow) -> Result<Rule, sqlx::Error> {
    let state = RuleState::parse(&row.try_get::<String, _>("state")?);
    Ok(Rule {
        id: row.try_get("id")?,
        draft: draft(row, row.try_get::<i64, _>("enabled")? != 0)?,
        created_at: row.try_get("created_at")?,
        checked_at: row.try_get("checked_at")?,
        verdict: Verdict {
            state: state.ok_or_else(|| sqlx::Error::Decode("unknown state of a rule".into()))?,
            observed: row.try_get("observed")?,
            expected: row.try_get("expected")?,
        },
    })
}

fn alert(row: &AnyRow) -> Result<Alert, sqlx::Error> {
    Ok(Alert {
        id: row.try_get("id")?,
        rule: row.try_get("rule")?,
        draft: draft(row, true)?,
        started_at: row.try_get("started_at")?,
        ended_at: row.try_get("ended_at")?,
        observed: row.try_get("observed")?,
        expected: row.try_get("expected")?,
    })
}
