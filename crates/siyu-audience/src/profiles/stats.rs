//! What somebody did, in five numbers, kept per number so that splits are exact.

use siyu_types::Props;
use siyu_types::clock::Millis;
use siyu_types::record::names;

/// First and last time, events and orders.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Activity {
    pub first: Millis,
    pub last: Millis,
    pub events: u64,
    pub orders: u64,
    /// Paid, in minor units of the project's currency.
    pub amount_minor: i64,
}

impl Default for Activity {
    fn default() -> Activity {
        Activity { first: Millis::MAX, last: Millis::MIN, events: 0, orders: 0, amount_minor: 0 }
    }
}

impl Activity {
    pub fn note(&mut self, event: &str, time: Millis, props: &Props) {
        self.first = self.first.min(time);
        self.last = self.last.max(time);
        self.events += 1;
        if event == names::ORDER_PAID {
            self.orders += 1;
            let amount = props.get("amount_minor").and_then(siyu_types::Value::as_number).unwrap_or(0.0);
            // `as` saturates; an amount beyond 90 quadrillion is not one.
            self.amount_minor = self.amount_minor.saturating_add(amount.round() as i64);
        }
    }

    pub fn add(&mut self, other: &Activity) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.events += other.events;
        self.orders += other.orders;
        self.amount_minor = self.amount_minor.saturating_add(other.amount_minor);
    }

    /// Absent for somebody of whom only a profile is known and never an instant.
    pub fn first_seen(&self) -> Option<Millis> {
        (self.first != Millis::MAX).then_some(self.first)
    }

    pub fn last_seen(&self) -> Option<Millis> {
        (self.last != Millis::MIN).then_some(self.last)
    }
}
