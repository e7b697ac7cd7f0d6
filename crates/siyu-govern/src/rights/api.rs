//! HTTP of requests: the list, one with its steps, taking one down.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use siyu_http::{At, Body, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::ports::{Directory, Known};
use siyu_types::{Error, Identifier, Permission, PersonNo, Viewer};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{
    Assignee, NewRequest, Request, RequestKind, RequestState, Step, StepKind, VerifiedHow, Wanted,
};
use super::{api_moves, rules, store};
use crate::masking;
use crate::{Govern, audit, govern};

#[derive(Clone)]
pub(super) struct Desk {
    pub govern: Govern,
    pub people: Arc<dyn Directory>,
}

pub(super) fn routes(govern: Govern, people: Arc<dyn Directory>) -> OpenApiRouter {
    let desk = Desk { govern, people };
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(summary))
        .routes(routes!(of_person))
        .routes(routes!(get))
        .with_state(desk.clone())
        .merge(api_moves::routes(desk))
}

#[derive(Debug, Serialize, ToSchema)]
struct RightsRequest {
    id: i64,
    /// Null while nobody is known by the contact.
    person: Option<u32>,
    /// What the person gave to be reached by; as the caller may see it.
    contact: Option<Identifier>,
    kind: RequestKind,
    state: RequestState,
    /// `preference_page`, or where somebody took it down.
    source: String,
    note: String,
    /// What was done, or why not; the person reads it.
    answer: String,
    /// `zh` or `en`: how the person is answered.
    language: String,
    asked_at: At,
    due_at: At,
    /// Not ended, and later than it should be.
    overdue: bool,
    /// Not ended, and due within five days.
    due_soon: bool,
    /// Who works on it.
    assignee: Option<String>,
    /// The caller works on it.
    mine: bool,
    verified: Option<RightsVerified>,
    ended_at: Option<At>,
    updated_at: At,
}

#[derive(Debug, Serialize, ToSchema)]
struct RightsVerified {
    at: At,
    how: VerifiedHow,
}

fn item(viewer: &Viewer, request: Request, now: i64) -> RightsRequest {
    let overdue = rules::is_overdue(&request, now);
    let ended = request.state.is_ended();
    RightsRequest {
        id: request.id,
        person: request.person.map(|person| person.0),
        contact: request.contact.map(|contact| masking::shown_identifier(viewer, contact)),
        kind: request.kind,
        state: request.state,
        overdue,
        due_soon: !ended && !overdue && request.due_at <= rules::soon(now),
        source: request.source,
        note: request.note,
        answer: request.answer,
        language: request.language,
        asked_at: At(request.asked_at),
        due_at: At(request.due_at),
        mine: request.assignee.as_ref().is_some_and(|by| by.actor == viewer.actor.as_text()),
        assignee: request.assignee.map(|by| by.name),
        verified: request.verified.map(|verified| RightsVerified { at: At(verified.at), how: verified.how }),
        ended_at: request.ended_at.map(At),
        updated_at: At(request.updated_at),
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RightsDue {
    Soon,
    Overdue,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RequestsQuery {
    /// Those that are ended, rather than those that are not.
    #[serde(default)]
    ended: bool,
    kind: Option<RequestKind>,
    /// `soon`: within five days; `overdue`: it should have been answered.
    #[param(value_type = Option<String>)]
    due: Option<RightsDue>,
    /// Only those the caller works on.
    #[serde(default)]
    mine: bool,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// What people ask about their data: what is due first comes first; ended ones, the
/// latest first.
#[utoipa::path(get, path = "/api/v1/rights/requests", tag = "rights", operation_id = "list_rights_requests",
    params(RequestsQuery), responses((status = 200, body = Page<RightsRequest>)))]
async fn list(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Params(query): Params<RequestsQuery>,
) -> Result<Json<Page<RightsRequest>>> {
    viewer.require(Permission::RightsManage)?;
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let now = desk.govern.now();
    let wanted = Wanted {
        ended: query.ended,
        kind: query.kind,
        due_until: query.due.map(|due| match due {
            RightsDue::Soon => rules::soon(now),
            RightsDue::Overdue => now - 1,
        }),
        assignee: query.mine.then(|| viewer.actor.as_text()),
    };
    let (cursor, limit) = (page.cursor_id()?, page.limit());
    let found = store::list(desk.govern.db(), viewer.project, &wanted, cursor, limit + 1).await?;
    let page = Page::cut(found, limit, |request| request.id.to_string());
    Ok(Json(page.map(|request| item(&viewer, request, now))))
}

/// How many requests wait.
#[derive(Debug, Serialize, ToSchema)]
struct RightsSummary {
    open: u64,
    /// Due within five days.
    due_soon: u64,
    overdue: u64,
    /// Those the caller works on.
    mine: u64,
}

/// How many requests wait, how many are late.
#[utoipa::path(get, path = "/api/v1/rights/summary", tag = "rights", operation_id = "rights_summary",
    responses((status = 200, body = RightsSummary)))]
async fn summary(State(desk): State<Desk>, Caller(viewer): Caller) -> Result<Json<RightsSummary>> {
    viewer.require(Permission::RightsManage)?;
    let now = desk.govern.now();
    let actor = viewer.actor.as_text();
    let waiting = store::waiting(desk.govern.db(), viewer.project, (now, rules::soon(now)), &actor).await?;
    Ok(Json(RightsSummary {
        open: waiting.open,
        due_soon: waiting.due_soon,
        overdue: waiting.overdue,
        mine: waiting.mine,
    }))
}

/// What a person asked about their data, open or ended, latest first.
#[utoipa::path(get, path = "/api/v1/people/{no}/requests", tag = "rights", operation_id = "person_requests",
    params(("no" = u32, Path)), responses((status = 200, body = Page<RightsRequest>)))]
async fn of_person(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
) -> Result<Json<Page<RightsRequest>>> {
    viewer.require(Permission::RightsManage)?;
    let numbers = desk.person(&viewer, number)?.numbers;
    let asked = store::of_person(desk.govern.db(), viewer.project, &numbers, i64::MIN).await?;
    let now = desk.govern.now();
    Ok(Json(Page::whole(asked.into_iter().rev().map(|request| item(&viewer, request, now)).collect())))
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RightsRequestWhole {
    request: RightsRequest,
    /// Everything that happened with it, latest first.
    steps: Vec<RightsStep>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RightsStep {
    at: At,
    kind: StepKind,
    /// `user:12`, `key:3`, `system` or `person`.
    actor: String,
    actor_name: String,
    text: String,
}

pub(super) async fn whole(
    desk: &Desk,
    viewer: &Viewer,
    request: Request,
) -> Result<Json<RightsRequestWhole>> {
    let steps = store::steps(desk.govern.db(), viewer.project, request.id).await?;
    let step = |step: Step| RightsStep {
        at: At(step.at),
        kind: step.kind,
        actor: step.by.actor,
        actor_name: step.by.name,
        text: step.text,
    };
    Ok(Json(RightsRequestWhole {
        request: item(viewer, request, desk.govern.now()),
        steps: steps.into_iter().map(step).collect(),
    }))
}

/// One request with everything that happened with it.
#[utoipa::path(get, path = "/api/v1/rights/requests/{id}", tag = "rights", operation_id = "get_rights_request",
    params(("id" = i64, Path)), responses((status = 200, body = RightsRequestWhole)))]
async fn get(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<RightsRequestWhole>> {
    viewer.require(Permission::RightsManage)?;
    let mut tx = desk.govern.begin().await?;
    let request = store::get(&mut tx, viewer.project, id).await?;
    drop(tx);
    whole(&desk, &viewer, request).await
}

/// A request by a person, or by somebody of whom only an address is known.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRightsRequest {
    person: Option<u32>,
    /// How the person is reached; needed if nobody is known by it.
    contact: Option<Identifier>,
    kind: RequestKind,
    /// Where it was asked: on the phone, in a shop.
    source: String,
    #[serde(default)]
    note: String,
    /// `zh` or `en`; Chinese if absent.
    language: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct CreatedRightsRequest {
    id: i64,
}

/// Takes down what somebody asked by another way than the preference page. Of one kind
/// there is one request of a person at a time: the number of an open one is the answer.
#[utoipa::path(post, path = "/api/v1/rights/requests", tag = "rights", operation_id = "create_rights_request",
    request_body = NewRightsRequest, responses((status = 201, body = CreatedRightsRequest)))]
async fn create(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Body(body): Body<NewRightsRequest>,
) -> Result<(StatusCode, Json<CreatedRightsRequest>)> {
    viewer.require(Permission::RightsManage)?;
    let known = match (body.person, &body.contact) {
        (Some(number), _) => Some(desk.person(&viewer, number)?),
        (None, Some(contact)) => {
            rules::require_text("contact", &contact.value)?;
            desk.people.of_identifier(viewer.project, contact)?
        }
        (None, None) => return Err(Error::invalid("contact", "say who asks, or how to reach them").into()),
    };
    let language = body.language.unwrap_or_else(|| "zh".to_owned());
    if !["zh", "en"].contains(&language.as_str()) {
        return Err(Error::invalid("language", "is zh or en").into());
    }
    let new = NewRequest {
        person: known.as_ref().map(|known| known.person),
        numbers: known.map(|known| known.numbers).unwrap_or_default(),
        contact: body.contact.map(rules::contact),
        kind: body.kind,
        source: rules::require_text("source", &body.source)?,
        note: rules::limit_text("note", &body.note)?,
        language,
        by: Assignee::of(&viewer),
    };
    let zone = desk.people.zone(viewer.project)?;
    let govern = &desk.govern;
    let id = govern.request(viewer.project, &new, &zone).await?;
    let mut tx = govern.begin().await?;
    let detail = json!({ "kind": new.kind, "person": new.person.map(|person| person.0) });
    audit(&mut tx, &viewer, "rights.asked", &format!("request:{id}"), detail, govern.now()).await?;
    govern::commit(tx).await?;
    Ok((StatusCode::CREATED, Json(CreatedRightsRequest { id })))
}

impl Desk {
    pub(super) fn person(&self, viewer: &Viewer, number: u32) -> siyu_types::Result<Known> {
        let known = self.people.of_number(viewer.project, PersonNo(number))?;
        known.ok_or_else(|| Error::not_found("person", number))
    }
}
