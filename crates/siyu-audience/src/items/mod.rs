//! Items: products, stores, staff, contents, coupons and a project's own types, with
//! attributes and tags. They change by records in the log, like people; what a type is
//! called, and which property of events names its items, is a setting.

mod api;
mod api_types;
mod model;
mod rules;
mod sales;
mod store;
mod table;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::json;
use siyu_db::db_error;
use siyu_types::record::{Body, Evidence, ItemChange, key_of};
use siyu_types::{Permission, Record, Result, Value, Viewer};

use crate::Audience;
use crate::projects::Project;

pub(crate) use api::routes;
pub(crate) use model::DeclaredType;
use model::{ItemTypeChange, KnownType};
pub(crate) use rules::{STANDARD_TYPES, named};
pub use table::{ATTRIBUTES_MAX, ITEMS_MAX, Items, SetTag, SetValue, TAGS_MAX, TYPES_MAX, Table};

/// An attribute of an item as this caller may see it.
pub fn shown_attribute(viewer: &Viewer, item_type: &str, name: &str, value: Value) -> Value {
    api::shown(viewer, item_type, name, value)
}

/// Brings the declared types of a freshly opened project into memory.
pub(crate) async fn load(audience: &Audience, project: &Arc<Project>) -> Result<()> {
    let declared = store::types(audience.db(), project.id).await?;
    project.change_definitions(|definitions| definitions.item_types = declared);
    Ok(())
}

/// The types of a project: the standard ones, those declared, and those that items came with.
fn types(project: &Project) -> Vec<KnownType> {
    let definitions = project.definitions();
    let people = project.people.read();
    rules::types(&definitions.item_types, &people.items)
}

/// Declares a type, or changes what was declared of it.
async fn declare(audience: &Audience, viewer: &Viewer, name: &str, change: ItemTypeChange) -> Result<()> {
    viewer.require(Permission::DataWrite)?;
    let project = audience.project(viewer)?;
    rules::check_type(name)?;
    let declared = rules::check_declaration(name, change)?;
    let held = project.definitions().item_types.len();
    if held >= TYPES_MAX && !project.definitions().item_types.contains_key(name) {
        return Err(siyu_types::Error::invalid("name", format!("at most {TYPES_MAX} types can be declared")));
    }
    let now = audience.now();
    let mut tx = audience.db().begin().await?;
    store::put_type(&mut tx, viewer.project, name, &declared, now).await?;
    let detail = json!({ "property": declared.property });
    siyu_govern::audit(&mut tx, viewer, "items.declare", &format!("item_type:{name}"), detail, now).await?;
    tx.commit().await.map_err(db_error)?;
    load(audience, &project).await
}

/// Forgets what was declared of a type; its items stay.
async fn undeclare(audience: &Audience, viewer: &Viewer, name: &str) -> Result<()> {
    viewer.require(Permission::DataWrite)?;
    let project = audience.project(viewer)?;
    if !project.definitions().item_types.contains_key(name) {
        return Err(siyu_types::Error::not_found("item type", name));
    }
    let now = audience.now();
    let mut tx = audience.db().begin().await?;
    store::drop_type(&mut tx, viewer.project, name).await?;
    siyu_govern::audit(&mut tx, viewer, "items.undeclare", &format!("item_type:{name}"), json!({}), now)
        .await?;
    tx.commit().await.map_err(db_error)?;
    load(audience, &project).await
}

/// Writes changes of an item into the log and waits until they hold.
async fn write(
    audience: &Audience,
    viewer: &Viewer,
    item_type: &str,
    item_id: &str,
    changes: Vec<ItemChange>,
) -> Result<()> {
    viewer.require(Permission::DataWrite)?;
    let now = audience.now();
    let record = |change: ItemChange| {
        let body = Body::Item { item_type: item_type.to_owned(), item_id: item_id.to_owned(), change };
        // Plain data always has a JSON form.
        let said = serde_json::to_vec(&body).unwrap_or_default();
        Record {
            key: key_of(&[b"item by hand", &now.to_le_bytes(), &said]),
            time: now,
            received_at: now,
            ids: Vec::new(),
            evidence: Evidence::Weak,
            body,
            source: viewer.actor.name(),
        }
    };
    let records: Vec<Record> = changes.into_iter().map(record).collect();
    if records.is_empty() {
        return Ok(());
    }
    audience.sink().emit(viewer.project, records).await?;
    audience.sink().settle(viewer.project).await?;
    let mut tx = audience.db().begin().await?;
    let target = format!("item:{item_type}/{item_id}");
    siyu_govern::audit(&mut tx, viewer, "items.change", &target, json!({}), now).await?;
    tx.commit().await.map_err(db_error)
}
