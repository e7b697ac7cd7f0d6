//! SQL of the register of purposes.

use siyu_db::{Db, Tx, db_error};
use siyu_types::clock::Millis;
use siyu_types::{Error, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::model::{MinorKind, Minors, Purpose, Text};

const ALL: &str = "SELECT * FROM consent_purposes WHERE project = $1 ORDER BY updated_at, id";

pub async fn all(db: &Db, project: ProjectId) -> Result<Vec<Purpose>> {
    let rows = sqlx::query(ALL).bind(project.0).fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(purpose).collect()
}

pub async fn all_in(tx: &mut Tx, project: ProjectId) -> Result<Vec<Purpose>> {
    let rows = sqlx::query(ALL).bind(project.0).fetch_all(&mut **tx).await.map_err(db_error)?;
    rows.iter().map(purpose).collect()
}

fn purpose(row: &AnyRow) -> Result<Purpose> {
    let definition: String = row.try_get("definition").map_err(db_error)?;
    Ok(Purpose {
        id: row.try_get("id").map_err(db_error)?,
        definition: serde_json::from_str(&definition).map_err(Error::internal)?,
        version: row.try_get("version").map_err(db_error)?,
        renew_from: row.try_get("renew_from").map_err(db_error)?,
        updated_at: Some(row.try_get("updated_at").map_err(db_error)?),
    })
}

pub async fn write(tx: &mut Tx, project: ProjectId, purpose: &Purpose, now: Millis) -> Result<()> {
    const SQL: &str =
        "INSERT INTO consent_purposes (project, id, definition, version, renew_from, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (project, id) DO UPDATE SET definition = excluded.definition, version = excluded.version,
            renew_from = excluded.renew_from, updated_at = excluded.updated_at";
    sqlx::query(SQL)
        .bind(project.0)
        .bind(purpose.id.clone())
        .bind(serde_json::to_string(&purpose.definition).map_err(Error::internal)?)
        .bind(purpose.version)
        .bind(purpose.renew_from)
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Newest first.
pub async fn texts(db: &Db, project: ProjectId, purpose: &str) -> Result<Vec<Text>> {
    const SQL: &str = "SELECT * FROM consent_texts WHERE project = $1 AND purpose = $2 ORDER BY version DESC";
    let rows = sqlx::query(SQL).bind(project.0).bind(purpose.to_owned()).fetch_all(db.read()).await;
    rows.map_err(db_error)?.iter().map(text).collect::<Result<_, _>>().map_err(db_error)
}

fn text(row: &AnyRow) -> Result<Text, sqlx::Error> {
    Ok(Text {
        version: row.try_get("version")?,
        zh: row.try_get("text_zh")?,
        en: row.try_get("text_en")?,
        renews: row.try_get::<i64, _>("renews")? == 1,
        created_at: Some(row.try_get("created_at")?),
        created_by: row.try_get("created_by")?,
    })
}

pub async fn add_text(tx: &mut Tx, project: ProjectId, purpose: &str, text: &Text) -> Result<()> {
    const SQL: &str = "INSERT INTO consent_texts
            (project, purpose, version, text_zh, text_en, renews, created_at, created_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    sqlx::query(SQL)
        .bind(project.0)
        .bind(purpose.to_owned())
        .bind(text.version)
        .bind(text.zh.clone())
        .bind(text.en.clone())
        .bind(i64::from(text.renews))
        .bind(text.created_at.unwrap_or_default())
        .bind(text.created_by.clone())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

const MINORS: &str = "SELECT minor_attribute, minor_kind FROM consent_settings WHERE project = $1";

pub async fn minors(db: &Db, project: ProjectId) -> Result<Option<Minors>> {
    let row = sqlx::query(MINORS).bind(project.0).fetch_optional(db.read()).await.map_err(db_error)?;
    row.as_ref().map_or(Ok(None), minors_of)
}

pub async fn minors_in(tx: &mut Tx, project: ProjectId) -> Result<Option<Minors>> {
    let row = sqlx::query(MINORS).bind(project.0).fetch_optional(&mut **tx).await.map_err(db_error)?;
    row.as_ref().map_or(Ok(None), minors_of)
}

fn minors_of(row: &AnyRow) -> Result<Option<Minors>> {
    let attribute: Option<String> = row.try_get("minor_attribute").map_err(db_error)?;
    let kind: Option<String> = row.try_get("minor_kind").map_err(db_error)?;
    let kind = if kind.as_deref() == Some("flag") { MinorKind::Flag } else { MinorKind::Birthday };
    Ok(attribute.map(|attribute| Minors { attribute, kind }))
}

pub async fn set_minors(tx: &mut Tx, project: ProjectId, minors: Option<&Minors>) -> Result<()> {
    const SQL: &str =
        "INSERT INTO consent_settings (project, minor_attribute, minor_kind) VALUES ($1, $2, $3)
        ON CONFLICT (project) DO UPDATE SET minor_attribute = excluded.minor_attribute,
            minor_kind = excluded.minor_kind";
    let kind = minors.map(|minors| match minors.kind {
        MinorKind::Birthday => "birthday".to_owned(),
        MinorKind::Flag => "flag".to_owned(),
    });
    sqlx::query(SQL)
        .bind(project.0)
        .bind(minors.map(|minors| minors.attribute.clone()))
        .bind(kind)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}
