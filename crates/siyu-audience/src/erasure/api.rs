//! Erasures over HTTP.

use axum::extract::State;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use siyu_http::{At, Body, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::erasure::Removed;
use siyu_types::{Error, ErrorCode, Permission};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Erasure, ErasureState, NewErasure, Step};
use super::rules::{REMAINS, STEPS};
use super::store;
use crate::Audience;

pub(crate) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(order))
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(certificate))
        .with_state(audience)
}

/// One erasure in the list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Erasure)]
struct ErasureItem {
    id: i64,
    /// The number it was ordered for. It is nobody's now.
    person: u32,
    reason: String,
    /// The request it answers.
    request_id: Option<i64>,
    state: ErasureState,
    ordered_by: String,
    ordered_at: At,
    /// From then on the person was nobody.
    applied_at: Option<At>,
    /// When the last trace was removed.
    finished_at: Option<At>,
}

impl ErasureItem {
    fn of(erasure: Erasure) -> ErasureItem {
        ErasureItem {
            id: erasure.id,
            person: erasure.person,
            reason: erasure.reason,
            request_id: erasure.request,
            state: erasure.state,
            ordered_by: erasure.ordered_by_name,
            ordered_at: At(erasure.ordered_at),
            applied_at: erasure.applied_at.map(At),
            finished_at: erasure.finished_at.map(At),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StepState {
    Waiting,
    Working,
    Done,
}

/// One place that traces are removed from.
#[derive(Debug, Serialize, ToSchema)]
struct ErasureStep {
    step: String,
    state: StepState,
    started_at: Option<At>,
    finished_at: Option<At>,
    /// What was removed, kept or looked at, by code.
    removed: Vec<Removed>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ErasureDetail {
    #[serde(flatten)]
    erasure: ErasureItem,
    steps: Vec<ErasureStep>,
}

/// What was done for whom, without saying who it was.
#[derive(Debug, Serialize, ToSchema)]
struct ErasureCertificate {
    /// Of this form of certificate.
    version: u32,
    erasure: i64,
    project: i64,
    /// All numbers of the person, which lead to nobody and are never given again.
    numbers: Vec<u32>,
    identifiers: i64,
    /// SHA-256 over the sorted keyed hashes (HMAC-SHA-256, 128 bits) of the identifiers. Whoever
    /// has the key of this installation and the identifiers can make it again.
    identifiers_digest: String,
    reason: String,
    request_id: Option<i64>,
    ordered_by: String,
    ordered_at: At,
    /// What happened by then is dropped if it arrives later.
    applied_at: At,
    finished_at: At,
    steps: Vec<ErasureStep>,
    /// What remains, by code; why stands in the guide and in the console.
    remains: Vec<String>,
}

/// Erases a person for good. When this answers, they are nobody: in no search, count,
/// segment, analysis or delivery. A job then removes what is left of them from files and tables.
#[utoipa::path(post, path = "/api/v1/people/{no}/erasure", tag = "erasure", operation_id = "order_erasure",
    params(("no" = u32, Path)), request_body = NewErasure, responses((status = 202, body = ErasureItem)))]
async fn order(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
    Body(body): Body<NewErasure>,
) -> Result<(StatusCode, Json<ErasureItem>)> {
    let erasure = super::order(&audience, &viewer, number, body).await?;
    Ok((StatusCode::ACCEPTED, Json(ErasureItem::of(erasure))))
}

/// Erasures, newest first.
#[utoipa::path(get, path = "/api/v1/erasures", tag = "erasure", operation_id = "list_erasures", params(PageQuery),
    responses((status = 200, body = Page<ErasureItem>)))]
async fn list(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<ErasureItem>>> {
    viewer.require(Permission::PeopleRead)?;
    let before = page.cursor_id()?.unwrap_or(i64::MAX);
    let found = store::list(audience.db(), viewer.project, before, page.limit() + 1).await?;
    Ok(Json(Page::cut(found, page.limit(), |erasure| erasure.id.to_string()).map(ErasureItem::of)))
}

/// One erasure with its steps.
#[utoipa::path(get, path = "/api/v1/erasures/{id}", tag = "erasure", operation_id = "get_erasure",
    params(("id" = i64, Path)), responses((status = 200, body = ErasureDetail)))]
async fn get(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<ErasureDetail>> {
    viewer.require(Permission::PeopleRead)?;
    let erasure = store::get(audience.db(), viewer.project, id).await?;
    let steps = steps(store::steps(audience.db(), id).await?);
    Ok(Json(ErasureDetail { erasure: ErasureItem::of(erasure), steps }))
}

/// The certificate of an erasure that is done, to be kept as a file.
#[utoipa::path(get, path = "/api/v1/erasures/{id}/certificate", tag = "erasure",
    operation_id = "get_erasure_certificate", params(("id" = i64, Path)),
    responses((status = 200, body = ErasureCertificate)))]
async fn certificate(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<(HeaderMap, Json<ErasureCertificate>)> {
    viewer.require(Permission::PeopleRead)?;
    let erasure = store::get(audience.db(), viewer.project, id).await?;
    let (Some(applied_at), Some(finished_at)) = (erasure.applied_at, erasure.finished_at) else {
        let message = "the erasure is not finished; its certificate comes with its end";
        return Err(Error::new(ErrorCode::WrongState, message).with("state", erasure.state.as_str()).into());
    };
    let steps = steps(store::steps(audience.db(), id).await?);
    let name = HeaderValue::from_str(&format!("attachment; filename=\"erasure-{id}.json\""));
    let name = name.map_err(Error::internal)?;
    let headers = HeaderMap::from_iter([(header::CONTENT_DISPOSITION, name)]);
    Ok((
        headers,
        Json(ErasureCertificate {
            version: 1,
            erasure: id,
            project: viewer.project.0,
            numbers: erasure.numbers,
            identifiers: erasure.identifiers,
            identifiers_digest: erasure.digest,
            reason: erasure.reason,
            request_id: erasure.request,
            ordered_by: erasure.ordered_by_name,
            ordered_at: At(erasure.ordered_at),
            applied_at: At(applied_at),
            finished_at: At(finished_at),
            steps,
            remains: REMAINS.iter().map(|what| (*what).to_owned()).collect(),
        }),
    ))
}

/// Every step, those not begun too.
fn steps(begun: Vec<Step>) -> Vec<ErasureStep> {
    let mut steps: Vec<ErasureStep> = begun
        .into_iter()
        .map(|step| ErasureStep {
            step: step.step,
            state: if step.finished_at.is_some() { StepState::Done } else { StepState::Working },
            started_at: Some(At(step.started_at)),
            finished_at: step.finished_at.map(At),
            removed: step.removed,
        })
        .collect();
    for step in STEPS.iter().skip(steps.len()) {
        steps.push(ErasureStep {
            step: (*step).to_owned(),
            state: StepState::Waiting,
            started_at: None,
            finished_at: None,
            removed: Vec::new(),
        });
    }
    steps
}
