//! HTTP: what arrived.

use std::sync::Arc;

use axum::extract::State;
use siyu_events::EventRow;
use siyu_govern::masking;
use siyu_http::{At, Caller, Json, Params, Result};
use siyu_types::{Error, FieldKind, Identifier, Permission, PersonNo, Value, Viewer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{
    Listed, LiveEvent, LiveQuery, NameItem, PropertiesQuery, PropertyItem, StrayItem, ValueItem, ValuesQuery,
};
use crate::ingest::Ingest;

const LIVE_LIMIT: usize = 50;
const LIVE_LIMIT_MAX: usize = 200;
const VALUES_LIMIT: usize = 50;
const VALUES_LIMIT_MAX: usize = 500;
const STRAYS: usize = 100;

pub fn routes(ingest: Arc<Ingest>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(live))
        .routes(routes!(names))
        .routes(routes!(properties))
        .routes(routes!(values))
        .routes(routes!(unassigned))
        .with_state(ingest)
}

/// The latest events, newest first, seconds after they happened.
#[utoipa::path(get, path = "/api/v1/events/live", tag = "events", params(LiveQuery),
    responses((status = 200, body = Listed<LiveEvent>)))]
async fn live(
    State(ingest): State<Arc<Ingest>>,
    Caller(viewer): Caller,
    Params(query): Params<LiveQuery>,
) -> Result<Json<Listed<LiveEvent>>> {
    viewer.require(Permission::PeopleRead)?;
    let pipeline = ingest.pipeline(viewer.project)?;
    let people = pipeline.project().people.read();
    let limit = query.limit.unwrap_or(LIVE_LIMIT).clamp(1, LIVE_LIMIT_MAX);
    let person = query.person.map(|number| people.person_of(PersonNo(number)));
    // Guessing at values that are shown masked must not be answered.
    let open = |id: &Identifier| viewer.sees(FieldKind::Identifier, &id.namespace);
    // Of some kinds the hash is kept, which stands for the value that is asked for.
    let wanted = query.identifier.as_ref().map(|value| {
        let mut wanted = people.graph().readings(value);
        wanted.push(value.clone());
        wanted
    });
    let rows = pipeline.live(limit, |row| {
        query.event.as_ref().is_none_or(|event| *event == row.name)
            && query.source.as_ref().is_none_or(|source| *source == row.source)
            && wanted
                .as_ref()
                .is_none_or(|wanted| row.ids.iter().any(|id| wanted.contains(&id.value) && open(id)))
            && person.is_none_or(|person| people.person_of(row.person) == person)
    });
    let items = rows.into_iter().map(|row| shown(&viewer, people.person_of(row.person), row)).collect();
    Ok(Json(Listed { items }))
}

fn shown(viewer: &Viewer, person: PersonNo, row: EventRow) -> LiveEvent {
    let id = |id: Identifier| masking::shown_identifier(viewer, id);
    let prop = |(name, value): (String, Value)| {
        let value = masking::shown_value(viewer, FieldKind::Property, &name, value);
        (name, value)
    };
    LiveEvent {
        seq: row.seq,
        time: At(row.time),
        received_at: At(row.received_at),
        event: row.name,
        person,
        source: row.source,
        ids: row.ids.into_iter().map(id).collect(),
        props: row.props.into_iter().map(prop).collect(),
    }
}

/// Every event name seen, most frequent first.
#[utoipa::path(get, path = "/api/v1/events/names", tag = "events",
    responses((status = 200, body = Listed<NameItem>)))]
async fn names(State(ingest): State<Arc<Ingest>>, Caller(viewer): Caller) -> Result<Json<Listed<NameItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let project = ingest.projects().get(viewer.project)?;
    let mut names = project.events.event_names();
    names.retain(|name| name.count > 0);
    names.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    let items = names
        .into_iter()
        .map(|name| NameItem {
            display: name.name.clone(),
            name: name.name,
            count: name.count,
            first_seen: At(name.first_seen),
            last_seen: At(name.last_seen),
        })
        .collect();
    Ok(Json(Listed { items }))
}

/// Properties seen on an event.
#[utoipa::path(get, path = "/api/v1/events/properties", tag = "events", params(PropertiesQuery),
    responses((status = 200, body = Listed<PropertyItem>)))]
async fn properties(
    State(ingest): State<Arc<Ingest>>,
    Caller(viewer): Caller,
    Params(query): Params<PropertiesQuery>,
) -> Result<Json<Listed<PropertyItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let project = ingest.projects().get(viewer.project)?;
    let found = project.events.properties(query.event.as_deref().unwrap_or_default());
    let items = found
        .into_iter()
        .map(|property| PropertyItem { name: property.name, kind: property.kind, count: property.count })
        .collect();
    Ok(Json(Listed { items }))
}

/// The most frequent values of a property.
#[utoipa::path(get, path = "/api/v1/events/values", tag = "events", params(ValuesQuery),
    responses((status = 200, body = Listed<ValueItem>)))]
async fn values(
    State(ingest): State<Arc<Ingest>>,
    Caller(viewer): Caller,
    Params(query): Params<ValuesQuery>,
) -> Result<Json<Listed<ValueItem>>> {
    viewer.require(Permission::ProjectRead)?;
    viewer.require_sight(FieldKind::Property, &query.property)?;
    let project = ingest.projects().get(viewer.project)?;
    let limit = query.limit.unwrap_or(VALUES_LIMIT).clamp(1, VALUES_LIMIT_MAX);
    let asked = query.property.clone();
    let found = tokio::task::spawn_blocking(move || {
        let (event, prefix) = (query.event.unwrap_or_default(), query.prefix.unwrap_or_default());
        project.events.values(&event, &query.property, &prefix, limit)
    })
    .await
    .map_err(Error::internal)??;
    let shown = |value: String| masking::shown(&viewer, FieldKind::Property, &asked, &value);
    let items = found.into_iter().map(|(value, count)| ValueItem { value: shown(value), count }).collect();
    Ok(Json(Listed { items }))
}

/// Requests with a key that nobody knows: a client somewhere is set up wrongly.
#[utoipa::path(get, path = "/api/v1/rejects/unassigned", tag = "events",
    responses((status = 200, body = Listed<StrayItem>)))]
async fn unassigned(
    State(ingest): State<Arc<Ingest>>,
    Caller(viewer): Caller,
) -> Result<Json<Listed<StrayItem>>> {
    viewer.require(Permission::KeysManage)?;
    let latest = tokio::task::spawn_blocking(move || ingest.unassigned().latest(STRAYS))
        .await
        .map_err(Error::internal)??;
    let items = latest
        .into_iter()
        .map(|stray| StrayItem {
            received_at: At(stray.received_at),
            protocol: stray.protocol,
            key_hint: stray.key_hint,
            bytes: stray.bytes,
        })
        .collect();
    Ok(Json(Listed { items }))
}
