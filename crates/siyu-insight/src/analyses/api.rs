//! Analyses over HTTP.

use axum::extract::State;
use http::StatusCode;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use siyu_audience::PersonItem;
use siyu_audience::people::person_items;
use siyu_govern::personal::Look;
use siyu_http::{At, Body, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::analysis::{AnalysisCell, AnalysisQuery};
use siyu_types::clock::Millis;
use siyu_types::{Error, Viewer};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Analysis, AnalysisAnswer, AnalysisChange, NewAnalysis, table};
use crate::Insight;

/// People listed of one cell; all of them can be kept as a segment.
const LISTED_MAX: i64 = 100;

pub(crate) fn routes(insight: Insight) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(answer))
        .routes(routes!(people))
        .routes(routes!(list, create))
        .routes(routes!(get, change, remove))
        .with_state(insight.clone())
        .merge(table::routes(insight))
}

/// The people behind one number of an analysis.
#[derive(Debug, Serialize, ToSchema)]
struct CellPeople {
    count: u64,
    /// The first hundred, with personal values as the caller may see them.
    people: Vec<PersonItem>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Analysis)]
struct AnalysisItem {
    id: i64,
    name: String,
    description: String,
    query: AnalysisQuery,
    /// People are told apart as at this instant; as now if null.
    identity_as_of: Option<At>,
    /// `user:3`, `key:1`.
    created_by: String,
    created_at: At,
    updated_at: At,
}

impl From<Analysis> for AnalysisItem {
    fn from(analysis: Analysis) -> AnalysisItem {
        AnalysisItem {
            id: analysis.id,
            name: analysis.name,
            description: analysis.description,
            query: analysis.query,
            identity_as_of: analysis.told_apart.map(At),
            created_by: analysis.created_by,
            created_at: At(analysis.created_at),
            updated_at: At(analysis.updated_at),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAnalysis)]
struct CreateAnalysis {
    name: String,
    #[serde(default)]
    description: String,
    query: AnalysisQuery,
    /// Ask of the people as they were told apart at this instant; as now if absent.
    identity_as_of: Option<At>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AnalysisChange)]
struct ChangeAnalysis {
    name: Option<String>,
    description: Option<String>,
    query: Option<AnalysisQuery>,
    /// Belongs to `query`: given with it, or the question is as of now.
    identity_as_of: Option<At>,
}

#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct IdentityQuery {
    /// Ask of the people as they were told apart at this instant; as now if absent. Events
    /// and what is known of people are those of now.
    #[param(value_type = Option<String>, format = DateTime)]
    identity_as_of: Option<At>,
}

impl IdentityQuery {
    fn at(self) -> Option<Millis> {
        self.identity_as_of.map(|At(at)| at)
    }
}

/// Answers a question of any kind, as of now.
#[utoipa::path(post, path = "/api/v1/analyses/answer", tag = "analyses", operation_id = "analyses_answer",
    params(IdentityQuery), request_body = AnalysisQuery, responses((status = 200, body = AnalysisAnswer)))]
async fn answer(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Params(identity): Params<IdentityQuery>,
    Body(query): Body<AnalysisQuery>,
) -> Result<Json<AnalysisAnswer>> {
    Ok(Json(super::answer(&insight, &viewer, query, identity.at()).await?))
}

/// The people behind one number of an answer.
#[utoipa::path(post, path = "/api/v1/analyses/people", tag = "analyses", operation_id = "analyses_people",
    params(IdentityQuery), request_body = AnalysisCell, responses((status = 200, body = CellPeople)))]
async fn people(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Params(identity): Params<IdentityQuery>,
    Body(cell): Body<AnalysisCell>,
) -> Result<Json<CellPeople>> {
    let people = super::people(&insight, &viewer, cell, identity.at()).await?;
    Ok(Json(listed(&insight, viewer, people).await?))
}

async fn listed(insight: &Insight, viewer: Viewer, people: RoaringBitmap) -> siyu_types::Result<CellPeople> {
    let project = insight.project(&viewer)?;
    let by = viewer.clone();
    let work = move || {
        let page = person_items(&project, &viewer, &people, None, LISTED_MAX);
        Ok(CellPeople { count: people.len(), people: page.items })
    };
    let cell = insight.work(work).await?;
    let numbers = cell.people.iter().map(|item| item.person).collect();
    insight.looked(Look::listed(&by, insight.now(), "analysis", numbers)).await?;
    Ok(cell)
}

/// Saved analyses, newest first.
#[utoipa::path(get, path = "/api/v1/analyses", tag = "analyses", params(PageQuery),
    responses((status = 200, body = Page<AnalysisItem>)))]
async fn list(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<AnalysisItem>>> {
    let before = page.cursor_id()?.unwrap_or(i64::MAX);
    let found = super::list(&insight, &viewer, before, page.limit() + 1).await?;
    let page = Page::cut(found, page.limit(), |analysis| analysis.id.to_string());
    Ok(Json(page.map(AnalysisItem::from)))
}

/// Saves an analysis under a name.
#[utoipa::path(post, path = "/api/v1/analyses", tag = "analyses", request_body = CreateAnalysis,
    responses((status = 201, body = AnalysisItem)))]
async fn create(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Body(CreateAnalysis { name, description, query, identity_as_of }): Body<CreateAnalysis>,
) -> Result<(StatusCode, Json<AnalysisItem>)> {
    let told_apart = identity_as_of.map(|At(at)| at);
    let new = NewAnalysis { name, description, query, told_apart };
    let analysis = super::create(&insight, &viewer, new).await?;
    Ok((StatusCode::CREATED, Json(analysis.into())))
}

/// One saved analysis.
#[utoipa::path(get, path = "/api/v1/analyses/{id}", tag = "analyses", params(("id" = i64, Path)),
    responses((status = 200, body = AnalysisItem)))]
async fn get(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<AnalysisItem>> {
    Ok(Json(super::get(&insight, &viewer, id).await?.into()))
}

/// Changes a saved analysis; absent fields stay.
#[utoipa::path(patch, path = "/api/v1/analyses/{id}", tag = "analyses", params(("id" = i64, Path)),
    request_body = ChangeAnalysis, responses((status = 200, body = AnalysisItem)))]
async fn change(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(ChangeAnalysis { name, description, query, identity_as_of }): Body<ChangeAnalysis>,
) -> Result<Json<AnalysisItem>> {
    if query.is_none() && identity_as_of.is_some() {
        return Err(Error::invalid("identity_as_of", "comes with the question it belongs to").into());
    }
    let query = query.map(|query| (query, identity_as_of.map(|At(at)| at)));
    let change = AnalysisChange { name, description, query };
    Ok(Json(super::change(&insight, &viewer, id, change).await?.into()))
}

/// Removes a saved analysis.
#[utoipa::path(delete, path = "/api/v1/analyses/{id}", tag = "analyses", params(("id" = i64, Path)),
    responses((status = 204)))]
async fn remove(
    State(insight): State<Insight>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    super::remove(&insight, &viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
