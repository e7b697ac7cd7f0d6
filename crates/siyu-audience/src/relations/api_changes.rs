//! What people decide about relations by hand, over HTTP: begin, end, declare kinds.

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use siyu_http::{At, Body, Caller, Json, Page, Path, Result};
use siyu_types::clock::Millis;
use siyu_types::record::{Body as RecordBody, Evidence, key_of};
use siyu_types::relation::{Parties, RelationChange, RelationKind, RelationSide, RelationStatement};
use siyu_types::{Error, ErrorCode, Permission, Record, Viewer};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api::{PersonRelations, RelationKindItem, code_of, describe, kind_items};
use super::model::{CHAIN_MAX, Obstacle};
use super::rules::Ends;
use super::{GROUP_MAX, ends};
use crate::Audience;
use crate::people::{People, resolve};
use crate::projects::Project;

const REASON_CHARS_MAX: usize = 500;
/// Source of what people decide by hand.
const BY_HAND: &str = "siyu";

pub(super) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(declare))
        .routes(routes!(begin))
        .routes(routes!(end))
        .with_state(audience)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BeginRelation {
    /// Kind of relation, such as `inviter`.
    kind: String,
    /// The end at which the person of the path stands: `to` of `inviter` is who was invited.
    side: RelationSide,
    /// Any number of the other person.
    other: u32,
    /// Now if absent.
    since: Option<At>,
    until: Option<At>,
    /// Why, for the history: 1 to 500 characters.
    reason: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EndRelation {
    kind: String,
    side: RelationSide,
    other: u32,
    /// Now if absent. The beginning itself says that it never held.
    at: Option<At>,
    /// Why, for the history: 1 to 500 characters.
    reason: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeclareKinds {
    /// All kinds of the project's own. Those left out keep what they have and take
    /// nothing new.
    kinds: Vec<RelationKind>,
    /// Why: 1 to 500 characters.
    reason: String,
}

/// Says that two people are related. Answers how the person is related afterwards.
#[utoipa::path(post, path = "/api/v1/people/{no}/relations", tag = "relations", operation_id = "relations_begin",
    params(("no" = u32, Path)), request_body = BeginRelation, responses((status = 200, body = PersonRelations)))]
async fn begin(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
    Body(body): Body<BeginRelation>,
) -> Result<Json<PersonRelations>> {
    viewer.require(Permission::RelationsManage)?;
    let now = audience.now();
    let time = past(body.since, now, "since")?;
    let until = body.until.map(|At(until)| until);
    if until.is_some_and(|until| until <= time) {
        return Err(Error::invalid("until", "is not after the beginning").into());
    }
    let two = ends(body.side, number, body.other);
    let parties = Parties::Numbers { from: two.from, to: two.to };
    let change = RelationChange::Begin { kind: body.kind.clone(), parties, until };
    let asked = Asked { kind: &body.kind, ends: two, time, number };
    Ok(Json(decide(&audience, &viewer, asked, change, &body.reason).await?))
}

/// Says that two people are not related any more.
#[utoipa::path(post, path = "/api/v1/people/{no}/relations/end", tag = "relations", operation_id = "relations_end",
    params(("no" = u32, Path)), request_body = EndRelation, responses((status = 200, body = PersonRelations)))]
async fn end(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
    Body(body): Body<EndRelation>,
) -> Result<Json<PersonRelations>> {
    viewer.require(Permission::RelationsManage)?;
    let time = past(body.at, audience.now(), "at")?;
    let two = ends(body.side, number, body.other);
    let parties = Parties::Numbers { from: two.from, to: two.to };
    let change = RelationChange::End { kind: body.kind.clone(), parties };
    let asked = Asked { kind: &body.kind, ends: two, time, number };
    Ok(Json(decide(&audience, &viewer, asked, change, &body.reason).await?))
}

/// Declares the project's own kinds of relations.
#[utoipa::path(put, path = "/api/v1/relations/kinds", tag = "relations", operation_id = "relations_declare",
    request_body = DeclareKinds, responses((status = 200, body = Page<RelationKindItem>)))]
async fn declare(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Body(body): Body<DeclareKinds>,
) -> Result<Json<Page<RelationKindItem>>> {
    viewer.require(Permission::RelationsManage)?;
    let project = audience.project(&viewer)?;
    project.people.read().relations().validate(&body.kinds)?;
    let names: Vec<String> = body.kinds.iter().map(|kind| kind.name.clone()).collect();
    let change = RelationChange::Kinds { kinds: body.kinds };
    write(&audience, &project, &viewer, (change, &body.reason), audience.now()).await?;
    audit(&audience, &viewer, "relations.declare", "relations", json!({ "kinds": names })).await?;
    Ok(Json(kind_items(&project.people.read())))
}

/// A time that has come.
fn past(at: Option<At>, now: Millis, field: &str) -> siyu_types::Result<Millis> {
    let at = at.map_or(now, |At(at)| at);
    if at > now || at < 0 {
        return Err(Error::invalid(field, "must not lie in the future or before 1970"));
    }
    Ok(at)
}

/// What is decided about whom.
struct Asked<'a> {
    kind: &'a str,
    ends: Ends,
    time: Millis,
    /// Of the path.
    number: u32,
}

/// Writes a decision into the log, waits until it is applied, and says what came of it.
async fn decide(
    audience: &Audience,
    viewer: &Viewer,
    asked: Asked<'_>,
    change: RelationChange,
    reason: &str,
) -> siyu_types::Result<PersonRelations> {
    let project = audience.project(viewer)?;
    let begins = matches!(change, RelationChange::Begin { .. });
    let refused = {
        let people = project.people.read();
        resolve(&people, asked.ends.from)?;
        resolve(&people, asked.ends.to)?;
        code_of(&people, asked.kind, "kind")?;
        refusals(&people, &asked)
    };
    write(audience, &project, viewer, (change, reason), asked.time).await?;
    {
        let people = project.people.read();
        let after = refusals(&people, &asked);
        // Counted before and after, as the same may have been refused earlier.
        let fresh = after.iter().find(|found| !refused.contains(found));
        if let Some((obstacle, _)) = fresh {
            return Err(refusal(&people, &asked, *obstacle));
        }
    }
    let action = if begins { "relations.begin" } else { "relations.end" };
    let (from, to) = (asked.ends.from, asked.ends.to);
    let detail = json!({ "kind": asked.kind, "from": from, "to": to });
    audit(audience, viewer, action, &format!("person:{}", asked.number), detail).await?;
    describe(&project.people.read(), viewer, asked.number, audience.now())
}

/// What was refused between exactly these numbers, with how often.
fn refusals(people: &People, asked: &Asked<'_>) -> Vec<(Obstacle, u64)> {
    let Ends { from, to } = asked.ends;
    let about = people.relations().conflicts().about(&[from]).into_iter();
    let ours = about.filter(|one| (one.from, one.to) == (from, to) && one.kind == asked.kind);
    ours.map(|one| (one.obstacle, one.count)).collect()
}

fn refusal(people: &People, asked: &Asked<'_>, obstacle: Obstacle) -> Error {
    let full = |limit: usize| {
        Error::new(ErrorCode::RelationsFull, "there are as many as there may be")
            .with("limit", limit.to_string())
    };
    match obstacle {
        Obstacle::UnknownKind => {
            Error::new(ErrorCode::WrongState, "this kind of relation takes nothing new").at("kind")
        }
        Obstacle::ToItself => Error::new(ErrorCode::RelationToItself, "both are one person"),
        Obstacle::Taken => Error::new(ErrorCode::RelationTaken, "somebody else is it"),
        Obstacle::Circle => Error::new(ErrorCode::RelationCircle, "somebody would stand above themselves"),
        Obstacle::TooDeep => full(CHAIN_MAX),
        Obstacle::GroupFull => {
            let code = people.relations().kind_code(asked.kind);
            let most = code.map_or(GROUP_MAX, |code| people.relations().kind(code).kind.group_max);
            full(usize::from(most))
        }
        Obstacle::TooMany => full(super::HELD_MAX),
        Obstacle::NotRelated => Error::new(ErrorCode::NotRelated, "they are not related so at that time"),
        Obstacle::EndsFirst => Error::invalid("until", "is not after the beginning"),
    }
}

async fn write(
    audience: &Audience,
    project: &Project,
    viewer: &Viewer,
    (change, reason): (RelationChange, &str),
    time: Millis,
) -> siyu_types::Result<()> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        return Err(Error::invalid("reason", format!("needs 1 to {REASON_CHARS_MAX} characters")));
    }
    let statement = RelationStatement { change, by: viewer.actor.name(), reason: reason.to_owned() };
    let now = audience.now();
    let said = serde_json::to_vec(&statement).map_err(Error::internal)?;
    let record = Record {
        key: key_of(&[b"relation", &now.to_le_bytes(), &time.to_le_bytes(), &said]),
        time,
        received_at: now,
        ids: Vec::new(),
        evidence: Evidence::Weak,
        body: RecordBody::Relation(Box::new(statement)),
        source: BY_HAND.to_owned(),
    };
    audience.sink().emit(project.id, vec![record]).await?;
    audience.sink().settle(project.id).await
}

async fn audit(
    audience: &Audience,
    viewer: &Viewer,
    action: &str,
    object: &str,
    detail: serde_json::Value,
) -> siyu_types::Result<()> {
    let mut tx = audience.db().begin().await?;
    siyu_govern::audit(&mut tx, viewer, action, object, detail, audience.now()).await?;
    tx.commit().await.map_err(siyu_db::db_error)
}
