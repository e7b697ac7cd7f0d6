//! From rows to records. A record's key comes from what its row says, so reading
//! the same row again, in whatever file, changes nothing.

use rustc_hash::FxHashMap;
use siyu_types::clock::Millis;
use siyu_types::record::{Body, Evidence, ItemChange, ProfileChange, key_of, names};
use siyu_types::relation::{Parties, RelationChange, RelationSide, RelationStatement};
use siyu_types::{Identifier, Props, Record, Value};

use super::cell::Cell;
use super::faults::{RowCode, RowFault};
use super::mapping::{ImportKind, OrderState, Plan, PlanColumn, Target};
use super::orders::Orders;
use super::said::Said;
use super::values;
use crate::frame::Terms;
use crate::protocols::{self, ReasonCode};

/// Rows among which equal ones are counted. Equal rows of one file are as many facts:
/// two tins of the same on one receipt. Further apart than this they count as one, so
/// that memory stays bounded; the blocks begin at fixed rows, so a second run agrees.
const BLOCK_ROWS: u64 = 1 << 20;

/// Property of a returned row: the order that the goods were on.
const ORIGINAL_ORDER: &str = "original_order_id";

pub struct Converter {
    plan: Plan,
    exponent: usize,
    source: String,
    /// Of rows without a time: when the import was made, also if it runs again.
    created_at: Millis,
    orders: Orders,
    rows: u64,
    /// How often a row of this block was seen before.
    seen: FxHashMap<u128, u32>,
}

/// What became of a row.
#[derive(PartialEq, Debug)]
pub enum Made {
    Records(Vec<Record>),
    /// Somebody on a list.
    Member(Vec<Identifier>),
    /// An order that was never paid.
    Skipped,
}

impl Converter {
    pub fn new(plan: Plan, currency: &str, source: &str, created_at: Millis) -> Converter {
        Converter {
            plan,
            exponent: values::exponent(currency),
            source: source.to_owned(),
            created_at,
            orders: Orders::default(),
            rows: 0,
            seen: FxHashMap::default(),
        }
    }

    /// Whether what a row becomes depends on the rows before it.
    pub fn remembers(&self) -> bool {
        match self.plan.kind {
            ImportKind::People | ImportKind::Items | ImportKind::Relations => false,
            ImportKind::Orders => self.plan.lines,
            ImportKind::Events | ImportKind::Refunds => true,
            // The members come together over the whole file.
            ImportKind::List => true,
        }
    }

    /// What a row becomes.
    pub fn row(&mut self, cells: &[Cell]) -> Result<Made, RowFault> {
        self.rows += 1;
        if self.rows.is_multiple_of(BLOCK_ROWS) {
            self.seen.clear();
        }
        let mut said = self.said(cells)?;
        protocols::by_trust(&mut said.ids);
        if said.ids.is_empty() && self.plan.kind != ImportKind::Items {
            let fault = |code, column| Err(RowFault { column, code });
            return match said.masked {
                Some(column) => fault(RowCode::MaskedIdentifier, Some(column)),
                None => fault(RowCode::NoIdentifier, None),
            };
        }
        let records = match self.plan.kind {
            ImportKind::List => return Ok(Made::Member(said.ids)),
            ImportKind::Orders if said.state == Some(OrderState::Unpaid) => return Ok(Made::Skipped),
            ImportKind::Orders => self.order(said)?,
            ImportKind::Refunds => vec![self.refund_row(said)?],
            ImportKind::Events => vec![self.event(said)?],
            ImportKind::People => vec![self.person(said)],
            ImportKind::Relations => vec![self.relation(said)?],
            ImportKind::Items => vec![self.item(said)?],
        };
        for record in &records {
            self.check(record)?;
        }
        if self.plan.lines && !records.iter().all(|record| self.orders.add(record)) {
            return Err(RowFault::new(RowCode::TooManyOrders, None));
        }
        Ok(Made::Records(records))
    }

    fn said(&self, cells: &[Cell]) -> Result<Said, RowFault> {
        let mut said = Said::default();
        for column in &self.plan.columns {
            let cell = cells.get(column.index).unwrap_or(&Cell::Missing);
            let unusable = match cell {
                Cell::Undecodable => Some(RowCode::Undecodable),
                Cell::TooLong => Some(RowCode::TooLarge),
                Cell::FormulaError => Some(RowCode::FormulaError),
                _ => None,
            };
            let read =
                unusable.map_or_else(|| said.read(column, cell, self.exponent, &self.plan.states), Err);
            read.map_err(|code| RowFault::new(code, Some(column)))?;
        }
        Ok(said)
    }

    fn check(&self, record: &Record) -> Result<(), RowFault> {
        let likely = || protocols::likely_time(record.time, record.received_at, Terms::default());
        let Err(reason) = protocols::check(record).and_then(|()| likely()) else { return Ok(()) };
        let code = match reason.code {
            ReasonCode::FutureTime => RowCode::FutureTime,
            ReasonCode::BadTime => RowCode::BadTime,
            _ => RowCode::TooLarge,
        };
        let column = self.column(Target::Time).filter(|_| code != RowCode::TooLarge);
        Err(RowFault::new(code, column))
    }

    fn column(&self, target: Target) -> Option<&PlanColumn> {
        self.plan.columns.iter().find(|column| column.to == target)
    }

    fn missing(&self, target: Target) -> RowFault {
        RowFault::new(RowCode::MissingValue, self.column(target))
    }

    /// The paid orders that the lines of the file add up to.
    pub fn finish(&mut self) -> impl Iterator<Item = Record> + '_ {
        let (received_at, source) = (self.created_at, self.source.clone());
        self.orders.drain().map(move |(order, sum)| {
            let props = Props::from([
                ("order_id".to_owned(), Value::Text(order.clone())),
                ("amount_minor".to_owned(), Value::Number(sum.amount() as f64)),
                ("lines".to_owned(), Value::Number(f64::from(sum.lines))),
            ]);
            Record {
                key: key_of(&[b"import order", order.as_bytes()]),
                time: sum.time,
                received_at,
                ids: sum.ids,
                evidence: Evidence::Weak,
                body: Body::Event { name: names::ORDER_PAID.to_owned(), props },
                source: source.clone(),
            }
        })
    }

    fn record(
        &self,
        key: u128,
        time: Millis,
        ids: Vec<Identifier>,
        evidence: Evidence,
        body: Body,
    ) -> Record {
        let (received_at, source) = (self.created_at, self.source.clone());
        Record { key, time, received_at, ids, evidence, body, source }
    }

    fn event(&mut self, said: Said) -> Result<Record, RowFault> {
        let time = said.time.ok_or_else(|| self.missing(Target::Time))?;
        let name = said.event.or_else(|| self.plan.event.clone());
        let name = name.ok_or_else(|| self.missing(Target::Event))?;
        let mut props = said.props;
        add_money(&mut props, "amount_minor", said.amount.or(said.order_amount));
        add_money(&mut props, "price_minor", said.price);
        add_money(&mut props, "refund_minor", said.refund);
        add_number(&mut props, "quantity", said.quantity);
        add_text(&mut props, "order_id", said.order);
        add_text(&mut props, "item_id", said.item);
        let body = Body::Event { name, props };
        let key = self.key(b"import event", said.row_id, &said.ids, time, &body);
        Ok(self.record(key, time, said.ids, Evidence::Weak, body))
    }

    /// A customer file says of itself that its columns belong together.
    fn person(&self, said: Said) -> Record {
        let body = Body::Profile { change: ProfileChange::Set(said.props) };
        let key = content_key(&said.ids, said.time.unwrap_or_default(), &body);
        self.record(key, said.time.unwrap_or(self.created_at), said.ids, Evidence::Strong, body)
    }

    /// The row's own person was invited, is served, lives with the other one.
    fn relation(&self, mut said: Said) -> Result<Record, RowFault> {
        protocols::by_trust(&mut said.other);
        if said.other.is_empty() {
            let column = self.plan.columns.iter().find(|column| column.to.other().is_some());
            return Err(RowFault::new(RowCode::NoIdentifier, column));
        }
        let time = said.time.unwrap_or(self.created_at);
        if said.until.is_some_and(|until| until <= time) {
            return Err(RowFault::new(RowCode::BadTime, self.column(Target::Until)));
        }
        let kind = self.plan.relation.clone().unwrap_or_default();
        let parties = Parties::Identifiers { side: RelationSide::To, other: said.other };
        let change = RelationChange::Begin { kind, parties, until: said.until };
        let statement = RelationStatement { change, by: String::new(), reason: String::new() };
        let body = Body::Relation(Box::new(statement));
        let key = content_key(&said.ids, said.time.unwrap_or_default(), &body);
        Ok(self.record(key, time, said.ids, Evidence::Weak, body))
    }

    fn item(&self, mut said: Said) -> Result<Record, RowFault> {
        let item_id = said.item.ok_or_else(|| self.missing(Target::ItemId))?;
        let item_type = said.item_type.unwrap_or_else(|| "item".to_owned());
        add_money(&mut said.props, "amount_minor", said.amount);
        let body = Body::Item { item_type, item_id, change: ItemChange::Set(said.props) };
        let key = content_key(&[], said.time.unwrap_or_default(), &body);
        Ok(self.record(key, said.time.unwrap_or(self.created_at), Vec::new(), Evidence::Weak, body))
    }

    /// An order or one of its lines, and what was paid back of it.
    fn order(&mut self, mut said: Said) -> Result<Vec<Record>, RowFault> {
        let time = said.time.ok_or_else(|| self.missing(Target::Time))?;
        let order = said.order.take().ok_or_else(|| self.missing(Target::OrderId))?;
        let of_line = said.amount.or_else(|| price_of(said.price, said.quantity));
        let amount = if self.plan.lines { of_line } else { said.amount.or(said.order_amount).or(of_line) };
        let (returned, refunded) =
            (said.state == Some(OrderState::Return), said.state == Some(OrderState::Refunded));
        let amount = match (amount, said.order_amount) {
            (Some(amount), _) => amount,
            // The line has no amount of its own, the order has.
            (None, Some(_)) => 0,
            (None, None) => {
                let wanted = [Target::Amount, Target::Price, Target::OrderAmount];
                let target = wanted.into_iter().find(|target| self.column(*target).is_some());
                return Err(self.missing(target.unwrap_or(Target::Amount)));
            }
        };
        let refund = match said.refund.map(i64::abs).filter(|refund| *refund > 0) {
            _ if amount < 0 || returned => Some(amount.abs()),
            Some(refund) => Some(refund),
            None if refunded => Some(amount),
            None => None,
        };
        let mut props = std::mem::take(&mut said.props);
        add_text(&mut props, "order_id", Some(order.clone()));
        add_text(&mut props, "item_id", said.item.take());
        add_number(&mut props, "quantity", said.quantity.map(f64::abs));
        let row_id = said.row_id.take();
        let mut records = Vec::with_capacity(2);
        if amount >= 0 && !returned {
            let mut props = props.clone();
            add_money(&mut props, "price_minor", said.price);
            let own = said.amount.is_some() || of_line.is_some() || !self.plan.lines;
            add_money(&mut props, "amount_minor", own.then_some(amount));
            add_money(&mut props, Orders::TOTAL, said.order_amount.filter(|_| self.plan.lines));
            // By its own number a line that another source told of too is the same one.
            add_text(&mut props, "line_id", row_id.clone().filter(|_| self.plan.lines));
            let name = if self.plan.lines { names::ORDER_LINE } else { names::ORDER_PAID };
            let body = Body::Event { name: name.to_owned(), props };
            let key = match (self.plan.lines, &row_id) {
                (false, _) => key_of(&[b"import order", order.as_bytes()]),
                (true, Some(row)) => key_of(&[b"import line", order.as_bytes(), row.as_bytes()]),
                (true, None) => self.repeated(content_key(&said.ids, time, &body)),
            };
            records.push(self.record(key, time, said.ids.clone(), Evidence::Weak, body));
        }
        if let Some(refund) = refund.filter(|refund| *refund > 0) {
            add_money(&mut props, "amount_minor", Some(refund));
            // A row of its own numbers the refund; otherwise it tells of a line and its refund.
            let number = if returned || amount < 0 { "refund_id" } else { "line_id" };
            add_text(&mut props, number, row_id.clone().filter(|_| self.plan.lines));
            // A till's return has a receipt of its own and names the one it takes back from.
            let original = props.get(ORIGINAL_ORDER).map(Value::display).filter(|id| !id.is_empty());
            if returned || amount < 0 {
                add_text(&mut props, "order_id", original);
            }
            let body = Body::Event { name: names::ORDER_REFUNDED.to_owned(), props };
            let key = match (self.plan.lines, &row_id) {
                (false, None) if !returned && amount >= 0 => key_of(&[b"import refund of", order.as_bytes()]),
                (_, Some(row)) => key_of(&[b"import refund of", order.as_bytes(), row.as_bytes()]),
                (_, None) => self.repeated(content_key(&said.ids, time, &body)),
            };
            records.push(self.record(key, time, said.ids, Evidence::Weak, body));
        }
        Ok(records)
    }

    fn refund_row(&mut self, mut said: Said) -> Result<Record, RowFault> {
        let time = said.time.ok_or_else(|| self.missing(Target::Time))?;
        let order = said.order.take().ok_or_else(|| self.missing(Target::OrderId))?;
        let refund = said.refund.map(i64::abs).ok_or_else(|| self.missing(Target::Refund))?;
        let mut props = said.props;
        add_text(&mut props, "order_id", Some(order));
        add_text(&mut props, "item_id", said.item);
        add_number(&mut props, "quantity", said.quantity.map(f64::abs));
        add_money(&mut props, "amount_minor", Some(refund));
        add_text(&mut props, "refund_id", said.row_id.clone());
        let body = Body::Event { name: names::ORDER_REFUNDED.to_owned(), props };
        let key = self.key(b"import refund", said.row_id, &said.ids, time, &body);
        Ok(self.record(key, time, said.ids, Evidence::Weak, body))
    }

    /// By the row's own number, else by all it says.
    fn key(
        &mut self,
        kind: &[u8],
        row: Option<String>,
        ids: &[Identifier],
        time: Millis,
        body: &Body,
    ) -> u128 {
        match row {
            Some(row) => key_of(&[kind, row.as_bytes()]),
            None => self.repeated(content_key(ids, time, body)),
        }
    }

    /// The key of a row that says the same as earlier ones of this block.
    fn repeated(&mut self, key: u128) -> u128 {
        let before = self.seen.entry(key).or_insert(0);
        let times = *before;
        *before += 1;
        match times {
            0 => key,
            times => key_of(&[b"import again", &key.to_le_bytes(), &times.to_le_bytes()]),
        }
    }
}

/// Of everything the row says.
fn content_key(ids: &[Identifier], time: Millis, body: &Body) -> u128 {
    // Plain data always has a JSON form.
    let content = serde_json::to_vec(&(ids, time, body)).unwrap_or_default();
    key_of(&[b"import row", &content])
}

/// Price times quantity, to the nearest minor unit.
fn price_of(price: Option<i64>, quantity: Option<f64>) -> Option<i64> {
    let amount = price? as f64 * quantity.unwrap_or(1.0);
    (amount.abs() < siyu_types::value::INTEGER_EXACT_MAX as f64).then(|| amount.round() as i64)
}

fn add_text(props: &mut Props, name: &str, text: Option<String>) {
    if let Some(text) = text {
        props.insert(name.to_owned(), Value::Text(text));
    }
}

fn add_money(props: &mut Props, name: &str, amount: Option<i64>) {
    add_number(props, name, amount.map(|amount| amount as f64));
}

fn add_number(props: &mut Props, name: &str, number: Option<f64>) {
    if let Some(number) = number {
        props.insert(name.to_owned(), Value::Number(number));
    }
}
