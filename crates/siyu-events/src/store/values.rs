//! One property's values as a typed column, and what happens to a value of
//! another type: it is kept as it is beside the column (`raw`), and where it has
//! an obvious reading in the column's type, the column holds that reading too.

use siyu_types::Value;
use siyu_types::value::{ValueKind, is_placeholder};

use super::texts::Texts;
use crate::block::{BOOL_MISSING, TEXT_MISSING};

pub(crate) enum Values {
    Number(Vec<f64>),
    Text(Texts),
    Bool(Vec<u8>),
    /// As JSON text.
    List(Texts),
}

impl Values {
    pub fn new(kind: ValueKind) -> Values {
        match kind {
            ValueKind::Number => Values::Number(Vec::new()),
            ValueKind::Text => Values::Text(Texts::default()),
            ValueKind::Bool => Values::Bool(Vec::new()),
            ValueKind::List => Values::List(Texts::default()),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Values::Number(numbers) => numbers.len(),
            Values::Bool(flags) => flags.len(),
            Values::Text(texts) | Values::List(texts) => texts.codes.len(),
        }
    }

    /// Fills up with missing values to this many rows.
    pub fn pad(&mut self, rows: usize) {
        match self {
            Values::Number(numbers) => numbers.resize(rows, f64::NAN),
            Values::Bool(flags) => flags.resize(rows, BOOL_MISSING),
            Values::Text(texts) | Values::List(texts) => texts.codes.resize(rows, TEXT_MISSING),
        }
    }

    /// Puts the value into the column at `row`, as far as it fits. False if it must be kept raw as well.
    pub fn put(&mut self, row: usize, value: &Value) -> bool {
        self.pad(row);
        match (self, value) {
            (Values::Number(numbers), Value::Number(number)) => {
                numbers.push(*number);
                true
            }
            (Values::Number(numbers), Value::Text(_)) => {
                numbers.extend(value.as_number());
                false
            }
            // Kept raw only, so that it is no value to count.
            (Values::Text(_), Value::Text(text)) if is_placeholder(text) => false,
            (Values::Text(texts), Value::Text(text)) => {
                texts.push(Some(text));
                true
            }
            (Values::Text(texts), Value::Number(_) | Value::Bool(_)) => {
                texts.push(Some(&value.display()));
                false
            }
            (Values::Bool(flags), Value::Bool(flag)) => {
                flags.push(u8::from(*flag));
                true
            }
            (Values::Bool(flags), Value::Text(text)) => {
                flags.extend(text.trim().parse::<bool>().ok().map(u8::from));
                false
            }
            (Values::List(texts), Value::List(items)) => {
                texts.push(Some(&list_text(items)));
                true
            }
            (Values::List(texts), Value::Text(text)) => {
                texts.push(Some(&list_text(std::slice::from_ref(text))));
                false
            }
            _ => false,
        }
    }

    /// As `put`, in a row that may have a value already.
    pub fn set(&mut self, row: usize, value: &Value) -> bool {
        if row >= self.len() {
            return self.put(row, value);
        }
        let mut one = match self {
            Values::Number(_) => Values::new(ValueKind::Number),
            Values::Text(_) => Values::new(ValueKind::Text),
            Values::Bool(_) => Values::new(ValueKind::Bool),
            Values::List(_) => Values::new(ValueKind::List),
        };
        let fits = one.put(0, value);
        one.pad(1);
        match (self, one) {
            (Values::Number(to), Values::Number(from)) => to[row] = from[0],
            (Values::Bool(to), Values::Bool(from)) => to[row] = from[0],
            (Values::Text(to), Values::Text(from)) | (Values::List(to), Values::List(from)) => {
                to.set(row, from.get(0));
            }
            // `one` was made of the same kind.
            _ => return false,
        }
        fits
    }

    pub fn get(&self, row: usize) -> Option<Value> {
        match self {
            Values::Number(numbers) => {
                numbers.get(row).copied().filter(|number| !number.is_nan()).map(Value::Number)
            }
            Values::Bool(flags) => {
                flags.get(row).filter(|&&flag| flag != BOOL_MISSING).map(|&flag| Value::Bool(flag == 1))
            }
            Values::Text(texts) => texts.get(row).map(|text| Value::Text(text.to_owned())),
            Values::List(texts) => texts.get(row).map(|text| Value::List(list_items(text))),
        }
    }

    /// Appends rows of a column of the same kind.
    pub fn extend(&mut self, other: &Values, rows: std::ops::Range<usize>, known: &mut Vec<u32>) {
        match (self, other) {
            (Values::Number(to), Values::Number(from)) => {
                to.extend(rows.map(|row| from.get(row).copied().unwrap_or(f64::NAN)));
            }
            (Values::Bool(to), Values::Bool(from)) => {
                to.extend(rows.map(|row| from.get(row).copied().unwrap_or(BOOL_MISSING)));
            }
            (Values::Text(to), Values::Text(from)) | (Values::List(to), Values::List(from)) => {
                to.extend(from, rows, known);
            }
            // Kinds are the store's, so they cannot differ; missing is the safe reading.
            (to, _) => to.pad(to.len() + rows.len()),
        }
    }

    pub fn bytes(&self) -> usize {
        match self {
            Values::Number(numbers) => numbers.len() * 8,
            Values::Bool(flags) => flags.len(),
            Values::Text(texts) | Values::List(texts) => texts.bytes(),
        }
    }
}

fn list_text(items: &[String]) -> String {
    serde_json::Value::from(items).to_string()
}

/// The items of a list column's text.
pub(crate) fn list_items(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift() {
        use ValueKind as Kind;
        let text = |t: &str| Value::Text(t.into());
        let list = |items: &[&str]| Value::List(items.iter().map(|&item| item.to_owned()).collect());
        let cases = [
            (Kind::Number, Value::Number(1.5), Some(Value::Number(1.5)), true),
            (Kind::Number, text(" 12.5"), Some(Value::Number(12.5)), false),
            (Kind::Number, text("twelve"), None, false),
            (Kind::Number, Value::Bool(true), None, false),
            (Kind::Text, text("x"), Some(text("x")), true),
            (Kind::Text, Value::Number(3.0), Some(text("3")), false),
            (Kind::Text, Value::Bool(true), Some(text("true")), false),
            (Kind::Text, list(&["a"]), None, false),
            (Kind::Text, text("未取到值"), None, false),
            (Kind::Bool, Value::Bool(false), Some(Value::Bool(false)), true),
            (Kind::Bool, text("true"), Some(Value::Bool(true)), false),
            (Kind::Bool, text("yes"), None, false),
            (Kind::Bool, Value::Number(1.0), None, false),
            (Kind::List, list(&["a", "b\""]), Some(list(&["a", "b\""])), true),
            (Kind::List, text("a"), Some(list(&["a"])), false),
        ];
        for (kind, value, held, exact) in cases {
            let mut column = Values::new(kind);
            assert_eq!(column.put(2, &value), exact, "{kind:?} {value:?}");
            column.pad(3);
            assert_eq!(column.get(2), held, "{kind:?} {value:?}");
            assert_eq!(column.get(1), None);
        }
    }
}
