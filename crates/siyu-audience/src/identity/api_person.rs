//! Who one person is, over HTTP: identifiers, links and history.

use axum::extract::State;
use serde::Serialize;
use siyu_http::{At, Caller, Json, Path, Result};
use siyu_types::identity::{Class, IdentityDecision};
use siyu_types::{Identifier, Permission, Viewer};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Graph;
use super::api::{IdentityConflict, shown_conflict};
use super::history::{Held, Step, StepKind};
use crate::Audience;
use crate::people::{resolve, shown_identifier};

/// Proposals shown of one person.
const PROPOSALS_MAX: usize = 50;

pub(super) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(person_identity)).with_state(audience)
}

#[derive(Debug, Serialize, ToSchema)]
struct PersonIdentity {
    person: u32,
    identifiers: Vec<HeldIdentifier>,
    links: Vec<IdentityLink>,
    /// How it came about, latest first.
    history: Vec<IdentityStep>,
    /// Steps there are; more than shown if it is a long history.
    history_total: u64,
    /// Links proposed and refused that concern this person.
    conflicts: Vec<IdentityConflict>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeldIdentifier {
    /// Names it in decisions; stays the same for good.
    node: u32,
    namespace: String,
    value: String,
    class: Class,
    /// The number that records are counted under on which it stood first.
    number: Option<u32>,
    /// A value of the past: it links nothing any more and may be somebody else's now.
    former: bool,
    /// In too many hands to link anybody.
    shared: bool,
    last_seen: At,
}

#[derive(Debug, Serialize, ToSchema)]
struct IdentityLink {
    a: u32,
    b: u32,
    /// Said by a log-in, sign-up, bind or the like, rather than merely seen.
    strong: bool,
    by_hand: bool,
    source: String,
    first: At,
    last: At,
}

#[derive(Debug, Serialize, ToSchema)]
struct IdentityStep {
    at: At,
    /// `linked`, `unlinked`, `shared`, `ruled`, `merged`, `split` or `undone`.
    kind: &'static str,
    identifiers: Vec<Identifier>,
    source: String,
    strong: bool,
    decision: Option<DecisionView>,
}

/// A decision as a person's history shows it.
#[derive(Debug, Serialize, ToSchema)]
struct DecisionView {
    id: u32,
    by: String,
    reason: String,
    /// The decision that undid it.
    undone_by: Option<u32>,
    undoable: bool,
}

/// The identifiers of a person, how they hang together, and how that came about.
#[utoipa::path(get, path = "/api/v1/people/{no}/identity", tag = "identity", operation_id = "identity_person",
    params(("no" = u32, Path)), responses((status = 200, body = PersonIdentity)))]
async fn person_identity(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
) -> Result<Json<PersonIdentity>> {
    viewer.require(Permission::PeopleRead)?;
    let project = audience.project(&viewer)?;
    let people = project.people.read();
    let person = resolve(&people, number)?.0;
    let graph = people.graph();
    let (history, total) = graph.history(person);
    let concerns =
        |id: &Identifier| graph.atom_of(id).is_some_and(|atom| graph.remap().person(atom.0) == person);
    let conflicts =
        graph.conflicts().latest(PROPOSALS_MAX, |one| concerns(&one.kept) || concerns(&one.refused));
    let identifiers = graph.held(person).into_iter().map(|held| shown_held(&viewer, held));
    let links = graph.linked(person).into_iter().map(|link| IdentityLink {
        a: link.a,
        b: link.b,
        strong: link.strong,
        by_hand: link.by_hand,
        source: link.source,
        first: At(link.first),
        last: At(link.last),
    });
    Ok(Json(PersonIdentity {
        person,
        identifiers: identifiers.collect(),
        links: links.collect(),
        history: history.into_iter().map(|step| shown_step(&viewer, graph, step)).collect(),
        history_total: total as u64,
        conflicts: conflicts.into_iter().map(|conflict| shown_conflict(&viewer, graph, conflict)).collect(),
    }))
}

pub(super) fn shown_held(viewer: &Viewer, held: Held) -> HeldIdentifier {
    let shown = shown_identifier(viewer, held.identifier);
    HeldIdentifier {
        node: held.node,
        namespace: shown.namespace,
        value: shown.value,
        class: held.class,
        number: held.number,
        former: held.former,
        shared: held.shared,
        last_seen: At(held.last_seen),
    }
}

fn shown_step(viewer: &Viewer, graph: &Graph, step: Step) -> IdentityStep {
    let decision = step.decision.and_then(|id| {
        let entry = graph.journal().entries().get(id as usize)?;
        let undoable = matches!(step.kind, StepKind::Merged | StepKind::Split) && entry.undone_by.is_none();
        let IdentityDecision { by, reason, .. } = entry.decision.clone();
        Some(DecisionView { id, by, reason, undone_by: entry.undone_by, undoable })
    });
    IdentityStep {
        at: At(step.at),
        kind: step.kind.as_str(),
        identifiers: step.identifiers.into_iter().map(|id| shown_identifier(viewer, id)).collect(),
        source: step.source,
        strong: step.strong,
        decision,
    }
}
