//! The filters of templates. Only these exist; each bounds what it makes.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::value::Kwargs;
use minijinja::{Environment, Error, ErrorKind, Value, filters, tests};

use super::context::is_missing;
use super::sandbox::VALUE_MAX;

/// Adds all filters and tests. Money and dates follow the project.
pub(super) fn add(environment: &mut Environment<'static>, currency: &str, zone: &TimeZone) {
    environment.add_filter("default", default);
    environment.add_filter("d", default);
    let currency = currency.to_owned();
    environment.add_filter("money", move |value: &Value| {
        if is_missing(value) { Ok(value.clone()) } else { money(value, &currency).map(Value::from) }
    });
    let zone = zone.clone();
    environment.add_filter("date", move |value: &Value, format: Option<&str>| {
        if is_missing(value) {
            return Ok(value.clone());
        }
        date(value, format.unwrap_or("%Y-%m-%d"), &zone).map(Value::from)
    });
    environment.add_filter("mask", |value: &Value| {
        if is_missing(value) { value.clone() } else { Value::from(mask(&value.to_string())) }
    });
    environment.add_filter("replace", replace);
    environment.add_filter("upper", |value: &Value| text(value, str::to_uppercase));
    environment.add_filter("lower", |value: &Value| text(value, str::to_lowercase));
    environment.add_filter("trim", |value: &Value| text(value, |text| text.trim().to_owned()));
    environment.add_filter("truncate", truncate);
    environment.add_filter("urlencode", |value: &Value| {
        if is_missing(value) { Ok(value.clone()) } else { filters::urlencode(value).map(Value::from) }
    });
    environment.add_filter(
        "length",
        |value: &Value| {
            if is_missing(value) { Ok(0) } else { filters::length(value) }
        },
    );
    environment.add_filter("first", filters::first);
    environment.add_filter("last", filters::last);
    environment.add_filter("join", join);
    environment.add_filter("round", filters::round);
    environment.add_test("defined", |value: &Value| !is_missing(value));
    environment.add_test("undefined", |value: &Value| is_missing(value));
    environment.add_test("number", tests::is_number);
    environment.add_test("string", tests::is_string);
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

fn default(value: &Value, other: Option<Value>, _: Kwargs) -> Value {
    if is_missing(value) { other.unwrap_or_else(|| Value::from("")) } else { value.clone() }
}

/// Changes a text and leaves a hole a hole.
fn text(value: &Value, change: impl Fn(&str) -> String) -> Value {
    if is_missing(value) { value.clone() } else { Value::from(change(&value.to_string())) }
}

fn bounded(text: String) -> Result<Value, Error> {
    if text.len() > VALUE_MAX {
        return Err(Error::from(ErrorKind::OutOfFuel));
    }
    Ok(Value::from(text))
}

fn replace(value: &Value, from: &str, to: &str) -> Result<Value, Error> {
    if is_missing(value) {
        return Ok(value.clone());
    }
    let text = value.to_string();
    let growth = if from.is_empty() { text.len() + 1 } else { text.matches(from).count() };
    if text.len() + growth.saturating_mul(to.len()) > VALUE_MAX {
        return Err(Error::from(ErrorKind::OutOfFuel));
    }
    bounded(text.replace(from, to))
}

fn truncate(value: &Value, length: usize) -> Value {
    text(value, |text| {
        if text.chars().count() <= length {
            return text.to_owned();
        }
        text.chars().take(length.saturating_sub(1)).chain(['…']).collect()
    })
}

fn join(value: &Value, separator: Option<&str>) -> Result<Value, Error> {
    if is_missing(value) {
        return Ok(value.clone());
    }
    let parts: Vec<String> = value.try_iter()?.map(|part| part.to_string()).collect();
    let separator = separator.unwrap_or("、");
    let length: usize = parts.iter().map(|part| part.len() + separator.len()).sum();
    if length > VALUE_MAX {
        return Err(Error::from(ErrorKind::OutOfFuel));
    }
    bounded(parts.join(separator))
}

/// Minor units to a price: 1250 → `¥12.50`.
fn money(value: &Value, currency: &str) -> Result<String, Error> {
    let number = f64::try_from(value.clone()).ok().or_else(|| value.as_str()?.trim().parse().ok());
    let minor = number.filter(|n| n.is_finite()).ok_or_else(|| invalid("money needs a number"))?;
    if minor.abs() >= 9e15 {
        return Err(invalid("the amount is too large"));
    }
    let (sign, decimals) = match currency {
        "CNY" => ("¥", 2),
        "JPY" => ("¥", 0),
        "KRW" => ("₩", 0),
        "USD" => ("$", 2),
        "HKD" => ("HK$", 2),
        "EUR" => ("€", 2),
        "GBP" => ("£", 2),
        _ => ("", 2),
    };
    let minor = minor.round() as i64;
    let (whole, rest) = match decimals {
        0 => (minor.unsigned_abs(), String::new()),
        _ => (minor.unsigned_abs() / 100, format!(".{:02}", minor.unsigned_abs() % 100)),
    };
    let minus = if minor < 0 { "-" } else { "" };
    let code = if sign.is_empty() { format!("{currency} ") } else { String::new() };
    Ok(format!("{minus}{code}{sign}{}{rest}", grouped(whole)))
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// An instant (milliseconds or RFC 3339) or a plain date, in the project's zone.
fn date(value: &Value, format: &str, zone: &TimeZone) -> Result<String, Error> {
    let not_a_date = || invalid("date needs an instant or a date like 2026-11-21");
    let shown = |result: Result<String, jiff::Error>| {
        result.map_err(|_| invalid(format!("{format:?} is not a date format")))
    };
    if let Some(millis) = value.as_i64() {
        let at = Timestamp::from_millisecond(millis).map_err(|_| not_a_date())?;
        return shown(jiff::fmt::strtime::format(format, &at.to_zoned(zone.clone())));
    }
    let text = value.as_str().ok_or_else(not_a_date)?.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return shown(jiff::fmt::strtime::format(format, &at.to_zoned(zone.clone())));
    }
    let date = text.parse::<jiff::civil::Date>().map_err(|_| not_a_date())?;
    shown(jiff::fmt::strtime::format(format, date))
}

/// Keeps enough to recognise and hides the rest: `138****5678`, `l***@example.cn`, `李*`.
fn mask(text: &str) -> String {
    if let Some((name, domain)) = text.split_once('@') {
        let first: String = name.chars().take(1).collect();
        return format!("{first}***@{domain}");
    }
    let characters: Vec<char> = text.chars().collect();
    if characters.len() >= 7 && characters.iter().all(|c| c.is_ascii_digit() || *c == '+') {
        let head: String = characters[..3].iter().collect();
        let tail: String = characters[characters.len() - 4..].iter().collect();
        return format!("{head}{}{tail}", "*".repeat(characters.len() - 7));
    }
    characters.iter().take(1).copied().chain("*".repeat(characters.len().saturating_sub(1)).chars()).collect()
}
