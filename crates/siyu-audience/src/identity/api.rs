//! How identities were resolved, over HTTP: numbers and refused links.

use axum::extract::State;
use serde::Serialize;
use siyu_http::{At, Caller, Json, Page, PageQuery, Params, Result};
use siyu_types::{Identifier, Permission, Viewer};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Conflict, ConflictKind, Graph};
use crate::Audience;
use crate::people::shown_identifier;

pub(crate) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(identity))
        .routes(routes!(conflicts))
        .with_state(audience.clone())
        .merge(super::api_person::routes(audience.clone()))
        .merge(super::api_decisions::routes(audience.clone()))
        .merge(super::api_rules::routes(audience))
}

#[derive(Debug, Serialize, ToSchema)]
struct IdentityStats {
    people: u64,
    /// Numbers given; those beyond the people were merged.
    numbers: u64,
    identifiers: u64,
    merges: u64,
    splits: u64,
    /// Values in too many hands, which link nobody any more.
    shared: u64,
    /// Values that a newer one took the place of.
    replaced: u64,
    /// Identifiers that were placeholders such as `anonymous`.
    blocked: u64,
    /// Identifiers not of their namespace's form.
    malformed: u64,
    /// Identifiers of namespaces nobody declared, by namespace.
    quarantined: std::collections::BTreeMap<String, u64>,
    conflicts: u64,
    /// Attribute values not kept because there are too many different attributes.
    attributes_overflowed: u64,
}

/// How identities are resolved in this project, in numbers.
#[utoipa::path(get, path = "/api/v1/identity", tag = "identity", operation_id = "identity_identity",
    responses((status = 200, body = IdentityStats)))]
async fn identity(State(audience): State<Audience>, Caller(viewer): Caller) -> Result<Json<IdentityStats>> {
    viewer.require(Permission::ProjectRead)?;
    let project = audience.project(&viewer)?;
    let people = project.people.read();
    let graph = people.graph();
    let counters = graph.counters();
    Ok(Json(IdentityStats {
        people: people.universe().len(),
        numbers: u64::from(graph.atom_count()),
        identifiers: graph.identifier_count() as u64,
        merges: counters.merges,
        splits: counters.splits,
        shared: counters.shared,
        replaced: counters.replaced,
        blocked: counters.blocked,
        malformed: counters.malformed,
        quarantined: graph.quarantined().clone(),
        conflicts: graph.conflicts().total(),
        attributes_overflowed: people.attributes_overflowed(),
    }))
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IdentityConflict {
    kind: ConflictKind,
    /// The identifier the records were attributed to.
    kept: Identifier,
    /// The identifier that was left out of the link.
    refused: Identifier,
    /// The person the records were attributed to, as known now.
    person: Option<u32>,
    /// The person who has the refused identifier, if anybody.
    other: Option<u32>,
    source: String,
    first: At,
    last: At,
    count: u64,
}

/// Links that records proposed and that were refused, latest first.
#[utoipa::path(get, path = "/api/v1/identity/conflicts", tag = "identity", operation_id = "identity_conflicts", params(PageQuery),
    responses((status = 200, body = Page<IdentityConflict>)))]
async fn conflicts(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<IdentityConflict>>> {
    viewer.require(Permission::PeopleRead)?;
    let project = audience.project(&viewer)?;
    let people = project.people.read();
    // The list is bounded and changes while it is read: the cursor is a place in it.
    let from = page.cursor_id()?.unwrap_or(0).max(0) as usize;
    let all = people.graph().conflicts().list();
    let total = all.len();
    let limit = page.limit() as usize;
    let items = all
        .into_iter()
        .skip(from)
        .take(limit)
        .map(|one| shown_conflict(&viewer, people.graph(), one))
        .collect();
    let next_cursor = (from + limit < total).then(|| (from + limit).to_string());
    Ok(Json(Page { items, next_cursor, total: Some(total as u64) }))
}

pub(super) fn shown_conflict(viewer: &Viewer, graph: &Graph, conflict: &Conflict) -> IdentityConflict {
    let shown = |id: &Identifier| shown_identifier(viewer, id.clone());
    let person = |id: &Identifier| graph.atom_of(id).map(|atom| graph.remap().person(atom.0));
    IdentityConflict {
        kind: conflict.kind,
        kept: shown(&conflict.kept),
        refused: shown(&conflict.refused),
        person: person(&conflict.kept),
        // Who has it by now may be somebody else than when it was refused.
        other: person(&conflict.refused).or(conflict.other.map(|other| graph.remap().person(other.0))),
        source: conflict.source.clone(),
        first: At(conflict.first),
        last: At(conflict.last),
        count: conflict.count,
    }
}
