//! How records of the quarantine are mended before they are given back.

use serde::{Deserialize, Serialize};
use siyu_types::record::Body;
use siyu_types::{Record, Value};
use utoipa::ToSchema;

use super::model::PlanType;
use super::rules::props_mut;

/// One repair; several are made in order.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PlanFix {
    /// The event was called wrongly.
    RenameEvent {
        to: String,
    },
    /// A key was called wrongly. An existing value of the right name is kept.
    RenameKey {
        from: String,
        to: String,
    },
    /// The value is read as well as it goes: `12元` as 12, `是` as yes.
    Cast {
        key: String,
        to: PlanType,
    },
    DropKey {
        key: String,
    },
    /// The time of the record is meant, or that of its receipt is to be taken: for what
    /// was set aside for an unlikely time.
    Time {
        to: PlanTimeFix,
    },
}

/// Which time a record gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanTimeFix {
    /// The one it came with.
    Client,
    /// The one at which it was received.
    Received,
}

impl PlanFix {
    pub fn accepts_time(&self) -> bool {
        matches!(self, PlanFix::Time { .. })
    }

    pub fn apply(&self, record: &mut Record) {
        if let (PlanFix::RenameEvent { to }, Body::Event { name, .. }) = (self, &mut record.body) {
            to.clone_into(name);
            return;
        }
        if let PlanFix::Time { to: PlanTimeFix::Received } = self {
            record.time = record.received_at;
        }
        let Some(props) = props_mut(&mut record.body) else { return };
        match self {
            PlanFix::RenameEvent { .. } | PlanFix::Time { .. } => {}
            PlanFix::RenameKey { from, to } => {
                if let Some(value) = props.remove(from) {
                    props.entry(to.clone()).or_insert(value);
                }
            }
            PlanFix::Cast { key, to } => {
                if let Some(value) = props.get_mut(key)
                    && let Some(read) = read(value, *to)
                {
                    *value = read;
                }
            }
            PlanFix::DropKey { key } => {
                props.remove(key);
            }
        }
    }
}

/// The value in a type, with more good will than [`PlanType::cast`] has: somebody asked for it.
fn read(value: &Value, to: PlanType) -> Option<Value> {
    if let Some(exact) = to.cast(value) {
        return Some(exact);
    }
    match to {
        PlanType::Number => number(&value.display()).map(Value::Number),
        PlanType::Money => number(&value.display()).map(|number| Value::Number(number.round())),
        PlanType::Bool => match value.display().trim().to_lowercase().as_str() {
            "1" | "yes" | "y" | "是" | "true" => Some(Value::Bool(true)),
            "0" | "no" | "n" | "否" | "false" => Some(Value::Bool(false)),
            _ => None,
        },
        PlanType::Text => Some(Value::Text(value.display())),
        PlanType::Date => {
            let text = value.display();
            text.get(..10)
                .filter(|day| day.parse::<jiff::civil::Date>().is_ok())
                .map(|day| Value::Text(day.into()))
        }
        PlanType::Time | PlanType::List => None,
    }
}

/// The one number within a text: `¥1,299.00` is 1299.
fn number(text: &str) -> Option<f64> {
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-');
    let start = text.find(|c: char| c.is_ascii_digit() || c == '-')?;
    let rest = &text[start..];
    let end = rest.find(|c| !numeric(c)).unwrap_or(rest.len());
    if rest[end..].contains(|c: char| c.is_ascii_digit()) {
        // Two numbers, and no telling which is meant.
        return None;
    }
    rest[..end].replace(',', "").parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use siyu_types::record::Evidence;
    use siyu_types::value::props_from_json;

    #[test]
    fn repairs() {
        use PlanFix::{Cast, DropKey, RenameEvent, RenameKey};
        let key = || "a".to_owned();
        let cases = [
            (RenameEvent { to: "bought".into() }, json!({"a": 1}), "bought", json!({"a": 1.0})),
            (RenameKey { from: key(), to: "b".into() }, json!({"a": 1}), "paid", json!({"b": 1.0})),
            (RenameKey { from: key(), to: "b".into() }, json!({"a": 1, "b": 2}), "paid", json!({"b": 2.0})),
            (RenameKey { from: "x".into(), to: "b".into() }, json!({"a": 1}), "paid", json!({"a": 1.0})),
            (Cast { key: key(), to: PlanType::Number }, json!({"a": "12元"}), "paid", json!({"a": 12.0})),
            (
                Cast { key: key(), to: PlanType::Number },
                json!({"a": "¥1,299.50"}),
                "paid",
                json!({"a": 1299.5}),
            ),
            (
                Cast { key: key(), to: PlanType::Number },
                json!({"a": "3 of 4"}),
                "paid",
                json!({"a": "3 of 4"}),
            ),
            (Cast { key: key(), to: PlanType::Bool }, json!({"a": "是"}), "paid", json!({"a": true})),
            (
                Cast { key: key(), to: PlanType::Date },
                json!({"a": "2026-01-02 03:04:05"}),
                "paid",
                json!({"a": "2026-01-02"}),
            ),
            (Cast { key: key(), to: PlanType::Text }, json!({"a": ["x", "y"]}), "paid", json!({"a": "x, y"})),
            (DropKey { key: key() }, json!({"a": 1, "b": 2}), "paid", json!({"b": 2.0})),
        ];
        for (fix, props, name, expected) in cases {
            let props = props_from_json(props.as_object().expect("object").clone());
            let mut record = Record {
                key: 1,
                time: 1,
                received_at: 1,
                ids: Vec::new(),
                evidence: Evidence::Weak,
                body: Body::Event { name: "paid".into(), props },
                source: String::new(),
            };
            fix.apply(&mut record);
            let Body::Event { name: found, props } = record.body else { panic!("an event") };
            assert_eq!((found.as_str(), json!(props)), (name, expected), "{fix:?}");
        }
    }
}
