//! Notes over HTTP.

use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use siyu_http::{At, Body, Caller, Json, Page, Path, Result};
use siyu_types::{Permission, Viewer};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{NewNote, Note, NoteChange};
use super::rules;
use crate::Audience;

pub(crate) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list, write)).routes(routes!(change, remove)).with_state(audience)
}

/// A note as the caller may see it.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = Note)]
pub(crate) struct NoteItem {
    id: i64,
    /// Phone numbers and addresses in it are masked for those who may not see them.
    text: String,
    pinned: bool,
    author: String,
    /// The caller wrote it, and may change and delete it.
    mine: bool,
    created_at: At,
    edited_at: Option<At>,
}

impl NoteItem {
    /// As shown to the caller.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// `own` are the masked values of the person it is about.
    pub fn of(viewer: &Viewer, note: Note, own: &[(String, String)]) -> NoteItem {
        NoteItem {
            id: note.id,
            text: rules::shown(viewer, &note.text, own),
            pinned: note.pinned,
            mine: note.author == viewer.actor.as_text(),
            author: note.author_name,
            created_at: At(note.created_at),
            edited_at: note.edited_at.map(At),
        }
    }
}

/// The notes about a person, pinned ones first, then newest first.
#[utoipa::path(get, path = "/api/v1/people/{no}/notes", tag = "notes", operation_id = "notes_list",
    params(("no" = u32, Path)), responses((status = 200, body = Page<NoteItem>)))]
async fn list(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
) -> Result<Json<Page<NoteItem>>> {
    viewer.require(Permission::PeopleRead)?;
    let (_, numbers) = super::people(&audience, &viewer, number)?;
    let mut notes = super::of_person(&audience, viewer.project, &numbers).await?;
    notes.sort_by_key(|note| !note.pinned);
    let own = super::masked_values(&audience, &viewer, number)?;
    Ok(Json(Page::whole(notes.into_iter().map(|note| NoteItem::of(&viewer, note, &own)).collect())))
}

/// Writes a note about a person.
#[utoipa::path(post, path = "/api/v1/people/{no}/notes", tag = "notes", operation_id = "notes_write",
    params(("no" = u32, Path)), request_body = NewNote, responses((status = 201, body = NoteItem)))]
async fn write(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
    Body(note): Body<NewNote>,
) -> Result<(StatusCode, Json<NoteItem>)> {
    let note = super::write(&audience, &viewer, number, note).await?;
    let own = super::masked_values(&audience, &viewer, number)?;
    Ok((StatusCode::CREATED, Json(NoteItem::of(&viewer, note, &own))))
}

/// Changes or pins a note. The text is changed only by its author.
#[utoipa::path(patch, path = "/api/v1/people/{no}/notes/{id}", tag = "notes", operation_id = "notes_change",
    params(("no" = u32, Path), ("id" = i64, Path)), request_body = NoteChange,
    responses((status = 200, body = NoteItem)))]
async fn change(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path((number, id)): Path<(u32, i64)>,
    Body(change): Body<NoteChange>,
) -> Result<Json<NoteItem>> {
    let note = super::change(&audience, &viewer, number, id, change).await?;
    let own = super::masked_values(&audience, &viewer, number)?;
    Ok(Json(NoteItem::of(&viewer, note, &own)))
}

/// Deletes a note; only its author does.
#[utoipa::path(delete, path = "/api/v1/people/{no}/notes/{id}", tag = "notes", operation_id = "notes_delete",
    params(("no" = u32, Path), ("id" = i64, Path)), responses((status = 204)))]
async fn remove(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path((number, id)): Path<(u32, i64)>,
) -> Result<StatusCode> {
    super::remove(&audience, &viewer, number, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
