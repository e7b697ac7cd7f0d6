//! SQL of the job queue.

use serde_json::Value;
use siyu_types::clock::Millis;
use siyu_types::{Error, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Job, JobState, LEASE_MILLIS, NewJob};
use crate::{Backend, Db, Tx, db_error, next_id};

pub(super) async fn enqueue(tx: &mut Tx, job: &NewJob, now: Millis) -> Result<i64> {
    const WAITING: &str = "SELECT id FROM jobs
        WHERE project = $1 AND kind = $2 AND dedupe = $3 AND state = 'queued'";
    const INSERT: &str = "INSERT INTO jobs (id, project, kind, params, dedupe, state, attempts, due_at,
            lease_until, cancel, done, total, note, created_at)
        VALUES ($1, $2, $3, $4, $5, 'queued', 0, $6, 0, 0, 0, 0, '', $7)";
    if let Some(dedupe) = &job.dedupe {
        let waiting: Option<i64> = sqlx::query_scalar(WAITING)
            .bind(job.project.0)
            .bind(job.kind)
            .bind(dedupe)
            .fetch_optional(&mut **tx)
            .await
            .map_err(db_error)?;
        if let Some(id) = waiting {
            return Ok(id);
        }
    }
    let id = next_id(tx, "jobs").await?;
    sqlx::query(INSERT)
        .bind(id)
        .bind(job.project.0)
        .bind(job.kind)
        .bind(job.params.to_string())
        .bind(job.dedupe.clone())
        .bind(job.due_at)
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(id)
}

pub(super) async fn get(db: &Db, project: ProjectId, id: i64) -> Result<Job> {
    let row = sqlx::query("SELECT * FROM jobs WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .fetch_optional(db.read())
        .await
        .map_err(db_error)?;
    job(&row.ok_or_else(|| Error::not_found("job", id))?).map_err(db_error)
}

pub(super) async fn list(db: &Db, project: ProjectId, before: Option<i64>, limit: i64) -> Result<Vec<Job>> {
    let rows = sqlx::query("SELECT * FROM jobs WHERE project = $1 AND id < $2 ORDER BY id DESC LIMIT $3")
        .bind(project.0)
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(db.read())
        .await
        .map_err(db_error)?;
    rows.iter().map(job).collect::<Result<_, _>>().map_err(db_error)
}

pub(super) async fn cancel(tx: &mut Tx, project: ProjectId, id: i64, now: Millis) -> Result<()> {
    const WAITING: &str = "UPDATE jobs SET state = 'cancelled', cancel = 1, finished_at = $3
        WHERE project = $1 AND id = $2 AND state = 'queued'";
    const RUNNING: &str = "UPDATE jobs SET cancel = 1
        WHERE project = $1 AND id = $2 AND state = 'running'";
    sqlx::query(WAITING).bind(project.0).bind(id).bind(now).execute(&mut **tx).await.map_err(db_error)?;
    sqlx::query(RUNNING).bind(project.0).bind(id).execute(&mut **tx).await.map_err(db_error)?;
    Ok(())
}

/// Takes the job that has been due longest, if any. A job whose lease ran out is
/// taken as well; the number of attempts says so.
pub(super) async fn claim(db: &Db, now: Millis) -> Result<Option<Job>> {
    const DUE: &str = "SELECT * FROM jobs
        WHERE (state = 'queued' AND due_at <= $1) OR (state = 'running' AND lease_until < $1)
        ORDER BY due_at, id LIMIT 1";
    // Another process may have been faster: the row must still be as it was read.
    const TAKE: &str = "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $2
        WHERE id = $1 AND state = $3 AND attempts = $4";
    loop {
        let mut tx = db.begin().await?;
        let due = sqlx::query(DUE).bind(now).fetch_optional(&mut *tx).await.map_err(db_error)?;
        let Some(row) = due else { return Ok(None) };
        let mut job = job(&row).map_err(db_error)?;
        let taken = sqlx::query(TAKE)
            .bind(job.id)
            .bind(now + LEASE_MILLIS)
            .bind(job.state.as_str())
            .bind(job.attempts)
            .execute(&mut *tx)
            .await
            .map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        if taken.rows_affected() == 1 {
            job.state = JobState::Running;
            job.attempts += 1;
            return Ok(Some(job));
        }
    }
}

/// What a running job reports; `None` leaves the numbers and only renews the lease.
pub(super) struct Progress<'a> {
    pub(super) done: i64,
    pub(super) total: i64,
    pub(super) note: &'a str,
}

/// Renews the lease and answers whether the job should go on: false if it was
/// cancelled, or taken over by another worker.
pub(super) async fn renew(db: &Db, job: &Job, now: Millis, progress: Option<Progress<'_>>) -> Result<bool> {
    const RENEW: &str = "UPDATE jobs SET lease_until = $3
        WHERE id = $1 AND attempts = $2 AND state = 'running' RETURNING cancel";
    const REPORT: &str = "UPDATE jobs SET lease_until = $3, done = $4, total = $5, note = $6
        WHERE id = $1 AND attempts = $2 AND state = 'running' RETURNING cancel";
    let mut tx = db.begin().await?;
    let query = sqlx::query_scalar(if progress.is_some() { REPORT } else { RENEW })
        .bind(job.id)
        .bind(job.attempts)
        .bind(now + LEASE_MILLIS);
    let query = match progress {
        Some(Progress { done, total, note }) => query.bind(done).bind(total).bind(note.to_owned()),
        None => query,
    };
    let cancel: Option<i64> = query.fetch_optional(&mut *tx).await.map_err(db_error)?;
    tx.commit().await.map_err(db_error)?;
    Ok(cancel == Some(0))
}

/// How a run ended.
pub(super) enum End {
    Done(Value),
    Cancelled,
    Failed(Error),
}

/// Writes the end of a run, or queues the next attempt, `wait` milliseconds from now if there may be
/// one. Does nothing if another worker took the job over.
pub(super) async fn finish(db: &Db, job: &Job, end: End, wait: Option<Millis>, now: Millis) -> Result<()> {
    const END: &str = "UPDATE jobs SET state = $3, error = $4, result = $5, finished_at = $6
        WHERE id = $1 AND attempts = $2 AND state = 'running'";
    // A newer waiting job with the same key makes another attempt pointless.
    const AGAIN: &str = "UPDATE jobs SET state = 'queued', error = $3, due_at = $4
        WHERE id = $1 AND attempts = $2 AND state = 'running' AND NOT EXISTS (
            SELECT 1 FROM jobs other WHERE other.project = jobs.project AND other.kind = jobs.kind
                AND other.dedupe = jobs.dedupe AND other.state = 'queued')";
    let mut tx = db.begin().await?;
    let (state, error, result) = match &end {
        End::Done(result) => (JobState::Done, None, Some(result.to_string())),
        End::Cancelled => (JobState::Cancelled, None, None),
        End::Failed(error) => (JobState::Failed, Some(error.to_string()), None),
    };
    if let End::Failed(cause) = &end
        && may_pass(cause)
        && let Some(wait) = wait
    {
        let queued = sqlx::query(AGAIN)
            .bind(job.id)
            .bind(job.attempts)
            .bind(error.clone())
            .bind(now + wait)
            .execute(&mut *tx)
            .await
            .map_err(db_error)?;
        if queued.rows_affected() == 1 {
            return tx.commit().await.map_err(db_error);
        }
    }
    sqlx::query(END)
        .bind(job.id)
        .bind(job.attempts)
        .bind(state.as_str())
        .bind(error)
        .bind(result)
        .bind(now)
        .execute(&mut *tx)
        .await
        .map_err(db_error)?;
    tx.commit().await.map_err(db_error)
}

fn may_pass(error: &Error) -> bool {
    error.code.retryable() || error.code == siyu_types::ErrorCode::Internal
}

pub(super) async fn recover(db: &Db, now: Millis) -> Result<u64> {
    // Lets the lease end now, so that the next claim takes the job.
    const EXPIRE: &str = "UPDATE jobs SET lease_until = 0 WHERE state = 'running' AND lease_until < $1";
    let before = match db.backend() {
        Backend::Sqlite => i64::MAX,
        Backend::Postgres => now,
    };
    let mut tx = db.begin().await?;
    let expired = sqlx::query(EXPIRE).bind(before).execute(&mut *tx).await.map_err(db_error)?;
    tx.commit().await.map_err(db_error)?;
    Ok(expired.rows_affected())
}

pub(super) async fn depth(db: &Db) -> Result<i64> {
    sqlx::query_scalar("SELECT COUNT(*) FROM jobs WHERE state = 'queued' OR state = 'running'")
        .fetch_one(db.read())
        .await
        .map_err(db_error)
}

fn job(row: &AnyRow) -> Result<Job, sqlx::Error> {
    let json = |text: String| serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(Job {
        id: row.try_get("id")?,
        project: ProjectId(row.try_get("project")?),
        kind: row.try_get("kind")?,
        params: json(row.try_get("params")?),
        state: JobState::parse(&row.try_get::<String, _>("state")?)
            .ok_or_else(|| sqlx::Error::Decode("unknown job state".into()))?,
        attempts: row.try_get("attempts")?,
        cancel: row.try_get::<i64, _>("cancel")? != 0,
        done: row.try_get("done")?,
        total: row.try_get("total")?,
        note: row.try_get("note")?,
        error: row.try_get("error")?,
        result: row.try_get::<Option<String>, _>("result")?.map(json),
        created_at: row.try_get("created_at")?,
        finished_at: row.try_get("finished_at")?,
    })
}
