//! Orders of all people over HTTP.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use siyu_analytics::orders::{OrderPlace, OrderTotals};
use siyu_http::{Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::condition::{PropertyFilter, Test};
use siyu_types::{Error, OrderState, Permission};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::search::{self, Wanted};
use super::view::{self, OrderItem};
use crate::Audience;
use crate::audience::blocking;

pub(super) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(totals))
        .routes(routes!(get))
        .with_state(audience)
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OrdersQuery {
    /// First and last local day on which they were paid, `2026-11-21`; either may be absent.
    from: Option<String>,
    to: Option<String>,
    /// States, separated by commas: `paid,partly_refunded`.
    state: Option<String>,
    store: Option<String>,
    channel: Option<String>,
    staff: Option<String>,
    /// Id of an item on one of the lines.
    item: Option<String>,
    /// Part of the order's number.
    query: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    limit: Option<i64>,
}

impl OrdersQuery {
    fn wanted(&self) -> siyu_types::Result<Wanted> {
        let day = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let mut wanted =
            Wanted { range: search::range(day(&self.from), day(&self.to))?, ..Wanted::default() };
        for state in self.state.iter().flat_map(|text| text.split(',')).filter(|state| !state.is_empty()) {
            let json = serde_json::Value::String(state.to_owned());
            let known: OrderState = serde_json::from_value(json)
                .map_err(|_| Error::invalid("state", format!("there is no state {state}")))?;
            wanted.states.push(known);
        }
        wanted.is("store_id", self.store.clone());
        wanted.is("channel", self.channel.clone());
        wanted.is("staff_id", self.staff.clone());
        wanted.is("item_id", self.item.clone());
        if let Some(query) = self.query.as_ref().map(|query| query.trim()).filter(|query| !query.is_empty()) {
            wanted.filters.push(PropertyFilter::of("order_id", Test::Contains { value: query.to_owned() }));
        }
        Ok(wanted)
    }
}

/// `at.person.ordinal`
fn cursor(place: OrderPlace) -> String {
    format!("{}.{}.{}", place.at(), place.person, place.ordinal)
}

fn place(text: &str) -> siyu_types::Result<OrderPlace> {
    let mut parts = text.split('.');
    let mut next = || parts.next();
    let read =
        (|| Some(OrderPlace::new(next()?.parse().ok()?, next()?.parse().ok()?, next()?.parse().ok()?)))();
    read.ok_or_else(|| Error::invalid("cursor", "is not one of ours"))
}

/// Orders, the latest paid first.
#[utoipa::path(get, path = "/api/v1/orders", tag = "orders", operation_id = "orders_list", params(OrdersQuery),
    responses((status = 200, body = Page<OrderItem>)))]
async fn list(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Params(query): Params<OrdersQuery>,
) -> Result<Json<Page<OrderItem>>> {
    viewer.require(Permission::PeopleRead)?;
    let project = audience.project(&viewer)?;
    let wanted = query.wanted()?;
    let limit = PageQuery { cursor: None, limit: query.limit }.limit();
    let after = query.cursor.as_deref().map(place).transpose()?;
    let now = audience.now();
    let page = blocking(move || {
        let (found, total) = search::page(&project, &wanted, after, limit as usize + 1, now)?;
        let page = Page::cut(found, limit, |order| cursor(order.place));
        let read = search::read(&project, &page.items)?;
        let people = project.people.read();
        let items = read.into_iter().map(|(person, order)| view::item(&people, &viewer, person, order));
        Ok(Page { items: items.collect(), next_cursor: page.next_cursor, total: Some(total) })
    });
    Ok(Json(page.await?))
}

/// What the orders of a list come to. Amounts are in minor units.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderTotals)]
struct TotalsItem {
    /// How many there are in each state.
    states: Vec<OrderStateCount>,
    /// Paid and not fully refunded.
    orders: u64,
    refunded_orders: u64,
    /// Who has an order that is not fully refunded.
    people: u64,
    paid_minor: i64,
    refunded_minor: i64,
    net_minor: i64,
    /// Net per order not fully refunded; null without one.
    average_minor: Option<i64>,
    /// By local day of payment; empty without a first day, or for more than three years.
    days: Vec<OrderDay>,
}

#[derive(Debug, Serialize, ToSchema)]
struct OrderStateCount {
    state: OrderState,
    orders: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct OrderDay {
    /// `2026-11-21`
    day: String,
    orders: u64,
    net_minor: i64,
}

impl From<OrderTotals> for TotalsItem {
    fn from(totals: OrderTotals) -> TotalsItem {
        let worth = totals.worth;
        let states = OrderState::ALL.into_iter().zip(totals.by_state);
        TotalsItem {
            states: states.map(|(state, orders)| OrderStateCount { state, orders }).collect(),
            orders: worth.orders,
            refunded_orders: worth.fully_refunded,
            people: totals.people,
            paid_minor: worth.paid_minor,
            refunded_minor: worth.refunded_minor,
            net_minor: worth.net_minor(),
            average_minor: worth.average_minor(),
            days: totals
                .days
                .into_iter()
                .map(|day| OrderDay {
                    orders: day.worth.orders,
                    net_minor: day.worth.net_minor(),
                    day: day.day,
                })
                .collect(),
        }
    }
}

/// What the orders that a list would hold come to.
#[utoipa::path(get, path = "/api/v1/orders/totals", tag = "orders", operation_id = "orders_totals",
    params(OrdersQuery), responses((status = 200, body = TotalsItem)))]
async fn totals(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Params(query): Params<OrdersQuery>,
) -> Result<Json<TotalsItem>> {
    viewer.require(Permission::AnalysesRun)?;
    let project = audience.project(&viewer)?;
    let wanted = query.wanted()?;
    let now = audience.now();
    Ok(Json(blocking(move || Ok(search::totals(&project, &wanted, now)?.into())).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OrderQueryOne {
    /// Whose order, where several people have one of this number.
    person: Option<u32>,
}

/// One order by its number.
#[utoipa::path(get, path = "/api/v1/orders/{order_id}", tag = "orders", operation_id = "orders_get",
    params(("order_id" = String, Path), OrderQueryOne), responses((status = 200, body = OrderItem)))]
async fn get(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(order_id): Path<String>,
    Params(query): Params<OrderQueryOne>,
) -> Result<Json<OrderItem>> {
    viewer.require(Permission::PeopleRead)?;
    let project = audience.project(&viewer)?;
    let now = audience.now();
    let item = blocking(move || {
        let (person, order) = search::one(&project, &order_id, query.person, now)?;
        let people = project.people.read();
        Ok(view::item(&people, &viewer, person, order))
    });
    Ok(Json(item.await?))
}
