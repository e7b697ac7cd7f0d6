//! Pure checks of purposes, and who is a minor.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use siyu_types::clock::Millis;
use siyu_types::error::{Error, Result};
use siyu_types::{Value, calendar};

use super::builtin::GUARDIAN;
use super::model::{Definition, MinorKind, Silence};
use crate::consent::{CHANNELS, EVERY_CHANNEL};

const ID_CHARS_MAX: usize = 40;
const NAME_CHARS_MAX: usize = 60;
const TEXT_CHARS_MAX: usize = 4_000;
const VALID_DAYS_MAX: u32 = 3_650;
/// Younger than this many years is a child (PIPL art. 31).
const ADULT_YEARS: i16 = 14;

/// Lower-case letters, digits and underscores, starting with a letter.
pub fn check_id(id: &str) -> Result<()> {
    let fits = id.len() <= ID_CHARS_MAX
        && id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if fits {
        return Ok(());
    }
    let message = format!("needs 1 to {ID_CHARS_MAX} lower-case letters, digits and underscores");
    Err(Error::invalid("purpose", message))
}

/// One of ours, or `*`.
pub fn check_channel(channel: &str) -> Result<()> {
    if channel == EVERY_CHANNEL || CHANNELS.contains(&channel) {
        return Ok(());
    }
    Err(Error::invalid("channel", format!("must be * or one of {}", CHANNELS.join(", "))))
}

pub fn check(id: &str, definition: &Definition) -> Result<()> {
    check_id(id)?;
    for (field, text) in [("name_zh", &definition.name_zh), ("name_en", &definition.name_en)] {
        if text.trim().is_empty() || text.chars().count() > NAME_CHARS_MAX {
            return Err(Error::invalid(field, format!("needs 1 to {NAME_CHARS_MAX} characters")));
        }
    }
    for (field, text) in [
        ("description_zh", &definition.description_zh),
        ("description_en", &definition.description_en),
        ("retention", &definition.retention),
    ] {
        check_text(field, text)?;
    }
    if !definition.silence.contains_key(EVERY_CHANNEL) {
        return Err(Error::invalid("silence", "must say what * means"));
    }
    for (channel, silence) in &definition.silence {
        check_channel(channel)?;
        if definition.sensitive && *silence == Silence::OptOut {
            return Err(Error::invalid("silence", "what is sensitive is never agreed to by silence"));
        }
    }
    if definition.essential && definition.sensitive {
        return Err(Error::invalid("essential", "what is sensitive is asked for"));
    }
    if definition.valid_days.is_some_and(|days| days == 0 || days > VALID_DAYS_MAX) {
        return Err(Error::invalid("valid_days", format!("must be 1 to {VALID_DAYS_MAX}")));
    }
    if id == GUARDIAN && (definition.archived || !definition.sensitive) {
        return Err(Error::invalid("sensitive", "a guardian is always asked"));
    }
    Ok(())
}

pub fn check_text(field: &str, text: &str) -> Result<()> {
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(Error::invalid(field, format!("at most {TEXT_CHARS_MAX} characters")));
    }
    Ok(())
}

/// Whether the value of the attribute makes somebody a minor. What cannot be read
/// says nothing.
pub fn is_minor(kind: MinorKind, value: Option<&Value>, now: Millis, zone: &TimeZone) -> bool {
    let Some(value) = value else { return false };
    match kind {
        MinorKind::Flag => match value {
            Value::Bool(flag) => *flag,
            Value::Number(number) => *number == 1.0,
            Value::Text(text) => {
                ["true", "yes", "1", "是"].contains(&text.trim().to_ascii_lowercase().as_str())
            }
            Value::List(_) => false,
        },
        MinorKind::Birthday => birthday(value, zone)
            .and_then(|born| born.checked_add(ADULT_YEARS.years()).ok())
            .is_some_and(|fourteenth| calendar::local_date(now, zone) < fourteenth),
    }
}

/// `2015-03-04`, `20150304`, `2015/3/4`, an instant, or milliseconds.
fn birthday(value: &Value, zone: &TimeZone) -> Option<Date> {
    match value {
        // Fewer digits are a year or a date written as a number.
        Value::Number(number) if number.abs() >= 1e9 => Some(calendar::local_date(*number as i64, zone)),
        Value::Number(number) => digits(&format!("{number:.0}")),
        Value::Text(text) => {
            let day = text.trim().split(['T', ' ']).next().unwrap_or_default().replace(['/', '.'], "-");
            let mut parts = day.split('-').map(str::parse::<i16>);
            match (parts.next(), parts.next(), parts.next(), parts.next()) {
                (Some(Ok(year)), Some(Ok(month)), Some(Ok(of_month)), None) => {
                    Date::new(year, i8::try_from(month).ok()?, i8::try_from(of_month).ok()?).ok()
                }
                _ => digits(&day),
            }
        }
        Value::Bool(_) | Value::List(_) => None,
    }
}

fn digits(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Date::new(text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?).ok()
}
