//! Order totals of files with one row per line: the lines of an order need not
//! stand together, so totals are known only at the end of the file.

use rustc_hash::FxHashMap;
use siyu_types::clock::Millis;
use siyu_types::record::{Body, names};
use siyu_types::{Identifier, Record};

/// Different orders of one file; about 200 bytes each.
pub const ORDERS_MAX: usize = 2_000_000;
/// Lines of one file; about 20 bytes each.
const LINES_MAX: usize = 20_000_000;

pub struct OrderSum {
    pub ids: Vec<Identifier>,
    /// Of its first line.
    pub time: Millis,
    sum: i64,
    /// As the lines repeat it.
    total: Option<i64>,
    pub lines: u32,
}

impl OrderSum {
    /// What the file says of the order as a whole, else what its lines add up to.
    pub fn amount(&self) -> i64 {
        self.total.unwrap_or(self.sum)
    }
}

#[derive(Default)]
pub struct Orders {
    sums: FxHashMap<String, OrderSum>,
    /// Lines that were added, so that a line with a number of its own that stands twice
    /// counts once.
    lines: std::collections::HashSet<u128, std::hash::BuildHasherDefault<rustc_hash::FxHasher>>,
}

impl Orders {
    /// Property of a line that repeats what the order as a whole came to.
    pub const TOTAL: &str = "order_amount_minor";

    /// Adds a line; false if the file holds too many orders.
    pub fn add(&mut self, line: &Record) -> bool {
        let Body::Event { name, props } = &line.body else { return true };
        let Some(order) = props.get("order_id").and_then(|value| value.as_text()) else { return true };
        if name != names::ORDER_LINE {
            return true;
        }
        let money =
            |name: &str| props.get(name).and_then(|value| value.as_number()).map(|amount| amount as i64);
        if !self.sums.contains_key(order) && self.sums.len() >= ORDERS_MAX || self.lines.len() >= LINES_MAX {
            return false;
        }
        if !self.lines.insert(line.key) {
            return true;
        }
        let sum = self.sums.entry(order.to_owned()).or_insert_with(|| OrderSum {
            ids: line.ids.clone(),
            time: line.time,
            sum: 0,
            total: None,
            lines: 0,
        });
        sum.time = sum.time.min(line.time);
        // Amounts of lines are whole and below 2^53.
        sum.sum = sum.sum.saturating_add(money("amount_minor").unwrap_or_default());
        sum.total = sum.total.or_else(|| money(Orders::TOTAL));
        sum.lines += 1;
        true
    }

    /// Takes all orders, in the order of their ids, so that every run is alike.
    pub fn drain(&mut self) -> impl Iterator<Item = (String, OrderSum)> {
        self.lines.clear();
        let mut sums: Vec<_> = std::mem::take(&mut self.sums).into_iter().collect();
        sums.sort_by(|a, b| a.1.time.cmp(&b.1.time).then_with(|| a.0.cmp(&b.0)));
        sums.into_iter()
    }
}
