//! Items in memory: by type, a row per item, a cell per value. Last write by event time,
//! so that records may come late and in any order.
//!
//! A cell takes 24 bytes, an item without values about 90; texts that several items share
//! are kept once per attribute. `examples/items_at_scale.rs` measures it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use siyu_analytics::{ItemColumn, ItemTable, ItemValue};
use siyu_types::clock::Millis;
use siyu_types::record::ItemChange;
use siyu_types::value::ValueKind;
use siyu_types::{ItemField, Props, Value};

use crate::profiles::{Dictionary, NEVER};

/// Items kept per project, of all types together.
pub const ITEMS_MAX: usize = 2_000_000;
/// Types of items in a project.
pub const TYPES_MAX: usize = 50;
/// Attributes of one type.
pub const ATTRIBUTES_MAX: usize = 200;
/// Different tags of one type.
pub const TAGS_MAX: usize = 1_000;

/// The field of tags; attributes are numbered from 0.
const TAGS: u16 = u16::MAX;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// Taken away: of an attribute its value, of a tag that it is on.
    Off,
    Number,
    Bool,
    Text,
    /// A text that is a list in JSON.
    List,
    /// A tag that is on.
    On,
}

/// One value of one item, or that there is none any more.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Cell {
    time: Millis,
    /// The number's bits, the flag, or a code: of a text, or of the tag.
    bits: u64,
    field: u16,
    kind: Kind,
}

impl Cell {
    /// Cells of an item are in this order; a tag has a cell of its own.
    fn key(&self) -> (u16, u64) {
        (self.field, if self.field == TAGS { self.bits } else { 0 })
    }

    fn live(&self) -> bool {
        self.kind != Kind::Off
    }
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Row {
    cells: Box<[Cell]>,
    /// The latest deletion, or [`NEVER`]; what is not later is gone.
    pub(crate) deleted: Millis,
}

impl Row {
    pub(crate) fn live(&self) -> bool {
        self.cells.iter().any(Cell::live)
    }

    /// Puts a cell in its place unless a later one stands there.
    fn put(&mut self, cell: Cell) {
        if cell.time <= self.deleted {
            return;
        }
        match self.cells.binary_search_by_key(&cell.key(), Cell::key) {
            Ok(at) if self.cells[at].time <= cell.time => self.cells[at] = cell,
            Ok(_) => {}
            Err(at) => {
                let mut cells = Vec::with_capacity(self.cells.len() + 1);
                cells.extend_from_slice(&self.cells[..at]);
                cells.push(cell);
                cells.extend_from_slice(&self.cells[at..]);
                self.cells = cells.into_boxed_slice();
            }
        }
    }

    fn delete(&mut self, time: Millis) {
        self.deleted = self.deleted.max(time);
        self.cells = self.cells.iter().filter(|cell| cell.time > self.deleted).copied().collect();
    }

    fn of(&self, field: u16) -> &[Cell] {
        let start = self.cells.partition_point(|cell| cell.field < field);
        let end = self.cells.partition_point(|cell| cell.field <= field);
        &self.cells[start..end]
    }
}

#[derive(Clone, Default, Debug)]
struct Attribute {
    name: Box<str>,
    texts: Dictionary,
    /// What most recently was set; what conditions offer goes by it.
    kind: Option<ValueKind>,
}

/// The items of one type, in the order they were first heard of.
#[derive(Clone, Default, Debug)]
pub struct Table {
    ids: Dictionary,
    pub(crate) rows: Vec<Row>,
    attributes: Vec<Attribute>,
    tags: Dictionary,
    living: usize,
}

/// A value and when it was set.
#[derive(Clone, PartialEq, Debug)]
pub struct SetValue {
    pub name: String,
    pub value: Value,
    pub at: Millis,
}

/// A tag and when it was put on.
#[derive(Clone, PartialEq, Debug)]
pub struct SetTag {
    pub tag: String,
    pub at: Millis,
}

impl Table {
    fn row(&mut self, id: &str) -> usize {
        let row = self.ids.intern(id) as usize;
        if row == self.rows.len() {
            self.rows.push(Row { cells: Box::default(), deleted: NEVER });
        }
        row
    }

    fn attribute(&mut self, name: &str) -> Option<u16> {
        let known = self.attributes.iter().position(|attribute| &*attribute.name == name);
        if known.is_none() && self.attributes.len() < ATTRIBUTES_MAX {
            self.attributes.push(Attribute { name: name.into(), ..Attribute::default() });
            return Some(self.attributes.len() as u16 - 1);
        }
        known.map(|at| at as u16)
    }

    fn tag(&mut self, tag: &str) -> Option<u64> {
        let room = self.tags.texts().len() < TAGS_MAX;
        self.tags.find(tag).or_else(|| room.then(|| self.tags.intern(tag))).map(u64::from)
    }

    /// Sets a value, or takes it away. False: there are too many attributes.
    pub(crate) fn put(&mut self, row: usize, name: &str, value: Option<&Value>, time: Millis) -> bool {
        let Some(field) = self.attribute(name) else { return false };
        let attribute = &mut self.attributes[field as usize];
        let (kind, bits) = match value {
            None => (Kind::Off, 0),
            Some(Value::Number(number)) => (Kind::Number, number.to_bits()),
            Some(Value::Bool(flag)) => (Kind::Bool, u64::from(*flag)),
            Some(Value::Text(text)) => (Kind::Text, u64::from(attribute.texts.intern(text))),
            Some(Value::List(parts)) => {
                // Plain texts always have a JSON form.
                let text = serde_json::to_string(parts).unwrap_or_default();
                (Kind::List, u64::from(attribute.texts.intern(&text)))
            }
        };
        attribute.kind = value.map(Value::kind).or(attribute.kind);
        self.rows[row].put(Cell { time, bits, field, kind });
        true
    }

    /// Puts a tag on or takes it off. False: there are too many tags.
    pub(crate) fn put_tag(&mut self, row: usize, tag: &str, on: bool, time: Millis) -> bool {
        let Some(bits) = self.tag(tag) else { return false };
        let kind = if on { Kind::On } else { Kind::Off };
        self.rows[row].put(Cell { time, bits, field: TAGS, kind });
        true
    }

    fn change(&mut self, id: &str, change: &ItemChange, time: Millis) -> u64 {
        let row = self.row(id);
        let before = self.rows[row].live();
        let mut refused = 0;
        match change {
            ItemChange::Delete => self.rows[row].delete(time),
            ItemChange::Set(props) => {
                for (name, value) in props {
                    refused += u64::from(!self.put(row, name, Some(value), time));
                }
            }
            ItemChange::Unset(names) => {
                for name in names {
                    refused += u64::from(!self.put(row, name, None, time));
                }
            }
            ItemChange::Tag { add, remove } => {
                for (tag, on) in
                    add.iter().map(|tag| (tag, true)).chain(remove.iter().map(|tag| (tag, false)))
                {
                    refused += u64::from(!self.put_tag(row, tag, on, time));
                }
            }
        }
        self.living = self.living + usize::from(self.rows[row].live()) - usize::from(before);
        refused
    }

    /// Counts anew after rows were put in one by one.
    pub(crate) fn count(&mut self) {
        self.living = self.rows.iter().filter(|row| row.live()).count();
    }

    pub(crate) fn restore(&mut self, id: &str, deleted: Millis) -> usize {
        let row = self.row(id);
        self.rows[row].deleted = deleted;
        row
    }

    /// Items that have a value or a tag.
    pub fn living(&self) -> usize {
        self.living
    }

    pub fn id(&self, row: usize) -> &str {
        self.ids.text(row as u32)
    }

    /// The rows of items that have a value or a tag.
    pub fn living_rows(&self) -> impl Iterator<Item = usize> {
        (0..self.rows.len()).filter(|row| self.rows[*row].live())
    }

    pub fn find(&self, id: &str) -> Option<usize> {
        self.ids.find(id).map(|row| row as usize)
    }

    /// Every cell of an item: name, whether it is a tag, what stands there and since when.
    pub(crate) fn cells(&self, row: usize) -> impl Iterator<Item = (&str, bool, Option<Value>, Millis)> {
        self.rows[row].cells.iter().map(|cell| {
            let tag = cell.field == TAGS;
            let name = if tag {
                self.tags.text(cell.bits as u32)
            } else {
                &self.attributes[cell.field as usize].name
            };
            let value =
                if tag { cell.live().then_some(Value::Bool(true)) } else { self.read(cell).into_value() };
            (name, tag, value, cell.time)
        })
    }

    pub fn values(&self, row: usize) -> Vec<SetValue> {
        let values = self.cells(row).filter(|(_, tag, ..)| !tag);
        let set = |(name, _, value, at): (&str, bool, Option<Value>, Millis)| {
            Some(SetValue { name: name.to_owned(), value: value?, at })
        };
        values.filter_map(set).collect()
    }

    pub fn tags_of(&self, row: usize) -> Vec<SetTag> {
        let cells = self.rows[row].of(TAGS).iter().filter(|cell| cell.live());
        let mut tags: Vec<SetTag> = cells
            .map(|cell| SetTag { tag: self.tags.text(cell.bits as u32).to_owned(), at: cell.time })
            .collect();
        tags.sort_by(|a, b| a.tag.cmp(&b.tag));
        tags
    }

    /// Attributes with the kind of value set last and how many items have one.
    pub fn attributes(&self) -> Vec<(String, ValueKind, u64)> {
        let mut counts = vec![0u64; self.attributes.len()];
        for cell in self.rows.iter().flat_map(|row| row.cells.iter()).filter(|cell| cell.live()) {
            if let Some(count) = counts.get_mut(cell.field as usize) {
                *count += 1;
            }
        }
        let named = self.attributes.iter().zip(counts).filter(|(_, count)| *count > 0);
        named.map(|(a, count)| (a.name.to_string(), a.kind.unwrap_or(ValueKind::Text), count)).collect()
    }

    /// Tags that are on some item, with how many, the most frequent first.
    pub fn tags(&self) -> Vec<(String, u64)> {
        let mut counts = vec![0u64; self.tags.texts().len()];
        for row in &self.rows {
            row.of(TAGS).iter().filter(|cell| cell.live()).for_each(|cell| counts[cell.bits as usize] += 1);
        }
        let named = self.tags.texts().iter().zip(counts).filter(|(_, count)| *count > 0);
        let mut tags: Vec<(String, u64)> = named.map(|(tag, count)| (tag.to_string(), count)).collect();
        tags.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        tags
    }

    fn read(&self, cell: &Cell) -> ItemValue<'_> {
        let text = || self.attributes[cell.field as usize].texts.text(cell.bits as u32);
        match cell.kind {
            Kind::Off | Kind::On => ItemValue::Missing,
            Kind::Number => ItemValue::Number(f64::from_bits(cell.bits)),
            Kind::Bool => ItemValue::Bool(cell.bits == 1),
            Kind::Text => ItemValue::Text(text()),
            Kind::List => {
                let parts: Vec<String> = serde_json::from_str(text()).unwrap_or_default();
                ItemValue::List(parts.into_iter().map(Cow::Owned).collect())
            }
        }
    }

    /// The value of a field of a row.
    pub(crate) fn at(&self, row: usize, field: u32) -> ItemValue<'_> {
        let cells = self.rows[row].of(field as u16);
        if field == u32::from(TAGS) {
            let on = cells.iter().filter(|cell| cell.live());
            return ItemValue::List(on.map(|cell| Cow::Borrowed(self.tags.text(cell.bits as u32))).collect());
        }
        cells.first().map_or(ItemValue::Missing, |cell| self.read(cell))
    }

    /// The number of a field. None: no item ever had it.
    pub(crate) fn field(&self, field: &ItemField) -> Option<u32> {
        match field {
            ItemField::Tags { .. } => Some(u32::from(TAGS)),
            ItemField::Attribute { name, .. } => {
                let known = self.attributes.iter().position(|attribute| *attribute.name == **name)?;
                Some(known as u32)
            }
        }
    }
}

impl ItemTable for Table {
    fn value(&self, field: u32, id: &str) -> ItemValue<'_> {
        self.find(id).map_or(ItemValue::Missing, |row| self.at(row, field))
    }
}

/// All items of a project, by type.
#[derive(Clone, Default, Debug)]
pub struct Items {
    pub(crate) types: BTreeMap<String, Table>,
    /// Values and tags not kept because there are too many items, types, attributes or tags.
    pub(crate) overflowed: u64,
}

impl Items {
    pub fn change(&mut self, item_type: &str, item_id: &str, change: &ItemChange, time: Millis) {
        let known = self.types.get(item_type).is_some_and(|table| table.find(item_id).is_some());
        let full =
            self.len() >= ITEMS_MAX || !self.types.contains_key(item_type) && self.types.len() >= TYPES_MAX;
        if full && !known {
            self.overflowed += 1;
            return;
        }
        let table = self.types.entry(item_type.to_owned()).or_default();
        self.overflowed += table.change(item_id, change, time);
    }

    /// The attributes of an item, or `None` if it is unknown or deleted.
    pub fn get(&self, item_type: &str, item_id: &str) -> Option<Props> {
        let table = self.types.get(item_type)?;
        let values = table.values(table.find(item_id)?);
        (!values.is_empty()).then(|| values.into_iter().map(|set| (set.name, set.value)).collect())
    }

    pub fn column(&self, field: &ItemField) -> Option<ItemColumn<'_>> {
        let table = self.types.get(field.item_type())?;
        Some(ItemColumn { table, field: table.field(field)? })
    }

    /// The types that items came with, by name.
    pub fn tables(&self) -> impl Iterator<Item = (&str, &Table)> {
        self.types.iter().map(|(name, table)| (name.as_str(), table))
    }

    /// Items ever heard of.
    pub fn len(&self) -> usize {
        self.types.values().map(|table| table.rows.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
