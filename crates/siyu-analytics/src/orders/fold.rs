//! From what is known of one order to what it comes to. The events may come in any order
//! but for those of one kind, which come by time and then arrival.

use rustc_hash::FxHashMap;
use siyu_types::OrderState;
use siyu_types::clock::Millis;
use siyu_types::record::names;

/// What an event says of its order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderKind {
    Placed,
    Paid,
    Line,
    Refunded,
    Cancelled,
    Closed,
}

impl OrderKind {
    pub fn of(event: &str) -> Option<OrderKind> {
        Some(match event {
            names::ORDER_PLACED => OrderKind::Placed,
            names::ORDER_PAID => OrderKind::Paid,
            names::ORDER_LINE => OrderKind::Line,
            names::ORDER_REFUNDED => OrderKind::Refunded,
            names::ORDER_CANCELLED => OrderKind::Cancelled,
            names::ORDER_CLOSED => OrderKind::Closed,
            _ => return None,
        })
    }

    /// The property that numbers the parts of an order of this kind.
    pub fn part(self) -> Option<&'static str> {
        match self {
            OrderKind::Paid => Some("payment_id"),
            OrderKind::Line => Some("line_id"),
            OrderKind::Refunded => Some("refund_id"),
            OrderKind::Placed | OrderKind::Cancelled | OrderKind::Closed => None,
        }
    }

    /// Refunds say what became of an order, not what it was.
    pub fn describes(self) -> bool {
        self != OrderKind::Refunded
    }
}

/// What an order comes to, in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OrderSum {
    /// When it was first paid; else when it was placed, else when first heard of.
    pub at: Millis,
    pub state: OrderState,
    pub paid_minor: i64,
    pub refunded_minor: i64,
}

impl OrderSum {
    pub fn net_minor(&self) -> i64 {
        self.paid_minor.saturating_sub(self.refunded_minor)
    }
}

/// Numbers for the texts that tell parts of orders apart.
#[derive(Default, Debug)]
pub struct PartNumbers(FxHashMap<String, u64>);

impl PartNumbers {
    /// None for an empty text: no number.
    pub fn of(&mut self, text: &str) -> Option<u64> {
        if text.is_empty() {
            return None;
        }
        // 0 is the payment without a number.
        let next = self.0.len() as u64 + 1;
        Some(*self.0.entry(text.to_owned()).or_insert(next))
    }
}

/// Gathers the events of one order.
///
/// - Payments with different numbers add up; of those with one number, or with none, the
///   last counts: the same payment told by two sources is one.
/// - An order that was neither placed nor paid was paid what its lines say.
/// - Lines and refunds add up; of those with one number the last counts.
#[derive(Clone, Default, Debug)]
pub struct OrderFold {
    first: Option<Millis>,
    placed: Option<Millis>,
    paid: Option<Millis>,
    line: Option<Millis>,
    cancelled: bool,
    closed: bool,
    payments: Vec<(u64, i64)>,
    lines: Vec<(u64, i64)>,
    refunds: Vec<(u64, i64)>,
}

impl OrderFold {
    /// For the next order, keeping what was allocated.
    pub(crate) fn clear(&mut self) {
        let OrderFold { payments, lines, refunds, .. } = std::mem::take(self);
        *self = OrderFold { payments, lines, refunds, ..OrderFold::default() };
        self.payments.clear();
        self.lines.clear();
        self.refunds.clear();
    }

    /// `part` tells apart payments, lines and refunds that have a number of their own.
    pub fn add(&mut self, kind: OrderKind, time: Millis, amount: Option<i64>, part: Option<u64>) {
        earliest(&mut self.first, time);
        let amount = amount.unwrap_or(0);
        match kind {
            OrderKind::Placed => earliest(&mut self.placed, time),
            OrderKind::Paid => {
                earliest(&mut self.paid, time);
                put(&mut self.payments, Some(part.unwrap_or(0)), amount);
            }
            OrderKind::Line => {
                earliest(&mut self.line, time);
                put(&mut self.lines, part, amount);
            }
            OrderKind::Refunded => put(&mut self.refunds, part, amount.saturating_abs()),
            OrderKind::Cancelled => self.cancelled = true,
            OrderKind::Closed => self.closed = true,
        }
    }

    pub fn sum(&self) -> OrderSum {
        let of_lines = self.line.filter(|_| self.placed.is_none());
        let paid_at = self.paid.or(of_lines);
        let paid_minor = match (self.paid, of_lines) {
            (Some(_), _) => total(&self.payments),
            (None, Some(_)) => total(&self.lines),
            (None, None) => 0,
        };
        let refunded_minor = total(&self.refunds);
        let state = match paid_at {
            Some(_) if refunded_minor > 0 && refunded_minor >= paid_minor => OrderState::Refunded,
            Some(_) if refunded_minor > 0 => OrderState::PartlyRefunded,
            Some(_) => OrderState::Paid,
            None if self.cancelled => OrderState::Cancelled,
            None if self.closed => OrderState::Closed,
            None if self.placed.is_some() => OrderState::Placed,
            None => OrderState::Unknown,
        };
        let at = paid_at.or(self.placed).or(self.first).unwrap_or(0);
        OrderSum { at, state, paid_minor, refunded_minor }
    }
}

fn earliest(known: &mut Option<Millis>, time: Millis) {
    *known = Some(known.map_or(time, |known| known.min(time)));
}

fn put(parts: &mut Vec<(u64, i64)>, part: Option<u64>, amount: i64) {
    // Parts without a number are each one of its own.
    const UNNUMBERED: u64 = u64::MAX;
    match part.and_then(|part| parts.iter_mut().find(|(known, _)| *known == part)) {
        Some(known) => known.1 = amount,
        None => parts.push((part.unwrap_or(UNNUMBERED), amount)),
    }
}

fn total(parts: &[(u64, i64)]) -> i64 {
    parts.iter().map(|(_, amount)| *amount).fold(0, i64::saturating_add)
}
