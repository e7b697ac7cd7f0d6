//! Every route, on one page.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use siyu_http::{ErrorBody, Json, RequestIds, no_such_route, rim};
use siyu_ingest::Door;
use siyu_types::OrderCondition;
use siyu_types::condition::{Condition, EventCondition};
use siyu_types::relation::RelationCondition;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{InfoBuilder, OpenApi, Ref, RefOr, Response};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use crate::app::Parts;
use crate::{Config, console, headers, health, jobs};

/// The routes and their description. Around them, from the outside in: request id,
/// log and panics; security headers; who is asking.
pub(crate) fn all(parts: &Parts, config: &Config, ids: RequestIds) -> (Router, OpenApi) {
    let (ingest, hooks) = (Arc::clone(&parts.ingest), Arc::clone(&parts.hooks));
    let door = Door::new(ingest, parts.govern.clone(), hooks, Arc::clone(&parts.ciphers), config.collect());
    let (router, mut openapi) = features(parts, &door).split_for_parts();
    complete(&mut openapi);
    let document = Arc::new(openapi.clone());
    let router = router
        .route("/api/openapi.json", get(async move || Json(Arc::clone(&document))))
        .route("/api/{*rest}", axum::routing::any(no_such_route))
        .fallback_service(
            Router::new().fallback(console::serve).layer(from_fn_with_state(door, siyu_ingest::anywhere)),
        )
        .layer(from_fn_with_state(parts.govern.clone(), siyu_govern::authenticate))
        .layer(from_fn_with_state(headers::Headers::new(config.https()), headers::add));
    (rim(router, ids, Arc::clone(&parts.requests)), openapi)
}

/// One line per crate with features.
fn features(parts: &Parts, door: &Door) -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(health::routes(parts.clone()))
        .merge(jobs::routes(parts.jobs.clone()))
        .merge(siyu_govern::routes(
            parts.govern.clone(),
            Arc::clone(&parts.projects) as Arc<dyn siyu_types::ports::Directory>,
        ))
        .merge(siyu_ingest::routes(
            door,
            Arc::clone(&parts.ingest),
            Arc::clone(&parts.imports),
            Arc::clone(&parts.hooks),
            Arc::clone(&parts.plans),
            Arc::clone(&parts.ciphers),
            parts.govern.clone(),
        ))
        .merge(siyu_audience::routes(parts.audience.clone()))
        .merge(siyu_insight::routes(parts.insight.clone(), Arc::clone(&parts.alerts)))
        .merge(siyu_sql::routes(parts.sql.clone()))
        .merge(parts.engage.routes())
}

/// Adds what holds for every operation: the error envelope, and the tags in order.
fn complete(openapi: &mut OpenApi) {
    openapi.info = InfoBuilder::new().title("siyu").version("1").build();
    let components = openapi.components.get_or_insert_default();
    let mut schemas = vec![(ErrorBody::name().into_owned(), ErrorBody::schema())];
    ErrorBody::schemas(&mut schemas);
    // A condition holds conditions, so its parts are not found by following it.
    Condition::schemas(&mut schemas);
    schemas.push((EventCondition::name().into_owned(), EventCondition::schema()));
    EventCondition::schemas(&mut schemas);
    schemas.push((OrderCondition::name().into_owned(), OrderCondition::schema()));
    OrderCondition::schemas(&mut schemas);
    schemas.push((RelationCondition::name().into_owned(), RelationCondition::schema()));
    RelationCondition::schemas(&mut schemas);
    components.schemas.extend(schemas);
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(ErrorBody::name()))).build();
    name_apart(openapi);
    for operation in operations(openapi) {
        let mut response = Response::new("the error envelope");
        response.content.insert("application/json".to_owned(), RefOr::T(content.clone()));
        let responses = &mut operation.responses.responses;
        responses.entry("default".to_owned()).or_insert(RefOr::T(response));
    }
}

fn operations(openapi: &mut OpenApi) -> impl Iterator<Item = &mut Operation> {
    openapi.paths.paths.values_mut().flat_map(|item| {
        let methods = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
            &mut item.head,
            &mut item.options,
        ];
        methods.into_iter().flatten()
    })
}

/// Handlers are named for their feature's readers (`list`, `create`); clients made
/// from the description need names that differ, so those carry the feature's word.
fn name_apart(openapi: &mut OpenApi) {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for operation in operations(openapi) {
        *uses.entry(operation.operation_id.clone().unwrap_or_default()).or_default() += 1;
    }
    for operation in operations(openapi) {
        let Some(id) = operation.operation_id.as_mut().filter(|id| uses[id.as_str()] > 1) else { continue };
        if let Some(word) = operation.tags.as_ref().and_then(|tags| tags.first()) {
            *id = format!("{word}_{id}");
        }
    }
}
