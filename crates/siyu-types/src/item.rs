//! Items: what events speak of by its id. Products, stores, staff, contents, coupons,
//! and the types a project adds.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::value::Value;

/// What is known of an item, now: an attribute, or its tags as one list.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ItemField {
    Attribute { item_type: String, name: String },
    Tags { item_type: String },
}

impl ItemField {
    pub fn item_type(&self) -> &str {
        match self {
            ItemField::Attribute { item_type, .. } | ItemField::Tags { item_type } => item_type,
        }
    }

    /// The field of the item that a property names; `known` answers by the item's id.
    /// A list of ids has the values of all its items together, as a list. An item that
    /// is not known, a field without a value and an empty list are no value.
    pub fn of(property: Option<&Value>, known: impl Fn(&str) -> Option<Value>) -> Option<Value> {
        let found = match property? {
            Value::List(ids) => Value::List(ids.iter().filter_map(|id| known(id)).flat_map(parts).collect()),
            id => known(&id.display())?,
        };
        Some(found).filter(|value| !matches!(value, Value::List(parts) if parts.is_empty()))
    }
}

/// A list as its elements, another value as the only one.
fn parts(value: Value) -> Vec<String> {
    match value {
        Value::List(parts) => parts,
        other => vec![other.display()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_items_have_the_values_of_all() {
        let known = |id: &str| match id {
            "1" => Some(Value::Text("bakery".into())),
            "2" => Some(Value::List(vec!["tea".into(), "new".into()])),
            "3" => Some(Value::List(Vec::new())),
            _ => None,
        };
        let list = |ids: &[&str]| Some(Value::List(ids.iter().map(|id| (*id).to_owned()).collect()));
        let cases = [
            (None, None),
            (Some(Value::Number(1.0)), Some(Value::Text("bakery".into()))),
            (Some(Value::Text("3".into())), None),
            (Some(Value::Text("unknown".into())), None),
            (list(&["1", "unknown", "2"]), list(&["bakery", "tea", "new"])),
            (list(&["unknown", "3"]), None),
        ];
        for (property, expected) in cases {
            assert_eq!(ItemField::of(property.as_ref(), known), expected, "{property:?}");
        }
    }
}
