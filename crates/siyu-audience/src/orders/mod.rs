//! Orders, put together from their events: those of a person and what they are worth, a
//! page of all, and one by its number.

mod api;
mod api_all;
mod model;
mod rules;
mod search;
#[cfg(test)]
mod tests;
mod view;

use siyu_events::{Moment, Timeline};
use siyu_types::Result;
use siyu_types::record::names::ORDER_EVENTS;

pub(crate) use api::routes;
pub(crate) use model::{Lifecycle, Line, Order, Payment, PersonValue, Refund, Stage};
#[cfg(test)]
pub(crate) use rules::orders as put_together;
pub(crate) use rules::{lifecycle, value};

/// Order events of one person that are put together; of more, the newest.
pub const ORDER_EVENTS_MAX: usize = 20_000;

/// All orders on a timeline, newest first.
pub(crate) fn of_timeline(timeline: &Timeline) -> Result<Vec<Order>> {
    let about = |moment: &&Moment| ORDER_EVENTS.contains(&timeline.name(moment.event));
    let chosen: Vec<Moment> =
        timeline.moments().iter().filter(about).take(ORDER_EVENTS_MAX).copied().collect();
    Ok(rules::orders(timeline.read(&chosen)?))
}
