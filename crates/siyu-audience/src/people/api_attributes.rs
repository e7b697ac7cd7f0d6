//! The attributes of people, and their values, over HTTP.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use siyu_analytics::PersonColumns;
use siyu_govern::masking::shown;
use siyu_http::{Caller, Json, Page, Params, Path, Result};
use siyu_types::value::ValueKind;
use siyu_types::{Error, ErrorCode, FieldKind, Permission};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::values;
use crate::Audience;
use crate::audience::blocking;
use crate::profiles::{Policy, PropertyInfo};

/// Values listed of one attribute.
const VALUES_MAX: usize = 100;

pub(super) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(attributes)).routes(routes!(attribute_values)).with_state(audience)
}

#[derive(Debug, Serialize, ToSchema)]
struct Attribute {
    name: String,
    kind: ValueKind,
    /// People who have a value.
    count: u64,
    /// What holds where the identifiers of one person say different things.
    policy: Policy,
}

/// The attributes people have, in the order they were first seen.
#[utoipa::path(get, path = "/api/v1/attributes", tag = "people", operation_id = "people_attributes",
    responses((status = 200, body = Page<Attribute>)))]
async fn attributes(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
) -> Result<Json<Page<Attribute>>> {
    viewer.require(Permission::ProjectRead)?;
    let project = audience.project(&viewer)?;
    let people = project.people.read();
    let item = |p: PropertyInfo| {
        let policy = people.policy(&p.name);
        Attribute { name: p.name, kind: p.kind, count: p.people, policy }
    };
    let items = people.properties().into_iter().map(item);
    Ok(Json(Page::whole(items.collect())))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ValuesQuery {
    prefix: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct AttributeValue {
    value: String,
    count: u64,
}

/// The most frequent values of an attribute. Personal ones are listed only for
/// those who may see them.
#[utoipa::path(get, path = "/api/v1/attributes/{name}/values", tag = "people", operation_id = "people_attribute_values",
    params(("name" = String, Path), ValuesQuery), responses((status = 200, body = Page<AttributeValue>)))]
async fn attribute_values(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(name): Path<String>,
    Params(query): Params<ValuesQuery>,
) -> Result<Json<Page<AttributeValue>>> {
    viewer.require(Permission::ProjectRead)?;
    viewer.require_sight(FieldKind::Attribute, &name)?;
    let project = audience.project(&viewer)?;
    let asked = name.clone();
    let found = blocking(move || {
        let people = project.people.read();
        let column = people.attribute(&name).ok_or_else(|| {
            Error::new(ErrorCode::UnknownName, "there is no such attribute").with("name", &*name)
        })?;
        Ok(values::frequent(column, query.prefix.as_deref().unwrap_or_default(), VALUES_MAX))
    })
    .await?;
    let shown = |value: String| shown(&viewer, FieldKind::Attribute, &asked, &value);
    let items = found.into_iter().map(|(value, count)| AttributeValue { value: shown(value), count });
    Ok(Json(Page::whole(items.collect())))
}
