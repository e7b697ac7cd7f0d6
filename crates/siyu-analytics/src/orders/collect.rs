//! One pass over order events, which gives every person's orders to the caller. Orders are
//! told apart by the codes of their numbers, which are those of one block as all events of a
//! person stand in one; no text is compared.

use rustc_hash::FxHashMap;
use siyu_events::{Block, Column, TEXT_MISSING};
use siyu_types::clock::Millis;
use siyu_types::condition::{PropertyFilter, Test};
use siyu_types::record::names::ORDER_EVENTS;

use super::fold::{OrderFold, OrderKind, OrderSum};
use crate::Context;
use crate::masks::{FilterTest, Numbers, RowTest};
use crate::pass::{People, over_parts};
use crate::wanted::Wanted;

/// Sets of filters that one pass may tell apart, one bit each.
pub(crate) const SETS_MAX: usize = 128;
/// Up to so many orders of a person are looked for one by one.
const SEARCHED_MAX: usize = 16;

/// What makes an order different from others of its person.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Key {
    Code(u32),
    Number(u64),
    /// It has no number: every such event is an order of its own.
    Row(u32),
}

impl Key {
    fn of(column: Option<&Column>, row: usize) -> Key {
        let unnumbered = Key::Row(row as u32);
        match column {
            Some(Column::Text { codes, dictionary, .. }) => match codes[row] {
                TEXT_MISSING => unnumbered,
                code if dictionary[code as usize].is_empty() => unnumbered,
                code => Key::Code(code),
            },
            Some(Column::Number(values)) if !values[row].is_nan() => Key::Number(values[row].to_bits()),
            _ => unnumbered,
        }
    }

    /// The number as text; empty if there is none.
    pub(crate) fn text(self, block: &Block) -> String {
        match (self, block.columns.get("order_id")) {
            (Key::Code(code), Some(Column::Text { dictionary, .. })) => dictionary[code as usize].to_string(),
            (Key::Number(bits), _) => siyu_types::Value::Number(f64::from_bits(bits)).display(),
            _ => String::new(),
        }
    }
}

/// One order of a person.
pub(crate) struct Seen {
    pub(crate) key: Key,
    pub(crate) sum: OrderSum,
    /// The sets of filters it fits.
    pub(crate) fits: u128,
}

impl Seen {
    pub(crate) fn fits(&self, set: usize) -> bool {
        self.fits >> set & 1 == 1
    }
}

/// Whether a filter must hold for all events of an order, as it holds for events that say
/// nothing, or for one of them.
pub(crate) fn for_all(test: &Test) -> bool {
    test.holds(None)
}

/// Sets of filters of orders, prepared for one scan.
pub(crate) struct OrderTests<'q> {
    filters: Vec<(FilterTest<'q>, bool)>,
    /// Filters of each set.
    sets: Vec<std::ops::Range<usize>>,
    pub(crate) wanted: Wanted,
    kinds: Vec<OrderKind>,
    as_of: Millis,
}

impl<'q> OrderTests<'q> {
    /// At most [`SETS_MAX`] sets.
    pub(crate) fn new(sets: &[&'q [PropertyFilter]], context: &Context<'q>) -> OrderTests<'q> {
        let (mut filters, mut ranges) = (Vec::new(), Vec::new());
        for set in sets {
            let start = filters.len();
            filters
                .extend(set.iter().map(|filter| (FilterTest::new(filter, context), for_all(&filter.test))));
            ranges.push(start..filters.len());
        }
        let (mut wanted, mut kinds) = (Wanted::none(), Vec::new());
        for name in ORDER_EVENTS {
            if let (Some(kind), Some(code)) = (OrderKind::of(name), context.scan.event_code(name)) {
                kinds.push(kind);
                wanted.mark(code, kinds.len() as u8);
            }
        }
        OrderTests { filters, sets: ranges, wanted, kinds, as_of: context.as_of }
    }

    pub(crate) fn on<'a>(&'a self, block: &'a Block) -> OrderReader<'a> {
        OrderReader { tests: self, block, columns: Columns::new(block, self), gathered: Gathered::default() }
    }
}

/// The columns of one block that orders are made of.
struct Columns<'a> {
    order: Option<&'a Column>,
    amount: Numbers<'a>,
    payment: Option<&'a Column>,
    line: Option<&'a Column>,
    refund: Option<&'a Column>,
    filters: Vec<(RowTest<'a>, bool)>,
}

impl<'a> Columns<'a> {
    fn new(block: &'a Block, tests: &'a OrderTests<'_>) -> Columns<'a> {
        let column = |name: &str| block.columns.get(name);
        Columns {
            order: column("order_id"),
            amount: Numbers::new(column("amount_minor")),
            payment: column("payment_id"),
            line: column("line_id"),
            refund: column("refund_id"),
            filters: tests.filters.iter().map(|(test, all)| (test.on(block), *all)).collect(),
        }
    }

    fn part(&self, kind: OrderKind, row: usize) -> Option<u64> {
        let column = match kind {
            OrderKind::Paid => self.payment,
            OrderKind::Line => self.line,
            OrderKind::Refunded => self.refund,
            OrderKind::Placed | OrderKind::Cancelled | OrderKind::Closed => None,
        };
        match Key::of(column, row) {
            // 0 is the payment without a number.
            Key::Code(code) => Some(u64::from(code) + 1),
            Key::Number(bits) => Some(bits.wrapping_add(1)),
            Key::Row(_) => None,
        }
    }

    /// An amount beyond 90 quadrillion, where `as` saturates, is not one.
    fn amount(&self, row: usize) -> Option<i64> {
        Some(self.amount.at(row)).filter(|amount| !amount.is_nan()).map(|amount| amount.round() as i64)
    }
}

/// The orders of one person as they are found; kept for the next one.
#[derive(Default)]
struct Gathered {
    keys: Vec<Key>,
    folds: Vec<OrderFold>,
    /// Something but refunds is known of it.
    described: Vec<bool>,
    /// Per order one flag per filter.
    flags: Vec<bool>,
    places: FxHashMap<Key, u32>,
    orders: Vec<Seen>,
}

impl Gathered {
    fn clear(&mut self) {
        self.keys.clear();
        self.described.clear();
        self.flags.clear();
        if !self.places.is_empty() {
            // Not cleared: a large table would be swept for everybody who follows.
            self.places = FxHashMap::default();
        }
        self.orders.clear();
    }

    fn place(&mut self, key: Key, columns: &Columns<'_>) -> usize {
        let found = match self.places.is_empty() {
            true => self.keys.iter().rposition(|known| *known == key),
            false => self.places.get(&key).map(|place| *place as usize),
        };
        if let Some(place) = found {
            return place;
        }
        let place = self.keys.len();
        self.keys.push(key);
        self.described.push(false);
        self.flags.extend(columns.filters.iter().map(|(_, all)| *all));
        match self.folds.get_mut(place) {
            Some(fold) => fold.clear(),
            None => self.folds.push(OrderFold::default()),
        }
        if place == SEARCHED_MAX {
            self.places.extend(self.keys.iter().copied().zip(0..));
        } else if place > SEARCHED_MAX {
            self.places.insert(key, place as u32);
        }
        place
    }

    fn add(&mut self, kind: OrderKind, time: i64, row: usize, columns: &Columns<'_>) {
        let place = self.place(Key::of(columns.order, row), columns);
        self.folds[place].add(kind, time, columns.amount(row), columns.part(kind, row));
        if !kind.describes() && self.described[place] {
            return;
        }
        let count = columns.filters.len();
        let flags = &mut self.flags[place * count..(place + 1) * count];
        if kind.describes() && !self.described[place] {
            // What refunds said until now does not count any more.
            self.described[place] = true;
            flags.iter_mut().zip(&columns.filters).for_each(|(flag, (_, all))| *flag = *all);
        }
        for (flag, (test, all)) in flags.iter_mut().zip(&columns.filters) {
            *flag = if *all { *flag && test.holds(row) } else { *flag || test.holds(row) };
        }
    }

    fn finish(&mut self, tests: &OrderTests<'_>) -> &[Seen] {
        let count = tests.filters.len();
        for (place, key) in self.keys.iter().enumerate() {
            let flags = &self.flags[place * count..(place + 1) * count];
            let fits = tests.sets.iter().enumerate().fold(0u128, |fits, (set, range)| {
                fits | u128::from(flags[range.clone()].iter().all(|flag| *flag)) << set
            });
            self.orders.push(Seen { key: *key, sum: self.folds[place].sum(), fits });
        }
        &self.orders
    }
}

/// Puts together the orders of one person of a block after another.
pub(crate) struct OrderReader<'a> {
    tests: &'a OrderTests<'a>,
    block: &'a Block,
    columns: Columns<'a>,
    gathered: Gathered,
}

impl OrderReader<'_> {
    /// The orders that a person's rows make, in the order they were first heard of. Rows of other
    /// events are passed over.
    pub(crate) fn of(&mut self, rows: &[u32]) -> &[Seen] {
        self.gathered.clear();
        for &row in rows {
            let row = row as usize;
            let time = self.block.times[row];
            let mark = self.tests.wanted.of(self.block.events[row]);
            if mark != 0 && time <= self.tests.as_of {
                self.gathered.add(self.tests.kinds[mark as usize - 1], time, row, &self.columns);
            }
        }
        self.gathered.finish(self.tests)
    }
}

/// Calls `each` with the orders of every chosen person who has some, known as of the
/// context's instant. At most [`SETS_MAX`] sets.
pub(crate) fn collect<R: Default + Send>(
    sets: &[&[PropertyFilter]],
    context: &Context<'_>,
    chosen: &People,
    each: impl Fn(&mut R, &Block, u32, &[Seen]) + Sync,
) -> Vec<R> {
    let tests = OrderTests::new(sets, context);
    over_parts(context.scan, |pieces| {
        let mut answer = R::default();
        for piece in pieces {
            let mut orders = tests.on(piece.block);
            piece.each_person(&tests.wanted, chosen, |person, rows| {
                let orders = orders.of(rows);
                if !orders.is_empty() {
                    each(&mut answer, piece.block, person, orders);
                }
            });
        }
        answer
    })
}
