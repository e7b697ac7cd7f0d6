//! SQL of saved analyses.

use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::{Error, ErrorCode, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Analysis;

/// Newest first.
pub(super) async fn list(db: &Db, project: ProjectId, before: i64, limit: i64) -> Result<Vec<Analysis>> {
    const LIST: &str = "SELECT id, name, description, query, told_apart, created_by, created_at, updated_at
        FROM analyses WHERE project = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    let rows = sqlx::query(LIST).bind(project.0).bind(before).bind(limit).fetch_all(db.read()).await;
    rows.map_err(db_error)?.iter().map(read).collect()
}

pub(super) async fn get(db: &Db, project: ProjectId, id: i64) -> Result<Analysis> {
    const GET: &str = "SELECT id, name, description, query, told_apart, created_by, created_at, updated_at
        FROM analyses WHERE project = $1 AND id = $2";
    let found = sqlx::query(GET).bind(project.0).bind(id).fetch_optional(db.read()).await;
    read(&found.map_err(db_error)?.ok_or_else(|| Error::not_found("analysis", id))?)
}

pub(super) async fn count(tx: &mut Tx, project: ProjectId) -> Result<i64> {
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM analyses WHERE project = $1").bind(project.0);
    count.fetch_one(&mut **tx).await.map_err(db_error)
}

pub(super) async fn next(tx: &mut Tx) -> Result<i64> {
    next_id(tx, "analyses").await
}

pub(super) async fn insert(tx: &mut Tx, project: ProjectId, analysis: &Analysis) -> Result<()> {
    const INSERT: &str = "INSERT INTO analyses
        (id, project, name, description, query, created_by, created_at, updated_at, told_apart)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let inserted = sqlx::query(INSERT)
        .bind(analysis.id)
        .bind(project.0)
        .bind(analysis.name.clone())
        .bind(analysis.description.clone())
        .bind(serde_json::to_string(&analysis.query).map_err(Error::internal)?)
        .bind(analysis.created_by.clone())
        .bind(analysis.created_at)
        .bind(analysis.updated_at)
        .bind(analysis.told_apart)
        .execute(&mut **tx)
        .await;
    inserted.map(|_| ()).map_err(|error| name_taken(db_error(error)))
}

pub(super) async fn update(tx: &mut Tx, project: ProjectId, analysis: &Analysis) -> Result<()> {
    const UPDATE: &str =
        "UPDATE analyses SET name = $3, description = $4, query = $5, updated_at = $6, told_apart = $7
        WHERE project = $1 AND id = $2";
    let updated = sqlx::query(UPDATE)
        .bind(project.0)
        .bind(analysis.id)
        .bind(analysis.name.clone())
        .bind(analysis.description.clone())
        .bind(serde_json::to_string(&analysis.query).map_err(Error::internal)?)
        .bind(analysis.updated_at)
        .bind(analysis.told_apart)
        .execute(&mut **tx)
        .await
        .map_err(|error| name_taken(db_error(error)))?;
    found(updated.rows_affected(), analysis.id)
}

pub(super) async fn delete(tx: &mut Tx, project: ProjectId, id: i64) -> Result<()> {
    let delete = sqlx::query("DELETE FROM analyses WHERE project = $1 AND id = $2").bind(project.0).bind(id);
    found(delete.execute(&mut **tx).await.map_err(db_error)?.rows_affected(), id)
}

fn found(rows: u64, id: i64) -> Result<()> {
    if rows == 0 { Err(Error::not_found("analysis", id)) } else { Ok(()) }
}

fn name_taken(error: Error) -> Error {
    match error.code {
        ErrorCode::Conflict => error.at("name"),
        _ => error,
    }
}

fn read(row: &AnyRow) -> Result<Analysis> {
    let text = |name: &str| row.try_get::<String, _>(name).map_err(db_error);
    let number = |name: &str| row.try_get::<i64, _>(name).map_err(db_error);
    Ok(Analysis {
        id: number("id")?,
        name: text("name")?,
        description: text("description")?,
        query: serde_json::from_str(&text("query")?).map_err(Error::internal)?,
        told_apart: row.try_get("told_apart").map_err(db_error)?,
        created_by: text("created_by")?,
        created_at: number("created_at")?,
        updated_at: number("updated_at")?,
    })
}
