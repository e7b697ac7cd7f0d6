//! Orders and gains read off the events one by one, and random worlds that have some.

use std::collections::BTreeMap;

use proptest::prelude::*;
use siyu_types::analysis::{EventMatch, Gain};
use siyu_types::condition::{PropertyFilter, Test};
use siyu_types::record::names::ORDER_EVENTS;
use siyu_types::{OrderState, Value};

use super::{Event, World, plain, random};
use crate::orders::{OrderKind, OrderSum};

const DAY: i64 = 86_400_000;

/// All orders of a person as known, read off the events.
pub(crate) fn orders_of(world: &World, person: u32) -> Vec<(String, OrderSum, Vec<&Event>)> {
    let mut groups: Vec<(String, Vec<&Event>)> = Vec::new();
    for event in world.events_of(person) {
        if event.time > world.as_of || OrderKind::of(&event.name).is_none() {
            continue;
        }
        let id = event.props.get("order_id").map(Value::display).unwrap_or_default();
        match groups.iter_mut().find(|(known, _)| !id.is_empty() && *known == id) {
            Some((_, events)) => events.push(event),
            None => groups.push((id, vec![event])),
        }
    }
    groups.into_iter().map(|(id, events)| (id, plain_sum(&events), events)).collect()
}

fn of<'e>(events: &'e [&'e Event], name: &'e str) -> impl Iterator<Item = &'e &'e Event> {
    events.iter().filter(move |event| event.name == name)
}

fn plain_sum(events: &[&Event]) -> OrderSum {
    let amounts = |name: &str, part: &str, alone_replaces: bool| -> i64 {
        let mut last: BTreeMap<String, i64> = BTreeMap::new();
        for (place, event) in of(events, name).enumerate() {
            let number = event.props.get(part).map(Value::display).filter(|text| !text.is_empty());
            let key =
                number.unwrap_or_else(|| if alone_replaces { String::new() } else { format!("#{place}") });
            let amount = event.props.get("amount_minor").and_then(Value::as_number).unwrap_or(0.0);
            last.insert(key, amount as i64);
        }
        last.values().sum()
    };
    let first = |name: &str| of(events, name).map(|event| event.time).min();
    let (placed, lines) = (first("order_placed"), first("order_line"));
    let paid_at = first("order_paid").or(lines.filter(|_| placed.is_none()));
    let paid = match (first("order_paid"), paid_at) {
        (Some(_), _) => amounts("order_paid", "payment_id", true),
        (None, Some(_)) => amounts("order_line", "line_id", false),
        _ => 0,
    };
    let refunded = amounts("order_refunded", "refund_id", false);
    let state = match (paid_at, refunded) {
        (Some(_), 0) => OrderState::Paid,
        (Some(_), back) if back < paid => OrderState::PartlyRefunded,
        (Some(_), _) => OrderState::Refunded,
        (None, _) if first("order_cancelled").is_some() => OrderState::Cancelled,
        (None, _) if first("order_closed").is_some() => OrderState::Closed,
        (None, _) if placed.is_some() => OrderState::Placed,
        _ => OrderState::Unknown,
    };
    let at = paid_at.or(placed).or(events.first().map(|event| event.time)).expect("an event");
    OrderSum { at, state, paid_minor: paid, refunded_minor: refunded }
}

pub(crate) fn fits(world: &World, filters: &[PropertyFilter], events: &[&Event]) -> bool {
    let describing: Vec<_> = events.iter().filter(|event| event.name != "order_refunded").collect();
    let asked = if describing.is_empty() { events.iter().collect() } else { describing };
    filters.iter().all(|filter| {
        let mut verdicts =
            asked.iter().map(|event| filter.holds(&event.props, |field, id| world.item(field, id)));
        if filter.test.holds(None) { verdicts.all(|fits| fits) } else { verdicts.any(|fits| fits) }
    })
}

fn event() -> impl Strategy<Value = Event> {
    let name = prop::sample::select(ORDER_EVENTS.to_vec());
    let id = prop::option::weighted(0.8, prop::sample::select(vec!["o1", "o2", "o3", ""]));
    let part = prop::option::of(prop::sample::select(vec!["1", "2"]));
    let amount = prop::option::weighted(0.9, 0i64..5);
    let kind = prop::option::of(prop::sample::select(vec!["wx", "web", "1"]));
    (1u32..4, name, 0i64..16, id, part, amount, kind).prop_map(
        |(person, name, slot, id, part, amount, kind)| {
            let part_name = OrderKind::of(name).and_then(OrderKind::part);
            let text = |text: &str| Value::Text(text.to_owned());
            let props = [
                ("order_id", id.map(text)),
                ("amount_minor", amount.map(|amount| Value::Number(amount as f64 * 100.0))),
                ("channel", kind.map(text)),
                (part_name.unwrap_or("remark"), part.map(text)),
            ];
            let props =
                props.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
            // 2026-03-06 in New York and on; six hours apart, so that times often tie.
            Event { person, time: 1_772_773_200_000 + slot * DAY / 4, name: name.to_owned(), props }
        },
    )
}

pub(crate) fn world() -> impl Strategy<Value = World> {
    (random::world(), prop::collection::vec(event(), 0..30)).prop_map(|(mut world, events)| {
        world.events.extend(events);
        world
    })
}

pub(crate) fn filters() -> impl Strategy<Value = Vec<PropertyFilter>> {
    let numbered = random::test().prop_map(|test| PropertyFilter::of("order_id", test));
    let named = prop::sample::select(vec!["o1", "o2"])
        .prop_map(|id| PropertyFilter::of("order_id", Test::Is { values: vec![Value::Text(id.to_owned())] }));
    prop::collection::vec(prop_oneof![4 => random::filter(), 1 => numbered, 1 => named], 0..3)
}

/// What a person brought, by time: when, by which event, how much, and whether it counts.
pub(crate) fn gained<'w>(
    world: &'w World,
    gain: &Gain,
    person: u32,
) -> Vec<(i64, Option<&'w Event>, f64, bool)> {
    match gain {
        Gain::Event { event, worth } => {
            let number = |event: &Event| event.props.get(worth.as_ref()?).and_then(Value::as_number);
            let found = plain::known(world, person, event).into_iter();
            found.map(|event| (event.time, Some(event), number(event).unwrap_or(0.0), true)).collect()
        }
        Gain::Orders { filters } => {
            let orders = orders_of(world, person).into_iter();
            let fitting = orders.filter(|(_, _, events)| fits(world, filters, events));
            let mut found: Vec<_> = fitting
                .map(|(_, sum, _)| (sum.at, None, sum.net_minor() as f64, sum.state.counts()))
                .collect();
            found.sort_by_key(|(time, ..)| *time);
            found
        }
    }
}

pub(crate) fn gain() -> impl Strategy<Value = Gain> {
    let worth = prop::option::of(prop::sample::select(vec!["amount", "channel", "amount_minor"]));
    let event = prop_oneof![
        4 => random::event_match(),
        1 => Just(EventMatch { event: "order_paid".to_owned(), filters: Vec::new() }),
    ];
    prop_oneof![
        2 => (event, worth).prop_map(|(event, worth)| Gain::Event { event, worth: worth.map(str::to_owned) }),
        1 => filters().prop_map(|filters| Gain::Orders { filters }),
    ]
}
