//! From rows to records. A record's key comes from what its row says, so reading
//! the same row again, in whatever file, changes nothing.

use siyu_audience::identity::namespaces::{self, Refusal};
use siyu_types::clock::Millis;
use siyu_types::record::{Body, Evidence, ItemChange, ProfileChange, key_of, names};
use siyu_types::{Identifier, Props, Record, Value};

use super::mapping::{CellType, ImportKind, Plan, PlanColumn, Target};
use super::orders::Orders;
use super::values::{self, Cell, Fault};
use crate::frame::Terms;
use crate::protocols::{self, ReasonCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a row was not used; the console translates by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowCode {
    /// Another number of cells than the title row has.
    WrongWidth,
    /// Bytes that are no text in the file's encoding.
    Undecodable,
    BadDate,
    BadNumber,
    BadMoney,
    BadBool,
    /// A long number that a spreadsheet rounded (`1.23457E+17`).
    ScientificId,
    /// A needed cell is empty.
    MissingValue,
    /// Not of the form a phone number or e-mail address has.
    BadIdentifier,
    /// No cell says who the row is about.
    NoIdentifier,
    TooLarge,
    FutureTime,
    BadTime,
    /// More different orders than one file may hold.
    TooManyOrders,
}

impl RowCode {
    pub fn as_str(self) -> &'static str {
        match self {
            RowCode::WrongWidth => "wrong_width",
            RowCode::Undecodable => "undecodable",
            RowCode::BadDate => "bad_date",
            RowCode::BadNumber => "bad_number",
            RowCode::BadMoney => "bad_money",
            RowCode::BadBool => "bad_bool",
            RowCode::ScientificId => "scientific_id",
            RowCode::MissingValue => "missing_value",
            RowCode::BadIdentifier => "bad_identifier",
            RowCode::NoIdentifier => "no_identifier",
            RowCode::TooLarge => "too_large",
            RowCode::FutureTime => "future_time",
            RowCode::BadTime => "bad_time",
            RowCode::TooManyOrders => "too_many_orders",
        }
    }

    /// English; never the value, which may be personal.
    pub fn message(self) -> &'static str {
        match self {
            RowCode::WrongWidth => "the row has another number of cells than the titles",
            RowCode::Undecodable => "the cell is not text in the file's encoding",
            RowCode::BadDate => "is not a date like 2026-11-21 or 2026-11-21 08:30:00",
            RowCode::BadNumber => "is not a number",
            RowCode::BadMoney => "is not an amount, or has more decimals than the currency",
            RowCode::BadBool => "is not yes or no",
            RowCode::ScientificId => "was rounded by a spreadsheet; its digits are lost",
            RowCode::MissingValue => "is empty",
            RowCode::BadIdentifier => "is not of the form it should have",
            RowCode::NoIdentifier => "no cell says who the row is about",
            RowCode::TooLarge => "is too long",
            RowCode::FutureTime => "lies more than a day in the future",
            RowCode::BadTime => "lies before 1970",
            RowCode::TooManyOrders => "the file holds too many different orders; split it",
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowFault {
    pub column: Option<String>,
    pub code: RowCode,
}

impl RowFault {
    pub fn new(code: RowCode, column: Option<&PlanColumn>) -> RowFault {
        RowFault { column: column.map(|column| column.title.clone()), code }
    }
}

impl From<Fault> for RowCode {
    fn from(fault: Fault) -> RowCode {
        match fault {
            Fault::BadDate => RowCode::BadDate,
            Fault::BadNumber => RowCode::BadNumber,
            Fault::BadMoney => RowCode::BadMoney,
            Fault::BadBool => RowCode::BadBool,
            Fault::ScientificId => RowCode::ScientificId,
        }
    }
}

pub struct Converter {
    plan: Plan,
    exponent: usize,
    source: String,
    /// Of rows without a time: when the import was made, also if it runs again.
    created_at: Millis,
    orders: Orders,
}

/// What the cells of a row say.
#[derive(Default)]
struct Said {
    ids: Vec<Identifier>,
    time: Option<Millis>,
    event: Option<String>,
    order: Option<String>,
    item: Option<String>,
    item_type: Option<String>,
    amount: Option<i64>,
    props: Props,
}

impl Converter {
    pub fn new(plan: Plan, currency: &str, source: &str, created_at: Millis) -> Converter {
        let exponent = values::exponent(currency);
        Converter { plan, exponent, source: source.to_owned(), created_at, orders: Orders::default() }
    }

    /// The record of a row.
    pub fn row(&mut self, cells: &[Cell]) -> Result<Record, RowFault> {
        let mut said = Said::default();
        for column in &self.plan.columns {
            let cell = cells.get(column.index).unwrap_or(&Cell::Missing);
            if *cell == Cell::Undecodable {
                return Err(RowFault::new(RowCode::Undecodable, Some(column)));
            }
            read(&mut said, column, cell, self.exponent).map_err(|code| RowFault::new(code, Some(column)))?;
        }
        let record = self.record(said)?;
        let likely = || protocols::likely_time(record.time, record.received_at, Terms::default());
        if let Err(reason) = protocols::check(&record).and_then(|()| likely()) {
            let code = match reason.code {
                ReasonCode::FutureTime => RowCode::FutureTime,
                ReasonCode::BadTime => RowCode::BadTime,
                _ => RowCode::TooLarge,
            };
            let time = self.plan.columns.iter().find(|column| column.to == Target::Time);
            return Err(RowFault::new(code, time.filter(|_| code != RowCode::TooLarge)));
        }
        if self.plan.lines && !self.orders.add(&record) {
            return Err(RowFault::new(RowCode::TooManyOrders, None));
        }
        Ok(record)
    }

    /// The paid orders that the lines of the file add up to.
    pub fn finish(&mut self) -> impl Iterator<Item = Record> + '_ {
        let (received_at, source) = (self.created_at, self.source.clone());
        self.orders.drain().map(move |(order, sum)| {
            let props = Props::from([
                ("order_id".to_owned(), Value::Text(order.clone())),
                ("amount_minor".to_owned(), Value::Number(sum.amount as f64)),
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

    fn record(&self, said: Said) -> Result<Record, RowFault> {
        let missing = |target: Target| {
            let column = self.plan.columns.iter().find(|column| column.to == target);
            RowFault::new(RowCode::MissingValue, column)
        };
        let time = match (said.time, self.plan.kind) {
            (Some(time), _) => time,
            (None, ImportKind::People | ImportKind::Items) => self.created_at,
            (None, ImportKind::Events | ImportKind::Orders) => return Err(missing(Target::Time)),
        };
        let mut props = said.props;
        if let Some(amount) = said.amount {
            props.insert("amount_minor".to_owned(), Value::Number(amount as f64));
        }
        let (key_time, evidence, body, natural) = match self.plan.kind {
            ImportKind::Events => {
                let name =
                    said.event.or_else(|| self.plan.event.clone()).ok_or_else(|| missing(Target::Event))?;
                add_text(&mut props, "order_id", said.order);
                add_text(&mut props, "item_id", said.item);
                (time, Evidence::Weak, Body::Event { name, props }, None)
            }
            ImportKind::People => {
                // A customer file says of itself that its columns belong together.
                let change = ProfileChange::Set(props);
                (said.time.unwrap_or_default(), Evidence::Strong, Body::Profile { change }, None)
            }
            ImportKind::Items => {
                let item_id = said.item.ok_or_else(|| missing(Target::ItemId))?;
                let item_type = said.item_type.unwrap_or_else(|| "item".to_owned());
                let change = ItemChange::Set(props);
                (
                    said.time.unwrap_or_default(),
                    Evidence::Weak,
                    Body::Item { item_type, item_id, change },
                    None,
                )
            }
            ImportKind::Orders => {
                let order = said.order.ok_or_else(|| missing(Target::OrderId))?;
                said.amount.ok_or_else(|| missing(Target::Amount))?;
                let natural = (!self.plan.lines).then(|| key_of(&[b"import order", order.as_bytes()]));
                let name = if self.plan.lines { names::ORDER_LINE } else { names::ORDER_PAID };
                add_text(&mut props, "order_id", Some(order));
                add_text(&mut props, "item_id", said.item);
                (time, Evidence::Weak, Body::Event { name: name.to_owned(), props }, natural)
            }
        };
        let mut ids = if self.plan.kind == ImportKind::Items { Vec::new() } else { said.ids };
        protocols::by_trust(&mut ids);
        if ids.is_empty() && self.plan.kind != ImportKind::Items {
            return Err(RowFault::new(RowCode::NoIdentifier, None));
        }
        let key = natural.unwrap_or_else(|| content_key(&ids, key_time, &body));
        Ok(Record {
            key,
            time,
            received_at: self.created_at,
            ids,
            evidence,
            body,
            source: self.source.clone(),
        })
    }
}

/// Of everything the row says; rows that say exactly the same are one.
fn content_key(ids: &[Identifier], time: Millis, body: &Body) -> u128 {
    // Plain data always has a JSON form.
    let content = serde_json::to_vec(&(ids, time, body)).unwrap_or_default();
    key_of(&[b"import row", &content])
}

fn add_text(props: &mut Props, name: &str, text: Option<String>) {
    if let Some(text) = text {
        props.insert(name.to_owned(), Value::Text(text));
    }
}

fn read(said: &mut Said, column: &PlanColumn, cell: &Cell, exponent: usize) -> Result<(), RowCode> {
    match column.to {
        Target::Login | Target::Phone | Target::Email | Target::Device => {
            if let (Some(namespace), Some(value)) = (column.to.namespace(), values::id(cell)?) {
                let id = Identifier::new(namespace, value);
                match namespaces::admit(&id) {
                    Ok(_) => said.ids.push(id),
                    // `-`, `无`: nothing, in the words of the file.
                    Err(Refusal::Blocked) => {}
                    Err(Refusal::Malformed | Refusal::UnknownNamespace) => {
                        return Err(RowCode::BadIdentifier);
                    }
                }
            }
        }
        Target::OrderId => said.order = values::id(cell)?,
        Target::ItemId => said.item = values::id(cell)?,
        Target::ItemType => said.item_type = cell.text(),
        Target::Event => said.event = cell.text(),
        Target::Time if cell.is_nothing() => {}
        Target::Time => said.time = Some(values::time(cell, &column.zone)?),
        Target::Amount if cell.is_nothing() => {}
        Target::Amount => said.amount = Some(values::money(cell, exponent)?),
        Target::Ignore => {}
        Target::Property => {
            if let Some(value) = property(column, cell, exponent)? {
                said.props.insert(column.property.clone(), value);
            }
        }
    }
    Ok(())
}

fn property(column: &PlanColumn, cell: &Cell, exponent: usize) -> Result<Option<Value>, Fault> {
    let typed = match column.cell_type {
        None => return Ok(native(cell)),
        Some(CellType::Text) => return Ok(cell.text().map(Value::Text)),
        Some(typed) => typed,
    };
    if cell.is_nothing() {
        return Ok(None);
    }
    Ok(Some(match typed {
        CellType::Number => Value::Number(values::number(cell)?),
        CellType::Money => Value::Number(values::money(cell, exponent)? as f64),
        CellType::Time => Value::Text(values::rfc3339(values::time(cell, &column.zone)?)),
        CellType::Bool => Value::Bool(values::boolean(cell)?),
        CellType::Text => return Ok(cell.text().map(Value::Text)),
    }))
}

/// As the file's format says; integers that a number cannot hold become text.
fn native(cell: &Cell) -> Option<Value> {
    match cell {
        Cell::Bool(flag) => Some(Value::Bool(*flag)),
        Cell::Number(number) => number.is_finite().then_some(Value::Number(*number)),
        Cell::Int(number) => Value::from_json((*number).into()),
        other => other.text().map(Value::Text),
    }
}
