//! SQL of projects.

use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::{Error, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Project, WeekStart};

pub(super) async fn all(db: &Db) -> Result<Vec<Project>> {
    let rows = sqlx::query("SELECT * FROM projects ORDER BY id").fetch_all(db.read()).await;
    rows.map_err(db_error)?.iter().map(row).collect::<Result<_, _>>().map_err(db_error)
}

pub(super) async fn get(db: &Db, id: ProjectId) -> Result<Project> {
    let found =
        sqlx::query("SELECT * FROM projects WHERE id = $1").bind(id.0).fetch_optional(db.read()).await;
    row(&found.map_err(db_error)?.ok_or_else(|| Error::not_found("project", id.0))?).map_err(db_error)
}

pub(super) async fn insert(tx: &mut Tx, mut project: Project, now: Millis) -> Result<Project> {
    const INSERT: &str =
        "INSERT INTO projects (id, name, zone, currency, created_at) VALUES ($1, $2, $3, $4, $5)";
    project.id = ProjectId(next_id(tx, "projects").await?);
    sqlx::query(INSERT)
        .bind(project.id.0)
        .bind(project.name.clone())
        .bind(project.zone.clone())
        .bind(project.currency.clone())
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(project)
}

pub(super) async fn update(tx: &mut Tx, project: &Project) -> Result<()> {
    const UPDATE: &str = "UPDATE projects
        SET name = $2, zone = $3, currency = $4, dedupe_hours = $5, week_start = $6 WHERE id = $1";
    sqlx::query(UPDATE)
        .bind(project.id.0)
        .bind(project.name.clone())
        .bind(project.zone.clone())
        .bind(project.currency.clone())
        .bind(project.dedupe_hours)
        .bind(project.week_start.as_str())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

fn row(row: &AnyRow) -> Result<Project, sqlx::Error> {
    Ok(Project {
        id: ProjectId(row.try_get("id")?),
        name: row.try_get("name")?,
        zone: row.try_get("zone")?,
        currency: row.try_get("currency")?,
        dedupe_hours: row.try_get("dedupe_hours")?,
        week_start: match row.try_get::<String, _>("week_start")?.as_str() {
            "sunday" => WeekStart::Sunday,
            _ => WeekStart::Monday,
        },
    })
}
