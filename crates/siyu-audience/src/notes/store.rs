//! SQL of notes.

use siyu_db::{Db, TextColumn, Texts, Tx, db_error, next_id};
use siyu_types::clock::Millis;
use siyu_types::permission::Actor;
use siyu_types::{Error, PersonNo, ProjectId, Result, Viewer};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::model::Note;

/// What is sealed of notes.
pub(crate) const TEXT: TextColumn = TextColumn::new("person_notes", "text");

/// Bound values of one statement.
const NUMBERS_PER_READ: usize = 500;

pub(super) async fn get(db: &Db, project: ProjectId, id: i64) -> Result<Note> {
    let found = sqlx::query("SELECT * FROM person_notes WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .fetch_optional(db.read())
        .await
        .map_err(db_error)?;
    read(&found.ok_or_else(|| Error::not_found("note", id))?, db.texts())
}

/// Newest first.
pub(super) async fn of_numbers(
    db: &Db,
    project: ProjectId,
    numbers: &[u32],
    limit: i64,
) -> Result<Vec<Note>> {
    let mut notes = Vec::new();
    for some in numbers.chunks(NUMBERS_PER_READ) {
        let places: Vec<String> = (0..some.len()).map(|at| format!("${}", at + 3)).collect();
        let sql = format!(
            "SELECT * FROM person_notes WHERE project = $1 AND person IN ({}) ORDER BY id DESC LIMIT $2",
            places.join(", ")
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(project.0).bind(limit);
        for number in some {
            query = query.bind(i64::from(*number));
        }
        let rows = query.fetch_all(db.read()).await.map_err(db_error)?;
        for row in &rows {
            notes.push(read(row, db.texts())?);
        }
    }
    notes.sort_by_key(|note| std::cmp::Reverse(note.id));
    Ok(notes)
}

pub(super) async fn insert(
    tx: &mut Tx,
    viewer: &Viewer,
    person: PersonNo,
    text: &str,
    pinned: bool,
    now: Millis,
) -> Result<i64> {
    const INSERT: &str =
        "INSERT INTO person_notes (id, project, person, author, author_name, text, pinned, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let id = next_id(tx, "person_notes").await?;
    let name = match &viewer.actor {
        Actor::User { name, .. } | Actor::Key { name, .. } => name.clone(),
        Actor::System => String::new(),
    };
    sqlx::query(INSERT)
        .bind(id)
        .bind(viewer.project.0)
        .bind(i64::from(person.0))
        .bind(viewer.actor.as_text())
        .bind(name)
        .bind(tx.texts().seal(&TEXT, id, text)?)
        .bind(i64::from(pinned))
        .bind(now)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(id)
}

pub(super) async fn update(tx: &mut Tx, project: ProjectId, note: &Note) -> Result<()> {
    const UPDATE: &str = "UPDATE person_notes SET text = $3, pinned = $4, edited_at = $5
        WHERE project = $1 AND id = $2";
    sqlx::query(UPDATE)
        .bind(project.0)
        .bind(note.id)
        .bind(tx.texts().seal(&TEXT, note.id, &note.text)?)
        .bind(i64::from(note.pinned))
        .bind(note.edited_at)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, project: ProjectId, id: i64) -> Result<()> {
    sqlx::query("DELETE FROM person_notes WHERE project = $1 AND id = $2")
        .bind(project.0)
        .bind(id)
        .execute(&mut **tx)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(super) async fn forget(tx: &mut Tx, project: ProjectId, numbers: &[u32]) -> Result<u64> {
    let mut gone = 0;
    for number in numbers {
        let query = sqlx::query("DELETE FROM person_notes WHERE project = $1 AND person = $2");
        let query = query.bind(project.0).bind(i64::from(*number));
        gone += query.execute(&mut **tx).await.map_err(db_error)?.rows_affected();
    }
    Ok(gone)
}

fn read(row: &AnyRow, texts: &Texts) -> Result<Note> {
    let id = row.try_get("id").map_err(db_error)?;
    let person: i64 = row.try_get("person").map_err(db_error)?;
    let pinned: i64 = row.try_get("pinned").map_err(db_error)?;
    Ok(Note {
        id,
        person: PersonNo(u32::try_from(person).map_err(Error::internal)?),
        author: row.try_get("author").map_err(db_error)?,
        author_name: row.try_get("author_name").map_err(db_error)?,
        text: texts.open(&TEXT, id, row.try_get("text").map_err(db_error)?)?,
        pinned: pinned != 0,
        created_at: row.try_get("created_at").map_err(db_error)?,
        edited_at: row.try_get("edited_at").map_err(db_error)?,
    })
}
