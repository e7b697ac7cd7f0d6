//! Items as analyses see them: the values of one field, by the item's id. A test of a
//! field becomes a mask over the codes of the property that holds the id, so items are
//! looked up once per different id of a block, not once per event.

use std::borrow::Cow;
use std::cell::RefCell;

use rustc_hash::FxHashMap;
use siyu_types::Value;

use crate::masks::Prepared;
use crate::values::list_elements;

/// A value of an item, borrowed from where items are kept.
#[derive(Clone, PartialEq, Debug)]
pub enum ItemValue<'a> {
    Missing,
    Number(f64),
    Bool(bool),
    Text(&'a str),
    /// Without elements it is no value.
    List(Vec<Cow<'a, str>>),
}

/// The items of one type.
pub trait ItemTable: Sync {
    /// The value of a field, by the number that [`ItemColumn`] carries.
    fn value(&self, field: u32, id: &str) -> ItemValue<'_>;
}

/// One field of the items of one type.
#[derive(Clone, Copy)]
pub struct ItemColumn<'a> {
    pub table: &'a dyn ItemTable,
    pub field: u32,
}

impl<'a> ItemColumn<'a> {
    fn get(&self, id: &str) -> ItemValue<'a> {
        self.table.value(self.field, id)
    }

    /// The value of what a text column holds: one id, or a list of them.
    pub(crate) fn stored(&self, text: &str, list: bool) -> ItemValue<'a> {
        match list.then(|| list_elements(text)).flatten() {
            Some(ids) => ItemValue::List(ids.iter().flat_map(|id| self.get(id).into_parts()).collect()),
            None => self.get(text),
        }
    }

    pub(crate) fn of_number(&self, number: f64) -> ItemValue<'a> {
        self.get(&Value::Number(number).display())
    }

    pub(crate) fn of_flag(&self, flag: bool) -> ItemValue<'a> {
        self.get(if flag { "true" } else { "false" })
    }
}

impl<'a> ItemValue<'a> {
    fn into_parts(self) -> Vec<Cow<'a, str>> {
        match self {
            ItemValue::Missing => Vec::new(),
            ItemValue::Text(text) => vec![Cow::Borrowed(text)],
            ItemValue::Number(number) => vec![Cow::Owned(Value::Number(number).display())],
            ItemValue::Bool(flag) => vec![Cow::Owned(flag.to_string())],
            ItemValue::List(parts) => parts,
        }
    }

    /// Each different group once, as for values of events.
    pub(crate) fn groups(self) -> Vec<String> {
        let value = match self {
            ItemValue::Number(number) => return vec![crate::values::number_key(number)],
            other => other.into_parts(),
        };
        let mut groups: Vec<String> = value.into_iter().map(Cow::into_owned).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    pub fn into_value(self) -> Option<Value> {
        match self {
            ItemValue::Missing => None,
            ItemValue::Number(number) => Some(Value::Number(number)),
            ItemValue::Bool(flag) => Some(Value::Bool(flag)),
            ItemValue::Text(text) => Some(Value::Text(text.to_owned())),
            ItemValue::List(parts) if parts.is_empty() => None,
            ItemValue::List(parts) => Some(Value::List(parts.into_iter().map(Cow::into_owned).collect())),
        }
    }
}

/// A test of an item's field, prepared for one query. Without a column no item has the
/// field.
pub(crate) struct ItemTest<'q> {
    pub(crate) test: Prepared<'q>,
    pub(crate) column: Option<ItemColumn<'q>>,
}

impl ItemTest<'_> {
    fn on(&self, value: &ItemValue<'_>) -> bool {
        match value {
            ItemValue::Missing => self.test.missing(),
            ItemValue::Number(number) => self.test.number(*number),
            ItemValue::Bool(flag) => self.test.flag(*flag),
            ItemValue::Text(text) => self.test.text(text),
            ItemValue::List(parts) if parts.is_empty() => self.test.missing(),
            ItemValue::List(parts) => self.test.list(parts.iter().map(|part| &**part)),
        }
    }

    /// Of what a text column holds.
    pub(crate) fn stored(&self, text: &str, list: bool) -> bool {
        self.column.map_or(self.test.missing(), |column| self.on(&column.stored(text, list)))
    }

    pub(crate) fn flag(&self, flag: bool) -> bool {
        self.column.map_or(self.test.missing(), |column| self.on(&column.of_flag(flag)))
    }
}

/// Ids that are numbers: each different one is looked up once, the first time it comes.
pub(crate) struct NumberIds<'a> {
    values: &'a [f64],
    test: &'a ItemTest<'a>,
    known: RefCell<FxHashMap<u64, bool>>,
}

impl<'a> NumberIds<'a> {
    pub(crate) fn new(values: &'a [f64], test: &'a ItemTest<'a>) -> NumberIds<'a> {
        NumberIds { values, test, known: RefCell::default() }
    }

    pub(crate) fn holds(&self, row: usize) -> bool {
        let number = self.values[row];
        let Some(column) = self.test.column.filter(|_| !number.is_nan()) else {
            return self.test.test.missing();
        };
        let look_up = || self.test.on(&column.of_number(number));
        *self.known.borrow_mut().entry(number.to_bits()).or_insert_with(look_up)
    }
}
