//! Orders of all people: a page of them, newest first, and what all of them come to.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use roaring::RoaringBitmap;
use siyu_events::Block;
use siyu_types::OrderState;
use siyu_types::analysis::Interval;
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;
use siyu_types::condition::PropertyFilter;

use super::collect::{Seen, collect};
use super::fold::OrderSum;
use super::worth::Worth;
use crate::Context;
use crate::boundaries::Boundaries;
use crate::pass::People;

/// Days that totals tell apart.
const DAYS_MAX: usize = 1_100;

/// Which orders are meant.
#[derive(Clone, Copy)]
pub struct OrderQuery<'q> {
    pub filters: &'q [PropertyFilter],
    /// Empty: all.
    pub states: &'q [OrderState],
    /// By [`OrderSum::at`].
    pub range: InstantRange,
}

impl OrderQuery<'_> {
    fn wants(&self, order: &Seen) -> bool {
        let at = order.sum.at;
        order.fits(0)
            && self.range.from <= at
            && at < self.range.to
            && (self.states.is_empty() || self.states.contains(&order.sum.state))
    }
}

/// The place of an order in the list, newest first. Orders of one person at one instant
/// stand in the order they were first heard of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct OrderPlace {
    at: Reverse<Millis>,
    pub person: u32,
    pub ordinal: u32,
}

impl OrderPlace {
    pub fn new(at: Millis, person: u32, ordinal: u32) -> OrderPlace {
        OrderPlace { at: Reverse(at), person, ordinal }
    }

    pub fn at(&self) -> Millis {
        self.at.0
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlacedOrder {
    pub place: OrderPlace,
    /// Empty if the events did not say.
    pub order_id: String,
    pub sum: OrderSum,
}

pub struct OrderPage {
    pub orders: Vec<PlacedOrder>,
    /// Of all pages.
    pub total: u64,
}

/// At most `limit` orders after `after`, the newest first.
pub fn page(
    query: &OrderQuery<'_>,
    after: Option<OrderPlace>,
    limit: usize,
    context: &Context<'_>,
) -> OrderPage {
    #[derive(Default)]
    struct Part {
        total: u64,
        // The last one of those kept is on top.
        kept: BinaryHeap<Kept>,
    }
    let keep = |part: &mut Part, block: &Block, person: u32, orders: &[Seen]| {
        for (ordinal, order) in orders.iter().enumerate().filter(|(_, order)| query.wants(order)) {
            part.total += 1;
            let place = OrderPlace::new(order.sum.at, person, ordinal as u32);
            let full = part.kept.len() >= limit;
            let late = full && part.kept.peek().is_some_and(|last| last.0.place < place);
            if late || after.is_some_and(|after| place <= after) {
                continue;
            }
            if full {
                part.kept.pop();
            }
            let order_id = order.key.text(block);
            part.kept.push(Kept(PlacedOrder { place, order_id, sum: order.sum }));
        }
    };
    let everybody = People::of(context.people.universe());
    let parts = collect(&[query.filters], context, &everybody, keep);
    let total = parts.iter().map(|part| part.total).sum();
    let mut orders: Vec<PlacedOrder> =
        parts.into_iter().flat_map(|part| part.kept).map(|kept| kept.0).collect();
    orders.sort_unstable_by_key(|order| order.place);
    orders.truncate(limit);
    OrderPage { orders, total }
}

/// Ordered by its place.
#[derive(PartialEq, Eq)]
struct Kept(PlacedOrder);

impl Ord for Kept {
    fn cmp(&self, other: &Kept) -> std::cmp::Ordering {
        self.0.place.cmp(&other.0.place)
    }
}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Kept) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Orders that were paid on one local day, and what they come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DayTotals {
    /// `2026-11-21`
    pub day: String,
    pub worth: Worth,
}

#[derive(Clone, PartialEq, Debug)]
pub struct OrderTotals {
    /// Orders in each state, in the order of [`OrderState::ALL`].
    pub by_state: [u64; OrderState::ALL.len()],
    pub worth: Worth,
    /// Who has an order that counts.
    pub people: u64,
    /// Days without orders are there too; empty for a range of more than three years.
    pub days: Vec<DayTotals>,
}

/// What the orders of a query come to.
pub fn totals(query: &OrderQuery<'_>, context: &Context<'_>) -> OrderTotals {
    #[derive(Default)]
    struct Part {
        by_state: [u64; OrderState::ALL.len()],
        worth: Worth,
        people: RoaringBitmap,
        days: Vec<Worth>,
    }
    let known = context.known(query.range);
    let bounded = known.from > Millis::MIN / 2;
    let days = bounded.then(|| Boundaries::covering(known, Interval::Day, context.zone, DAYS_MAX + 1));
    let days = days.filter(|days| days.len() <= DAYS_MAX);
    let add = |part: &mut Part, _: &Block, person: u32, orders: &[Seen]| {
        for order in orders.iter().filter(|order| query.wants(order)) {
            let state = OrderState::ALL.iter().position(|state| *state == order.sum.state);
            part.by_state[state.unwrap_or_default()] += 1;
            part.worth.add(&order.sum);
            if order.sum.state.counts() {
                part.people.insert(person);
            }
            if let Some(days) = &days {
                part.days.resize(days.len(), Worth::default());
                part.days[days.index(order.sum.at)].add(&order.sum);
            }
        }
    };
    let everybody = People::of(context.people.universe());
    let mut all = Part::default();
    for part in collect(&[query.filters], context, &everybody, add) {
        all.by_state.iter_mut().zip(part.by_state).for_each(|(all, part)| *all += part);
        all.worth.join(&part.worth);
        all.people |= part.people;
        all.days.resize(all.days.len().max(part.days.len()), Worth::default());
        all.days.iter_mut().zip(&part.days).for_each(|(all, part)| all.join(part));
    }
    let dates = days.map(|days| days.dates).unwrap_or_default();
    all.days.resize(dates.len(), Worth::default());
    let days = dates.iter().zip(all.days).map(|(date, worth)| DayTotals { day: date.to_string(), worth });
    OrderTotals { by_state: all.by_state, worth: all.worth, people: all.people.len(), days: days.collect() }
}
