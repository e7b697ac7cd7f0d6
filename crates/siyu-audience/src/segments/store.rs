//! SQL of segments.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roaring::RoaringBitmap;
use siyu_db::{Db, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::{Error, ErrorCode, ProjectId, Result};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::flow::{Fold, Step};
use super::model::{Segment, SegmentKind};

// Both reads leave out the members, which may be large.
pub(super) async fn get(db: &Db, project: ProjectId, id: i64) -> Result<Segment> {
    const GET: &str = "SELECT id, project, name, description, kind, condition, people, computed_at, history,
        created_at FROM segments WHERE project = $1 AND id = $2";
    let found =
        sqlx::query(GET).bind(project.0).bind(id).fetch_optional(db.read()).await.map_err(db_error)?;
    read(&found.ok_or_else(|| Error::not_found("segment", id))?)
}

/// Newest first.
pub(super) async fn list(db: &Db, project: ProjectId, before: i64, limit: i64) -> Result<Vec<Segment>> {
    const LIST: &str = "SELECT id, project, name, description, kind, condition, people, computed_at, history,
        created_at FROM segments WHERE project = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    let rows = sqlx::query(LIST)
        .bind(project.0)
        .bind(before)
        .bind(limit)
        .fetch_all(db.read())
        .await
        .map_err(db_error)?;
    rows.iter().map(read).collect()
}

/// The numbers of a snapshot.
pub(super) async fn members(db: &Db, project: ProjectId, id: i64) -> Result<RoaringBitmap> {
    const GET: &str = "SELECT members FROM segments WHERE project = $1 AND id = $2";
    let text: Option<Option<String>> =
        sqlx::query_scalar(GET).bind(project.0).bind(id).fetch_optional(db.read()).await.map_err(db_error)?;
    text.flatten().map_or(Ok(RoaringBitmap::new()), |text| unpacked(&text))
}

fn unpacked(text: &str) -> Result<RoaringBitmap> {
    let bytes = STANDARD.decode(text).map_err(Error::internal)?;
    RoaringBitmap::deserialize_from(bytes.as_slice()).map_err(Error::internal)
}

fn packed(members: &RoaringBitmap) -> Result<String> {
    let mut bytes = Vec::with_capacity(members.serialized_size());
    members.serialize_into(&mut bytes).map_err(Error::internal)?;
    Ok(STANDARD.encode(bytes))
}

pub(super) async fn next(tx: &mut Tx) -> Result<i64> {
    next_id(tx, "segments").await
}

pub(super) async fn insert(
    tx: &mut Tx,
    project: ProjectId,
    segment: &Segment,
    members: Option<&RoaringBitmap>,
    now: Millis,
) -> Result<()> {
    const INSERT: &str = "INSERT INTO segments (id, project, name, description, kind, condition, members,
        people, computed_at, history, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)";
    sqlx::query(INSERT)
        .bind(segment.id)
        .bind(project.0)
        .bind(segment.name.clone())
        .bind(segment.description.clone())
        .bind(segment.kind.as_str())
        .bind(serde_json::to_string(&segment.condition).map_err(Error::internal)?)
        .bind(members.map(packed).transpose()?)
        .bind(segment.count as i64)
        .bind(segment.computed_at)
        .bind(serde_json::to_string(&segment.history).map_err(Error::internal)?)
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(|error| name_taken(db_error(error)))?;
    Ok(())
}

/// Writes everything but the members.
pub(super) async fn update(tx: &mut Tx, project: ProjectId, segment: &Segment, now: Millis) -> Result<()> {
    const UPDATE: &str = "UPDATE segments SET name = $3, description = $4, condition = $5, people = $6,
        computed_at = $7, history = $8, updated_at = $9 WHERE project = $1 AND id = $2";
    let updated = sqlx::query(UPDATE)
        .bind(project.0)
        .bind(segment.id)
        .bind(segment.name.clone())
        .bind(segment.description.clone())
        .bind(serde_json::to_string(&segment.condition).map_err(Error::internal)?)
        .bind(segment.count as i64)
        .bind(segment.computed_at)
        .bind(serde_json::to_string(&segment.history).map_err(Error::internal)?)
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(|error| name_taken(db_error(error)))?;
    found(updated.rows_affected(), segment.id)
}

/// Writes a count, and nothing that somebody may be changing meanwhile.
pub(super) async fn counted(tx: &mut Tx, project: ProjectId, segment: &Segment) -> Result<()> {
    const UPDATE: &str = "UPDATE segments SET people = $3, computed_at = $4, history = $5
        WHERE project = $1 AND id = $2";
    sqlx::query(UPDATE)
        .bind(project.0)
        .bind(segment.id)
        .bind(segment.count as i64)
        .bind(segment.computed_at)
        .bind(serde_json::to_string(&segment.history).map_err(Error::internal)?)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Writes who is on a list; how many they are is counted when it is next looked at.
pub(super) async fn set_members(
    tx: &mut Tx,
    project: ProjectId,
    id: i64,
    members: &RoaringBitmap,
) -> Result<()> {
    sqlx::query("UPDATE segments SET members = $3 WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .bind(packed(members)?)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, project: ProjectId, id: i64) -> Result<()> {
    let deleted = sqlx::query("DELETE FROM segments WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    sqlx::query("DELETE FROM segments_flow WHERE project = $1 AND segment = $2")
        .bind(project.0)
        .bind(id)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    found(deleted.rows_affected(), id)
}

fn found(rows: u64, id: i64) -> Result<()> {
    if rows == 0 { Err(Error::not_found("segment", id)) } else { Ok(()) }
}

fn name_taken(error: Error) -> Error {
    match error.code {
        ErrorCode::Conflict => error.at("name"),
        _ => error,
    }
}

fn read(row: &AnyRow) -> Result<Segment> {
    let text = |name: &str| row.try_get::<String, _>(name).map_err(db_error);
    let kind = text("kind")?;
    Ok(Segment {
        id: row.try_get("id").map_err(db_error)?,
        name: text("name")?,
        description: text("description")?,
        kind: SegmentKind::parse(&kind)
            .ok_or_else(|| Error::internal(format!("unknown kind of segment {kind:?}")))?,
        condition: serde_json::from_str(&text("condition")?).map_err(Error::internal)?,
        count: row.try_get::<i64, _>("people").map_err(db_error)?.max(0) as u64,
        computed_at: row.try_get("computed_at").map_err(db_error)?,
        history: serde_json::from_str(&text("history")?).map_err(Error::internal)?,
        created_at: row.try_get("created_at").map_err(db_error)?,
    })
}

/// Every step of every segment of a project, by segment, oldest first.
pub(super) async fn flows(db: &Db, project: ProjectId) -> Result<Vec<(i64, Step)>> {
    const LIST: &str = "SELECT segment, at, after, people, joined, gone, reshaped, redefined, joined_numbers,
        gone_numbers FROM segments_flow WHERE project = $1 ORDER BY segment, at";
    let rows = sqlx::query(LIST).bind(project.0).fetch_all(db.read()).await.map_err(db_error)?;
    rows.iter().map(read_step).collect()
}

fn read_step(row: &AnyRow) -> Result<(i64, Step)> {
    let count = |name: &str| row.try_get::<i64, _>(name).map_err(db_error);
    let numbers = |name: &str| unpacked(&row.try_get::<String, _>(name).map_err(db_error)?);
    let step = Step {
        at: count("at")?,
        after: row.try_get("after").map_err(db_error)?,
        people: count("people")?.max(0) as u64,
        joined: count("joined")?.max(0) as u64,
        left: count("gone")?.max(0) as u64,
        reshaped: count("reshaped")?,
        redefined: count("redefined")? != 0,
        joined_numbers: numbers("joined_numbers")?,
        left_numbers: numbers("gone_numbers")?,
    };
    Ok((count("segment")?, step))
}

pub(super) async fn add_step(tx: &mut Tx, project: ProjectId, segment: i64, step: &Step) -> Result<()> {
    const INSERT: &str = "INSERT INTO segments_flow (project, segment, at, after, people, joined, gone,
        reshaped, redefined, joined_numbers, gone_numbers)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    sqlx::query(INSERT)
        .bind(project.0)
        .bind(segment)
        .bind(step.at)
        .bind(step.after)
        .bind(step.people as i64)
        .bind(step.joined as i64)
        .bind(step.left as i64)
        .bind(step.reshaped)
        .bind(i64::from(step.redefined))
        .bind(packed(&step.joined_numbers)?)
        .bind(packed(&step.left_numbers)?)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// A step says something else.
pub(super) async fn set_step(tx: &mut Tx, project: ProjectId, segment: i64, step: &Step) -> Result<()> {
    remove_step(tx, project, segment, step.at).await?;
    add_step(tx, project, segment, step).await
}

async fn remove_step(tx: &mut Tx, project: ProjectId, segment: i64, at: Millis) -> Result<()> {
    sqlx::query("DELETE FROM segments_flow WHERE project = $1 AND segment = $2 AND at = $3")
        .bind(project.0)
        .bind(segment)
        .bind(at)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Two steps become one.
pub(super) async fn fold_steps(tx: &mut Tx, project: ProjectId, segment: i64, fold: &Fold) -> Result<()> {
    remove_step(tx, project, segment, fold.gone).await?;
    set_step(tx, project, segment, &fold.into).await
}
