//! Items over HTTP.

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use siyu_analytics::ItemValue;
use siyu_http::{At, Body, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::record::ItemChange;
use siyu_types::{Error, ItemField, Permission, Value, Viewer};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{ItemDetail, ItemItem, ItemPatch, ItemSales, ItemTagItem, ItemValueItem};
use super::table::Table;
use super::{rules, sales};
use crate::Audience;
use crate::audience::blocking;
use crate::people::shown_value;

/// Attributes of an item shown in a list.
const SHOWN_MAX: usize = 12;
/// Days of sales that are shown by themselves.
const DAYS: u32 = 90;
const DAYS_MAX: u32 = 1_000;
/// Characters of an item's id.
const ID_CHARS_MAX: usize = 255;

pub(crate) fn routes(audience: Audience) -> OpenApiRouter {
    let own = OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, change, remove))
        .routes(routes!(sold))
        .with_state(audience.clone());
    super::api_types::routes(audience).merge(own)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ItemsQuery {
    /// The type, such as `product`.
    item_type: String,
    /// Part of the id or of the name.
    query: Option<String>,
    /// Only items with this tag.
    tag: Option<String>,
    /// Only items whose attribute of this name has the `value`.
    attribute: Option<String>,
    value: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    limit: Option<i64>,
}

/// What an item has to be like, to be in a list.
struct Wanted {
    query: String,
    tag: Option<String>,
    /// The field's number and the text its value has to read as; `None` if no item has it.
    value: Option<(Option<u32>, String)>,
}

impl Wanted {
    fn all(&self) -> bool {
        self.query.is_empty() && self.tag.is_none() && self.value.is_none()
    }

    fn has(&self, table: &Table, row: usize, names: &[u32], tags: u32) -> bool {
        let tagged = |tag: &String| matches!(table.at(row, tags), ItemValue::List(on) if on.contains(&tag.as_str().into()));
        if !self.tag.as_ref().is_none_or(tagged) {
            return false;
        }
        if let Some((field, wanted)) = &self.value {
            let value = field.map_or(ItemValue::Missing, |field| table.at(row, field));
            let same = match value.into_value() {
                Some(Value::List(parts)) => parts.contains(wanted),
                Some(value) => value.display() == *wanted,
                None => false,
            };
            if !same {
                return false;
            }
        }
        self.query.is_empty()
            || table.id(row).to_lowercase().contains(&self.query)
            || names.iter().any(|field| match table.at(row, *field) {
                ItemValue::Text(text) => text.to_lowercase().contains(&self.query),
                _ => false,
            })
    }
}

/// Items of one type, the latest known first.
#[utoipa::path(get, path = "/api/v1/items", tag = "items", operation_id = "items_list", params(ItemsQuery),
    responses((status = 200, body = Page<ItemItem>)))]
async fn list(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Params(query): Params<ItemsQuery>,
) -> Result<Json<Page<ItemItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let project = audience.project(&viewer)?;
    let page = PageQuery { cursor: query.cursor.clone(), limit: query.limit };
    let (before, limit) = (page.cursor_id()?, page.limit());
    let page = blocking(move || {
        let people = project.people.read();
        Ok(match people.items().types.get(&query.item_type) {
            Some(table) => items_of(table, &query, &viewer, before, limit),
            None => Page::whole(Vec::new()),
        })
    });
    Ok(Json(page.await?))
}

fn items_of(
    table: &Table,
    query: &ItemsQuery,
    viewer: &Viewer,
    before: Option<i64>,
    limit: i64,
) -> Page<ItemItem> {
    let field =
        |name: &str| table.field(&ItemField::Attribute { item_type: String::new(), name: name.to_owned() });
    let wanted = Wanted {
        query: query.query.as_deref().unwrap_or_default().trim().to_lowercase(),
        tag: query.tag.clone().filter(|tag| !tag.is_empty()),
        value: query.attribute.as_ref().map(|name| (field(name), query.value.clone().unwrap_or_default())),
    };
    let names: Vec<u32> = rules::NAME_ATTRIBUTES.iter().filter_map(|name| field(name)).collect();
    let tags = table.field(&ItemField::Tags { item_type: String::new() }).unwrap_or(u32::MAX);
    let end = before.map_or(table.rows.len(), |before| (before.max(0) as usize).min(table.rows.len()));
    let rows = (0..end).rev().filter(|row| table.rows[*row].live());
    let found = rows.filter(|row| wanted.has(table, *row, &names, tags)).take(limit.max(0) as usize + 1);
    let items = found.map(|row| (row, item(table, &query.item_type, row, viewer))).collect();
    let mut page = Page::cut(items, limit, |(row, _)| row.to_string()).map(|(_, item)| item);
    page.total = wanted.all().then_some(table.living() as u64);
    page
}

fn item(table: &Table, item_type: &str, row: usize, viewer: &Viewer) -> ItemItem {
    let values = table.values(row);
    let all = values.into_iter().map(|set| (set.name, set.value)).collect();
    let name = rules::named(&all);
    let shown = |(name, value): (String, Value)| {
        let value = shown(viewer, item_type, &name, value);
        (name, value)
    };
    ItemItem {
        item_type: item_type.to_owned(),
        item_id: table.id(row).to_owned(),
        name,
        attributes: all.into_iter().map(shown).take(SHOWN_MAX).collect(),
        tags: table.tags_of(row).into_iter().map(|set| set.tag).collect(),
    }
}

/// Staff are people: what is personal of them is masked, but for the name they work under.
pub(super) fn shown(viewer: &Viewer, item_type: &str, name: &str, value: Value) -> Value {
    if item_type == "staff" && !rules::NAME_ATTRIBUTES.contains(&name) {
        return shown_value(viewer, name, value);
    }
    value
}

/// Everything about one item. One that events speak of, but of which nothing was said, is
/// answered as not known.
#[utoipa::path(get, path = "/api/v1/items/{item_type}/{item_id}", tag = "items", operation_id = "items_get",
    params(("item_type" = String, Path), ("item_id" = String, Path)), responses((status = 200, body = ItemDetail)))]
async fn get(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path((item_type, item_id)): Path<(String, String)>,
) -> Result<Json<ItemDetail>> {
    viewer.require(Permission::ProjectRead)?;
    check_id(&item_type, &item_id)?;
    Ok(Json(detail(&audience, &viewer, item_type, item_id)?))
}

fn check_id(item_type: &str, item_id: &str) -> siyu_types::Result<()> {
    if item_type.is_empty() || item_type.chars().count() > ID_CHARS_MAX {
        return Err(Error::invalid("item_type", format!("needs 1 to {ID_CHARS_MAX} characters")));
    }
    if item_id.is_empty() || item_id.chars().count() > ID_CHARS_MAX {
        return Err(Error::invalid("item_id", format!("needs 1 to {ID_CHARS_MAX} characters")));
    }
    Ok(())
}

fn detail(
    audience: &Audience,
    viewer: &Viewer,
    item_type: String,
    item_id: String,
) -> siyu_types::Result<ItemDetail> {
    let project = audience.project(viewer)?;
    let property = property_of(&project, &item_type);
    let people = project.people.read();
    let found = people.items().types.get(&item_type);
    let found = found.and_then(|table| Some((table, table.find(&item_id)?)));
    let found = found.filter(|(table, row)| table.rows[*row].live());
    let attributes = found.map(|(table, row)| table.values(row)).unwrap_or_default();
    let tags = found.map(|(table, row)| table.tags_of(row)).unwrap_or_default();
    let name = rules::named(&attributes.iter().map(|set| (set.name.clone(), set.value.clone())).collect());
    let attributes = attributes.into_iter().map(|set| ItemValueItem {
        value: shown(viewer, &item_type, &set.name, set.value),
        name: set.name,
        at: At(set.at),
    });
    let tags = tags.into_iter().map(|set| ItemTagItem { tag: set.tag, at: At(set.at) });
    Ok(ItemDetail {
        name,
        known: found.is_some(),
        property,
        attributes: attributes.collect(),
        tags: tags.collect(),
        item_type,
        item_id,
    })
}

/// The property of events that names items of a type.
fn property_of(project: &crate::Project, item_type: &str) -> String {
    let declared = project.definitions().item_types.get(item_type).map(|own| own.property.clone());
    declared.unwrap_or_else(|| rules::usual_property(item_type))
}

/// Sets and unsets attributes of an item, puts tags on and takes them off. An item that
/// was not known is from then on.
#[utoipa::path(patch, path = "/api/v1/items/{item_type}/{item_id}", tag = "items", operation_id = "items_change",
    params(("item_type" = String, Path), ("item_id" = String, Path)), request_body = ItemPatch,
    responses((status = 200, body = ItemDetail)))]
async fn change(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path((item_type, item_id)): Path<(String, String)>,
    Body(patch): Body<ItemPatch>,
) -> Result<Json<ItemDetail>> {
    viewer.require(Permission::DataWrite)?;
    check_id(&item_type, &item_id)?;
    super::write(&audience, &viewer, &item_type, &item_id, rules::changes(patch)?).await?;
    Ok(Json(detail(&audience, &viewer, item_type, item_id)?))
}

/// Forgets what was said of an item until now. Orders that name it stay as they are.
#[utoipa::path(delete, path = "/api/v1/items/{item_type}/{item_id}", tag = "items", operation_id = "items_remove",
    params(("item_type" = String, Path), ("item_id" = String, Path)), responses((status = 204)))]
async fn remove(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path((item_type, item_id)): Path<(String, String)>,
) -> Result<StatusCode> {
    viewer.require(Permission::DataWrite)?;
    check_id(&item_type, &item_id)?;
    if !detail(&audience, &viewer, item_type.clone(), item_id.clone())?.known {
        return Err(Error::not_found("item", item_id).into());
    }
    super::write(&audience, &viewer, &item_type, &item_id, vec![ItemChange::Delete]).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
struct SalesQuery {
    /// The last n days, today included: 1 to 1000, 90 if absent.
    days: Option<u32>,
}

/// What orders with an item come to: how many, by how many people, when.
#[utoipa::path(get, path = "/api/v1/items/{item_type}/{item_id}/sales", tag = "items", operation_id = "items_sales",
    params(("item_type" = String, Path), ("item_id" = String, Path), SalesQuery),
    responses((status = 200, body = ItemSales)))]
async fn sold(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path((item_type, item_id)): Path<(String, String)>,
    Params(query): Params<SalesQuery>,
) -> Result<Json<ItemSales>> {
    viewer.require(Permission::AnalysesRun)?;
    check_id(&item_type, &item_id)?;
    let project = audience.project(&viewer)?;
    let days = query.days.unwrap_or(DAYS);
    if days == 0 || days > DAYS_MAX {
        return Err(Error::invalid("days", format!("needs 1 to {DAYS_MAX}")).into());
    }
    let now = audience.now();
    let sales = blocking(move || {
        let property = property_of(&project, &item_type);
        sales::of_item(&project, &property, &item_id, days, now)
    });
    Ok(Json(sales.await?))
}
