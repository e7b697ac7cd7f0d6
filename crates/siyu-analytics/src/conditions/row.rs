//! The row evaluator: one person, in real time.

use jiff::tz::TimeZone;
use siyu_types::calendar::{InstantRange, resolve};
use siyu_types::clock::Millis;
use siyu_types::condition::{Condition, EventCondition};
use siyu_types::{ItemField, Result, Value};

use super::relations;
use crate::aggregate::{RowSums, property};
use crate::people::PersonRow;
use crate::{orders, unknown};

/// Whether the condition holds for one (living) person.
pub fn holds(condition: &Condition, person: &dyn PersonRow, as_of: Millis, zone: &TimeZone) -> Result<bool> {
    match condition {
        Condition::All { of } => {
            for part in of {
                if !holds(part, person, as_of, zone)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Condition::Any { of } => {
            for part in of {
                if holds(part, person, as_of, zone)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Condition::Not { of } => Ok(!holds(of, person, as_of, zone)?),
        Condition::Attribute { name, test } => Ok(test.holds(present(person.attribute(name)).as_ref())),
        Condition::Tag { tag, test } => Ok(test.holds(present(person.tag(*tag)).as_ref())),
        Condition::Segment { segment } => person.segment(*segment).ok_or_else(|| unknown("segment", segment)),
        Condition::Event(event) => event_holds(event, person, as_of, zone),
        Condition::Relation(relation) => relations::of_one(relation, person, as_of),
        Condition::Order(order) => orders::holds(order, person, as_of, zone),
    }
}

/// A list without elements is no value, as in the columns.
fn present(value: Option<Value>) -> Option<Value> {
    value.filter(|value| !matches!(value, Value::List(items) if items.is_empty()))
}

fn event_holds(
    event: &EventCondition,
    person: &dyn PersonRow,
    as_of: Millis,
    zone: &TimeZone,
) -> Result<bool> {
    let range = resolve(&event.window, as_of, zone)?;
    let known = InstantRange { from: range.from, to: range.to.min(as_of.saturating_add(1)) };
    let mut sums = RowSums::default();
    person.events(&event.event, known, &mut |time, props| {
        let known_items = |field: &ItemField, id: &str| person.item(field, id);
        let matches = event.filters.iter().all(|filter| filter.holds(props, known_items));
        if matches && (known.from..known.to).contains(&time) {
            let value = property(&event.measure).and_then(|name| props.get(name));
            sums.add(&event.measure, time, zone, value);
        }
    });
    let value = sums.value(&event.measure);
    Ok(value.is_some_and(|left| event.compare.holds(left, event.value)))
}
