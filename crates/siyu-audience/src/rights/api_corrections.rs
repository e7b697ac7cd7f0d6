//! HTTP of corrections.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use siyu_http::{At, Body, Caller, Json, Page, Path, Result};
use siyu_types::{Error, Identifier, Permission, Value};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::corrections::{self, ATTRIBUTE, Asked, Made, Right};
use super::{copy, store};
use crate::Audience;

pub(super) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list, correct)).routes(routes!(undo)).with_state(audience)
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CorrectionKind {
    Attribute,
    Identifier,
}

/// Something that was put right.
#[derive(Debug, Serialize, ToSchema)]
struct RightsCorrection {
    id: i64,
    request: Option<i64>,
    kind: CorrectionKind,
    /// The attribute, or the kind of the identifier.
    name: String,
    reason: String,
    at: At,
    by: String,
    undone_at: Option<At>,
}

fn item(made: Made) -> RightsCorrection {
    RightsCorrection {
        id: made.id,
        request: made.request,
        kind: if made.kind == ATTRIBUTE { CorrectionKind::Attribute } else { CorrectionKind::Identifier },
        name: made.name,
        reason: made.reason,
        at: At(made.at),
        by: made.by,
        undone_at: made.undone_at.map(At),
    }
}

/// What was put right about a person, latest first.
#[utoipa::path(get, path = "/api/v1/people/{no}/corrections", tag = "rights", operation_id = "list_corrections",
    params(("no" = u32, Path)), responses((status = 200, body = Page<RightsCorrection>)))]
async fn list(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
) -> Result<Json<Page<RightsCorrection>>> {
    viewer.require(Permission::RightsManage)?;
    let project = audience.project(&viewer)?;
    let subject = copy::subject(&project, number)?;
    let made = store::of_person(audience.db(), viewer.project, &subject.numbers).await?;
    Ok(Json(Page::whole(made.into_iter().map(item).collect())))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CorrectAttribute {
    name: String,
    /// What is right; null: that there is nothing to say.
    value: Option<Value>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CorrectIdentifier {
    /// The node of an identifier that was never theirs. It is split off, with what came under it,
    /// and does not come back by itself.
    wrong: Option<u32>,
    /// The identifier that is theirs.
    right: Option<Identifier>,
}

/// An attribute or an identifier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCorrection {
    /// The request it answers.
    request: Option<i64>,
    /// Why, for the history: 1 to 2,000 characters.
    reason: String,
    attribute: Option<CorrectAttribute>,
    identifier: Option<CorrectIdentifier>,
}

/// Puts something right about a person. It is in force at once, and holds against
/// everything that sources say, until it is corrected again or taken back.
#[utoipa::path(post, path = "/api/v1/people/{no}/corrections", tag = "rights", operation_id = "correct_person",
    params(("no" = u32, Path)), request_body = NewCorrection, responses((status = 201, body = RightsCorrection)))]
async fn correct(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
    Body(body): Body<NewCorrection>,
) -> Result<(StatusCode, Json<RightsCorrection>)> {
    viewer.require(Permission::RightsManage)?;
    let right = match (body.attribute, body.identifier) {
        (Some(of), None) => Right::Attribute { name: of.name, value: of.value },
        (None, Some(of)) => Right::Identifier { wrong: of.wrong, right: of.right },
        _ => return Err(Error::invalid("attribute", "give either an attribute or an identifier").into()),
    };
    let asked = Asked { request: body.request, reason: body.reason, right };
    let made = corrections::correct(&audience, &viewer, number, asked).await?;
    Ok((StatusCode::CREATED, Json(item(made))))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UndoCorrection {
    /// Why, for the history: 1 to 2,000 characters.
    reason: String,
}

/// Takes a correction back: what would hold without it holds again.
#[utoipa::path(post, path = "/api/v1/rights/corrections/{id}/undo", tag = "rights", operation_id = "undo_correction",
    params(("id" = i64, Path)), request_body = UndoCorrection, responses((status = 200, body = RightsCorrection)))]
async fn undo(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(body): Body<UndoCorrection>,
) -> Result<Json<RightsCorrection>> {
    Ok(Json(item(corrections::undo(&audience, &viewer, id, &body.reason).await?)))
}
