//! Tags over HTTP.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use siyu_govern::masking::shown_by_look;
use siyu_http::{At, Body, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::{Permission, Viewer};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Definition, KINDS, NewTag, Tag, TagChange, TagState, TagValue, store};
use crate::Audience;

pub(crate) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(kinds))
        .routes(routes!(preview))
        .routes(routes!(get, change, remove))
        .routes(routes!(compute))
        .with_state(audience)
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tag)]
struct TagItem {
    id: i64,
    /// Unique in the project; what templates and programs use.
    name: String,
    /// What people read.
    display: String,
    description: String,
    /// Path in the tag tree, `会员/价值`.
    directory: String,
    definition: Definition,
    state: TagState,
    computed_at: Option<At>,
    /// People who have a value.
    coverage: u64,
    /// The most frequent values.
    values: Vec<TagValue>,
    /// Why the last computation failed.
    error: Option<String>,
}

/// Values that look personal, whatever they were computed from.
fn masked(viewer: &Viewer, values: Vec<TagValue>) -> Vec<TagValue> {
    let shown = |value: TagValue| TagValue { value: shown_by_look(viewer, &value.value), ..value };
    values.into_iter().map(shown).collect()
}

/// A tag as the caller may see it.
fn item(viewer: &Viewer, tag: Tag) -> TagItem {
    let mut item = TagItem::from(tag);
    item.values = masked(viewer, item.values);
    item
}

impl From<Tag> for TagItem {
    fn from(tag: Tag) -> TagItem {
        TagItem {
            id: tag.id,
            name: tag.name,
            display: tag.display,
            description: tag.description,
            directory: tag.directory,
            definition: tag.definition,
            state: tag.state,
            computed_at: tag.computed_at.map(At),
            coverage: tag.coverage,
            values: tag.values,
            error: tag.error,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTag)]
struct CreateTag {
    name: String,
    /// The name if absent.
    #[serde(default)]
    display: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    directory: String,
    definition: Definition,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TagChange)]
struct ChangeTag {
    name: Option<String>,
    display: Option<String>,
    description: Option<String>,
    directory: Option<String>,
    definition: Option<Definition>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TagPreviewRequest {
    definition: Definition,
}

#[derive(Debug, Serialize, ToSchema)]
struct TagPreview {
    /// People who would have a value.
    coverage: u64,
    values: Vec<TagValue>,
}

/// A kind of tag, for forms and programs that make tags.
#[derive(Debug, Serialize, ToSchema)]
struct TagKind {
    kind: String,
    /// JSON schema of the definition, without `kind`.
    schema: serde_json::Value,
    /// A valid definition.
    example: serde_json::Value,
}

#[derive(Debug, Serialize, ToSchema)]
struct TagJob {
    job_id: i64,
}

/// The project's tags, newest first.
#[utoipa::path(get, path = "/api/v1/tags", tag = "tags", operation_id = "tags_list", params(PageQuery),
    responses((status = 200, body = Page<TagItem>)))]
async fn list(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<TagItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let before = page.cursor_id()?.unwrap_or(i64::MAX);
    let tags = store::list(audience.db(), viewer.project, before, page.limit() + 1).await?;
    Ok(Json(Page::cut(tags, page.limit(), |tag| tag.id.to_string()).map(|tag| item(&viewer, tag))))
}

/// The kinds of tags with their parameters.
#[utoipa::path(get, path = "/api/v1/tags/kinds", tag = "tags", operation_id = "tags_kinds",
    responses((status = 200, body = Page<TagKind>)))]
async fn kinds(Caller(viewer): Caller) -> Result<Json<Page<TagKind>>> {
    viewer.require(Permission::ProjectRead)?;
    let kinds = KINDS.iter().map(|info| TagKind {
        kind: info.kind.to_owned(),
        schema: (info.schema)(),
        example: serde_json::from_str(info.example).unwrap_or_default(),
    });
    Ok(Json(Page::whole(kinds.collect())))
}

/// Creates a tag; its values come with a job that starts at once.
#[utoipa::path(post, path = "/api/v1/tags", tag = "tags", operation_id = "tags_create", request_body = CreateTag,
    responses((status = 201, body = TagItem)))]
async fn create(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Body(tag): Body<CreateTag>,
) -> Result<(StatusCode, Json<TagItem>)> {
    let CreateTag { name, display, description, directory, definition } = tag;
    let new = NewTag { name, display, description, directory, definition };
    let tag = super::create(&audience, &viewer, new).await?;
    Ok((StatusCode::CREATED, Json(item(&viewer, tag))))
}

/// What a definition would give everybody now; nothing is stored.
#[utoipa::path(post, path = "/api/v1/tags/preview", tag = "tags", operation_id = "tags_preview", request_body = TagPreviewRequest,
    responses((status = 200, body = TagPreview)))]
async fn preview(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Body(request): Body<TagPreviewRequest>,
) -> Result<Json<TagPreview>> {
    let (coverage, values) = super::preview(&audience, &viewer, request.definition).await?;
    Ok(Json(TagPreview { coverage, values: masked(&viewer, values) }))
}

/// One tag with the distribution of its values.
#[utoipa::path(get, path = "/api/v1/tags/{id}", tag = "tags", operation_id = "tags_get", params(("id" = i64, Path)),
    responses((status = 200, body = TagItem)))]
async fn get(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<TagItem>> {
    viewer.require(Permission::ProjectRead)?;
    Ok(Json(item(&viewer, store::get(audience.db(), viewer.project, id).await?)))
}

/// Changes a tag; a new definition is computed by a job that starts at once.
#[utoipa::path(patch, path = "/api/v1/tags/{id}", tag = "tags", operation_id = "tags_change", params(("id" = i64, Path)),
    request_body = ChangeTag, responses((status = 200, body = TagItem)))]
async fn change(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(change): Body<ChangeTag>,
) -> Result<Json<TagItem>> {
    let ChangeTag { name, display, description, directory, definition } = change;
    let change = TagChange { name, display, description, directory, definition };
    Ok(Json(item(&viewer, super::change(&audience, &viewer, id, change).await?)))
}

/// Removes a tag that no condition uses.
#[utoipa::path(delete, path = "/api/v1/tags/{id}", tag = "tags", operation_id = "tags_remove", params(("id" = i64, Path)),
    responses((status = 204)))]
async fn remove(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    super::remove(&audience, &viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Queues a computation of the tag.
#[utoipa::path(post, path = "/api/v1/tags/{id}/compute", tag = "tags", operation_id = "tags_compute", params(("id" = i64, Path)),
    responses((status = 202, body = TagJob)))]
async fn compute(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<(StatusCode, Json<TagJob>)> {
    let job_id = super::request_computation(&audience, &viewer, id).await?;
    Ok((StatusCode::ACCEPTED, Json(TagJob { job_id })))
}
