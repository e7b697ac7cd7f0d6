//! SQL of channel settings.

use serde_json::Value as Json;
use siyu_db::{Db, Tx, db_error};
use siyu_types::ProjectId;
use siyu_types::clock::Millis;
use siyu_types::error::{Error, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

const GET: &str = "SELECT settings, version FROM channel_settings WHERE project = $1 AND channel = $2";

fn settings(row: &AnyRow) -> Result<(Json, i64)> {
    let text: String = row.try_get("settings").map_err(db_error)?;
    let json = serde_json::from_str(&text).map_err(Error::internal)?;
    Ok((json, row.try_get("version").map_err(db_error)?))
}

pub(super) async fn get(db: &Db, project: ProjectId, channel: &str) -> Result<Option<(Json, i64)>> {
    let query = sqlx::query(GET).bind(project.0).bind(channel.to_owned());
    let row = query.fetch_optional(db.read()).await.map_err(db_error)?;
    row.as_ref().map(settings).transpose()
}

pub(super) async fn get_in(tx: &mut Tx, project: ProjectId, channel: &str) -> Result<Option<(Json, i64)>> {
    let query = sqlx::query(GET).bind(project.0).bind(channel.to_owned());
    let row = query.fetch_optional(&mut **tx).await.map_err(db_error)?;
    row.as_ref().map(settings).transpose()
}

/// All settings of all projects.
pub(super) async fn all_in(tx: &mut Tx) -> Result<Vec<(ProjectId, String, Json)>> {
    let query = sqlx::query("SELECT * FROM channel_settings ORDER BY project, channel");
    let rows = query.fetch_all(&mut **tx).await.map_err(db_error)?;
    let one = |row: &AnyRow| {
        let project = ProjectId(row.try_get("project").map_err(db_error)?);
        Ok((project, row.try_get("channel").map_err(db_error)?, settings(row)?.0))
    };
    rows.iter().map(one).collect()
}

/// The same settings, stored differently: nobody who has them open needs to know.
pub(super) async fn replace(tx: &mut Tx, project: ProjectId, channel: &str, settings: &Json) -> Result<()> {
    sqlx::query("UPDATE channel_settings SET settings = $3 WHERE project = $1 AND channel = $2")
        .bind(project.0)
        .bind(channel.to_owned())
        .bind(settings.to_string())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(super) async fn put(
    tx: &mut Tx,
    project: ProjectId,
    channel: &str,
    settings: &Json,
    at: Millis,
) -> Result<()> {
    const SQL: &str = "INSERT INTO channel_settings (project, channel, settings, version, updated_at)
        VALUES ($1, $2, $3, 1, $4) ON CONFLICT (project, channel) DO UPDATE
        SET settings = excluded.settings, version = channel_settings.version + 1,
            updated_at = excluded.updated_at";
    sqlx::query(SQL)
        .bind(project.0)
        .bind(channel.to_owned())
        .bind(settings.to_string())
        .bind(at)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}
