//! Orders of a person over HTTP.

use axum::extract::State;
use serde::Serialize;
use siyu_http::{At, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::{Error, Permission};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Line, Order};
use crate::Audience;
use crate::audience::blocking;
use crate::people::{People, resolve};

/// Types that lines without a type of their own are looked up as.
const ITEM_TYPES: [&str; 3] = ["item", "product", "sku"];
/// Properties of an item that name it.
const ITEM_NAMES: [&str; 4] = ["name", "item_name", "title", "product_name"];

pub(crate) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list)).with_state(audience)
}

/// One order. Amounts are in minor units of the project's currency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PersonOrder)]
struct OrderItem {
    /// Empty if the event did not say.
    order_id: String,
    at: At,
    state: OrderStanding,
    paid_minor: i64,
    refunded_minor: i64,
    net_minor: i64,
    lines: Vec<OrderLine>,
    source: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OrderStanding {
    Paid,
    PartlyRefunded,
    Refunded,
    /// Only a refund of it is known.
    Unknown,
}

#[derive(Debug, Serialize, ToSchema)]
struct OrderLine {
    item_id: String,
    /// What the line or the item calls it.
    name: Option<String>,
    quantity: Option<f64>,
    amount_minor: Option<i64>,
}

/// The orders of a person, newest first.
#[utoipa::path(get, path = "/api/v1/people/{no}/orders", tag = "orders", operation_id = "people_orders",
    params(("no" = u32, Path), PageQuery), responses((status = 200, body = Page<OrderItem>)))]
async fn list(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<OrderItem>>> {
    viewer.require(Permission::PeopleRead)?;
    let project = audience.project(&viewer)?;
    let from = usize::try_from(page.cursor_id()?.unwrap_or(0))
        .map_err(|_| Error::invalid("cursor", "is not one of ours"))?;
    let limit = page.limit();
    let page = blocking(move || {
        let numbers = {
            let people = project.people.read();
            let person = resolve(&people, number)?;
            people.numbers(person)
        };
        let orders = super::of_timeline(&project.events.timeline(&numbers)?)?;
        let people = project.people.read();
        let total = orders.len();
        let some = orders.into_iter().enumerate().skip(from).take(limit as usize + 1);
        let items = some.map(|(at, order)| (at, item(&people, order))).collect();
        let mut page = Page::cut(items, limit, |(at, _)| (at + 1).to_string()).map(|(_, order)| order);
        page.total = Some(total as u64);
        Ok(page)
    });
    Ok(Json(page.await?))
}

fn item(people: &People, order: Order) -> OrderItem {
    let net_minor = order.net_minor();
    let state = match order.refunded_minor {
        _ if !order.paid => OrderStanding::Unknown,
        0 => OrderStanding::Paid,
        _ if net_minor > 0 => OrderStanding::PartlyRefunded,
        _ => OrderStanding::Refunded,
    };
    OrderItem {
        state,
        net_minor,
        lines: order.lines.into_iter().map(|line| named(people, line)).collect(),
        order_id: order.order_id,
        at: At(order.at),
        paid_minor: order.paid_minor,
        refunded_minor: order.refunded_minor,
        source: order.source,
    }
}

fn named(people: &People, line: Line) -> OrderLine {
    let own = [line.item_type.as_str()];
    let types: &[&str] = if line.item_type.is_empty() { &ITEM_TYPES } else { &own };
    let name = line.name.or_else(|| {
        let item = types.iter().find_map(|item_type| people.item(item_type, &line.item_id))?;
        ITEM_NAMES.iter().find_map(|name| item.get(*name)).map(siyu_types::Value::display)
    });
    OrderLine { item_id: line.item_id, name, quantity: line.quantity, amount_minor: line.amount_minor }
}
