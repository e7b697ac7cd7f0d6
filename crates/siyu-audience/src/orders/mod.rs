//! The orders of a person, put together from their events, and what they are worth.

mod api;
mod model;
mod rules;
#[cfg(test)]
mod tests;

use siyu_events::{Moment, Timeline};
use siyu_types::Result;
use siyu_types::record::names;

pub(crate) use api::routes;
pub(crate) use model::{Lifecycle, Order, PersonValue};
pub(crate) use rules::{lifecycle, value};

const ORDER_EVENTS: [&str; 3] = [names::ORDER_PAID, names::ORDER_LINE, names::ORDER_REFUNDED];
/// Order events of one person that are put together; of more, the newest.
pub const ORDER_EVENTS_MAX: usize = 20_000;

/// All orders on a timeline, newest first.
pub(crate) fn of_timeline(timeline: &Timeline) -> Result<Vec<Order>> {
    let about = |moment: &&Moment| ORDER_EVENTS.contains(&timeline.name(moment.event));
    let chosen: Vec<Moment> =
        timeline.moments().iter().filter(about).take(ORDER_EVENTS_MAX).copied().collect();
    Ok(rules::orders(timeline.read(&chosen)?))
}
