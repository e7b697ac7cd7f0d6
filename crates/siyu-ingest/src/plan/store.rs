//! SQL of the plan: what is declared.

use std::collections::BTreeMap;

use siyu_db::{Db, Tx, db_error};
use siyu_types::clock::Millis;
use siyu_types::{ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::document::{PlanDocument, PlanProperty, PlanSubject, VERSION};
use super::model::{PlanMode, SubjectKind};

/// Mode and revision; lenient and 0 for a project that nobody changed.
pub async fn settings(db: &Db, project: ProjectId) -> Result<(PlanMode, u64)> {
    let row = sqlx::query("SELECT mode, revision FROM plan_settings WHERE project = $1")
        .bind(project.0)
        .fetch_optional(db.read())
        .await
        .map_err(db_error)?;
    let Some(row) = row else { return Ok((PlanMode::Lenient, 0)) };
    let mode: String = row.try_get("mode").map_err(db_error)?;
    let revision: i64 = row.try_get("revision").map_err(db_error)?;
    Ok((mode.parse()?, revision as u64))
}

/// Raises the revision to at least one more, and sets the mode if one is given.
pub async fn touch(
    tx: &mut Tx,
    project: ProjectId,
    mode: Option<PlanMode>,
    at_least: u64,
    now: Millis,
) -> Result<()> {
    const TOUCH: &str = "INSERT INTO plan_settings (project, mode, revision, updated_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (project) DO UPDATE SET revision =
            CASE WHEN plan_settings.revision + 1 > $3 THEN plan_settings.revision + 1 ELSE $3 END,
            updated_at = $4";
    const MODE: &str = "UPDATE plan_settings SET mode = $2 WHERE project = $1";
    sqlx::query(TOUCH)
        .bind(project.0)
        .bind(mode.unwrap_or_default().as_str())
        .bind(at_least.max(1) as i64)
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    if let Some(mode) = mode {
        sqlx::query(MODE).bind(project.0).bind(mode.as_str()).execute(&mut **tx).await.map_err(db_error)?;
    }
    Ok(())
}

/// Everything declared, by kind and name.
pub async fn load(db: &Db, project: ProjectId) -> Result<PlanDocument> {
    const SUBJECTS: &str = "SELECT * FROM plan_subjects WHERE project = $1 ORDER BY kind, name";
    const PROPERTIES: &str = "SELECT * FROM plan_properties WHERE project = $1 ORDER BY kind, subject, name";
    let subjects = sqlx::query(SUBJECTS).bind(project.0).fetch_all(db.read()).await.map_err(db_error)?;
    let properties = sqlx::query(PROPERTIES).bind(project.0).fetch_all(db.read()).await.map_err(db_error)?;
    let mut all: BTreeMap<(SubjectKind, String), PlanSubject> = BTreeMap::new();
    for row in &subjects {
        let subject = subject(row)?;
        all.insert((subject.kind, subject.name.clone()), subject);
    }
    for row in &properties {
        let text = |name: &str| row.try_get::<String, _>(name).map_err(db_error);
        let (kind, subject) = (text("kind")?.parse()?, text("subject")?);
        // A property may be described before its subject is.
        let fresh = || PlanSubject { kind, name: subject.clone(), ..PlanSubject::default() };
        let entry = all.entry((kind, subject.clone())).or_insert_with(fresh);
        entry.properties.push(property(row)?);
    }
    Ok(PlanDocument { version: VERSION, subjects: all.into_values().collect() })
}

fn subject(row: &AnyRow) -> Result<PlanSubject> {
    let text = |name: &str| row.try_get::<String, _>(name).map_err(db_error);
    Ok(PlanSubject {
        kind: text("kind")?.parse()?,
        name: text("name")?,
        status: text("status")?.parse()?,
        display_zh: text("display_zh")?,
        display_en: text("display_en")?,
        description: text("description")?,
        owner: text("owner")?,
        category: text("category")?,
        properties: Vec::new(),
    })
}

fn property(row: &AnyRow) -> Result<PlanProperty> {
    let text = |name: &str| row.try_get::<String, _>(name).map_err(db_error);
    let value_type: Option<String> = row.try_get("value_type").map_err(db_error)?;
    Ok(PlanProperty {
        name: text("name")?,
        status: text("status")?.parse()?,
        display_zh: text("display_zh")?,
        display_en: text("display_en")?,
        description: text("description")?,
        value_type: value_type.map(|text| text.parse()).transpose()?,
        unit: text("unit")?,
        required: row.try_get::<i64, _>("required").map_err(db_error)? != 0,
    })
}

/// Writes a subject, without its properties, in place of an earlier one.
pub async fn put_subject(tx: &mut Tx, project: ProjectId, subject: &PlanSubject, now: Millis) -> Result<()> {
    const PUT: &str = "INSERT INTO plan_subjects (project, kind, name, status, display_zh, display_en,
            description, owner, category, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (project, kind, name) DO UPDATE SET status = $4, display_zh = $5, display_en = $6,
            description = $7, owner = $8, category = $9, updated_at = $10";
    sqlx::query(PUT)
        .bind(project.0)
        .bind(subject.kind.as_str())
        .bind(subject.name.clone())
        .bind(subject.status.as_str())
        .bind(subject.display_zh.clone())
        .bind(subject.display_en.clone())
        .bind(subject.description.clone())
        .bind(subject.owner.clone())
        .bind(subject.category.clone())
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Writes a property of a subject in place of an earlier one.
pub async fn put_property(
    tx: &mut Tx,
    project: ProjectId,
    (kind, subject): (SubjectKind, &str),
    property: &PlanProperty,
    now: Millis,
) -> Result<()> {
    const PUT: &str = "INSERT INTO plan_properties (project, kind, subject, name, status, display_zh,
            display_en, description, value_type, unit, required, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (project, kind, subject, name) DO UPDATE SET status = $5, display_zh = $6,
            display_en = $7, description = $8, value_type = $9, unit = $10, required = $11,
            updated_at = $12";
    sqlx::query(PUT)
        .bind(project.0)
        .bind(kind.as_str())
        .bind(subject.to_owned())
        .bind(property.name.clone())
        .bind(property.status.as_str())
        .bind(property.display_zh.clone())
        .bind(property.display_en.clone())
        .bind(property.description.clone())
        .bind(property.value_type.map(|value_type| value_type.as_str().to_owned()))
        .bind(property.unit.clone())
        .bind(i64::from(property.required))
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Takes back what was declared of a subject, or of one property of it.
pub async fn remove(
    tx: &mut Tx,
    project: ProjectId,
    (kind, subject): (SubjectKind, &str),
    property: Option<&str>,
) -> Result<u64> {
    const SUBJECT: &str = "DELETE FROM plan_subjects WHERE project = $1 AND kind = $2 AND name = $3";
    const ALL: &str = "DELETE FROM plan_properties WHERE project = $1 AND kind = $2 AND subject = $3";
    const ONE: &str =
        "DELETE FROM plan_properties WHERE project = $1 AND kind = $2 AND subject = $3 AND name = $4";
    let mut removed = 0;
    let texts: &[&str] = if property.is_some() { &[ONE] } else { &[SUBJECT, ALL] };
    for text in texts {
        let mut query = sqlx::query(*text).bind(project.0).bind(kind.as_str()).bind(subject.to_owned());
        if let Some(name) = property {
            query = query.bind(name.to_owned());
        }
        removed += query.execute(&mut **tx).await.map_err(db_error)?.rows_affected();
    }
    Ok(removed)
}
