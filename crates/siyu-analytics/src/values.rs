//! When two values are the same value: group names, distinct counts, lists in text columns.

use siyu_types::Value;

/// The text under which a number is grouped: as a person would write it, so
/// that `0` and `"0"` are one value.
pub(crate) fn number_key(number: f64) -> String {
    // Minus zero prints as "-0" but equals 0.
    (number + 0.0).to_string()
}

/// A number as its own sort and hash key; minus zero is zero.
pub(crate) fn number_bits(number: f64) -> u64 {
    (number + 0.0).to_bits()
}

/// The number a text reads as, or NaN; as [`Value::as_number`].
pub(crate) fn text_number(text: &str) -> f64 {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite()).unwrap_or(f64::NAN)
}

/// The elements of a list held as JSON text.
pub(crate) fn list_elements(text: &str) -> Option<Vec<String>> {
    serde_json::from_str(text).ok()
}

/// The different groups a value stands for: one, or for a list each of its
/// different elements, or none.
pub(crate) fn keys(value: &Value) -> Vec<String> {
    match value {
        Value::Number(number) => vec![number_key(*number)],
        Value::List(items) => {
            let mut items = items.clone();
            items.sort_unstable();
            items.dedup();
            items
        }
        other => vec![other.display()],
    }
}
