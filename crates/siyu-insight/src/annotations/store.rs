//! SQL of annotations.

use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::{Error, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Annotation;

/// Latest day first; both ends belong to it.
pub(super) async fn list(db: &Db, project: ProjectId, from: &str, to: &str) -> Result<Vec<Annotation>> {
    const LIST: &str = "SELECT * FROM annotations WHERE project = $1 AND day >= $2 AND day <= $3
        ORDER BY day DESC, id DESC";
    let rows = sqlx::query(LIST).bind(project.0).bind(from.to_owned()).bind(to.to_owned());
    rows.fetch_all(db.read()).await.map_err(db_error)?.iter().map(read).collect()
}

pub(super) async fn get(db: &Db, project: ProjectId, id: i64) -> Result<Annotation> {
    const GET: &str = "SELECT * FROM annotations WHERE project = $1 AND id = $2";
    let found = sqlx::query(GET).bind(project.0).bind(id).fetch_optional(db.read()).await;
    read(&found.map_err(db_error)?.ok_or_else(|| Error::not_found("annotation", id))?)
}

pub(super) async fn count(tx: &mut Tx, project: ProjectId) -> Result<i64> {
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM annotations WHERE project = $1").bind(project.0);
    count.fetch_one(&mut **tx).await.map_err(db_error)
}

pub(super) async fn next(tx: &mut Tx) -> Result<i64> {
    next_id(tx, "annotations").await
}

pub(super) async fn insert(tx: &mut Tx, project: ProjectId, annotation: &Annotation) -> Result<()> {
    const INSERT: &str =
        "INSERT INTO annotations (id, project, day, note, created_by, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let inserted = sqlx::query(INSERT)
        .bind(annotation.id)
        .bind(project.0)
        .bind(annotation.day.clone())
        .bind(annotation.note.clone())
        .bind(annotation.created_by.clone())
        .bind(annotation.created_at)
        .bind(annotation.updated_at)
        .execute(&mut **tx)
        .await;
    inserted.map(|_| ()).map_err(db_error)
}

pub(super) async fn update(tx: &mut Tx, project: ProjectId, annotation: &Annotation) -> Result<()> {
    const UPDATE: &str =
        "UPDATE annotations SET day = $3, note = $4, updated_at = $5 WHERE project = $1 AND id = $2";
    let updated = sqlx::query(UPDATE)
        .bind(project.0)
        .bind(annotation.id)
        .bind(annotation.day.clone())
        .bind(annotation.note.clone())
        .bind(annotation.updated_at)
        .execute(&mut **tx)
        .await;
    found(updated.map_err(db_error)?.rows_affected(), annotation.id)
}

pub(super) async fn delete(tx: &mut Tx, project: ProjectId, id: i64) -> Result<()> {
    let delete =
        sqlx::query("DELETE FROM annotations WHERE project = $1 AND id = $2").bind(project.0).bind(id);
    found(delete.execute(&mut **tx).await.map_err(db_error)?.rows_affected(), id)
}

fn found(rows: u64, id: i64) -> Result<()> {
    if rows == 0 { Err(Error::not_found("annotation", id)) } else { Ok(()) }
}

fn read(row: &AnyRow) -> Result<Annotation> {
    let text = |name: &str| row.try_get::<String, _>(name).map_err(db_error);
    let number = |name: &str| row.try_get::<i64, _>(name).map_err(db_error);
    Ok(Annotation {
        id: number("id")?,
        day: text("day")?,
        note: text("note")?,
        created_by: text("created_by")?,
        created_at: number("created_at")?,
        updated_at: number("updated_at")?,
    })
}
