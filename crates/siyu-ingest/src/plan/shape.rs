//! What a value looks like, which type that fits, and which exact reading it has
//! in another type. Never the value itself: a shape may be shown to anybody.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use siyu_types::Value;
use siyu_types::record::names::MONEY_SUFFIX;
use siyu_types::value::is_placeholder;
use utoipa::ToSchema;

use super::model::PlanType;

/// Letters of an example.
const EXAMPLE_CHARS: usize = 24;
/// More digits than an `f64` surely holds.
const DIGITS_MAX: usize = 15;

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PlanShape)]
pub enum Shape {
    Text,
    Integer,
    Fraction,
    Bool,
    List,
    Time,
    Date,
    /// A text by which a client says that it has no value.
    Placeholder,
}

impl Shape {
    pub const ALL: [Shape; 8] = [
        Shape::Text,
        Shape::Integer,
        Shape::Fraction,
        Shape::Bool,
        Shape::List,
        Shape::Time,
        Shape::Date,
        Shape::Placeholder,
    ];

    pub fn of(value: &Value) -> Shape {
        match value {
            Value::Bool(_) => Shape::Bool,
            Value::Number(number) if number.fract() == 0.0 => Shape::Integer,
            Value::Number(_) => Shape::Fraction,
            Value::List(_) => Shape::List,
            Value::Text(text) => Shape::of_text(text),
        }
    }

    fn of_text(text: &str) -> Shape {
        let bytes = text.as_bytes();
        if bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-' {
            if is_date(text) {
                return Shape::Date;
            }
            if is_time(text) {
                return Shape::Time;
            }
        }
        if is_placeholder(text) { Shape::Placeholder } else { Shape::Text }
    }

    /// The type a property has if this is the first that is known of it.
    pub fn inferred(self, name: &str) -> Option<PlanType> {
        Some(match self {
            Shape::Integer if name.ends_with(MONEY_SUFFIX) => PlanType::Money,
            Shape::Integer | Shape::Fraction => PlanType::Number,
            Shape::Text => PlanType::Text,
            Shape::Bool => PlanType::Bool,
            Shape::List => PlanType::List,
            Shape::Time => PlanType::Time,
            Shape::Date => PlanType::Date,
            Shape::Placeholder => return None,
        })
    }
}

impl PlanType {
    /// A value of this shape is of this type as it is. A placeholder fits all: it is no value.
    pub fn fits(self, shape: Shape) -> bool {
        match shape {
            Shape::Placeholder => true,
            Shape::Text => self == PlanType::Text,
            Shape::Time => matches!(self, PlanType::Text | PlanType::Time),
            Shape::Date => matches!(self, PlanType::Text | PlanType::Date),
            Shape::Integer => matches!(self, PlanType::Number | PlanType::Money),
            Shape::Fraction => self == PlanType::Number,
            Shape::Bool => self == PlanType::Bool,
            Shape::List => self == PlanType::List,
        }
    }

    /// The value in this type, if that says exactly the same: `"12"` is 12, but
    /// `"12元"` and `"0012"` are no numbers.
    pub fn cast(self, value: &Value) -> Option<Value> {
        if self.fits(Shape::of(value)) {
            return Some(value.clone());
        }
        match (self, value) {
            (PlanType::Number, Value::Text(text)) => exact_number(text).map(Value::Number),
            (PlanType::Money, Value::Text(text)) => {
                exact_number(text).filter(|number| number.fract() == 0.0).map(Value::Number)
            }
            (PlanType::Text, Value::Number(_) | Value::Bool(_)) => Some(Value::Text(value.display())),
            (PlanType::Bool, Value::Text(text)) => match text.trim().to_ascii_lowercase().as_str() {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                _ => None,
            },
            (PlanType::List, Value::Text(text)) => Some(Value::List(list(text))),
            (PlanType::Time, Value::Number(millis)) if epoch(*millis) => {
                let at = Timestamp::from_millisecond(*millis as i64).ok()?;
                Some(Value::Text(at.to_string()))
            }
            (PlanType::Date, Value::Text(text)) if is_time(text) => {
                let (date, clock) = text.split_at(10);
                let midnight = matches!(&clock[1..], "00:00:00" | "00:00:00.000");
                midnight.then(|| Value::Text(date.to_owned()))
            }
            _ => None,
        }
    }
}

/// Milliseconds of this century's beginning to its end; other numbers are no times.
fn epoch(millis: f64) -> bool {
    millis.fract() == 0.0 && (946_684_800_000.0..4_102_444_800_000.0).contains(&millis)
}

fn exact_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let padded = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    let long = digits.bytes().filter(u8::is_ascii_digit).count() > DIGITS_MAX;
    if !plain || padded || long || digits.starts_with('.') || digits.ends_with('.') {
        return None;
    }
    text.parse().ok()
}

fn list(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_else(|_| vec![text.to_owned()])
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

/// With or without a zone: clients of Sensors leave it out (reference/01 §2a.4).
fn is_time(text: &str) -> bool {
    text.len() >= 19
        && matches!(text.as_bytes()[10], b' ' | b'T')
        && text.as_bytes()[11].is_ascii_digit()
        && text.as_bytes()[13] == b':'
        && (text.parse::<jiff::civil::DateTime>().is_ok() || text.parse::<Timestamp>().is_ok())
}

/// What the value looks like, without saying what it is: `A12-元`, `aa@aa.aa`.
pub fn example(value: &Value) -> String {
    let text = match value {
        Value::List(items) => return format!("[{}]", items.len()),
        Value::Bool(_) => return "true".to_owned(),
        other => other.display(),
    };
    let mut out: String = text.chars().take(EXAMPLE_CHARS).map(letter).collect();
    if text.chars().nth(EXAMPLE_CHARS).is_some() {
        out.push('…');
    }
    out
}

fn letter(letter: char) -> char {
    match letter {
        '0'..='9' => '9',
        'A'..='Z' => 'A',
        'a'..='z' => 'a',
        other if other.is_alphabetic() => '字',
        other if other.is_control() => ' ',
        other => other,
    }
}
