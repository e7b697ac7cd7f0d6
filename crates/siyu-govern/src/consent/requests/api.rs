//! HTTP of requests.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use siyu_http::{At, Body, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::ports::Directory;
use siyu_types::{Error, Permission};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::api::Ledger;
use super::model::{NewRequest, Request, RequestKind, RequestState};
use super::{rules, store};
use crate::{Govern, audit, govern};

const TEXT_CHARS_MAX: usize = 2_000;

pub(in super::super) fn routes(govern: Govern, people: Arc<dyn Directory>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(change))
        .with_state(Ledger { govern, people })
}

#[derive(Debug, Serialize, ToSchema)]
struct ConsentRequest {
    id: i64,
    person: u32,
    kind: RequestKind,
    state: RequestState,
    /// `preference_page`, or where somebody took it down.
    source: String,
    note: String,
    /// What was done, or why not.
    answer: String,
    asked_at: At,
    due_at: At,
    /// Not ended, and later than it should be.
    overdue: bool,
    updated_at: At,
    updated_by: String,
}

fn item(request: Request, now: i64) -> ConsentRequest {
    ConsentRequest {
        id: request.id,
        person: request.person.0,
        kind: request.kind,
        state: request.state,
        overdue: !request.state.is_ended() && request.due_at < now,
        source: request.source,
        note: request.note,
        answer: request.answer,
        asked_at: At(request.asked_at),
        due_at: At(request.due_at),
        updated_at: At(request.updated_at),
        updated_by: request.updated_by,
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RequestsQuery {
    /// Also those that are ended.
    #[serde(default)]
    ended: bool,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// What people ask about their data, newest first.
#[utoipa::path(get, path = "/api/v1/consent/requests", tag = "consent", operation_id = "list_consent_requests",
    params(RequestsQuery), responses((status = 200, body = Page<ConsentRequest>)))]
async fn list(
    State(ledger): State<Ledger>,
    Caller(viewer): Caller,
    Params(query): Params<RequestsQuery>,
) -> Result<Json<Page<ConsentRequest>>> {
    viewer.require(Permission::PeopleRead)?;
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let (before, limit) = (page.cursor_id()?.unwrap_or(i64::MAX), page.limit());
    let now = ledger.govern.now();
    let found = store::list(ledger.govern.db(), viewer.project, query.ended, before, limit + 1).await?;
    Ok(Json(Page::cut(found, limit, |request| request.id.to_string()).map(|request| item(request, now))))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewConsentRequest {
    person: u32,
    kind: RequestKind,
    /// Where it was asked: on the phone, in a shop.
    source: String,
    #[serde(default)]
    note: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct CreatedRequest {
    id: i64,
}

/// Takes down what a person asked by another way than the preference page.
#[utoipa::path(post, path = "/api/v1/consent/requests", tag = "consent", operation_id = "create_consent_request",
    request_body = NewConsentRequest, responses((status = 201, body = CreatedRequest)))]
async fn create(
    State(ledger): State<Ledger>,
    Caller(viewer): Caller,
    Body(body): Body<NewConsentRequest>,
) -> Result<(StatusCode, Json<CreatedRequest>)> {
    viewer.require(Permission::ProtectionManage)?;
    let known = ledger.person(&viewer, body.person)?;
    for (field, text) in [("source", &body.source), ("note", &body.note)] {
        if text.chars().count() > TEXT_CHARS_MAX {
            return Err(Error::invalid(field, format!("at most {TEXT_CHARS_MAX} characters")).into());
        }
    }
    let new = NewRequest {
        person: known.person,
        numbers: known.numbers,
        kind: body.kind,
        source: body.source.trim().to_owned(),
        note: body.note.trim().to_owned(),
        actor: viewer.actor.as_text(),
    };
    let zone = ledger.people.zone(viewer.project)?;
    let govern = &ledger.govern;
    let id = govern.request(viewer.project, &new, &zone).await?;
    let mut tx = govern.begin().await?;
    let detail = json!({ "kind": new.kind, "person": new.person.0 });
    audit(&mut tx, &viewer, "consent.request", &format!("request:{id}"), detail, govern.now()).await?;
    govern::commit(tx).await?;
    Ok((StatusCode::CREATED, Json(CreatedRequest { id })))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RequestChange {
    state: RequestState,
    /// What was done, or why not; needed to refuse.
    #[serde(default)]
    answer: String,
}

/// Says how far a request is. One that is done or refused stays so.
#[utoipa::path(patch, path = "/api/v1/consent/requests/{id}", tag = "consent",
    operation_id = "change_consent_request", params(("id" = i64, Path)), request_body = RequestChange,
    responses((status = 200, body = ConsentRequest)))]
async fn change(
    State(ledger): State<Ledger>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(body): Body<RequestChange>,
) -> Result<Json<ConsentRequest>> {
    viewer.require(Permission::ProtectionManage)?;
    if body.answer.chars().count() > TEXT_CHARS_MAX {
        return Err(Error::invalid("answer", format!("at most {TEXT_CHARS_MAX} characters")).into());
    }
    let govern = &ledger.govern;
    let now = govern.now();
    let mut tx = govern.begin().await?;
    let mut request = store::get(&mut tx, viewer.project, id).await?;
    rules::moved(&request, body.state, &body.answer)?;
    request.state = body.state;
    request.answer = body.answer.trim().to_owned();
    request.updated_at = now;
    request.updated_by = viewer.actor.as_text();
    store::change(&mut tx, &request, viewer.project).await?;
    let detail = json!({ "state": request.state, "kind": request.kind, "person": request.person.0 });
    audit(&mut tx, &viewer, "consent.request", &format!("request:{id}"), detail, now).await?;
    govern::commit(tx).await?;
    Ok(Json(item(request, now)))
}
