//! SQL of uploads.

use siyu_db::{Db, Tx, db_error};
use siyu_types::clock::Millis;
use siyu_types::{Error, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

/// An announced file.
#[derive(Clone, PartialEq, Debug)]
pub struct UploadRow {
    pub id: i64,
    pub project: ProjectId,
    pub name: String,
    /// When it is complete.
    pub bytes: u64,
    pub touched_at: Millis,
}

pub async fn insert(tx: &mut Tx, upload: &UploadRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO import_uploads (id, project, name, bytes, created_at, touched_at) VALUES ($1, $2, $3, $4, $5, $5)",
    )
    .bind(upload.id)
    .bind(upload.project.0)
    .bind(upload.name.clone())
    .bind(upload.bytes as i64)
    .bind(upload.touched_at)
    .execute(&mut **tx)
    .await
    .map_err(db_error)?;
    Ok(())
}

pub async fn get(db: &Db, project: ProjectId, id: i64) -> Result<UploadRow> {
    let found = find(db, id).await?.filter(|upload| upload.project == project);
    found.ok_or_else(|| Error::not_found("upload", id))
}

/// Of whatever project; for upkeep.
pub async fn find(db: &Db, id: i64) -> Result<Option<UploadRow>> {
    let found = sqlx::query("SELECT * FROM import_uploads WHERE id = $1")
        .bind(id)
        .fetch_optional(db.read())
        .await
        .map_err(db_error)?;
    found.as_ref().map(row).transpose().map_err(db_error)
}

pub async fn count(tx: &mut Tx, project: ProjectId) -> Result<i64> {
    sqlx::query_scalar("SELECT COUNT(*) FROM import_uploads WHERE project = $1")
        .bind(project.0)
        .fetch_one(&mut **tx)
        .await
        .map_err(db_error)
}

pub async fn of_project(db: &Db, project: ProjectId) -> Result<Vec<i64>> {
    sqlx::query_scalar("SELECT id FROM import_uploads WHERE project = $1 ORDER BY id")
        .bind(project.0)
        .fetch_all(db.read())
        .await
        .map_err(db_error)
}

/// Those that nobody touched since.
pub async fn left_alone(db: &Db, since: Millis) -> Result<Vec<i64>> {
    sqlx::query_scalar("SELECT id FROM import_uploads WHERE touched_at < $1 ORDER BY id LIMIT 1000")
        .bind(since)
        .fetch_all(db.read())
        .await
        .map_err(db_error)
}

pub async fn touch(tx: &mut Tx, id: i64, now: Millis) -> Result<()> {
    sqlx::query("UPDATE import_uploads SET touched_at = $2 WHERE id = $1")
        .bind(id)
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub async fn delete(tx: &mut Tx, id: i64) -> Result<()> {
    sqlx::query("DELETE FROM import_uploads WHERE id = $1")
        .bind(id)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

fn row(row: &AnyRow) -> Result<UploadRow, sqlx::Error> {
    Ok(UploadRow {
        id: row.try_get("id")?,
        project: ProjectId(row.try_get("project")?),
        name: row.try_get("name")?,
        bytes: row.try_get::<i64, _>("bytes")? as u64,
        touched_at: row.try_get("touched_at")?,
    })
}
