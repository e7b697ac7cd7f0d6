//! SQL of saved statements.

use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::{Error, ErrorCode, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::model::SavedQuery;

/// Newest first.
pub(super) async fn list(db: &Db, project: ProjectId, before: i64, limit: i64) -> Result<Vec<SavedQuery>> {
    const LIST: &str =
        "SELECT id, name, description, statement, params, view, created_by, created_at, updated_at
        FROM sql_queries WHERE project = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    let rows = sqlx::query(LIST).bind(project.0).bind(before).bind(limit).fetch_all(db.read()).await;
    rows.map_err(db_error)?.iter().map(read).collect()
}

pub(super) async fn get(db: &Db, project: ProjectId, id: i64) -> Result<SavedQuery> {
    const GET: &str =
        "SELECT id, name, description, statement, params, view, created_by, created_at, updated_at
        FROM sql_queries WHERE project = $1 AND id = $2";
    let found = sqlx::query(GET).bind(project.0).bind(id).fetch_optional(db.read()).await;
    read(&found.map_err(db_error)?.ok_or_else(|| Error::not_found("query", id))?)
}

pub(super) async fn count(tx: &mut Tx, project: ProjectId) -> Result<i64> {
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM sql_queries WHERE project = $1").bind(project.0);
    count.fetch_one(&mut **tx).await.map_err(db_error)
}

pub(super) async fn next(tx: &mut Tx) -> Result<i64> {
    next_id(tx, "sql_queries").await
}

pub(super) async fn insert(tx: &mut Tx, project: ProjectId, query: &SavedQuery) -> Result<()> {
    const INSERT: &str = "INSERT INTO sql_queries
        (id, project, name, description, statement, params, view, created_by, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let inserted = sqlx::query(INSERT)
        .bind(query.id)
        .bind(project.0)
        .bind(query.name.clone())
        .bind(query.description.clone())
        .bind(query.text.clone())
        .bind(serde_json::to_string(&query.params).map_err(Error::internal)?)
        .bind(serde_json::to_string(&query.view).map_err(Error::internal)?)
        .bind(query.created_by.clone())
        .bind(query.created_at)
        .bind(query.updated_at)
        .execute(&mut **tx)
        .await;
    inserted.map(|_| ()).map_err(|error| name_taken(db_error(error)))
}

pub(super) async fn update(tx: &mut Tx, project: ProjectId, query: &SavedQuery) -> Result<()> {
    const UPDATE: &str = "UPDATE sql_queries SET name = $3, description = $4, statement = $5, params = $6,
        view = $7, updated_at = $8 WHERE project = $1 AND id = $2";
    let updated = sqlx::query(UPDATE)
        .bind(project.0)
        .bind(query.id)
        .bind(query.name.clone())
        .bind(query.description.clone())
        .bind(query.text.clone())
        .bind(serde_json::to_string(&query.params).map_err(Error::internal)?)
        .bind(serde_json::to_string(&query.view).map_err(Error::internal)?)
        .bind(query.updated_at)
        .execute(&mut **tx)
        .await
        .map_err(|error| name_taken(db_error(error)))?;
    found(updated.rows_affected(), query.id)
}

pub(super) async fn delete(tx: &mut Tx, project: ProjectId, id: i64) -> Result<()> {
    let delete =
        sqlx::query("DELETE FROM sql_queries WHERE project = $1 AND id = $2").bind(project.0).bind(id);
    found(delete.execute(&mut **tx).await.map_err(db_error)?.rows_affected(), id)
}

fn found(rows: u64, id: i64) -> Result<()> {
    if rows == 0 { Err(Error::not_found("query", id)) } else { Ok(()) }
}

fn name_taken(error: Error) -> Error {
    match error.code {
        ErrorCode::Conflict => error.at("name"),
        _ => error,
    }
}

fn read(row: &AnyRow) -> Result<SavedQuery> {
    let text = |name: &str| row.try_get::<String, _>(name).map_err(db_error);
    let number = |name: &str| row.try_get::<i64, _>(name).map_err(db_error);
    Ok(SavedQuery {
        id: number("id")?,
        name: text("name")?,
        description: text("description")?,
        text: text("statement")?,
        params: serde_json::from_str(&text("params")?).map_err(Error::internal)?,
        view: serde_json::from_str(&text("view")?).map_err(Error::internal)?,
        created_by: text("created_by")?,
        created_at: number("created_at")?,
        updated_at: number("updated_at")?,
    })
}
