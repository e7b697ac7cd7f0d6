//! HTTP of what is done with a request: each move is one operation, one step and one
//! audit row.

use axum::extract::State;
use serde::Deserialize;
use siyu_http::{Body, Caller, Json, Path, Result};
use siyu_types::Permission;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::{Desk, RightsRequestWhole, whole};
use super::model::{Assignee, RequestState, StepKind, Verified, VerifiedHow};
use super::rules;

pub(super) fn routes(desk: Desk) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(take))
        .routes(routes!(hand_back))
        .routes(routes!(verify))
        .routes(routes!(note))
        .routes(routes!(name))
        .routes(routes!(end))
        .with_state(desk)
}

/// Takes a request over, also from somebody else: from now on the caller works on it.
#[utoipa::path(post, path = "/api/v1/rights/requests/{id}/take", tag = "rights", operation_id = "take_rights_request",
    params(("id" = i64, Path)), responses((status = 200, body = RightsRequestWhole)))]
async fn take(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<RightsRequestWhole>> {
    let taken = desk.govern.work(&viewer, id, |request, _| {
        rules::require_open(request, "take")?;
        request.state = RequestState::Working;
        request.assignee = Some(Assignee::of(&viewer));
        Ok((StepKind::Taken, String::new()))
    });
    whole(&desk, &viewer, taken.await?).await
}

/// Gives a request back: it waits for somebody again. What was done stays.
#[utoipa::path(post, path = "/api/v1/rights/requests/{id}/hand_back", tag = "rights",
    operation_id = "hand_back_rights_request", params(("id" = i64, Path)),
    responses((status = 200, body = RightsRequestWhole)))]
async fn hand_back(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<RightsRequestWhole>> {
    let back = desk.govern.work(&viewer, id, |request, _| {
        rules::require_taken(request, "hand_back")?;
        request.state = RequestState::Open;
        request.assignee = None;
        Ok((StepKind::HandedBack, String::new()))
    });
    whole(&desk, &viewer, back.await?).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Verification {
    how: VerifiedHow,
    /// What was seen or asked, without copying documents: 1 to 2,000 characters.
    note: String,
}

/// Notes how somebody made sure that it is the person who asks.
#[utoipa::path(post, path = "/api/v1/rights/requests/{id}/verify", tag = "rights",
    operation_id = "verify_rights_request", params(("id" = i64, Path)), request_body = Verification,
    responses((status = 200, body = RightsRequestWhole)))]
async fn verify(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(body): Body<Verification>,
) -> Result<Json<RightsRequestWhole>> {
    let verified = desk.govern.work(&viewer, id, |request, now| {
        rules::require_taken(request, "verify")?;
        let note = rules::require_text("note", &body.note)?;
        request.verified = Some(Verified { at: now, how: body.how });
        Ok((StepKind::Verified, note))
    });
    whole(&desk, &viewer, verified.await?).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RightsNote {
    /// 1 to 2,000 characters.
    text: String,
}

/// Writes something down about a request, for the team.
#[utoipa::path(post, path = "/api/v1/rights/requests/{id}/note", tag = "rights", operation_id = "note_rights_request",
    params(("id" = i64, Path)), request_body = RightsNote, responses((status = 200, body = RightsRequestWhole)))]
async fn note(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(body): Body<RightsNote>,
) -> Result<Json<RightsRequestWhole>> {
    let noted =
        desk.govern.work(&viewer, id, |_, _| Ok((StepKind::Noted, rules::require_text("text", &body.text)?)));
    whole(&desk, &viewer, noted.await?).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NamedPerson {
    person: u32,
}

/// Says who it is that asks, once that is known. Whoever was verified before is
/// verified anew.
#[utoipa::path(post, path = "/api/v1/rights/requests/{id}/person", tag = "rights", operation_id = "name_rights_request",
    params(("id" = i64, Path)), request_body = NamedPerson, responses((status = 200, body = RightsRequestWhole)))]
async fn name(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(body): Body<NamedPerson>,
) -> Result<Json<RightsRequestWhole>> {
    viewer.require(Permission::RightsManage)?;
    let known = desk.person(&viewer, body.person)?;
    let named = desk.govern.work(&viewer, id, |request, _| {
        rules::require_open(request, "name")?;
        request.person = Some(known.person);
        request.verified = None;
        Ok((StepKind::Named, format!("#{}", known.person.0)))
    });
    whole(&desk, &viewer, named.await?).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RightsEnd {
    /// `done` or `refused`.
    state: RequestState,
    /// What was done, or why not; the person reads it on their page.
    answer: String,
}

/// Answers a request. One that is done or refused stays so.
#[utoipa::path(post, path = "/api/v1/rights/requests/{id}/end", tag = "rights", operation_id = "end_rights_request",
    params(("id" = i64, Path)), request_body = RightsEnd, responses((status = 200, body = RightsRequestWhole)))]
async fn end(
    State(desk): State<Desk>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(body): Body<RightsEnd>,
) -> Result<Json<RightsRequestWhole>> {
    let ended = desk.govern.work(&viewer, id, |request, now| {
        rules::require_end(request, body.state, &body.answer)?;
        request.state = body.state;
        request.answer = rules::limit_text("answer", &body.answer)?;
        request.ended_at = Some(now);
        let kind = if body.state == RequestState::Done { StepKind::Done } else { StepKind::Refused };
        Ok((kind, request.answer.clone()))
    });
    whole(&desk, &viewer, ended.await?).await
}
