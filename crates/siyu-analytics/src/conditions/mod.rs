//! Who is meant: the condition language over columns and over one person.
//! Both evaluators follow `Test::holds` and the comments of `siyu_types::condition`.

mod columns;
mod relations;
mod row;
#[cfg(test)]
mod tests;

use siyu_types::condition::{Condition, EventCondition};

pub use columns::evaluate;
pub use row::holds;

use crate::aggregate::property;
use crate::names::sorted;

/// The event properties a scan must bring to evaluate the condition; sorted, no duplicates.
pub fn columns_needed(condition: &Condition) -> Vec<String> {
    let leaves = event_leaves(condition);
    sorted(leaves.iter().flat_map(|leaf| {
        let filters = leaf.filters.iter().map(|filter| filter.property.as_str());
        filters.chain(property(&leaf.measure))
    }))
}

/// The events the condition speaks of; a scan may leave out all others. Sorted, no duplicates.
pub fn events_needed(condition: &Condition) -> Vec<String> {
    sorted(event_leaves(condition).iter().map(|leaf| leaf.event.as_str()))
}

/// Whether the condition needs events at all; if not, an empty scan will do.
pub fn names_events(condition: &Condition) -> bool {
    !event_leaves(condition).is_empty()
}

/// All event leaves, left to right.
fn event_leaves(condition: &Condition) -> Vec<&EventCondition> {
    fn walk<'c>(condition: &'c Condition, leaves: &mut Vec<&'c EventCondition>) {
        match condition {
            Condition::All { of } | Condition::Any { of } => of.iter().for_each(|part| walk(part, leaves)),
            Condition::Not { of } => walk(of, leaves),
            Condition::Event(event) => leaves.push(event),
            Condition::Attribute { .. }
            | Condition::Tag { .. }
            | Condition::Segment { .. }
            | Condition::Relation(_) => {}
        }
    }
    let mut leaves = Vec::new();
    walk(condition, &mut leaves);
    leaves
}
