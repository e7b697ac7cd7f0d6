//! Orders of a person over HTTP.

use axum::extract::State;
use siyu_http::{Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::{Error, Permission};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::view::{self, OrderItem};
use crate::Audience;
use crate::audience::blocking;
use crate::people::resolve;

pub(crate) fn routes(audience: Audience) -> OpenApiRouter {
    let own = OpenApiRouter::new().routes(routes!(list)).with_state(audience.clone());
    super::api_all::routes(audience).merge(own)
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
        let (person, numbers) = {
            let people = project.people.read();
            let person = resolve(&people, number)?;
            (person, people.numbers(person))
        };
        let orders = super::of_timeline(&project.events.timeline(&numbers)?)?;
        let people = project.people.read();
        let total = orders.len();
        let some = orders.into_iter().enumerate().skip(from).take(limit as usize + 1);
        let items = some.map(|(at, order)| (at, view::item(&people, &viewer, person, order))).collect();
        let mut page = Page::cut(items, limit, |(at, _)| (at + 1).to_string()).map(|(_, order)| order);
        page.total = Some(total as u64);
        Ok(page)
    });
    Ok(Json(page.await?))
}
