//! What the cells of one row say, before it is a record.

use std::collections::BTreeMap;

use siyu_audience::identity::admit::{Refusal, admit};
use siyu_audience::identity::rules;
use siyu_types::clock::Millis;
use siyu_types::{Identifier, Props, Value};

use super::cell::Cell;
use super::faults::RowCode;
use super::mapping::{CellType, OrderState, PlanColumn, Target};
use super::values::{self, Fault};

/// What the cells of a row say.
#[derive(Default)]
pub struct Said {
    pub ids: Vec<Identifier>,
    /// Of the other person of a relation.
    pub other: Vec<Identifier>,
    pub until: Option<Millis>,
    /// The column of an identifier that stars hide.
    pub masked: Option<String>,
    pub time: Option<Millis>,
    pub event: Option<String>,
    pub order: Option<String>,
    pub item: Option<String>,
    pub item_type: Option<String>,
    pub row_id: Option<String>,
    pub state: Option<OrderState>,
    pub amount: Option<i64>,
    pub order_amount: Option<i64>,
    pub price: Option<i64>,
    pub quantity: Option<f64>,
    pub refund: Option<i64>,
    pub props: Props,
}

impl Said {
    /// Takes over what one cell says, as what its column is mapped to.
    pub fn read(
        &mut self,
        column: &PlanColumn,
        cell: &Cell,
        exponent: usize,
        states: &BTreeMap<String, OrderState>,
    ) -> Result<(), RowCode> {
        let said = self;
        let money = |cell: &Cell| match cell.is_nothing() {
            true => Ok(None),
            false => values::money(cell, exponent).map(Some),
        };
        match column.to {
            Target::Login | Target::Phone | Target::Email | Target::Device => {
                let id = identify(said, column.to, column, cell)?;
                said.ids.extend(id);
            }
            Target::OtherLogin | Target::OtherPhone | Target::OtherEmail | Target::OtherDevice => {
                let id = identify(said, column.to.other().unwrap_or(column.to), column, cell)?;
                said.other.extend(id);
            }
            Target::Until if cell.is_nothing() => {}
            Target::Until => said.until = Some(values::time(cell, &column.zone)?),
            Target::OrderId => said.order = values::id(cell)?,
            Target::ItemId => said.item = values::id(cell)?,
            Target::RowId => said.row_id = values::id(cell)?,
            Target::ItemType => said.item_type = cell.text(),
            Target::Event => said.event = cell.text(),
            Target::Time if cell.is_nothing() => {}
            Target::Time => said.time = Some(values::time(cell, &column.zone)?),
            Target::Amount => said.amount = money(cell)?,
            Target::OrderAmount => said.order_amount = money(cell)?,
            Target::Price => said.price = money(cell)?,
            Target::Refund => said.refund = money(cell)?,
            Target::Quantity if cell.is_nothing() => {}
            Target::Quantity => said.quantity = Some(values::number(cell)?),
            Target::Status => {
                if let Some(text) = cell.text() {
                    // A state that nobody explained must not become money, nor vanish.
                    said.state = Some(*states.get(&text).ok_or(RowCode::UnknownState)?);
                    said.props.insert("status".to_owned(), Value::Text(text));
                }
            }
            Target::Ignore => {}
            Target::Property => {
                if let Some(value) = property(column, cell, exponent)? {
                    said.props.insert(column.property.clone(), value);
                }
            }
        }
        Ok(())
    }
}

/// The identifier in a cell, if it holds one.
fn identify(
    said: &mut Said,
    to: Target,
    column: &PlanColumn,
    cell: &Cell,
) -> Result<Option<Identifier>, RowCode> {
    let (Some(namespace), Some(value)) = (to.namespace(), values::id(cell)?) else { return Ok(None) };
    if values::is_masked(&value) || (to == Target::Phone && values::is_virtual_phone(&value)) {
        // Of somebody, but nobody can say of whom: never a key.
        said.masked.get_or_insert_with(|| column.title.clone());
        return Ok(None);
    }
    let id = Identifier::new(namespace, value);
    match admit(&rules::DEFAULT, &id) {
        Ok(_) => Ok(Some(Identifier::new(namespace, format!("{}{}", column.prefix, id.value)))),
        // `-`, `无`: nothing, in the words of the file.
        Err(Refusal::Blocked) => Ok(None),
        Err(Refusal::Malformed | Refusal::UnknownNamespace) => Err(RowCode::BadIdentifier),
    }
}

fn property(column: &PlanColumn, cell: &Cell, exponent: usize) -> Result<Option<Value>, Fault> {
    let typed = match column.cell_type {
        // An order or parcel number as a number of a spreadsheet: its last digits are made up.
        None | Some(CellType::Text) if matches!(cell, Cell::Rounded(_)) => return Err(Fault::ScientificId),
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
