//! SQL of declared types of items.

use std::collections::BTreeMap;

use siyu_db::{Db, Tx, db_error};
use siyu_types::clock::Millis;
use siyu_types::{ProjectId, Result};
use sqlx::Row;

use super::model::DeclaredType;

pub(super) async fn types(db: &Db, project: ProjectId) -> Result<BTreeMap<String, DeclaredType>> {
    let rows = sqlx::query("SELECT name, display, description, property FROM item_types WHERE project = $1")
        .bind(project.0)
        .fetch_all(db.read())
        .await
        .map_err(db_error)?;
    let mut types = BTreeMap::new();
    for row in rows {
        let text = |column: &str| row.try_get::<String, _>(column).map_err(db_error);
        let declared = DeclaredType {
            display: text("display")?,
            description: text("description")?,
            property: text("property")?,
        };
        types.insert(text("name")?, declared);
    }
    Ok(types)
}

pub(super) async fn put_type(
    tx: &mut Tx,
    project: ProjectId,
    name: &str,
    declared: &DeclaredType,
    now: Millis,
) -> Result<()> {
    const PUT: &str = "INSERT INTO item_types (project, name, display, description, property, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (project, name) DO UPDATE SET display = excluded.display,
            description = excluded.description, property = excluded.property, updated_at = excluded.updated_at";
    sqlx::query(PUT)
        .bind(project.0)
        .bind(name.to_owned())
        .bind(declared.display.clone())
        .bind(declared.description.clone())
        .bind(declared.property.clone())
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(super) async fn drop_type(tx: &mut Tx, project: ProjectId, name: &str) -> Result<()> {
    sqlx::query("DELETE FROM item_types WHERE project = $1 AND name = $2")
        .bind(project.0)
        .bind(name.to_owned())
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}
