//! The sizes and times a record must keep to, named, for every protocol alike.

use siyu_types::clock::Millis;
use siyu_types::record::{Body, ItemChange, ProfileChange};
use siyu_types::relation::{Parties, RelationChange, RelationStatement};
use siyu_types::value::Props;
use siyu_types::{Identifier, Record, Value};

use super::{Reason, ReasonCode};
use crate::frame::Terms;

/// A request body as it arrives over HTTP, unless the settings say otherwise.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// A body after inflating: a hostile gzip reaches 1026:1 (reference/01 §7.28).
pub const INFLATED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Items of one body.
pub const ITEMS_MAX: usize = 20_000;
/// Values of one body, keys not counted: each takes tens of bytes once it is parsed.
pub const VALUES_MAX: usize = 1_000_000;
/// Nesting of JSON.
pub const DEPTH_MAX: usize = 32;
/// Letters of an event name, a property name, an identifier, a source.
pub const NAME_CHARS_MAX: usize = 200;
pub const IDENTIFIER_CHARS_MAX: usize = 255;
/// Identifiers of one record.
pub const IDENTIFIERS_MAX: usize = 32;
pub const PROPERTIES_MAX: usize = 500;
/// One text value; Sensors' own clients stop at 8191.
pub const TEXT_BYTES_MAX: usize = 32 * 1024;
pub const LIST_ITEMS_MAX: usize = 1_000;
/// What is kept of a refused item to look at.
pub const EXCERPT_BYTES_MAX: usize = 2 * 1024;
/// A refused item, or body, is kept whole up to these sizes, to be read again.
pub const ITEM_KEPT_BYTES_MAX: usize = 64 * 1024;
pub const BODY_KEPT_BYTES_MAX: usize = 256 * 1024;
/// A record may be this far ahead of its receipt (PostHog: 23 h).
pub const FUTURE_MAX: Millis = 24 * 60 * 60 * 1000;
/// Clock differences below this include the network and are left alone (§7.5).
pub const SKEW_MIN: Millis = 5 * 60 * 1000;
/// Records older than this are held back, unless their source says otherwise.
pub const OLDEST_DAYS_DEFAULT: i64 = 730;

/// The checks that hold for every protocol. Whether the time is a likely one is
/// decided later, when it has been corrected: [`likely_time`].
pub fn check(record: &Record) -> Result<(), Reason> {
    if record.time < 0 {
        return Err(Reason::new(ReasonCode::BadTime, "time", "before 1970"));
    }
    check_identifiers(&record.ids)?;
    match &record.body {
        Body::Event { name, props } => {
            check_name("event", name)?;
            check_props(props)
        }
        Body::Profile { change } => match change {
            ProfileChange::Set(props)
            | ProfileChange::SetOnce(props)
            | ProfileChange::Increment(props)
            | ProfileChange::Append(props) => check_props(props),
            ProfileChange::Unset(names) => names.iter().try_for_each(|name| check_name("properties", name)),
            ProfileChange::Delete => Ok(()),
        },
        Body::Link | Body::Unlink | Body::Identity(_) | Body::Correction(_) | Body::Erasure(_) => Ok(()),
        Body::Relation(statement) => check_relation(statement),
        Body::Item { item_type, item_id, change } => {
            check_name("item_type", item_type)?;
            check_name("item_id", item_id)?;
            match change {
                ItemChange::Set(props) => check_props(props),
                ItemChange::Unset(names) => names.iter().try_for_each(|name| check_name("names", name)),
                ItemChange::Tag { add, remove } => {
                    add.iter().chain(remove).try_for_each(|tag| check_name("tags", tag))
                }
                ItemChange::Delete => Ok(()),
            }
        }
    }
}

/// The identifiers at the other end must keep to what holds for the record's own.
fn check_relation(statement: &RelationStatement) -> Result<(), Reason> {
    let (RelationChange::Begin { kind, parties, .. } | RelationChange::End { kind, parties }) =
        &statement.change
    else {
        return Ok(());
    };
    check_name("relation", kind)?;
    match parties {
        Parties::Identifiers { other, .. } => check_identifiers(other),
        Parties::Numbers { .. } => Ok(()),
    }
}

fn check_identifiers(ids: &[Identifier]) -> Result<(), Reason> {
    if ids.len() > IDENTIFIERS_MAX {
        return Err(too_large("identifiers", format!("more than {IDENTIFIERS_MAX}")));
    }
    for id in ids {
        if id.value.chars().count() > IDENTIFIER_CHARS_MAX {
            return Err(too_large(&id.namespace, format!("longer than {IDENTIFIER_CHARS_MAX} letters")));
        }
    }
    Ok(())
}

/// A time that nobody can have meant is held back, never changed in silence
/// (reference/01 §7.7): it would survive every deletion by date.
pub fn likely_time(time: Millis, received_at: Millis, terms: Terms) -> Result<(), Reason> {
    const HOUR: Millis = 60 * 60 * 1000;
    if terms.time_accepted {
        return Ok(());
    }
    if time > received_at.saturating_add(FUTURE_MAX) {
        return Err(Reason::new(ReasonCode::FutureTime, "time", "more than a day in the future"));
    }
    let oldest = received_at.saturating_sub(Millis::from(terms.oldest_hours).saturating_mul(HOUR));
    if terms.oldest_hours > 0 && !terms.trust_time && time < oldest {
        return Err(Reason::new(ReasonCode::PastTime, "time", "older than this source may send"));
    }
    Ok(())
}

fn check_name(field: &str, name: &str) -> Result<(), Reason> {
    if name.is_empty() {
        return Err(Reason::new(ReasonCode::MissingField, field, "is empty"));
    }
    if name.len() > NAME_CHARS_MAX && name.chars().count() > NAME_CHARS_MAX {
        return Err(too_large(field, format!("longer than {NAME_CHARS_MAX} letters")));
    }
    Ok(())
}

fn check_props(props: &Props) -> Result<(), Reason> {
    if props.len() > PROPERTIES_MAX {
        return Err(too_large("properties", format!("more than {PROPERTIES_MAX}")));
    }
    for (name, value) in props {
        check_name("properties", name)?;
        let fits = match value {
            Value::Bool(_) | Value::Number(_) => true,
            Value::Text(text) => text.len() <= TEXT_BYTES_MAX,
            Value::List(items) => {
                items.len() <= LIST_ITEMS_MAX
                    && items.iter().map(String::len).sum::<usize>() <= TEXT_BYTES_MAX
            }
        };
        if !fits {
            return Err(too_large(&format!("properties.{name}"), "value is too long"));
        }
    }
    Ok(())
}

fn too_large(field: &str, message: impl Into<String>) -> Reason {
    Reason::new(ReasonCode::TooLarge, field, message)
}
