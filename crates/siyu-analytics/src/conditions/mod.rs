//! Who is meant: the condition language over columns and over one person.
//! Both evaluators follow `Test::holds` and the comments of `siyu_types::condition`.

mod columns;
mod relations;
mod row;
#[cfg(test)]
mod tests;

use siyu_types::OrderCondition;
use siyu_types::condition::{Condition, EventCondition};

pub use columns::evaluate;
pub use row::holds;

use crate::aggregate::property;
use crate::names::sorted;
use crate::orders;

/// The event properties a scan must bring to evaluate the condition; sorted, no duplicates.
pub fn columns_needed(condition: &Condition) -> Vec<String> {
    let Leaves { events, orders } = Leaves::of(condition);
    let of_events = events.iter().flat_map(|leaf| {
        let filters = leaf.filters.iter().map(|filter| filter.property.as_str());
        filters.chain(property(&leaf.measure))
    });
    let of_orders = match orders.is_empty() {
        true => Vec::new(),
        false => orders::columns_needed(orders.iter().flat_map(|leaf| &leaf.filters)),
    };
    sorted(of_events.chain(of_orders.iter().map(String::as_str)))
}

/// The events the condition speaks of; a scan may leave out all others. Sorted, no duplicates.
pub fn events_needed(condition: &Condition) -> Vec<String> {
    let Leaves { events, orders } = Leaves::of(condition);
    let of_orders = if orders.is_empty() { Vec::new() } else { orders::events_needed() };
    sorted(events.iter().map(|leaf| leaf.event.as_str()).chain(of_orders.iter().map(String::as_str)))
}

/// Whether the condition needs events at all; if not, an empty scan will do.
pub fn names_events(condition: &Condition) -> bool {
    let leaves = Leaves::of(condition);
    !leaves.events.is_empty() || !leaves.orders.is_empty()
}

/// The leaves that are answered from events, left to right.
#[derive(Default)]
struct Leaves<'c> {
    events: Vec<&'c EventCondition>,
    orders: Vec<&'c OrderCondition>,
}

impl<'c> Leaves<'c> {
    fn of(condition: &'c Condition) -> Leaves<'c> {
        let mut leaves = Leaves::default();
        leaves.walk(condition);
        leaves
    }

    fn walk(&mut self, condition: &'c Condition) {
        match condition {
            Condition::All { of } | Condition::Any { of } => of.iter().for_each(|part| self.walk(part)),
            Condition::Not { of } => self.walk(of),
            Condition::Event(event) => self.events.push(event),
            Condition::Order(order) => self.orders.push(order),
            Condition::Attribute { .. }
            | Condition::Tag { .. }
            | Condition::Segment { .. }
            | Condition::Relation(_) => {}
        }
    }
}
