//! Conditions on orders, over columns and over one person.

use jiff::tz::TimeZone;
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use siyu_types::calendar::{InstantRange, resolve};
use siyu_types::clock::Millis;
use siyu_types::record::names::ORDER_EVENTS;
use siyu_types::{OrderCondition, Result, Value};

use super::collect::{SETS_MAX, collect, for_all};
use super::fold::{OrderFold, OrderKind, PartNumbers};
use super::worth::Worth;
use crate::Context;
use crate::pass::People;
use crate::people::PersonRow;

// A condition has at most 100 leaves, and each has one bit.
const _: () = assert!(siyu_types::condition::LEAVES_MAX <= SETS_MAX);

/// One bitmap per leaf, from one pass over the order events.
pub(crate) fn evaluate(leaves: &[&OrderCondition], context: &Context<'_>) -> Result<Vec<RoaringBitmap>> {
    if leaves.is_empty() {
        return Ok(Vec::new());
    }
    let mut ranges = Vec::with_capacity(leaves.len());
    for leaf in leaves {
        ranges.push(resolve(&leaf.window, context.as_of, context.zone)?);
    }
    // Who has no order is not visited: keep only those who differ from them.
    let idle: Vec<bool> =
        leaves.iter().map(|leaf| compares(leaf, &Worth::default(), context.as_of)).collect();
    let sets: Vec<_> = leaves.iter().map(|leaf| leaf.filters.as_slice()).collect();
    let universe = context.people.universe();
    let parts =
        collect(&sets, context, &People::of(universe), |found: &mut Vec<Vec<u32>>, _, person, orders| {
            found.resize(leaves.len(), Vec::new());
            for (index, leaf) in leaves.iter().enumerate() {
                let mut worth = Worth::default();
                for order in orders.iter().filter(|order| order.fits(index)) {
                    if within(ranges[index], order.sum.at) {
                        worth.add(&order.sum);
                    }
                }
                if compares(leaf, &worth, context.as_of) != idle[index] {
                    found[index].push(person);
                }
            }
        });
    let mut answers = vec![RoaringBitmap::new(); leaves.len()];
    for part in parts {
        for (answer, people) in answers.iter_mut().zip(part) {
            *answer |= people.into_iter().collect::<RoaringBitmap>();
        }
    }
    for (answer, idle) in answers.iter_mut().zip(idle) {
        if idle {
            *answer = universe - &*answer;
        }
    }
    Ok(answers)
}

fn within(range: InstantRange, at: Millis) -> bool {
    range.from <= at && at < range.to
}

fn compares(leaf: &OrderCondition, worth: &Worth, as_of: Millis) -> bool {
    worth.value(leaf.measure, as_of).is_some_and(|left| leaf.compare.holds(left, leaf.value))
}

/// One order of a person in real time.
#[derive(Default)]
struct Open {
    fold: OrderFold,
    /// Something but refunds is known of it.
    described: bool,
    flags: Vec<bool>,
}

/// Whether a leaf holds for one person.
pub(crate) fn holds(
    leaf: &OrderCondition,
    person: &dyn PersonRow,
    as_of: Millis,
    zone: &TimeZone,
) -> Result<bool> {
    let range = resolve(&leaf.window, as_of, zone)?;
    // A refund may come long after the window.
    let known = InstantRange { from: Millis::MIN, to: as_of.saturating_add(1) };
    let text = |value: Option<&Value>| value.map(Value::display).filter(|text| !text.is_empty());
    let mut orders: Vec<Open> = Vec::new();
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    let mut parts = PartNumbers::default();
    for (kind, name) in ORDER_EVENTS.iter().filter_map(|name| Some((OrderKind::of(name)?, *name))) {
        person.events(name, known, &mut |time, props| {
            let id = text(props.get("order_id"));
            let place = id.as_ref().and_then(|id| places.get(id)).copied().unwrap_or(orders.len());
            if place == orders.len() {
                let flags = leaf.filters.iter().map(|filter| for_all(&filter.test)).collect();
                orders.push(Open { flags, ..Open::default() });
                places.extend(id.map(|id| (id, place)));
            }
            let order = &mut orders[place];
            let amount = props.get("amount_minor").and_then(Value::as_number);
            let part = kind.part().and_then(|part| text(props.get(part)));
            let part = part.and_then(|part| parts.of(&part));
            order.fold.add(kind, time, amount.map(|amount| amount.round() as i64), part);
            if kind.describes() || !order.described {
                if kind.describes() && !order.described {
                    order.described = true;
                    order.flags = leaf.filters.iter().map(|filter| for_all(&filter.test)).collect();
                }
                for (flag, filter) in order.flags.iter_mut().zip(&leaf.filters) {
                    let fits = filter.holds(props, |field, id| person.item(field, id));
                    *flag = if for_all(&filter.test) { *flag && fits } else { *flag || fits };
                }
            }
        });
    }
    let mut worth = Worth::default();
    for order in orders.iter().filter(|order| order.flags.iter().all(|flag| *flag)) {
        let sum = order.fold.sum();
        if within(range, sum.at) {
            worth.add(&sum);
        }
    }
    Ok(compares(leaf, &worth, as_of))
}
