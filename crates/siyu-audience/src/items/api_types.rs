//! Types of items over HTTP.

use axum::extract::State;
use http::StatusCode;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use siyu_http::{Body, Caller, Json, Page, Params, Path, Result};
use siyu_types::{ItemField, Permission, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Items;
use super::model::{ItemAttributeItem, ItemTagCount, ItemTypeChange, ItemTypeItem, KnownType};
use crate::Audience;
use crate::audience::blocking;
use crate::projects::Project;

pub(super) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(declare, undeclare))
        .routes(routes!(values))
        .with_state(audience)
}

/// The types of items, with their attributes and tags: the standard ones first.
#[utoipa::path(get, path = "/api/v1/items/types", tag = "items", operation_id = "items_types",
    responses((status = 200, body = Page<ItemTypeItem>)))]
async fn list(State(audience): State<Audience>, Caller(viewer): Caller) -> Result<Json<Page<ItemTypeItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let project = audience.project(&viewer)?;
    Ok(Json(blocking(move || Ok(Page::whole(types(&project)))).await?))
}

fn types(project: &Project) -> Vec<ItemTypeItem> {
    super::types(project).into_iter().map(|known| described(project, known)).collect()
}

fn described(project: &Project, known: KnownType) -> ItemTypeItem {
    let people = project.people.read();
    let table = people.items().types.get(&known.name);
    let attributes = table.map(|table| table.attributes()).unwrap_or_default();
    let tags = table.map(|table| table.tags()).unwrap_or_default();
    ItemTypeItem {
        items: table.map_or(0, |table| table.living() as u64),
        attributes: attributes
            .into_iter()
            .map(|(name, kind, items)| ItemAttributeItem { name, kind, items })
            .collect(),
        tags: tags.into_iter().map(|(tag, items)| ItemTagCount { tag, items }).collect(),
        name: known.name,
        display: known.display,
        description: known.description,
        property: known.property,
        standard: known.standard,
        declared: known.declared,
    }
}

/// Declares a type, or changes what was declared of it.
#[utoipa::path(put, path = "/api/v1/items/types/{name}", tag = "items", operation_id = "items_declare_type",
    params(("name" = String, Path)), request_body = ItemTypeChange, responses((status = 200, body = ItemTypeItem)))]
async fn declare(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(name): Path<String>,
    Body(change): Body<ItemTypeChange>,
) -> Result<Json<ItemTypeItem>> {
    super::declare(&audience, &viewer, &name, change).await?;
    let project = audience.project(&viewer)?;
    let found = types(&project).into_iter().find(|known| known.name == name);
    Ok(Json(found.ok_or_else(|| siyu_types::Error::not_found("item type", name))?))
}

/// Forgets what was declared of a type. Its items stay.
#[utoipa::path(delete, path = "/api/v1/items/types/{name}", tag = "items", operation_id = "items_undeclare_type",
    params(("name" = String, Path)), responses((status = 204)))]
async fn undeclare(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(name): Path<String>,
) -> Result<StatusCode> {
    super::undeclare(&audience, &viewer, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ItemValuesQuery {
    /// Absent: the tags.
    attribute: Option<String>,
    /// The start of the value.
    prefix: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ItemValueCount {
    value: String,
    /// Items that have it.
    count: u64,
}

/// The most frequent values of an attribute of items, or their tags.
#[utoipa::path(get, path = "/api/v1/items/types/{name}/values", tag = "items", operation_id = "items_values",
    params(("name" = String, Path), ItemValuesQuery), responses((status = 200, body = Page<ItemValueCount>)))]
async fn values(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(name): Path<String>,
    Params(query): Params<ItemValuesQuery>,
) -> Result<Json<Page<ItemValueCount>>> {
    viewer.require(Permission::ProjectRead)?;
    let project = audience.project(&viewer)?;
    let found = blocking(move || {
        let field = match query.attribute {
            Some(attribute) => ItemField::Attribute { item_type: name, name: attribute },
            None => ItemField::Tags { item_type: name },
        };
        let people = project.people.read();
        Ok(frequent(people.items(), &field, query.prefix.as_deref().unwrap_or_default()))
    });
    let items = found.await?.into_iter().map(|(value, count)| ItemValueCount { value, count });
    Ok(Json(Page::whole(items.collect())))
}

/// Values shown at most.
const VALUES_SHOWN: usize = 50;

fn frequent(items: &Items, field: &ItemField, prefix: &str) -> Vec<(String, u64)> {
    let Some(column) = items.types.get(field.item_type()) else { return Vec::new() };
    let Some(number) = column.field(field) else { return Vec::new() };
    let mut counts: FxHashMap<String, u64> = FxHashMap::default();
    for row in 0..column.rows.len() {
        let values = match column.at(row, number).into_value() {
            Some(Value::List(parts)) => parts,
            Some(value) => vec![value.display()],
            None => continue,
        };
        for value in values {
            *counts.entry(value).or_default() += 1;
        }
    }
    let prefix = prefix.to_lowercase();
    let mut found: Vec<(String, u64)> =
        counts.into_iter().filter(|(value, _)| value.to_lowercase().starts_with(&prefix)).collect();
    found.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found.truncate(VALUES_SHOWN);
    found
}
