//! Notes: what colleagues write down about a person, pinned or not. A note belongs
//! to the number the person had then, so notes follow merges and splits.

mod api;
mod model;
mod rules;
mod store;
#[cfg(test)]
mod tests;

use serde_json::json;
use siyu_db::db_error;
use siyu_types::{Error, ErrorCode, Permission, PersonNo, ProjectId, Result, Viewer};

use crate::Audience;
pub(crate) use api::{NoteItem, routes};
pub(crate) use model::Note;
use model::{NewNote, NoteChange};
pub(crate) use store::TEXT;

/// Notes of one person that are read at once; more cannot be written.
pub const NOTES_MAX: usize = 500;

/// The notes of a person with these numbers, newest first.
pub(crate) async fn of_person(audience: &Audience, project: ProjectId, numbers: &[u32]) -> Result<Vec<Note>> {
    store::of_numbers(audience.db(), project, numbers, NOTES_MAX as i64).await
}

/// Takes away everything written about these numbers. Answers how many notes.
pub(crate) async fn forget(tx: &mut siyu_db::Tx, project: ProjectId, numbers: &[u32]) -> Result<u64> {
    store::forget(tx, project, numbers).await
}

/// Writes a note about a person.
async fn write(audience: &Audience, viewer: &Viewer, number: u32, note: NewNote) -> Result<Note> {
    viewer.require(Permission::PeopleNote)?;
    let (person, numbers) = people(audience, viewer, number)?;
    let text = rules::check_text(&note.text)?;
    if of_person(audience, viewer.project, &numbers).await?.len() >= NOTES_MAX {
        return Err(Error::invalid("text", "there are too many notes about this person; delete some"));
    }
    let now = audience.now();
    let mut tx = audience.db().begin().await?;
    let id = store::insert(&mut tx, viewer, person, &text, note.pinned, now).await?;
    record(&mut tx, viewer, "notes.write", person, id, now).await?;
    tx.commit().await.map_err(db_error)?;
    store::get(audience.db(), viewer.project, id).await
}

/// Changes a note. Only its author changes the text; anybody who may write notes pins.
async fn change(
    audience: &Audience,
    viewer: &Viewer,
    number: u32,
    id: i64,
    change: NoteChange,
) -> Result<Note> {
    viewer.require(Permission::PeopleNote)?;
    let mut note = find(audience, viewer, number, id).await?;
    let now = audience.now();
    if let Some(text) = change.text {
        require_author(viewer, &note)?;
        note.text = rules::check_text(&text)?;
        note.edited_at = Some(now);
    }
    note.pinned = change.pinned.unwrap_or(note.pinned);
    let mut tx = audience.db().begin().await?;
    store::update(&mut tx, viewer.project, &note).await?;
    record(&mut tx, viewer, "notes.change", note.person, id, now).await?;
    tx.commit().await.map_err(db_error)?;
    Ok(note)
}

/// Deletes a note; only its author does.
async fn remove(audience: &Audience, viewer: &Viewer, number: u32, id: i64) -> Result<()> {
    viewer.require(Permission::PeopleNote)?;
    let note = find(audience, viewer, number, id).await?;
    require_author(viewer, &note)?;
    let mut tx = audience.db().begin().await?;
    store::delete(&mut tx, viewer.project, id).await?;
    record(&mut tx, viewer, "notes.delete", note.person, id, audience.now()).await?;
    tx.commit().await.map_err(db_error)
}

/// The audit knows of which person, never what was written.
async fn record(
    tx: &mut siyu_db::Tx,
    viewer: &Viewer,
    action: &str,
    person: PersonNo,
    id: i64,
    now: siyu_types::clock::Millis,
) -> Result<()> {
    let detail = json!({ "person": person.0 });
    siyu_govern::audit(tx, viewer, action, &format!("note:{id}"), detail, now).await
}

fn require_author(viewer: &Viewer, note: &Note) -> Result<()> {
    if note.author == viewer.actor.as_text() {
        return Ok(());
    }
    Err(Error::new(ErrorCode::NotAuthor, "only who wrote a note may change or delete it")
        .with("author", &*note.author_name))
}

/// A note of this person; of another one it is not there.
async fn find(audience: &Audience, viewer: &Viewer, number: u32, id: i64) -> Result<Note> {
    let (_, numbers) = people(audience, viewer, number)?;
    let note = store::get(audience.db(), viewer.project, id).await?;
    if numbers.contains(&note.person.0) { Ok(note) } else { Err(Error::not_found("note", id)) }
}

/// The living person of a number, and all its numbers.
fn people(audience: &Audience, viewer: &Viewer, number: u32) -> Result<(PersonNo, Vec<u32>)> {
    let project = audience.project(viewer)?;
    let people = project.people.read();
    let person = crate::people::resolve(&people, number)?;
    Ok((person, people.numbers(person)))
}

/// Values of the person that the viewer sees masked, as they may stand in notes.
fn masked_values(audience: &Audience, viewer: &Viewer, number: u32) -> Result<Vec<(String, String)>> {
    let project = audience.project(viewer)?;
    let people = project.people.read();
    Ok(crate::people::masked_values(&people, viewer, crate::people::resolve(&people, number)?))
}
