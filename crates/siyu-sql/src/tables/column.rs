//! Columns of tables: what they are called, what they hold, and how much of it a viewer
//! sees. Masking happens here, where values are read: no expression of a statement ever
//! sees what its author may not.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder, StringViewBuilder,
    TimestampMillisecondBuilder,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use siyu_govern::masking::{shown, shown_by_look, shown_value};
use siyu_types::clock::Millis;
use siyu_types::record::names::MONEY_SUFFIX;
use siyu_types::value::ValueKind;
use siyu_types::{FieldKind, Value, Viewer};

/// Marks a column as numbers of people, through whatever a statement makes of it.
pub(crate) const PERSON_MARK: &str = "siyu.person";
/// Marks a column whose values are masked for the viewer.
pub(crate) const MASKED_MARK: &str = "siyu.masked";

/// Below it no number looks like a phone or a card.
const PERSONAL_NUMBER_MIN: f64 = 1e10;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ColumnKind {
    Integer,
    Number,
    Text,
    Bool,
    Time,
    List,
}

/// Where the values of a column come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Origin {
    /// The table's own.
    Fixed,
    /// As [`Origin::Fixed`], and it is the number of a person.
    Person,
    /// Free text of which nothing is known.
    Text,
    /// A field that may be personal.
    Field(FieldKind, String),
    /// An attribute of items.
    Item(String),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Column {
    pub name: String,
    pub kind: ColumnKind,
    pub origin: Origin,
    /// The field is personal.
    pub personal: bool,
    /// It is personal, and the viewer sees a part of its values at most.
    pub masked: bool,
}

impl Column {
    pub fn fixed(name: &str, kind: ColumnKind) -> Column {
        Column { name: name.to_owned(), kind, origin: Origin::Fixed, personal: false, masked: false }
    }

    pub fn person() -> Column {
        Column { origin: Origin::Person, ..Column::fixed("person_no", ColumnKind::Integer) }
    }

    pub fn text(name: &str) -> Column {
        Column { origin: Origin::Text, ..Column::fixed(name, ColumnKind::Text) }
    }

    /// A column of the table that is, under its own name, a field of people or events.
    pub fn field(viewer: &Viewer, name: &str, kind: ColumnKind, field: (FieldKind, &str)) -> Column {
        let personal = viewer.personal.field(field.0, field.1).is_some();
        let masked = !viewer.sees(field.0, field.1);
        Column {
            name: name.to_owned(),
            // What is left of a masked number is text.
            kind: if masked && kind != ColumnKind::List { ColumnKind::Text } else { kind },
            origin: Origin::Field(field.0, field.1.to_owned()),
            personal,
            masked,
        }
    }

    /// A column that was learned, unless its name is taken; `prefix` makes it another one then.
    pub fn learned(
        viewer: &Viewer,
        field: (FieldKind, &str),
        kind: ValueKind,
        taken: &[Column],
        prefix: &str,
    ) -> Column {
        Column::field(viewer, &free_name(field.1, taken, prefix), kind_of(field.1, kind), field)
    }

    fn data_type(&self, zone: &str) -> DataType {
        match self.kind {
            ColumnKind::Integer => DataType::Int64,
            ColumnKind::Number => DataType::Float64,
            ColumnKind::Text => DataType::Utf8View,
            ColumnKind::Bool => DataType::Boolean,
            ColumnKind::Time => DataType::Timestamp(TimeUnit::Millisecond, Some(zone.into())),
            ColumnKind::List => DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))),
        }
    }

    fn to_field(&self, zone: &str) -> Field {
        let mut marks = HashMap::new();
        if self.origin == Origin::Person {
            marks.insert(PERSON_MARK.to_owned(), String::new());
        }
        if self.masked {
            marks.insert(MASKED_MARK.to_owned(), String::new());
        }
        Field::new(&self.name, self.data_type(zone), true).with_metadata(marks)
    }

    /// A text as this viewer may see it.
    pub fn shown(&self, viewer: &Viewer, text: &str) -> String {
        match &self.origin {
            Origin::Fixed | Origin::Person => text.to_owned(),
            Origin::Text | Origin::Item(_) => shown_by_look(viewer, text),
            Origin::Field(kind, name) => shown(viewer, *kind, name, text),
        }
    }

    /// A number as this viewer may see it; `None` if it looks like a phone or a card. Of a
    /// masked field there are no numbers but texts.
    pub fn shown_number(&self, viewer: &Viewer, number: f64) -> Option<f64> {
        if number.abs() < PERSONAL_NUMBER_MIN || viewer.sees_all() {
            return Some(number);
        }
        let plain = Value::Number(number);
        let seen = match &self.origin {
            Origin::Fixed | Origin::Person => return Some(number),
            Origin::Field(kind, name) => shown_value(viewer, *kind, name, plain.clone()),
            Origin::Text | Origin::Item(_) => Value::Text(self.shown(viewer, &plain.display())),
        };
        (seen.display() == plain.display()).then_some(number)
    }

    /// A value as this viewer may see it, of the kind of the column as far as it can be.
    pub fn seen(&self, viewer: &Viewer, value: Value) -> Option<Value> {
        if viewer.sees_all() {
            return Some(value);
        }
        match value {
            Value::Text(text) => Some(Value::Text(self.shown(viewer, &text))),
            Value::List(items) => {
                Some(Value::List(items.iter().map(|item| self.shown(viewer, item)).collect()))
            }
            // Whether it is so is hidden with the rest.
            Value::Bool(flag) if self.masked => Some(Value::Text(self.shown(viewer, &flag.to_string()))),
            Value::Number(number) if self.masked => {
                Some(Value::Text(self.shown(viewer, &Value::Number(number).display())))
            }
            Value::Number(number) => self.shown_number(viewer, number).map(Value::Number),
            Value::Bool(flag) => Some(Value::Bool(flag)),
        }
    }
}

/// Money is counted in whole minor units.
pub(crate) fn kind_of(name: &str, kind: ValueKind) -> ColumnKind {
    match kind {
        ValueKind::Number if name.ends_with(MONEY_SUFFIX) => ColumnKind::Integer,
        ValueKind::Number => ColumnKind::Number,
        ValueKind::Bool => ColumnKind::Bool,
        ValueKind::Text => ColumnKind::Text,
        ValueKind::List => ColumnKind::List,
    }
}

/// The name itself, or with a prefix if the table has a column of that name.
pub(crate) fn free_name(name: &str, taken: &[Column], prefix: &str) -> String {
    let mut free = name.to_owned();
    while taken.iter().any(|column| column.name == free) {
        free = format!("{prefix}{free}");
    }
    free
}

pub(crate) fn schema(columns: &[Column], zone: &str) -> SchemaRef {
    Arc::new(Schema::new(columns.iter().map(|column| column.to_field(zone)).collect::<Vec<_>>()))
}

/// A column being filled.
pub(crate) enum Filling {
    Integer(Int64Builder),
    Number(Float64Builder),
    Text(StringViewBuilder),
    Bool(BooleanBuilder),
    Time(TimestampMillisecondBuilder),
    List(ListBuilder<StringBuilder>),
}

impl Filling {
    pub fn new(kind: ColumnKind, zone: &str) -> Filling {
        match kind {
            ColumnKind::Integer => Filling::Integer(Int64Builder::new()),
            ColumnKind::Number => Filling::Number(Float64Builder::new()),
            ColumnKind::Text => Filling::Text(StringViewBuilder::new()),
            ColumnKind::Bool => Filling::Bool(BooleanBuilder::new()),
            ColumnKind::Time => Filling::Time(TimestampMillisecondBuilder::new().with_timezone(zone)),
            ColumnKind::List => Filling::List(ListBuilder::new(StringBuilder::new())),
        }
    }

    pub fn null(&mut self) {
        match self {
            Filling::Integer(to) => to.append_null(),
            Filling::Number(to) => to.append_null(),
            Filling::Text(to) => to.append_null(),
            Filling::Bool(to) => to.append_null(),
            Filling::Time(to) => to.append_null(),
            Filling::List(to) => to.append_null(),
        }
    }

    pub fn integer(&mut self, value: i64) {
        match self {
            Filling::Integer(to) => to.append_value(value),
            Filling::Number(to) => to.append_value(value as f64),
            Filling::Text(to) => to.append_value(value.to_string()),
            _ => self.null(),
        }
    }

    pub fn number(&mut self, value: f64) {
        match self {
            // Such as an amount in minor units.
            Filling::Integer(to) => to.append_value(value.round() as i64),
            Filling::Number(to) => to.append_value(value),
            Filling::Text(to) => to.append_value(Value::Number(value).display()),
            _ => self.null(),
        }
    }

    pub fn text(&mut self, value: &str) {
        match self {
            Filling::Text(to) => to.append_value(value),
            Filling::List(to) => to.append_value([Some(value)]),
            _ => self.null(),
        }
    }

    /// An empty text is no value.
    pub fn text_or_null(&mut self, value: &str) {
        if value.is_empty() { self.null() } else { self.text(value) }
    }

    pub fn bool(&mut self, value: bool) {
        match self {
            Filling::Bool(to) => to.append_value(value),
            Filling::Text(to) => to.append_value(value.to_string()),
            _ => self.null(),
        }
    }

    pub fn time(&mut self, value: Option<Millis>) {
        match (self, value) {
            (Filling::Time(to), value) => to.append_option(value),
            (other, _) => other.null(),
        }
    }

    pub fn list<'a>(&mut self, items: impl Iterator<Item = &'a str>) {
        match self {
            Filling::List(to) => to.append_value(items.map(Some)),
            Filling::Text(to) => to.append_value(items.collect::<Vec<_>>().join(", ")),
            _ => self.null(),
        }
    }

    pub fn value(&mut self, value: Option<Value>) {
        match value {
            None => self.null(),
            Some(Value::Bool(flag)) => self.bool(flag),
            Some(Value::Number(number)) => self.number(number),
            Some(Value::Text(text)) => self.text(&text),
            Some(Value::List(items)) => self.list(items.iter().map(String::as_str)),
        }
    }

    pub fn finish(&mut self) -> ArrayRef {
        match self {
            Filling::Integer(to) => Arc::new(to.finish()),
            Filling::Number(to) => Arc::new(to.finish()),
            Filling::Text(to) => Arc::new(to.finish()),
            Filling::Bool(to) => Arc::new(to.finish()),
            Filling::Time(to) => Arc::new(to.finish()),
            Filling::List(to) => Arc::new(to.finish()),
        }
    }
}
