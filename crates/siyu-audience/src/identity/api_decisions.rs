//! Decisions about who is one person, over HTTP: merge, split, undo.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use siyu_http::{Body, Caller, Json, Path, Result};
use siyu_types::identity::{IdentityChange, IdentityDecision};
use siyu_types::record::{Body as RecordBody, Evidence, key_of};
use siyu_types::{Error, ErrorCode, Identifier, Permission, PersonNo, Record, Viewer};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Graph;
use super::api_person::{HeldIdentifier, shown_held};
use super::decisions::BY_HAND;
use super::journal::{Obstacle, Outcome};
use crate::Audience;
use crate::people::resolve;
use crate::projects::Project;

const REASON_CHARS_MAX: usize = 500;
/// Identifiers in one decision.
const NODES_MAX: usize = 1_000;

pub(super) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(preview_merge))
        .routes(routes!(merge))
        .routes(routes!(split))
        .routes(routes!(undo))
        .with_state(audience)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PreviewMerge {
    /// Any number of the other person.
    with: u32,
}

#[derive(Debug, Serialize, ToSchema)]
struct MergePreview {
    /// The person they would be.
    person: u32,
    /// They are one already.
    already_one: bool,
    /// Values of which only one can stay current: one of each kind has to be chosen.
    contradicting: Vec<HeldIdentifier>,
    identifiers: u64,
    identifiers_max: u64,
}

/// What a merge of two people would have to decide. Changes nothing.
#[utoipa::path(post, path = "/api/v1/people/{no}/merge/preview", tag = "identity", operation_id = "identity_preview_merge",
    params(("no" = u32, Path)), request_body = PreviewMerge, responses((status = 200, body = MergePreview)))]
async fn preview_merge(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
    Body(body): Body<PreviewMerge>,
) -> Result<Json<MergePreview>> {
    viewer.require(Permission::PeopleRead)?;
    let project = audience.project(&viewer)?;
    let now = audience.now();
    let people = project.people.read();
    let (one, other) = (resolve(&people, number)?.0, resolve(&people, body.with)?.0);
    let graph = people.graph();
    let against = if one == other { Vec::new() } else { graph.contradicting(one, other, now) };
    let mut held: Vec<_> = graph.held(one);
    if one != other {
        held.extend(graph.held(other));
    }
    let identifiers = held.iter().filter(|held| !held.former).count() as u64;
    let contradicting = held.into_iter().filter(|held| !held.former && against.contains(&held.identifier));
    let contradicting = contradicting.map(|held| shown_held(&viewer, held));
    Ok(Json(MergePreview {
        person: one.min(other),
        already_one: one == other,
        contradicting: contradicting.collect(),
        identifiers,
        identifiers_max: u64::from(graph.rules().identifiers_max),
    }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MergePeople {
    /// Any number of the other person.
    with: u32,
    /// Why, for the history: 1 to 500 characters.
    reason: String,
    /// Nodes of values that give way where only one can be current.
    #[serde(default)]
    former: Vec<u32>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SplitPerson {
    /// Nodes of the identifiers that are somebody else's; together they become one
    /// other person.
    nodes: Vec<u32>,
    /// Why, for the history: 1 to 500 characters.
    reason: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UndoDecision {
    /// Why, for the history: 1 to 500 characters.
    reason: String,
}

/// What came of a decision. It is in force: what is asked from now on sees it.
#[derive(Debug, Serialize, ToSchema)]
struct Decided {
    /// Its number in the journal; an undo names it.
    id: u32,
    /// The people concerned, as they are now.
    people: Vec<u32>,
    /// Undone, but what came in since still holds the people together.
    still_together: bool,
}

/// Makes one person of two.
#[utoipa::path(post, path = "/api/v1/people/{no}/merge", tag = "identity", operation_id = "identity_merge",
    params(("no" = u32, Path)), request_body = MergePeople, responses((status = 200, body = Decided)))]
async fn merge(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
    Body(body): Body<MergePeople>,
) -> Result<Json<Decided>> {
    viewer.require(Permission::IdentityManage)?;
    let project = audience.project(&viewer)?;
    let former = {
        let people = project.people.read();
        resolve(&people, number)?;
        resolve(&people, body.with)?;
        named(people.graph(), &body.former)?
    };
    let change = IdentityChange::Merge { one: number, other: body.with, former };
    let decided = decide(&audience, &project, &viewer, change, &body.reason).await?;
    Ok(Json(answer(&project, decided, &[number, body.with])))
}

/// Makes two people of one: the named identifiers, with everything said of them, are
/// another person, and stay that until somebody merges them again.
#[utoipa::path(post, path = "/api/v1/people/{no}/split", tag = "identity", operation_id = "identity_split",
    params(("no" = u32, Path)), request_body = SplitPerson, responses((status = 200, body = Decided)))]
async fn split(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
    Body(body): Body<SplitPerson>,
) -> Result<Json<Decided>> {
    viewer.require(Permission::IdentityManage)?;
    let project = audience.project(&viewer)?;
    let identifiers = {
        let people = project.people.read();
        resolve(&people, number)?;
        named(people.graph(), &body.nodes)?
    };
    let change = IdentityChange::Split { person: number, identifiers: identifiers.clone() };
    let decided = decide(&audience, &project, &viewer, change, &body.reason).await?;
    let leaving = project.people.read().graph().atom_of(&identifiers[0]);
    let people: Vec<u32> = [number].into_iter().chain(leaving.map(|atom| atom.0)).collect();
    Ok(Json(answer(&project, decided, &people)))
}

/// Takes a merge or split back; what was said before and since stays with whom it
/// was said of.
#[utoipa::path(post, path = "/api/v1/identity/decisions/{id}/undo", tag = "identity", operation_id = "identity_undo",
    params(("id" = u32, Path)), request_body = UndoDecision, responses((status = 200, body = Decided)))]
async fn undo(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(id): Path<u32>,
    Body(body): Body<UndoDecision>,
) -> Result<Json<Decided>> {
    viewer.require(Permission::IdentityManage)?;
    let project = audience.project(&viewer)?;
    let about = {
        let people = project.people.read();
        let entry = people.graph().journal().entries().get(id as usize);
        let entry = entry.ok_or_else(|| Error::not_found("decision", id))?;
        entry.about.iter().map(|node| people.graph().nodes[*node as usize].atom).collect::<Vec<_>>()
    };
    let decided =
        decide(&audience, &project, &viewer, IdentityChange::Undo { change: id }, &body.reason).await?;
    Ok(Json(answer(&project, decided, &about)))
}

fn named(graph: &Graph, nodes: &[u32]) -> siyu_types::Result<Vec<Identifier>> {
    if nodes.len() > NODES_MAX {
        return Err(Error::invalid("nodes", format!("at most {NODES_MAX} identifiers")));
    }
    let one = |node: &u32| graph.identifier_of(*node).ok_or_else(|| Error::not_found("identifier", node));
    nodes.iter().map(one).collect()
}

fn answer(project: &Project, (id, outcome): (u32, Outcome), numbers: &[u32]) -> Decided {
    let people = project.people.read();
    let mut now: Vec<u32> = numbers.iter().map(|number| people.person_of(PersonNo(*number)).0).collect();
    now.sort_unstable();
    now.dedup();
    Decided { id, people: now, still_together: outcome == Outcome::StillTogether }
}

/// Writes a decision into the log, waits until it is applied, and says what came of it.
pub(crate) async fn decide(
    audience: &Audience,
    project: &Project,
    viewer: &Viewer,
    change: IdentityChange,
    reason: &str,
) -> siyu_types::Result<(u32, Outcome)> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        return Err(Error::invalid("reason", format!("needs 1 to {REASON_CHARS_MAX} characters")));
    }
    let decision = IdentityDecision { change, by: viewer.actor.name(), reason: reason.to_owned() };
    let now = audience.now();
    let before = project.people.read().graph().journal().entries().len();
    let said = serde_json::to_vec(&decision).map_err(Error::internal)?;
    let record = Record {
        key: key_of(&[b"identity", &now.to_le_bytes(), &said]),
        time: now,
        received_at: now,
        ids: Vec::new(),
        evidence: Evidence::Weak,
        body: RecordBody::Identity(Box::new(decision.clone())),
        source: BY_HAND.to_owned(),
    };
    let sink = audience.sink();
    sink.emit(project.id, vec![record]).await?;
    sink.settle(project.id).await?;
    let (id, outcome) = {
        let people = project.people.read();
        let mut entries = people.graph().journal().entries().iter().enumerate().skip(before);
        let found = entries.find(|(_, entry)| entry.decision == decision);
        let (id, entry) =
            found.ok_or_else(|| Error::internal("a decision was applied and not written down"))?;
        (id as u32, entry.outcome)
    };
    if let Outcome::Refused(obstacle) = outcome {
        return Err(refusal(obstacle));
    }
    let mut tx = audience.db().begin().await?;
    let object = format!("decision:{id}");
    siyu_govern::audit(&mut tx, viewer, "identity.decide", &object, json!({ "kind": kind(&decision) }), now)
        .await?;
    tx.commit().await.map_err(siyu_db::db_error)?;
    Ok((id, outcome))
}

fn kind(decision: &IdentityDecision) -> &'static str {
    match decision.change {
        IdentityChange::Merge { .. } => "merge",
        IdentityChange::Split { .. } => "split",
        IdentityChange::Undo { .. } => "undo",
        IdentityChange::Rules { .. } => "rules",
    }
}

fn refusal(obstacle: Obstacle) -> Error {
    let (code, message) = match obstacle {
        Obstacle::NotFound => return Error::not_found("identifier", "of this person"),
        Obstacle::BadRules => return Error::invalid("namespaces", "the rules contradict themselves"),
        Obstacle::AlreadyOne => (ErrorCode::AlreadyOnePerson, "they are one person already"),
        Obstacle::TwoValues => {
            (ErrorCode::TwoValues, "one person would have two values where one is possible")
        }
        Obstacle::TooMany => (ErrorCode::TooManyIdentifiers, "more identifiers than one person may have"),
        Obstacle::Everything => (ErrorCode::NothingWouldStay, "nothing would stay with the person"),
        Obstacle::NotUndoable => (ErrorCode::NotUndoable, "it has been undone already, or cannot be"),
    };
    Error::new(code, message)
}
