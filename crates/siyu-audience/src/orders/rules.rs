//! From order events to orders, value and stage.

use std::collections::HashMap;

use siyu_events::EventRow;
use siyu_http::At;
use siyu_types::Value;
use siyu_types::clock::Millis;
use siyu_types::record::names;

use super::model::{Lifecycle, Line, Order, PersonValue, Stage, StageBasis};

const DAY: Millis = 24 * 3_600_000;
/// Known for at most so long: new.
const NEW_DAYS: i64 = 30;
/// The last order (or event, of those who never bought) is at most so old: active.
const ACTIVE_DAYS: i64 = 60;
/// At most so old: cooling. Older: lost.
const COOLING_DAYS: i64 = 180;

/// Puts events of one person together by order number, newest order first. An order
/// of which only lines are known was paid what its lines say. Events without a
/// number are orders of their own.
pub fn orders(mut events: Vec<EventRow>) -> Vec<Order> {
    events.sort_by_key(|event| (event.time, event.seq));
    let mut all: Vec<Building> = Vec::new();
    let mut by_id: HashMap<String, usize> = HashMap::new();
    for event in events {
        let id = text(&event, "order_id");
        let at = match by_id.get(&id) {
            Some(at) if !id.is_empty() => *at,
            _ => {
                all.push(Building::new(&id, &event));
                by_id.insert(id, all.len() - 1);
                all.len() - 1
            }
        };
        all[at].add(&event);
    }
    let mut orders: Vec<Order> = all.into_iter().map(Building::finish).collect();
    orders.sort_by_key(|order| std::cmp::Reverse(order.at));
    orders
}

struct Building {
    order: Order,
    /// An `order_paid` was seen: it says what was paid, not the lines.
    stated: bool,
}

impl Building {
    fn new(id: &str, event: &EventRow) -> Building {
        let order = Order {
            order_id: id.to_owned(),
            at: event.time,
            paid: false,
            paid_minor: 0,
            refunded_minor: 0,
            lines: Vec::new(),
            source: event.source.clone(),
        };
        Building { order, stated: false }
    }

    fn add(&mut self, event: &EventRow) {
        let amount = money(event, "amount_minor");
        let order = &mut self.order;
        match event.name.as_str() {
            names::ORDER_PAID => {
                if !self.stated {
                    order.at = event.time;
                }
                (self.stated, order.paid) = (true, true);
                order.paid_minor = order.paid_minor.saturating_add(amount.unwrap_or(0));
            }
            names::ORDER_LINE => {
                if !order.paid && !self.stated {
                    order.at = event.time;
                }
                order.paid = true;
                order.lines.push(Line {
                    item_id: text(event, "item_id"),
                    item_type: text(event, "item_type"),
                    name: ["item_name", "name", "title"]
                        .iter()
                        .map(|key| text(event, key))
                        .find(|n| !n.is_empty()),
                    quantity: event.props.get("quantity").and_then(Value::as_number),
                    amount_minor: amount,
                });
            }
            _ => order.refunded_minor = order.refunded_minor.saturating_add(amount.unwrap_or(0)),
        }
    }

    fn finish(mut self) -> Order {
        if !self.stated {
            self.order.paid_minor = self.order.lines.iter().filter_map(|line| line.amount_minor).sum();
        }
        self.order
    }
}

fn text(event: &EventRow, name: &str) -> String {
    event.props.get(name).map(Value::display).unwrap_or_default()
}

fn money(event: &EventRow, name: &str) -> Option<i64> {
    // `as` saturates; an amount beyond 90 quadrillion is not one.
    event.props.get(name).and_then(Value::as_number).map(|amount| amount.round() as i64)
}

/// What the orders of a person come to.
pub fn value(orders: &[Order], now: Millis) -> PersonValue {
    let paid = || orders.iter().filter(|order| order.paid);
    let count = paid().count() as u64;
    let paid_minor = orders.iter().map(|order| order.paid_minor).fold(0, i64::saturating_add);
    let refunded_minor = orders.iter().map(|order| order.refunded_minor).fold(0, i64::saturating_add);
    let net_minor = paid_minor.saturating_sub(refunded_minor);
    let last = paid().map(|order| order.at).max();
    PersonValue {
        orders: count,
        paid_minor,
        refunded_minor,
        net_minor,
        average_minor: (count > 0).then(|| rounded(net_minor, count as i64)),
        first_order: paid().map(|order| order.at).min().map(At),
        last_order: last.map(At),
        days_since: last.map(|last| days(last, now)),
    }
}

/// Half a minor unit goes up.
fn rounded(total: i64, count: i64) -> i64 {
    (total + count / 2).div_euclid(count)
}

fn days(from: Millis, to: Millis) -> i64 {
    (to - from).max(0) / DAY
}

/// The stage of somebody first and last seen then, with these orders. New is who has
/// been known for [`NEW_DAYS`] at most and bought once at most; the others go by how
/// long ago they last bought, or were last seen if they never did. None for somebody
/// who was never seen.
pub fn lifecycle(
    first_seen: Option<Millis>,
    last_seen: Option<Millis>,
    value: &PersonValue,
    now: Millis,
) -> Option<Lifecycle> {
    let (first, seen) = (first_seen?, last_seen?);
    let (basis, last) = match value.last_order {
        Some(At(last)) => (StageBasis::Order, last),
        None => (StageBasis::Activity, seen),
    };
    let days_since = days(last, now);
    let stage = if days(first, now) <= NEW_DAYS && value.orders <= 1 {
        Stage::New
    } else if days_since <= ACTIVE_DAYS {
        Stage::Active
    } else if days_since <= COOLING_DAYS {
        Stage::Cooling
    } else {
        Stage::Lost
    };
    Some(Lifecycle {
        stage,
        basis,
        days: days_since,
        new_days: NEW_DAYS,
        active_days: ACTIVE_DAYS,
        cooling_days: COOLING_DAYS,
    })
}
