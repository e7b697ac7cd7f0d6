//! Orders, put together from their events while these are read, person by person: conditions
//! on them, lists and totals. What an order comes to is decided in one place, [`OrderFold`],
//! for columns, for one person in real time and for pages alike.

mod collect;
mod condition;
mod fold;
mod list;
#[cfg(test)]
mod tests;
mod told;
mod worth;

use siyu_types::condition::PropertyFilter;
use siyu_types::record::names::ORDER_EVENTS;

use crate::names::sorted;

pub(crate) use collect::{OrderReader, OrderTests};
pub(crate) use condition::evaluate;
pub(crate) use condition::holds;
pub use fold::{OrderFold, OrderKind, OrderSum, PartNumbers};
pub use list::{DayTotals, OrderPage, OrderPlace, OrderQuery, OrderTotals, PlacedOrder, page, totals};
pub use told::{OrderMadeAt, TOLD_PROPERTIES, ToldLine, lines, places};
pub use worth::Worth;

/// Properties by which events find to their order, and what they move.
const PROPERTIES: [&str; 5] = ["order_id", "amount_minor", "payment_id", "line_id", "refund_id"];

/// The event properties a scan must bring for orders with these filters; sorted, no duplicates.
pub fn columns_needed<'f>(filters: impl IntoIterator<Item = &'f PropertyFilter>) -> Vec<String> {
    let tested = filters.into_iter().map(|filter| filter.property.as_str());
    sorted(tested.chain(PROPERTIES))
}

/// The events that orders are made of.
pub fn events_needed() -> Vec<String> {
    ORDER_EVENTS.map(str::to_owned).into()
}
