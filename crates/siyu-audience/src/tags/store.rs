//! SQL of tags.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roaring::RoaringBitmap;
use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::{Error, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::kinds::Given;
use super::model::{NewTag, Tag, TagState, TagValue};

pub(super) async fn get(db: &Db, project: ProjectId, id: i64) -> Result<Tag> {
    let found = sqlx::query("SELECT * FROM tags WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .fetch_optional(db.read())
        .await
        .map_err(db_error)?;
    read(&found.ok_or_else(|| Error::not_found("tag", id))?)
}

/// Newest first.
pub(super) async fn list(db: &Db, project: ProjectId, before: i64, limit: i64) -> Result<Vec<Tag>> {
    let rows = sqlx::query("SELECT * FROM tags WHERE project = $1 AND id < $2 ORDER BY id DESC LIMIT $3")
        .bind(project.0)
        .bind(before)
        .bind(limit)
        .fetch_all(db.read())
        .await
        .map_err(db_error)?;
    rows.iter().map(read).collect()
}

pub(super) async fn insert(tx: &mut Tx, project: ProjectId, tag: &NewTag, now: Millis) -> Result<i64> {
    const INSERT: &str = "INSERT INTO tags (id, project, name, display, description, directory, definition,
        state, coverage, distribution, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '[]', $9, $9)";
    let id = next_id(tx, "tags").await?;
    sqlx::query(INSERT)
        .bind(id)
        .bind(project.0)
        .bind(tag.name.clone())
        .bind(tag.display.clone())
        .bind(tag.description.clone())
        .bind(tag.directory.clone())
        .bind(serde_json::to_string(&tag.definition).map_err(Error::internal)?)
        .bind(TagState::Queued.as_str())
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(|error| name_taken(db_error(error)))?;
    Ok(id)
}

pub(super) async fn update(tx: &mut Tx, project: ProjectId, tag: &Tag, now: Millis) -> Result<()> {
    const UPDATE: &str = "UPDATE tags SET name = $3, display = $4, description = $5, directory = $6,
        definition = $7, state = $8, updated_at = $9 WHERE project = $1 AND id = $2";
    let updated = sqlx::query(UPDATE)
        .bind(project.0)
        .bind(tag.id)
        .bind(tag.name.clone())
        .bind(tag.display.clone())
        .bind(tag.description.clone())
        .bind(tag.directory.clone())
        .bind(serde_json::to_string(&tag.definition).map_err(Error::internal)?)
        .bind(tag.state.as_str())
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(|error| name_taken(db_error(error)))?;
    found(updated.rows_affected(), tag.id)
}

pub(super) async fn delete(tx: &mut Tx, project: ProjectId, id: i64) -> Result<()> {
    let deleted = sqlx::query("DELETE FROM tags WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    found(deleted.rows_affected(), id)
}

/// What a computation found.
pub(super) async fn computed(
    tx: &mut Tx,
    project: ProjectId,
    id: i64,
    coverage: u64,
    values: &[TagValue],
    at: Millis,
) -> Result<()> {
    const UPDATE: &str = "UPDATE tags SET state = $3, computed_at = $4, coverage = $5, distribution = $6,
        error = NULL WHERE project = $1 AND id = $2";
    sqlx::query(UPDATE)
        .bind(project.0)
        .bind(id)
        .bind(TagState::Ready.as_str())
        .bind(at)
        .bind(coverage as i64)
        .bind(serde_json::to_string(values).map_err(Error::internal)?)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(super) async fn failed(tx: &mut Tx, project: ProjectId, id: i64, error: &str) -> Result<()> {
    sqlx::query("UPDATE tags SET state = $3, error = $4 WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .bind(TagState::Failed.as_str())
        .bind(error)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// The values that were given to people, and to whom.
pub(super) async fn given(db: &Db, project: ProjectId, id: i64) -> Result<Vec<Given>> {
    const GET: &str = "SELECT given, numbers FROM tags_given WHERE project = $1 AND tag = $2 ORDER BY id";
    let rows = sqlx::query(GET).bind(project.0).bind(id).fetch_all(db.read()).await.map_err(db_error)?;
    let one = |row: &AnyRow| {
        let given: String = row.try_get("given").map_err(db_error)?;
        let numbers: String = row.try_get("numbers").map_err(db_error)?;
        let bytes = STANDARD.decode(numbers).map_err(Error::internal)?;
        let numbers = RoaringBitmap::deserialize_from(bytes.as_slice()).map_err(Error::internal)?;
        Ok((serde_json::from_str(&given).map_err(Error::internal)?, numbers))
    };
    rows.iter().map(one).collect()
}

/// Takes the place of all values that were given.
pub(super) async fn set_given(tx: &mut Tx, project: ProjectId, id: i64, given: &[Given]) -> Result<()> {
    const INSERT: &str =
        "INSERT INTO tags_given (id, project, tag, given, numbers) VALUES ($1, $2, $3, $4, $5)";
    let removed = sqlx::query("DELETE FROM tags_given WHERE project = $1 AND tag = $2")
        .bind(project.0)
        .bind(id)
        .execute(&mut **tx)
        .await;
    removed.map_err(db_error)?;
    for (value, numbers) in given {
        let mut bytes = Vec::with_capacity(numbers.serialized_size());
        numbers.serialize_into(&mut bytes).map_err(Error::internal)?;
        let row = next_id(tx, "tags_given").await?;
        let inserted = sqlx::query(INSERT)
            .bind(row)
            .bind(project.0)
            .bind(id)
            .bind(serde_json::to_string(value).map_err(Error::internal)?)
            .bind(STANDARD.encode(bytes))
            .execute(&mut **tx)
            .await;
        inserted.map_err(db_error)?;
    }
    Ok(())
}

fn found(rows: u64, id: i64) -> Result<()> {
    if rows == 0 { Err(Error::not_found("tag", id)) } else { Ok(()) }
}

fn name_taken(error: Error) -> Error {
    match error.code {
        siyu_types::ErrorCode::Conflict => error.at("name"),
        _ => error,
    }
}

fn read(row: &AnyRow) -> Result<Tag> {
    let text = |name: &str| row.try_get::<String, _>(name).map_err(db_error);
    let state = text("state")?;
    Ok(Tag {
        id: row.try_get("id").map_err(db_error)?,
        name: text("name")?,
        display: text("display")?,
        description: text("description")?,
        directory: text("directory")?,
        definition: serde_json::from_str(&text("definition")?).map_err(Error::internal)?,
        state: TagState::parse(&state)
            .ok_or_else(|| Error::internal(format!("unknown tag state {state:?}")))?,
        computed_at: row.try_get("computed_at").map_err(db_error)?,
        coverage: row.try_get::<i64, _>("coverage").map_err(db_error)?.max(0) as u64,
        values: serde_json::from_str(&text("distribution")?).map_err(Error::internal)?,
        error: row.try_get("error").map_err(db_error)?,
    })
}
