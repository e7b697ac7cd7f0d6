//! From order events to orders, value and stage.

use std::collections::HashMap;

use siyu_analytics::orders::{OrderFold, OrderKind, PartNumbers, Worth};
use siyu_events::EventRow;
use siyu_http::At;
use siyu_types::Value;
use siyu_types::clock::Millis;

use super::model::{Lifecycle, Line, Order, Payment, PersonValue, Refund, Stage, StageBasis};

const DAY: Millis = 24 * 3_600_000;
/// Known for at most so long: new.
const NEW_DAYS: i64 = 30;
/// The last order (or event, of those who never bought) is at most so old: active.
const ACTIVE_DAYS: i64 = 60;
/// At most so old: cooling. Older: lost.
const COOLING_DAYS: i64 = 180;

/// Puts events of one person together by order number, newest order first; what they come
/// to is decided by [`OrderFold`]. Events without a number are orders of their own.
pub fn orders(mut events: Vec<EventRow>) -> Vec<Order> {
    events.sort_by_key(|event| (event.time, event.seq));
    let mut all: Vec<Building> = Vec::new();
    let mut by_id: HashMap<String, usize> = HashMap::new();
    let mut parts = PartNumbers::default();
    for event in &events {
        let Some(kind) = OrderKind::of(&event.name) else { continue };
        let id = text(event, "order_id");
        let at = match by_id.get(&id) {
            Some(at) if !id.is_empty() => *at,
            _ => {
                all.push(Building::new(&id, event));
                by_id.insert(id, all.len() - 1);
                all.len() - 1
            }
        };
        all[at].add(kind, event, &mut parts);
    }
    let mut orders: Vec<Order> = all.into_iter().map(Building::finish).collect();
    orders.sort_by_key(|order| std::cmp::Reverse(order.sum.at));
    orders
}

struct Building {
    order: Order,
    fold: OrderFold,
}

impl Building {
    fn new(id: &str, event: &EventRow) -> Building {
        let fold = OrderFold::default();
        let order = Order {
            order_id: id.to_owned(),
            sum: fold.sum(),
            placed_at: None,
            payments: Vec::new(),
            refunds: Vec::new(),
            lines: Vec::new(),
            channel: String::new(),
            store_id: String::new(),
            staff_id: String::new(),
            source: event.source.clone(),
        };
        Building { order, fold }
    }

    fn add(&mut self, kind: OrderKind, event: &EventRow, parts: &mut PartNumbers) {
        let amount = money(event, "amount_minor");
        let part = kind.part().map(|part| text(event, part)).unwrap_or_default();
        self.fold.add(kind, event.time, amount, parts.of(&part));
        let order = &mut self.order;
        if kind.describes() {
            for (held, property) in [
                (&mut order.channel, "channel"),
                (&mut order.store_id, "store_id"),
                (&mut order.staff_id, "staff_id"),
            ] {
                let said = text(event, property);
                if !said.is_empty() {
                    *held = said;
                }
            }
        }
        let amount_minor = amount.unwrap_or(0);
        match kind {
            OrderKind::Placed => {
                order.placed_at = Some(order.placed_at.map_or(event.time, |at| at.min(event.time)));
            }
            OrderKind::Paid => {
                let method = first_text(event, &["method", "payment_method", "pay_type"]).unwrap_or_default();
                let paid = Payment { payment_id: part, at: event.time, amount_minor, method };
                // As the fold does: without a number, it is the payment told before.
                put(&mut order.payments, paid, |a, b| a.payment_id == b.payment_id);
            }
            OrderKind::Line => {
                put(&mut order.lines, line(event, part, amount), |a, b| {
                    !a.line_id.is_empty() && a.line_id == b.line_id
                });
            }
            OrderKind::Refunded => {
                let refund = Refund {
                    refund_id: part,
                    at: event.time,
                    amount_minor: amount_minor.saturating_abs(),
                    item_id: text(event, "item_id"),
                    line_id: text(event, "line_id"),
                    reason: text(event, "reason"),
                };
                put(&mut order.refunds, refund, |a, b| !a.refund_id.is_empty() && a.refund_id == b.refund_id);
            }
            OrderKind::Cancelled | OrderKind::Closed => {}
        }
    }

    fn finish(mut self) -> Order {
        self.order.sum = self.fold.sum();
        for refund in &self.order.refunds {
            attribute(refund, &mut self.order.lines);
        }
        self.order
    }
}

fn put<T>(known: &mut Vec<T>, new: T, same: impl Fn(&T, &T) -> bool) {
    match known.iter_mut().find(|held| same(held, &new)) {
        Some(held) => *held = new,
        None => known.push(new),
    }
}

fn line(event: &EventRow, line_id: String, amount_minor: Option<i64>) -> Line {
    Line {
        line_id,
        item_id: text(event, "item_id"),
        item_type: text(event, "item_type"),
        name: first_text(event, &["item_name", "name", "title"]),
        quantity: event.props.get("quantity").and_then(Value::as_number),
        amount_minor,
        refunded_minor: 0,
    }
}

/// Takes a refund from the line it names, else from the lines of the item it names, the
/// first ones first; what is more than they cost stays with the last of them.
fn attribute(refund: &Refund, lines: &mut [Line]) {
    let named = |line: &Line| match refund.line_id.is_empty() {
        false => line.line_id == refund.line_id,
        true => !refund.item_id.is_empty() && line.item_id == refund.item_id,
    };
    let mut left = refund.amount_minor;
    let count = lines.iter().filter(|line| named(line)).count();
    for (place, line) in lines.iter_mut().filter(|line| named(line)).enumerate() {
        let open = line.amount_minor.unwrap_or(0).saturating_sub(line.refunded_minor).max(0);
        let taken = if place + 1 == count { left } else { left.min(open) };
        line.refunded_minor = line.refunded_minor.saturating_add(taken);
        left -= taken;
    }
}

fn first_text(event: &EventRow, names: &[&str]) -> Option<String> {
    names.iter().map(|name| text(event, name)).find(|text| !text.is_empty())
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
    let mut worth = Worth::default();
    orders.iter().for_each(|order| worth.add(&order.sum));
    PersonValue::of(&worth, now)
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
