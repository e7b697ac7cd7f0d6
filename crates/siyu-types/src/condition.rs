//! The condition language: who is meant. Typed JSON, evaluated over columns,
//! over one person, and later as SQL; all evaluators must agree.
//!
//! A condition is always asked *as of* an instant and in the project's zone;
//! neither is part of the condition itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::analysis::DateRange;
use crate::error::{Error, ErrorCode, Result};
use crate::item::ItemField;
use crate::order::OrderCondition;
use crate::relation::RelationCondition;
use crate::value::{Props, Value};

/// Depth of nesting and number of leaves a condition may have.
pub const DEPTH_MAX: usize = 8;
pub const LEAVES_MAX: usize = 100;
/// Values in one `is` list.
pub const VALUES_MAX: usize = 10_000;

/// Who is meant. `not` and "did not" range over all living people of the project.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(no_recursion)]
pub enum Condition {
    /// All of them hold; an empty list means everybody.
    All {
        of: Vec<Condition>,
    },
    /// At least one holds; an empty list means nobody.
    Any {
        of: Vec<Condition>,
    },
    Not {
        of: Box<Condition>,
    },
    /// An attribute of the person.
    Attribute {
        name: String,
        test: Test,
    },
    /// The value of a tag.
    Tag {
        tag: i64,
        test: Test,
    },
    /// Member of another segment, as last computed.
    Segment {
        segment: i64,
    },
    /// What the person did, or did not do.
    Event(EventCondition),
    /// What the person's orders come to.
    Order(OrderCondition),
    /// How many others the person is related with.
    Relation(RelationCondition),
}

/// "In the window, did `event` with these properties; the `measure` compares so".
/// Did not do: `measure: count, compare: equal, value: 0`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct EventCondition {
    pub event: String,
    #[serde(default)]
    pub filters: Vec<PropertyFilter>,
    pub window: DateRange,
    pub measure: PersonMeasure,
    pub compare: Compare,
    pub value: f64,
}

/// A number per person over the matching events. Sum, minimum and maximum of no
/// numbers is 0 for `sum` and "no value" otherwise, which satisfies no comparison.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PersonMeasure {
    Count,
    Sum {
        property: String,
    },
    Avg {
        property: String,
    },
    Min {
        property: String,
    },
    Max {
        property: String,
    },
    /// Number of different local days.
    Days,
    /// Number of different values of a property.
    Distinct {
        property: String,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    Equal,
    NotEqual,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Compare {
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Compare::Equal => left == right,
            Compare::NotEqual => left != right,
            Compare::Less => left < right,
            Compare::AtMost => left <= right,
            Compare::More => left > right,
            Compare::AtLeast => left >= right,
        }
    }
}

/// A test of one event's property.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct PropertyFilter {
    pub property: String,
    /// The property names an item: test what is known of the item now, not its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemField>,
    pub test: Test,
}

impl PropertyFilter {
    pub fn of(property: impl Into<String>, test: Test) -> PropertyFilter {
        PropertyFilter { property: property.into(), item: None, test }
    }

    /// The one definition of a filter on one event; `known` answers an item's field by the
    /// item's id.
    pub fn holds(&self, props: &Props, known: impl Fn(&ItemField, &str) -> Option<Value>) -> bool {
        let value = props.get(&self.property);
        match &self.item {
            None => self.test.holds(value),
            Some(field) => self.test.holds(ItemField::of(value, |id| known(field, id)).as_ref()),
        }
    }
}

/// A test of a value. A missing value satisfies only `is_not`, `not_contains`
/// and `is_missing`. Text compares exactly (case matters); a number and a text
/// that reads as the same number are equal ("0" and 0 are one value).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Test {
    /// One of the values; for lists: holds at least one of them.
    Is {
        values: Vec<Value>,
    },
    IsNot {
        values: Vec<Value>,
    },
    /// Text contains the fragment; a list has an element that does.
    Contains {
        value: String,
    },
    NotContains {
        value: String,
    },
    Number {
        compare: Compare,
        value: f64,
    },
    /// Inclusive on both ends.
    Between {
        from: f64,
        to: f64,
    },
    IsPresent,
    IsMissing,
}

impl Condition {
    /// Everybody.
    pub fn everybody() -> Condition {
        Condition::All { of: Vec::new() }
    }

    /// Checks the limits and what can be checked without the catalog.
    pub fn validate(&self) -> Result<()> {
        let mut leaves = 0;
        self.walk(1, "condition", &mut leaves)
    }

    fn walk(&self, depth: usize, path: &str, leaves: &mut usize) -> Result<()> {
        if depth > DEPTH_MAX {
            return Err(Error::new(ErrorCode::TooComplex, "conditions are nested too deeply")
                .with("limit", DEPTH_MAX.to_string())
                .at(path));
        }
        match self {
            Condition::All { of } | Condition::Any { of } => {
                for (index, part) in of.iter().enumerate() {
                    part.walk(depth + 1, &format!("{path}.of[{index}]"), leaves)?;
                }
                return Ok(());
            }
            Condition::Not { of } => return of.walk(depth + 1, &format!("{path}.of"), leaves),
            Condition::Attribute { test, .. } | Condition::Tag { test, .. } => test.validate(path)?,
            Condition::Segment { .. } => {}
            Condition::Event(event) => event.validate(path)?,
            Condition::Order(orders) => orders.validate(path)?,
            Condition::Relation(relation) => relation.validate(path)?,
        }
        *leaves += 1;
        if *leaves > LEAVES_MAX {
            return Err(Error::new(ErrorCode::TooComplex, "too many conditions")
                .with("limit", LEAVES_MAX.to_string())
                .at(path));
        }
        Ok(())
    }
}

impl EventCondition {
    fn validate(&self, path: &str) -> Result<()> {
        if self.event.is_empty() {
            return Err(Error::invalid(format!("{path}.event"), "choose an event"));
        }
        if !self.value.is_finite() {
            return Err(Error::invalid(format!("{path}.value"), "must be a number"));
        }
        for (index, filter) in self.filters.iter().enumerate() {
            filter.test.validate(&format!("{path}.filters[{index}]"))?;
        }
        Ok(())
    }
}

impl Test {
    /// Checks what can be checked without knowing the compared column.
    pub fn validate(&self, path: &str) -> Result<()> {
        match self {
            Test::Is { values } | Test::IsNot { values } if values.is_empty() => {
                Err(Error::invalid(format!("{path}.values"), "choose at least one value"))
            }
            Test::Is { values } | Test::IsNot { values } if values.len() > VALUES_MAX => {
                Err(Error::new(ErrorCode::TooComplex, "too many values")
                    .with("limit", VALUES_MAX.to_string())
                    .at(format!("{path}.values")))
            }
            Test::Between { from, to } if from > to => {
                Err(Error::new(ErrorCode::InvalidRange, "the range ends before it starts").at(path))
            }
            _ => Ok(()),
        }
    }

    /// The one definition of a test on one value; evaluators over columns must
    /// agree with it. `None` is a missing value.
    pub fn holds(&self, value: Option<&Value>) -> bool {
        match self {
            Test::Is { values } => value.is_some_and(|v| is_one_of(v, values)),
            Test::IsNot { values } => !value.is_some_and(|v| is_one_of(v, values)),
            Test::Contains { value: fragment } => value.is_some_and(|v| contains(v, fragment)),
            Test::NotContains { value: fragment } => !value.is_some_and(|v| contains(v, fragment)),
            Test::Number { compare, value: right } => {
                value.and_then(Value::as_number).is_some_and(|left| compare.holds(left, *right))
            }
            Test::Between { from, to } => {
                value.and_then(Value::as_number).is_some_and(|v| *from <= v && v <= *to)
            }
            Test::IsPresent => value.is_some(),
            Test::IsMissing => value.is_none(),
        }
    }
}

fn is_one_of(value: &Value, values: &[Value]) -> bool {
    match value {
        Value::List(items) => items.iter().any(|item| values.iter().any(|v| v.display() == *item)),
        _ => values.iter().any(|v| same(value, v)),
    }
}

fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Bool(a), Value::Text(b)) | (Value::Text(b), Value::Bool(a)) => a.to_string() == *b,
        (Value::Text(a), Value::Text(b)) => a == b,
        _ => left.as_number().is_some_and(|a| right.as_number() == Some(a)),
    }
}

fn contains(value: &Value, fragment: &str) -> bool {
    match value {
        Value::List(items) => items.iter().any(|item| item.contains(fragment)),
        other => other.display().contains(fragment),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_table() {
        let is = |v: &[&str]| Test::Is { values: v.iter().map(|s| Value::Text((*s).into())).collect() };
        let text = |s: &str| Some(Value::Text(s.into()));
        let cases = [
            (is(&["a", "b"]), text("a"), true),
            (is(&["a"]), None, false),
            (Test::IsNot { values: vec![Value::Text("a".into())] }, None, true),
            (is(&["0"]), Some(Value::Number(0.0)), true),
            (Test::Is { values: vec![Value::Number(0.0)] }, text("0"), true),
            (is(&["x"]), Some(Value::List(vec!["y".into(), "x".into()])), true),
            (Test::Contains { value: "店".into() }, text("门店"), true),
            (Test::NotContains { value: "店".into() }, None, true),
            (Test::Number { compare: Compare::AtLeast, value: 3.0 }, text("3"), true),
            (Test::Number { compare: Compare::AtLeast, value: 3.0 }, text("三"), false),
            (Test::Number { compare: Compare::NotEqual, value: 3.0 }, None, false),
            (Test::Between { from: 1.0, to: 2.0 }, Some(Value::Number(2.0)), true),
            (Test::IsPresent, text(""), true),
            (Test::IsMissing, None, true),
        ];
        for (test, value, expected) in cases {
            assert_eq!(test.holds(value.as_ref()), expected, "{test:?} on {value:?}");
        }
    }

    #[test]
    fn json_shape_is_stable() {
        let json = r#"{"kind":"all","of":[{"kind":"event","event":"order_line","filters":[{"property":"category","test":{"op":"is","values":["烘焙"]}}],"window":{"kind":"last_days","days":60},"measure":{"kind":"count"},"compare":"at_least","value":2.0},{"kind":"not","of":{"kind":"tag","tag":3,"test":{"op":"is_present"}}}]}"#;
        let condition: Condition = serde_json::from_str(json).expect("valid");
        condition.validate().expect("within limits");
        assert_eq!(serde_json::to_string(&condition).expect("serialises"), json);
    }

    #[test]
    fn limits() {
        let mut deep = Condition::everybody();
        for _ in 0..DEPTH_MAX {
            deep = Condition::Not { of: Box::new(deep) };
        }
        assert_eq!(deep.validate().expect_err("too deep").code, ErrorCode::TooComplex);
        let leaf = Condition::Segment { segment: 1 };
        let wide = Condition::Any { of: vec![leaf; LEAVES_MAX + 1] };
        assert_eq!(wide.validate().expect_err("too wide").code, ErrorCode::TooComplex);
    }
}
