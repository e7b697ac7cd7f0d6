//! Property and attribute values as clients send them.

use std::collections::BTreeMap;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// Properties of a record, in name order so that hashes and output are stable.
pub type Props = BTreeMap<String, Value>;

/// Integers above this cannot be held exactly by a JSON number in JavaScript or
/// by an `f64`; they are kept as text (reference: order numbers, WeCom ids).
pub const INTEGER_EXACT_MAX: i64 = 1 << 53;

/// One value. JSON maps as follows: `true` → `Bool`, `12.5` → `Number`,
/// `"x"` → `Text`, `["a","b"]` → `List`. Nested objects are kept as their JSON
/// text. `null` is absence: it never becomes a value.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Value {
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<String>),
}

/// By hand, because what serde derives tries one kind after the other on a copy, and every
/// imported record passes here.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
        struct OfAnyKind;

        impl<'de> Visitor<'de> for OfAnyKind {
            type Value = Value;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a truth value, a number, a text or a list of texts")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Bool(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(Value::Number(value as f64))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(Value::Number(value as f64))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(Value::Number(value))
            }

            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(Value::Text(value.to_owned()))
            }

            fn visit_string<E>(self, value: String) -> Result<Value, E> {
                Ok(Value::Text(value))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(Value::List(list))
            }
        }

        from.deserialize_any(OfAnyKind)
    }
}

/// Texts by which clients of Sensors say that they have no value (reference/01
/// §2a.4). They are kept as sent; analyses take them for absence.
pub const PLACEHOLDERS: &[&str] = &["未取到值", "取值异常", "直接打开"];

/// Whether a text stands for absence; see [`PLACEHOLDERS`].
pub fn is_placeholder(text: &str) -> bool {
    // All are of one length, so that nearly every text is told apart by it.
    text.len() == PLACEHOLDERS[0].len() && PLACEHOLDERS.contains(&text)
}

/// What a column of values holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    Bool,
    Number,
    Text,
    List,
}

impl Value {
    pub fn kind(&self) -> ValueKind {
        match self {
            Value::Bool(_) => ValueKind::Bool,
            Value::Number(_) => ValueKind::Number,
            Value::Text(_) => ValueKind::Text,
            Value::List(_) => ValueKind::List,
        }
    }

    /// Converts JSON as it arrives. Returns `None` for `null` and for numbers
    /// that are not finite; integers that an `f64` cannot hold become text.
    pub fn from_json(json: serde_json::Value) -> Option<Value> {
        use serde_json::Value as Json;
        Some(match json {
            Json::Null => return None,
            Json::Bool(b) => Value::Bool(b),
            Json::Number(n) => {
                let exact = n.as_i64().map(|i| i.unsigned_abs() <= INTEGER_EXACT_MAX as u64);
                match (exact, n.is_u64() || n.is_i64()) {
                    (Some(false), _) | (None, true) => Value::Text(n.to_string()),
                    _ => Value::Number(n.as_f64().filter(|f| f.is_finite())?),
                }
            }
            Json::String(s) => Value::Text(s),
            Json::Array(items) => Value::List(
                items
                    .into_iter()
                    .map(|item| match item {
                        Json::String(s) => s,
                        other => other.to_string(),
                    })
                    .collect(),
            ),
            object @ Json::Object(_) => Value::Text(object.to_string()),
        })
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, or a text that reads as one ("12.5"). Booleans are not numbers.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Number(number) => Some(*number),
            Value::Text(text) => text.trim().parse().ok().filter(|f: &f64| f.is_finite()),
            _ => None,
        }
    }

    /// The text a person would read: numbers without a trailing `.0`.
    pub fn display(&self) -> String {
        match self {
            Value::Bool(b) => b.to_string(),
            Value::Number(n) => n.to_string(),
            Value::Text(text) => text.clone(),
            Value::List(items) => items.join(", "),
        }
    }
}

/// Converts a JSON object to properties, dropping nulls.
pub fn props_from_json(object: serde_json::Map<String, serde_json::Value>) -> Props {
    object.into_iter().filter_map(|(name, json)| Some((name, Value::from_json(json)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn placeholders_are_told_by_their_length() {
        for text in PLACEHOLDERS {
            assert!(is_placeholder(text), "{text}");
        }
        assert!(!is_placeholder("取到值了") && !is_placeholder(""));
    }

    #[test]
    fn values_are_read_as_they_were_written() {
        let list = Value::List(vec!["a".into(), String::new()]);
        let text = Value::Text("\"中\n".into());
        for value in
            [Value::Bool(true), Value::Number(-3.0), Value::Number(1e300), Value::Number(0.1), text, list]
        {
            let json = serde_json::to_string(&value).expect("serialises");
            assert_eq!(serde_json::from_str::<Value>(&json).expect("reads"), value, "{json}");
            let tree = serde_json::from_str(&json).expect("JSON");
            assert_eq!(serde_json::from_value::<Value>(tree).expect("reads"), value, "{json}");
        }
        assert_eq!(
            serde_json::from_str::<Value>("18446744073709551615").expect("reads"),
            Value::Number(2_f64.powi(64))
        );
        for none in ["null", "{}", "[1]", "[[]]"] {
            assert!(serde_json::from_str::<Value>(none).is_err(), "{none}");
        }
    }

    #[test]
    fn json_values() {
        let cases = [
            (json!(null), None),
            (json!(true), Some(Value::Bool(true))),
            (json!(12.5), Some(Value::Number(12.5))),
            (json!(-3), Some(Value::Number(-3.0))),
            (json!(9007199254740992i64), Some(Value::Number(9007199254740992.0))),
            (json!(9007199254740993i64), Some(Value::Text("9007199254740993".into()))),
            (json!(18446744073709551615u64), Some(Value::Text("18446744073709551615".into()))),
            (json!(["a", 1, null]), Some(Value::List(vec!["a".into(), "1".into(), "null".into()]))),
            (json!({"a": 1}), Some(Value::Text("{\"a\":1}".into()))),
        ];
        for (input, expected) in cases {
            assert_eq!(Value::from_json(input.clone()), expected, "{input}");
        }
    }
}
