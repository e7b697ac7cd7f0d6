//! What the orders of a person come to.

use siyu_types::OrderMeasure;
use siyu_types::clock::Millis;

use super::OrderSum;

const DAY: Millis = 24 * 3_600_000;

/// Sums over orders. A refund of an order that is not known is money that went back too: a
/// till takes goods back without saying which receipt they were on.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Worth {
    /// Not fully refunded.
    pub orders: u64,
    pub fully_refunded: u64,
    pub paid_minor: i64,
    pub refunded_minor: i64,
    /// Of orders not fully refunded.
    pub first: Option<Millis>,
    pub last: Option<Millis>,
}

impl Worth {
    pub fn add(&mut self, order: &OrderSum) {
        self.paid_minor = self.paid_minor.saturating_add(order.paid_minor);
        self.refunded_minor = self.refunded_minor.saturating_add(order.refunded_minor);
        if !order.state.counts() {
            self.fully_refunded += u64::from(order.state.was_paid());
            return;
        }
        self.orders += 1;
        self.first = Some(self.first.map_or(order.at, |first| first.min(order.at)));
        self.last = Some(self.last.map_or(order.at, |last| last.max(order.at)));
    }

    /// Adds what other orders come to.
    pub(crate) fn join(&mut self, other: &Worth) {
        self.orders += other.orders;
        self.fully_refunded += other.fully_refunded;
        self.paid_minor = self.paid_minor.saturating_add(other.paid_minor);
        self.refunded_minor = self.refunded_minor.saturating_add(other.refunded_minor);
        self.first = self.first.into_iter().chain(other.first).min();
        self.last = self.last.max(other.last);
    }

    pub fn net_minor(&self) -> i64 {
        self.paid_minor.saturating_sub(self.refunded_minor)
    }

    /// Net per order, half a minor unit going up; none without orders.
    pub fn average_minor(&self) -> Option<i64> {
        let count = i64::try_from(self.orders).ok().filter(|count| *count > 0)?;
        Some(self.net_minor().saturating_add(count / 2).div_euclid(count))
    }

    pub fn days_since_last(&self, now: Millis) -> Option<i64> {
        self.last.map(|last| (now - last).max(0) / DAY)
    }

    pub fn days_since_first(&self, now: Millis) -> Option<i64> {
        self.first.map(|first| (now - first).max(0) / DAY)
    }

    /// The number that a condition compares.
    pub(crate) fn value(&self, measure: OrderMeasure, as_of: Millis) -> Option<f64> {
        match measure {
            OrderMeasure::Count => Some(self.orders as f64),
            OrderMeasure::Net => Some(self.net_minor() as f64),
            OrderMeasure::Paid => Some(self.paid_minor as f64),
            OrderMeasure::Refunded => Some(self.refunded_minor as f64),
            OrderMeasure::Average => self.average_minor().map(|average| average as f64),
            OrderMeasure::DaysSinceLast => self.days_since_last(as_of).map(|days| days as f64),
            OrderMeasure::DaysSinceFirst => self.days_since_first(as_of).map(|days| days as f64),
        }
    }
}
