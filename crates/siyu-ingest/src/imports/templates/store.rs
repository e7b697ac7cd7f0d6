//! SQL of mapping templates.

use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::{Error, ProjectId, Result};
use sqlx::Row;

use super::Saved;

pub async fn list(db: &Db, project: ProjectId) -> Result<Vec<Saved>> {
    let rows = sqlx::query(
        "SELECT id, name, mapping, updated_at FROM import_templates WHERE project = $1 ORDER BY updated_at DESC, id DESC",
    )
    .bind(project.0)
    .fetch_all(db.read())
    .await
    .map_err(db_error)?;
    let mut saved = Vec::with_capacity(rows.len());
    for row in rows {
        let mapping: String = row.try_get("mapping").map_err(db_error)?;
        saved.push(Saved {
            id: row.try_get("id").map_err(db_error)?,
            name: row.try_get("name").map_err(db_error)?,
            mapping: serde_json::from_str(&mapping).map_err(Error::internal)?,
            updated_at: row.try_get("updated_at").map_err(db_error)?,
        });
    }
    Ok(saved)
}

pub async fn count(tx: &mut Tx, project: ProjectId) -> Result<i64> {
    sqlx::query_scalar("SELECT COUNT(*) FROM import_templates WHERE project = $1")
        .bind(project.0)
        .fetch_one(&mut **tx)
        .await
        .map_err(db_error)
}

/// Writes a template, or what a name stands for from now on; answers its id.
pub async fn save(tx: &mut Tx, project: ProjectId, name: &str, mapping: &str, now: Millis) -> Result<i64> {
    const SAVE: &str = "INSERT INTO import_templates (id, project, name, mapping, updated_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (project, name) DO UPDATE SET mapping = excluded.mapping, updated_at = excluded.updated_at
        RETURNING id";
    let id = next_id(tx, "import_templates").await?;
    sqlx::query_scalar(SAVE)
        .bind(id)
        .bind(project.0)
        .bind(name.to_owned())
        .bind(mapping.to_owned())
        .bind(now)
        .fetch_one(&mut **tx)
        .await
        .map_err(db_error)
}

pub async fn remove(tx: &mut Tx, project: ProjectId, id: i64) -> Result<()> {
    let gone = sqlx::query("DELETE FROM import_templates WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    if gone.rows_affected() == 0 { Err(Error::not_found("import template", id)) } else { Ok(()) }
}
