//! SQL of imports.

use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::{Error, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::run::RowError;

/// One import, without the state of its job.
#[derive(Clone, PartialEq, Debug)]
pub struct ImportRow {
    pub id: i64,
    pub project: ProjectId,
    pub job: i64,
    pub name: String,
    pub kind: String,
    /// As JSON.
    pub mapping: String,
    pub bytes: i64,
    pub rows: i64,
    pub accepted: i64,
    pub rejected: i64,
    pub finished: bool,
    pub created_at: Millis,
    /// The upload it reads; none of imports from before uploads were kept.
    pub upload: Option<i64>,
    /// One that only looks.
    pub dry_run: bool,
    /// An [`super::ImportPosition`], as JSON.
    pub position: Option<String>,
    /// An [`super::jobs::Outcome`], as JSON.
    pub outcome: Option<String>,
}

/// A refused row as it is kept.
#[derive(Clone, PartialEq, Debug)]
pub struct ErrorRow {
    pub row: i64,
    pub column: Option<String>,
    pub code: String,
}

pub async fn id(tx: &mut Tx) -> Result<i64> {
    next_id(tx, "imports").await
}

pub async fn insert(tx: &mut Tx, import: &ImportRow) -> Result<()> {
    const INSERT: &str = "INSERT INTO imports (id, project, job, name, kind, mapping, bytes, rows_read,
            rows_accepted, rows_rejected, finished, created_at, upload, dry_run)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0, $8, $9, $10)";
    sqlx::query(INSERT)
        .bind(import.id)
        .bind(import.project.0)
        .bind(import.job)
        .bind(import.name.clone())
        .bind(import.kind.clone())
        .bind(import.mapping.clone())
        .bind(import.bytes)
        .bind(import.created_at)
        .bind(import.upload)
        .bind(i64::from(import.dry_run))
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub async fn get(db: &Db, project: ProjectId, id: i64) -> Result<ImportRow> {
    let found = sqlx::query("SELECT * FROM imports WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .fetch_optional(db.read())
        .await
        .map_err(db_error)?;
    row(&found.ok_or_else(|| Error::not_found("import", id))?).map_err(db_error)
}

/// Project and job of an import.
pub async fn job(db: &Db, id: i64) -> Result<Option<(ProjectId, i64)>> {
    let found = sqlx::query("SELECT project, job FROM imports WHERE id = $1")
        .bind(id)
        .fetch_optional(db.read())
        .await;
    let pair = |row: AnyRow| Ok((ProjectId(row.try_get("project")?), row.try_get("job")?));
    found.map_err(db_error)?.map(pair).transpose().map_err(db_error)
}

/// When an import was made.
pub async fn created_at(db: &Db, id: i64) -> Result<Option<Millis>> {
    sqlx::query_scalar("SELECT created_at FROM imports WHERE id = $1")
        .bind(id)
        .fetch_optional(db.read())
        .await
        .map_err(db_error)
}

/// Projects and jobs of the imports that read an upload.
pub async fn jobs_of(db: &Db, upload: i64) -> Result<Vec<(ProjectId, i64)>> {
    let rows = sqlx::query("SELECT project, job FROM imports WHERE upload = $1")
        .bind(upload)
        .fetch_all(db.read())
        .await
        .map_err(db_error)?;
    let pair = |row: &AnyRow| Ok((ProjectId(row.try_get("project")?), row.try_get("job")?));
    rows.iter().map(pair).collect::<Result<_, sqlx::Error>>().map_err(db_error)
}

/// Jobs of the imports of an upload that do more than look.
pub async fn real_jobs_of(tx: &mut Tx, upload: i64) -> Result<Vec<i64>> {
    sqlx::query_scalar("SELECT job FROM imports WHERE upload = $1 AND dry_run = 0")
        .bind(upload)
        .fetch_all(&mut **tx)
        .await
        .map_err(db_error)
}

/// Newest first, ids below `before`.
pub async fn list(db: &Db, project: ProjectId, before: i64, limit: i64) -> Result<Vec<ImportRow>> {
    let rows = sqlx::query("SELECT * FROM imports WHERE project = $1 AND id < $2 ORDER BY id DESC LIMIT $3")
        .bind(project.0)
        .bind(before)
        .bind(limit)
        .fetch_all(db.read())
        .await;
    rows.map_err(db_error)?.iter().map(row).collect::<Result<_, _>>().map_err(db_error)
}

/// Writes how far it is.
pub async fn progress(db: &Db, id: i64, numbers: Numbers, position: &str) -> Result<()> {
    const PROGRESS: &str =
        "UPDATE imports SET rows_read = $2, rows_accepted = $3, rows_rejected = $4, position = $5
        WHERE id = $1 AND finished = 0";
    let mut tx = db.begin().await?;
    sqlx::query(PROGRESS)
        .bind(id)
        .bind(numbers.rows)
        .bind(numbers.accepted)
        .bind(numbers.rejected)
        .bind(position.to_owned())
        .execute(&mut *tx)
        .await
        .map_err(db_error)?;
    tx.commit().await.map_err(db_error)
}

/// Rows of an import.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Numbers {
    pub rows: i64,
    pub accepted: i64,
    pub rejected: i64,
}

/// Writes the outcome, in place of that of an earlier run.
pub async fn finish(db: &Db, id: i64, numbers: Numbers, outcome: &str, errors: &[RowError]) -> Result<()> {
    const FINISH: &str =
        "UPDATE imports SET rows_read = $2, rows_accepted = $3, rows_rejected = $4, outcome = $5, finished = 1
        WHERE id = $1";
    const ERROR: &str = "INSERT INTO import_errors (import, seq, row_no, column_title, code)
        VALUES ($1, $2, $3, $4, $5)";
    let mut tx = db.begin().await?;
    sqlx::query(FINISH)
        .bind(id)
        .bind(numbers.rows)
        .bind(numbers.accepted)
        .bind(numbers.rejected)
        .bind(outcome.to_owned())
        .execute(&mut *tx)
        .await
        .map_err(db_error)?;
    sqlx::query("DELETE FROM import_errors WHERE import = $1")
        .bind(id)
        .execute(&mut *tx)
        .await
        .map_err(db_error)?;
    for (seq, error) in errors.iter().enumerate() {
        sqlx::query(ERROR)
            .bind(id)
            .bind(seq as i64)
            .bind(error.row as i64)
            .bind(error.column.clone())
            .bind(error.code.as_str())
            .execute(&mut *tx)
            .await
            .map_err(db_error)?;
    }
    tx.commit().await.map_err(db_error)
}

pub async fn errors(db: &Db, id: i64, limit: i64) -> Result<Vec<ErrorRow>> {
    let rows = sqlx::query(
        "SELECT row_no, column_title, code FROM import_errors WHERE import = $1 ORDER BY seq LIMIT $2",
    )
    .bind(id)
    .bind(limit)
    .fetch_all(db.read())
    .await
    .map_err(db_error)?;
    let error = |row: &AnyRow| {
        Ok(ErrorRow {
            row: row.try_get("row_no")?,
            column: row.try_get("column_title")?,
            code: row.try_get("code")?,
        })
    };
    rows.iter().map(error).collect::<Result<_, sqlx::Error>>().map_err(db_error)
}

fn row(row: &AnyRow) -> Result<ImportRow, sqlx::Error> {
    Ok(ImportRow {
        id: row.try_get("id")?,
        project: ProjectId(row.try_get("project")?),
        job: row.try_get("job")?,
        name: row.try_get("name")?,
        kind: row.try_get("kind")?,
        mapping: row.try_get("mapping")?,
        bytes: row.try_get("bytes")?,
        rows: row.try_get("rows_read")?,
        accepted: row.try_get("rows_accepted")?,
        rejected: row.try_get("rows_rejected")?,
        finished: row.try_get::<i64, _>("finished")? != 0,
        created_at: row.try_get("created_at")?,
        upload: row.try_get("upload")?,
        dry_run: row.try_get::<i64, _>("dry_run")? != 0,
        position: row.try_get("position")?,
        outcome: row.try_get("outcome")?,
    })
}
