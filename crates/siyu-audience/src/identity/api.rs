//! How identities were resolved, over HTTP: numbers and refused links.

use axum::extract::State;
use serde::Serialize;
use siyu_govern::masking;
use siyu_http::{At, Caller, Json, Page, PageQuery, Params, Result};
use siyu_types::{Identifier, Permission, Viewer};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Conflict, ConflictKind};
use crate::Audience;

pub(crate) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(identity)).routes(routes!(conflicts)).with_state(audience)
}

#[derive(Debug, Serialize, ToSchema)]
struct IdentityStats {
    people: u64,
    /// Numbers given; those beyond the people were merged.
    numbers: u64,
    identifiers: u64,
    merges: u64,
    splits: u64,
    shared_devices: u64,
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
        shared_devices: counters.shared_devices,
        blocked: counters.blocked,
        malformed: counters.malformed,
        quarantined: graph.quarantined().clone(),
        conflicts: graph.conflicts().total(),
        attributes_overflowed: people.attributes_overflowed(),
    }))
}

#[derive(Debug, Serialize, ToSchema)]
struct IdentityConflict {
    kind: ConflictKind,
    /// The identifier the records were attributed to.
    kept: Identifier,
    /// The identifier that was left out of the link.
    refused: Identifier,
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
    let items =
        all.into_iter().skip(from).take(limit).map(|conflict| shown_conflict(&viewer, conflict)).collect();
    let next_cursor = (from + limit < total).then(|| (from + limit).to_string());
    Ok(Json(Page { items, next_cursor, total: Some(total as u64) }))
}

fn shown_conflict(viewer: &Viewer, conflict: &Conflict) -> IdentityConflict {
    let shown = |id: &Identifier| Identifier {
        namespace: id.namespace.clone(),
        value: masking::shown(viewer, &id.namespace, &id.value),
    };
    IdentityConflict {
        kind: conflict.kind,
        kept: shown(&conflict.kept),
        refused: shown(&conflict.refused),
        other: conflict.other.map(|other| other.0),
        source: conflict.source.clone(),
        first: At(conflict.first),
        last: At(conflict.last),
        count: conflict.count,
    }
}
