//! SQL of dashboards.

use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::{Error, ErrorCode, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Dashboard;

/// Newest first.
pub(super) async fn list(db: &Db, project: ProjectId, before: i64, limit: i64) -> Result<Vec<Dashboard>> {
    const LIST: &str = "SELECT * FROM dashboards WHERE project = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    let rows = sqlx::query(LIST).bind(project.0).bind(before).bind(limit).fetch_all(db.read()).await;
    rows.map_err(db_error)?.iter().map(read).collect()
}

pub(super) async fn get(db: &Db, project: ProjectId, id: i64) -> Result<Dashboard> {
    const GET: &str = "SELECT * FROM dashboards WHERE project = $1 AND id = $2";
    let found = sqlx::query(GET).bind(project.0).bind(id).fetch_optional(db.read()).await;
    read(&found.map_err(db_error)?.ok_or_else(|| Error::not_found("dashboard", id))?)
}

/// A dashboard that nobody else changes until the transaction ends. The write that changes
/// nothing takes the row's lock on both databases.
pub(super) async fn lock(tx: &mut Tx, project: ProjectId, id: i64) -> Result<Dashboard> {
    const LOCK: &str = "UPDATE dashboards SET updated_at = updated_at WHERE project = $1 AND id = $2";
    const GET: &str = "SELECT * FROM dashboards WHERE project = $1 AND id = $2";
    sqlx::query(LOCK).bind(project.0).bind(id).execute(&mut **tx).await.map_err(db_error)?;
    let found = sqlx::query(GET).bind(project.0).bind(id).fetch_optional(&mut **tx).await;
    read(&found.map_err(db_error)?.ok_or_else(|| Error::not_found("dashboard", id))?)
}

pub(super) async fn count(tx: &mut Tx, project: ProjectId) -> Result<i64> {
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM dashboards WHERE project = $1").bind(project.0);
    count.fetch_one(&mut **tx).await.map_err(db_error)
}

pub(super) async fn next(tx: &mut Tx) -> Result<i64> {
    next_id(tx, "dashboards").await
}

pub(super) async fn insert(tx: &mut Tx, project: ProjectId, dashboard: &Dashboard) -> Result<()> {
    const INSERT: &str = "INSERT INTO dashboards
        (id, project, name, description, tiles, days, segment, created_by, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let inserted = sqlx::query(INSERT)
        .bind(dashboard.id)
        .bind(project.0)
        .bind(dashboard.name.clone())
        .bind(dashboard.description.clone())
        .bind(json(&dashboard.tiles)?)
        .bind(dashboard.range.as_ref().map(json).transpose()?)
        .bind(dashboard.segment)
        .bind(dashboard.created_by.clone())
        .bind(dashboard.created_at)
        .bind(dashboard.updated_at)
        .execute(&mut **tx)
        .await;
    inserted.map(|_| ()).map_err(|error| name_taken(db_error(error)))
}

pub(super) async fn update(tx: &mut Tx, project: ProjectId, dashboard: &Dashboard) -> Result<()> {
    const UPDATE: &str = "UPDATE dashboards
        SET name = $3, description = $4, tiles = $5, days = $6, segment = $7, updated_at = $8
        WHERE project = $1 AND id = $2";
    let updated = sqlx::query(UPDATE)
        .bind(project.0)
        .bind(dashboard.id)
        .bind(dashboard.name.clone())
        .bind(dashboard.description.clone())
        .bind(json(&dashboard.tiles)?)
        .bind(dashboard.range.as_ref().map(json).transpose()?)
        .bind(dashboard.segment)
        .bind(dashboard.updated_at)
        .execute(&mut **tx)
        .await;
    updated.map(|_| ()).map_err(|error| name_taken(db_error(error)))
}

pub(super) async fn delete(tx: &mut Tx, project: ProjectId, id: i64) -> Result<()> {
    let delete =
        sqlx::query("DELETE FROM dashboards WHERE project = $1 AND id = $2").bind(project.0).bind(id);
    delete.execute(&mut **tx).await.map(|_| ()).map_err(db_error)
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

fn name_taken(error: Error) -> Error {
    match error.code {
        ErrorCode::Conflict => error.at("name"),
        _ => error,
    }
}

fn read(row: &AnyRow) -> Result<Dashboard> {
    let text = |name: &str| row.try_get::<String, _>(name).map_err(db_error);
    let number = |name: &str| row.try_get::<i64, _>(name).map_err(db_error);
    let days: Option<String> = row.try_get("days").map_err(db_error)?;
    Ok(Dashboard {
        id: number("id")?,
        name: text("name")?,
        description: text("description")?,
        tiles: serde_json::from_str(&text("tiles")?).map_err(Error::internal)?,
        range: days.map(|days| serde_json::from_str(&days)).transpose().map_err(Error::internal)?,
        segment: row.try_get("segment").map_err(db_error)?,
        created_by: text("created_by")?,
        created_at: number("created_at")?,
        updated_at: number("updated_at")?,
    })
}
