//! SQL of declared fields, exposures and settings.

use siyu_db::{Db, Tx, db_error};
use siyu_types::clock::Millis;
use siyu_types::personal::PersonalField;
use siyu_types::{Error, Exposure, FieldKind, PersonalClass, PersonalRules, ProjectId, Result, Role, Viewer};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::model::{LOOKS_DAYS_DEFAULT, REVEALS_PER_HOUR_DEFAULT, Settings};

pub async fn rules(db: &Db, project: ProjectId) -> Result<PersonalRules> {
    const FIELDS: &str = "SELECT * FROM personal_fields WHERE project = $1";
    const EXPOSURES: &str = "SELECT * FROM personal_exposures WHERE project = $1";
    let fields = sqlx::query(FIELDS).bind(project.0).fetch_all(db.read()).await.map_err(db_error)?;
    let exposures = sqlx::query(EXPOSURES).bind(project.0).fetch_all(db.read()).await.map_err(db_error)?;
    let fields = fields.iter().map(field).collect::<Result<Vec<_>>>()?;
    let exposures = exposures.iter().map(exposure).collect::<Result<Vec<_>>>()?;
    Ok(PersonalRules::new(fields, exposures))
}

fn field(row: &AnyRow) -> Result<(FieldKind, String, Option<PersonalField>)> {
    let class: Option<String> = row.try_get("class").map_err(db_error)?;
    let sensitive: i64 = row.try_get("sensitive").map_err(db_error)?;
    let class = class.map(|text| PersonalClass::parse(&text).ok_or_else(|| unknown(&text))).transpose()?;
    let kind: String = row.try_get("kind").map_err(db_error)?;
    let kind = FieldKind::parse(&kind).ok_or_else(|| unknown(&kind))?;
    let field = class.map(|class| PersonalField { class, sensitive: sensitive == 1 });
    Ok((kind, row.try_get("name").map_err(db_error)?, field))
}

fn exposure(row: &AnyRow) -> Result<(Role, PersonalClass, Exposure)> {
    let text = |column| row.try_get::<String, _>(column).map_err(db_error);
    let (role, class, exposure) = (text("role")?, text("class")?, text("exposure")?);
    Ok((
        Role::parse(&role).ok_or_else(|| unknown(&role))?,
        PersonalClass::parse(&class).ok_or_else(|| unknown(&class))?,
        Exposure::parse(&exposure).ok_or_else(|| unknown(&exposure))?,
    ))
}

fn unknown(text: &str) -> Error {
    Error::internal(format!("the stored word {text:?} is none of ours"))
}

pub async fn settings(db: &Db, project: ProjectId) -> Result<Settings> {
    const SQL: &str = "SELECT * FROM personal_settings WHERE project = $1";
    let row = sqlx::query(SQL).bind(project.0).fetch_optional(db.read()).await.map_err(db_error)?;
    let number = |column| row.as_ref().map(|row| row.try_get::<i64, _>(column)).transpose().map_err(db_error);
    let rules = rules(db, project).await?;
    Ok(Settings {
        exposures: super::rules::complete(&rules),
        reveals_per_hour: number("reveals_per_hour")?.unwrap_or(REVEALS_PER_HOUR_DEFAULT),
        looks_days: number("looks_days")?.unwrap_or(LOOKS_DAYS_DEFAULT),
    })
}

pub async fn set_settings(tx: &mut Tx, project: ProjectId, settings: &Settings) -> Result<()> {
    const SETTINGS: &str = "INSERT INTO personal_settings (project, reveals_per_hour, looks_days)
        VALUES ($1, $2, $3) ON CONFLICT (project) DO UPDATE
        SET reveals_per_hour = excluded.reveals_per_hour, looks_days = excluded.looks_days";
    const EXPOSURE: &str = "INSERT INTO personal_exposures (project, role, class, exposure)
        VALUES ($1, $2, $3, $4)";
    let query = sqlx::query(SETTINGS).bind(project.0).bind(settings.reveals_per_hour);
    query.bind(settings.looks_days).execute(&mut **tx).await.map_err(db_error)?;
    let clear = sqlx::query("DELETE FROM personal_exposures WHERE project = $1").bind(project.0);
    clear.execute(&mut **tx).await.map_err(db_error)?;
    for one in &settings.exposures {
        if one.exposure == siyu_types::personal::shipped(one.role) {
            continue;
        }
        sqlx::query(EXPOSURE)
            .bind(project.0)
            .bind(one.role.as_str())
            .bind(one.class.as_str())
            .bind(one.exposure.as_str())
            .execute(&mut **tx)
            .await
            .map_err(db_error)?;
    }
    Ok(())
}

pub async fn field_count(tx: &mut Tx, project: ProjectId) -> Result<i64> {
    let query = sqlx::query_scalar("SELECT COUNT(*) FROM personal_fields WHERE project = $1");
    query.bind(project.0).fetch_one(&mut **tx).await.map_err(db_error)
}

pub async fn declare(
    tx: &mut Tx,
    viewer: &Viewer,
    (kind, name): (FieldKind, &str),
    field: Option<PersonalField>,
    now: Millis,
) -> Result<()> {
    const SQL: &str = "INSERT INTO personal_fields
            (project, kind, name, class, sensitive, updated_at, updated_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (project, kind, name) DO UPDATE SET class = excluded.class,
            sensitive = excluded.sensitive, updated_at = excluded.updated_at, updated_by = excluded.updated_by";
    sqlx::query(SQL)
        .bind(viewer.project.0)
        .bind(kind.as_str())
        .bind(name.to_owned())
        .bind(field.map(|field| field.class.as_str().to_owned()))
        .bind(i64::from(field.is_some_and(|field| field.sensitive)))
        .bind(now)
        .bind(viewer.actor.name())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub async fn undeclare(tx: &mut Tx, project: ProjectId, kind: FieldKind, name: &str) -> Result<()> {
    sqlx::query("DELETE FROM personal_fields WHERE project = $1 AND kind = $2 AND name = $3")
        .bind(project.0)
        .bind(kind.as_str())
        .bind(name.to_owned())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}
