//! Taking fields out of JSON objects, as forgivingly as it is safe.

use std::borrow::Cow;

use jiff::Timestamp;
use siyu_types::clock::Millis;
use siyu_types::record::Identifier;
use siyu_types::value::Props;

use super::json::{Json, Object};
use super::{Reason, ReasonCode};

/// Numbers below this are seconds since 1970, not milliseconds (reference/01 §2a.4).
const SECONDS_BELOW: f64 = 1e11;
/// From the most to the least trusted; what the project's rules say of others is
/// known only when they are resolved.
const TRUST: &[&str] = &["login", "phone", "email", "device"];

/// Orders identifiers as a record wants them: most trusted first.
pub fn by_trust(ids: &mut [Identifier]) {
    ids.sort_by_key(|id| TRUST.iter().position(|name| *name == id.namespace).unwrap_or(TRUST.len()));
}

/// The object, or the reason why there is none.
pub fn object(json: Json<'_>) -> Result<Object<'_>, Reason> {
    match json {
        Json::Object(object) => Ok(object),
        _ => Err(Reason::new(ReasonCode::WrongType, "", "is not an object")),
    }
}

/// An identifier-like text: texts trimmed, whole numbers in digits; anything else is none.
pub fn id_text<'a>(json: Option<&'a Json<'_>>) -> Option<Cow<'a, str>> {
    match json? {
        Json::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(Cow::Borrowed),
        Json::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string().into()),
        _ => None,
    }
}

/// As [`id_text`], of a field that must be there.
pub fn required<'a>(map: &'a Object<'_>, field: &str) -> Result<Cow<'a, str>, Reason> {
    id_text(map.get(field)).ok_or_else(|| Reason::new(ReasonCode::MissingField, field, "is missing"))
}

/// The named object as properties; absent and null are none.
pub fn props(map: &mut Object<'_>, field: &str) -> Result<Props, Reason> {
    match map.remove(field) {
        None | Some(Json::Null) => Ok(Props::new()),
        Some(Json::Object(object)) => Ok(object.props()),
        Some(_) => Err(Reason::new(ReasonCode::WrongType, field, "is not an object")),
    }
}

/// A time: milliseconds or seconds as number or digits, or RFC 3339 with an offset.
pub fn time(json: Option<&Json<'_>>, field: &str) -> Result<Option<Millis>, Reason> {
    let bad = || Reason::new(ReasonCode::BadTime, field, "is not a time");
    match json {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Number(number)) => number.as_f64().and_then(from_number).ok_or_else(bad).map(Some),
        Some(Json::Text(text)) => {
            let text = text.trim();
            if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
                return text.parse().ok().and_then(from_number).ok_or_else(bad).map(Some);
            }
            text.parse::<Timestamp>().map(|at| Some(at.as_millisecond())).map_err(|_| bad())
        }
        Some(_) => Err(bad()),
    }
}

fn from_number(number: f64) -> Option<Millis> {
    let millis = if number.abs() < SECONDS_BELOW { number * 1000.0 } else { number };
    // The year 9999; beyond it nothing is a time.
    (millis.is_finite() && millis.abs() < 253_402_300_800_000.0).then_some(millis.round() as Millis)
}

/// Identifiers in the order of trust, each once.
#[derive(Default, Debug)]
pub struct Identifiers(Vec<Identifier>);

impl Identifiers {
    pub fn add(&mut self, namespace: &str, value: &str) {
        let value = value.trim();
        if value.is_empty() || self.0.iter().any(|id| id.namespace == namespace && id.value == value) {
            return;
        }
        self.0.push(Identifier::new(namespace, value));
    }

    pub fn holds_value(&self, value: &str) -> bool {
        self.0.iter().any(|id| id.value == value)
    }

    /// All of them, most trusted first; at least one.
    pub fn finish(mut self) -> Result<Vec<Identifier>, Reason> {
        if self.0.is_empty() {
            return Err(Reason::new(ReasonCode::NoIdentifier, "identifiers", "says nobody it is about"));
        }
        by_trust(&mut self.0);
        Ok(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times() {
        let cases = [
            (json!(1795302808852_i64), Some(1795302808852)),
            (json!(1795302808), Some(1795302808000)),
            (json!(1795302808.5), Some(1795302808500)),
            (json!("1795302808852"), Some(1795302808852)),
            (json!("2026-11-21T23:15:47.458Z"), Some(1795302947458)),
            (json!("2026-11-22T07:15:47.458+08:00"), Some(1795302947458)),
            (json!(null), None),
        ];
        for (input, expected) in cases {
            assert_eq!(time(Some(&input.clone().into()), "time"), Ok(expected), "{input}");
        }
        for bad in [json!("2026-11-21 23:15:47"), json!("soon"), json!(1e300), json!([1]), json!("")] {
            assert_eq!(
                time(Some(&bad.clone().into()), "time").expect_err("no time").code,
                ReasonCode::BadTime,
                "{bad}"
            );
        }
    }

    #[test]
    fn identifiers_are_ordered_by_trust_and_unique() {
        let mut ids = Identifiers::default();
        for (namespace, value) in [("device", "d"), ("login", " u "), ("device", "d"), ("phone", "")] {
            ids.add(namespace, value);
        }
        let ids = ids.finish().expect("two");
        assert_eq!(ids, [Identifier::new("login", "u"), Identifier::new("device", "d")]);
        assert!(Identifiers::default().finish().is_err());
    }
}
