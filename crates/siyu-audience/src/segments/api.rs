//! Segments over HTTP.

use std::time::Instant;

use axum::extract::State;
use http::StatusCode;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use siyu_analytics::analyses;
use siyu_http::{At, Body, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::analysis::AnalysisCell;
use siyu_types::clock::Millis;
use siyu_types::condition::Condition;
use siyu_types::{Error, Permission};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{CHOSEN_MAX, Chosen, NewSegment, Segment, SegmentChange, SegmentKind, export, store};
use crate::Audience;
use crate::audience::blocking;
use crate::evaluation::{self, Needs};
use crate::people::{PersonItem, person_items};
use crate::projects::{Named, Project};

pub(crate) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(count))
        .routes(routes!(from_people))
        .routes(routes!(get, change, remove))
        .routes(routes!(members))
        .routes(routes!(refresh))
        .routes(routes!(export::people_file))
        .with_state(audience.clone())
        .merge(super::api_flow::routes(audience))
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Segment)]
struct SegmentItem {
    id: i64,
    name: String,
    description: String,
    kind: SegmentKind,
    /// Of a snapshot made of chosen people: membership in itself.
    condition: Condition,
    /// Members at `computed_at`.
    count: u64,
    computed_at: Option<At>,
    history: Vec<SegmentSize>,
    /// Who uses it, as `tag:…`, `segment:…`, `campaign:…`.
    used_by: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SegmentSize {
    at: At,
    count: u64,
}

async fn item(audience: &Audience, project: &Project, segment: Segment) -> siyu_types::Result<SegmentItem> {
    Ok(SegmentItem {
        used_by: audience.users(project, Named::Segment(segment.id)).await?,
        id: segment.id,
        name: segment.name,
        description: segment.description,
        kind: segment.kind,
        condition: segment.condition,
        count: segment.count,
        computed_at: segment.computed_at.map(At),
        history: segment.history.into_iter().map(|(at, count)| SegmentSize { at: At(at), count }).collect(),
    })
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSegment)]
struct CreateSegment {
    name: String,
    #[serde(default)]
    description: String,
    /// Dynamic if absent.
    kind: Option<SegmentKind>,
    condition: Condition,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SegmentChange)]
struct ChangeSegment {
    name: Option<String>,
    description: Option<String>,
    condition: Option<Condition>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CountRequest {
    condition: Condition,
    /// Count the people as they were told apart at this instant; as now if absent.
    identity_as_of: Option<At>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SegmentCount {
    count: u64,
    /// All living people.
    total: u64,
    /// How long counting took.
    took_micros: u64,
    /// Milliseconds UTC.
    as_of: Millis,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SegmentOfPeople {
    name: String,
    #[serde(default)]
    description: String,
    people: ChosenPeople,
}

/// Person numbers, or the people behind one number of an analysis.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
enum ChosenPeople {
    Numbers(Vec<u32>),
    Cell(Box<AnalysisCell>),
}

/// The people behind a cell, of the analysis' segment if it names one.
fn people_of(cell: &AnalysisCell, project: &Project, as_of: Millis) -> siyu_types::Result<RoaringBitmap> {
    let query = cell.query();
    let mut needs = Needs::default();
    needs.question(&query);
    evaluation::ask(project, needs, as_of, |context| analyses::people(cell, context, None))
}

/// The project's segments, newest first, as last counted.
#[utoipa::path(get, path = "/api/v1/segments", tag = "segments", operation_id = "segments_list", params(PageQuery),
    responses((status = 200, body = Page<SegmentItem>)))]
async fn list(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<SegmentItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let project = audience.project(&viewer)?;
    let before = page.cursor_id()?.unwrap_or(i64::MAX);
    let segments = store::list(audience.db(), viewer.project, before, page.limit() + 1).await?;
    let page = Page::cut(segments, page.limit(), |segment| segment.id.to_string());
    let mut items = Vec::with_capacity(page.items.len());
    for segment in page.items {
        items.push(item(&audience, &project, segment).await?);
    }
    Ok(Json(Page { items, next_cursor: page.next_cursor, total: page.total }))
}

/// Creates a segment and counts it.
#[utoipa::path(post, path = "/api/v1/segments", tag = "segments", operation_id = "segments_create", request_body = CreateSegment,
    responses((status = 201, body = SegmentItem)))]
async fn create(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Body(segment): Body<CreateSegment>,
) -> Result<(StatusCode, Json<SegmentItem>)> {
    let CreateSegment { name, description, kind, condition } = segment;
    let kind = kind.unwrap_or(SegmentKind::Dynamic);
    let new = NewSegment { name, description, kind, condition };
    let segment = super::create(&audience, &viewer, new).await?;
    let project = audience.project(&viewer)?;
    Ok((StatusCode::CREATED, Json(item(&audience, &project, segment).await?)))
}

/// How many people a condition means at the moment; nothing is stored.
#[utoipa::path(post, path = "/api/v1/segments/count", tag = "segments", operation_id = "segments_count", request_body = CountRequest,
    responses((status = 200, body = SegmentCount)))]
async fn count(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Body(request): Body<CountRequest>,
) -> Result<Json<SegmentCount>> {
    let started = Instant::now();
    let told_apart = request.identity_as_of.map(|At(at)| at);
    let found = super::count(&audience, &viewer, request.condition, told_apart).await?;
    let took_micros = started.elapsed().as_micros() as u64;
    Ok(Json(SegmentCount { count: found.count, total: found.total, took_micros, as_of: found.as_of }))
}

/// Freezes chosen people, or those behind a number of an analysis, as a snapshot.
#[utoipa::path(post, path = "/api/v1/segments/from_people", tag = "segments", operation_id = "segments_from_people", request_body = SegmentOfPeople,
    responses((status = 201, body = SegmentItem)))]
async fn from_people(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Body(request): Body<SegmentOfPeople>,
) -> Result<(StatusCode, Json<SegmentItem>)> {
    viewer.require(Permission::SegmentsWrite)?;
    let project = audience.project(&viewer)?;
    let SegmentOfPeople { name, description, people } = request;
    let people = match people {
        ChosenPeople::Numbers(numbers) if numbers.len() > CHOSEN_MAX => {
            return Err(Error::invalid("people", format!("at most {CHOSEN_MAX} people")).into());
        }
        ChosenPeople::Numbers(numbers) => numbers.into_iter().collect(),
        ChosenPeople::Cell(cell) => {
            let (asked, as_of) = (project.clone(), audience.now());
            blocking(move || people_of(&cell, &asked, as_of)).await?
        }
    };
    let segment = super::create_of(&audience, &viewer, Chosen { name, description, people }).await?;
    Ok((StatusCode::CREATED, Json(item(&audience, &project, segment).await?)))
}

/// One segment, with a count that is at most a minute old.
#[utoipa::path(get, path = "/api/v1/segments/{id}", tag = "segments", operation_id = "segments_get", params(("id" = i64, Path)),
    responses((status = 200, body = SegmentItem)))]
async fn get(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<SegmentItem>> {
    let segment = super::get(&audience, &viewer, id).await?;
    let project = audience.project(&viewer)?;
    Ok(Json(item(&audience, &project, segment).await?))
}

/// Changes a segment; a new condition takes effect and is counted at once.
#[utoipa::path(patch, path = "/api/v1/segments/{id}", tag = "segments", operation_id = "segments_change", params(("id" = i64, Path)),
    request_body = ChangeSegment, responses((status = 200, body = SegmentItem)))]
async fn change(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(change): Body<ChangeSegment>,
) -> Result<Json<SegmentItem>> {
    let ChangeSegment { name, description, condition } = change;
    let change = SegmentChange { name, description, condition };
    let segment = super::change(&audience, &viewer, id, change).await?;
    let project = audience.project(&viewer)?;
    Ok(Json(item(&audience, &project, segment).await?))
}

/// Removes a segment that nothing uses.
#[utoipa::path(delete, path = "/api/v1/segments/{id}", tag = "segments", operation_id = "segments_remove", params(("id" = i64, Path)),
    responses((status = 204)))]
async fn remove(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    super::remove(&audience, &viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The members as of now, by number, with personal values as the caller may see them.
#[utoipa::path(get, path = "/api/v1/segments/{id}/people", tag = "segments", operation_id = "segments_members",
    params(("id" = i64, Path), PageQuery), responses((status = 200, body = Page<PersonItem>)))]
async fn members(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<PersonItem>>> {
    viewer.require(Permission::PeopleRead)?;
    let project = audience.project(&viewer)?;
    let (as_of, cursor, limit) = (audience.now(), page.cursor_id()?, page.limit());
    let by = viewer.clone();
    let items = blocking(move || {
        let members = evaluation::members(&project, id, as_of)?;
        Ok(person_items(&project, &viewer, &members, cursor, limit))
    });
    Ok(Json(audience.listed(&by, "segment", items.await?).await?))
}

/// Counts a segment anew.
#[utoipa::path(post, path = "/api/v1/segments/{id}/refresh", tag = "segments", operation_id = "segments_refresh", params(("id" = i64, Path)),
    responses((status = 200, body = SegmentItem)))]
async fn refresh(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<SegmentItem>> {
    viewer.require(Permission::ProjectRead)?;
    let project = audience.project(&viewer)?;
    let segment = super::refresh(&audience, &project, id).await?;
    Ok(Json(item(&audience, &project, segment).await?))
}
