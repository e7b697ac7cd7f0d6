//! The protocol of Sensors Analytics' clients (reference/01 §2a). The parser is
//! chosen by looking at the body, never at the content type.
//!
//! Property names are kept as sent, `$` included. `$pageview` becomes
//! `page_view` and gains `url`, `path`, `title` and `referrer` from the `$`
//! properties of those names, so that pages of every protocol can be asked for
//! alike. `$SignUp` and `$BindID` stay events and are strong evidence.

mod identities;
mod payload;

use std::borrow::Cow;
use std::cell::RefCell;

use rustc_hash::FxHashMap;
use siyu_types::clock::Millis;
use siyu_types::record::{Body, Evidence, Identifier, ItemChange, ProfileChange, key_of, names};
use siyu_types::{Props, Record, Value};

use super::fields::{object, props, required, time};
use super::json::{self, Json, Object, Text};
use super::search::mentions;
use super::told::Told;
use super::{Decoded, Protocol, Reason, ReasonCode, read, values};
use crate::frame::{Frame, ProtocolId};

pub use payload::envelopes;

/// Differs on every resend of the same record (reference/01 §7.1).
const VARIES: &[&str] = &["_flush_time"];
/// Directions to the server that travel among the properties.
const CONTROL: &[&str] = &["$is_login_id", "$project", "$token", "$time"];
const PAGE_VIEW: &str = "$pageview";

pub struct Sensors;

impl Protocol for Sensors {
    fn id(&self) -> ProtocolId {
        ProtocolId::Sensors
    }

    fn decode(&self, frame: &Frame<'_>) -> Decoded {
        let told = Told::default();
        let repeats = Repeats::default();
        let text = payload::text(frame);
        let decoded = Decoded::of_items(
            frame,
            || read(&text, payload::records),
            |index, item| {
                let key = repeats.key(json::content_hash(&[b"sensors"], &item, VARIES), &item);
                let of = |name: &str| {
                    let lib = item.get("lib").and_then(|lib| lib.get(name));
                    lib.or_else(|| item.get("properties")?.get(name))
                };
                told.library(of("$lib"), of("$lib_version"));
                let sent_at = time(item.get("_flush_time"), "_flush_time").ok().flatten();
                let client = client_time(&item)?;
                if client.is_some() {
                    told.sent(index, sent_at);
                }
                Ok(vec![record(object(item)?, key, client.unwrap_or(frame.received_at), frame)?])
            },
            |item| item.to_string(),
        );
        told.add_to(decoded)
    }

    fn items(&self, frame: &Frame<'_>) -> Vec<serde_json::Value> {
        let text = payload::text(frame);
        values(read(&text, payload::records))
    }

    fn alone(&self, item: &str) -> Option<String> {
        Some(format!("[{item}]"))
    }

    fn mentions(&self, frame: &Frame<'_>, text: &str) -> bool {
        // Of `key+value` the key may stand apart from the value.
        let value = text.rsplit('+').next().unwrap_or(text);
        mentions(frame, payload::text(frame).map(Text::into_bytes), value)
    }
}

/// The token inside the first record, where server clients put it.
pub fn embedded_token(frame: &Frame<'_>) -> Option<String> {
    let text = payload::text(frame).ok()?;
    let items = payload::records(&text).ok()?;
    let first = items.first()?;
    let token = first.get("token").or_else(|| first.get("properties")?.get("$token"))?;
    token.as_text().map(str::to_owned)
}

/// Equal records of one request. With a `_track_id` they are one, sent twice; without
/// (server clients, and profiles of mini-programs) two calls within a millisecond look
/// the same and are both meant (§7.2, §7.4). A request that is sent again holds them
/// in the same number, so counting them off finds their keys again.
#[derive(Default)]
struct Repeats(RefCell<FxHashMap<u128, u32>>);

impl Repeats {
    fn key(&self, key: u128, item: &Json<'_>) -> u128 {
        if item.get("_track_id").is_some_and(|id| !id.is_null()) {
            return key;
        }
        let mut seen = self.0.borrow_mut();
        let before = seen.entry(key).or_default();
        *before += 1;
        match *before {
            1 => key,
            nth => key_of(&[b"sensors again", &key.to_le_bytes(), &nth.to_le_bytes()]),
        }
    }
}

/// When the client says it happened.
fn client_time(item: &Json<'_>) -> Result<Option<Millis>, Reason> {
    match time(item.get("time"), "time")? {
        None => Ok(time(item.get("properties").and_then(|props| props.get("$time")), "$time").ok().flatten()),
        some => Ok(some),
    }
}

fn record(mut map: Object<'_>, key: u128, time: Millis, frame: &Frame<'_>) -> Result<Record, Reason> {
    let kind = required(&map, "type")?.into_owned();
    let ids = match kind.as_str() {
        "item_set" | "item_delete" => Vec::new(),
        "track_id_unbind" => identities::unbind(&map)?,
        _ => identities::all(&map, kind == "track_signup")?,
    };
    let body = body(&kind, &mut map)?;
    let evidence = match kind.as_str() {
        "track_signup" | "track_id_bind" | "track_id_unbind" => Evidence::Strong,
        _ => Evidence::Weak,
    };
    let source = frame.source.to_owned();
    Ok(Record { key, time, received_at: frame.received_at, ids, evidence, body, source })
}

fn body(kind: &str, map: &mut Object<'_>) -> Result<Body, Reason> {
    let mut properties = props(map, "properties")?;
    for name in CONTROL {
        properties.remove(*name);
    }
    properties.values_mut().for_each(pad_fraction);
    let profile = |change| Ok(Body::Profile { change });
    match kind {
        "track" | "track_signup" | "track_id_bind" => {
            let name = match (required(map, "event"), kind) {
                (Ok(name), _) => name.into_owned(),
                (Err(_), "track_signup") => "$SignUp".to_owned(),
                (Err(_), "track_id_bind") => "$BindID".to_owned(),
                (Err(reason), _) => return Err(reason),
            };
            Ok(event(name, properties))
        }
        "track_id_unbind" => Ok(Body::Unlink),
        "profile_set" => profile(ProfileChange::Set(properties)),
        "profile_set_once" => profile(ProfileChange::SetOnce(properties)),
        "profile_increment" => profile(ProfileChange::Increment(properties)),
        "profile_append" => profile(ProfileChange::Append(properties)),
        "profile_unset" => profile(ProfileChange::Unset(properties.into_keys().collect())),
        "profile_delete" => profile(ProfileChange::Delete),
        "item_set" => item(map, ItemChange::Set(properties)),
        "item_delete" => item(map, ItemChange::Delete),
        _ => Err(Reason::new(ReasonCode::UnknownType, "type", "is not a known type")),
    }
}

fn item(map: &Object<'_>, change: ItemChange) -> Result<Body, Reason> {
    let text = |field| required(map, field).map(Cow::into_owned);
    Ok(Body::Item { item_type: text("item_type")?, item_id: text("item_id")?, change })
}

fn event(name: String, mut props: Props) -> Body {
    if name != PAGE_VIEW {
        return Body::Event { name, props };
    }
    for (from, to) in [("$url", "url"), ("$url_path", "path"), ("$title", "title"), ("$referrer", "referrer")]
    {
        if let Some(value) = props.get(from).cloned() {
            props.entry(to.to_owned()).or_insert(value);
        }
    }
    Body::Event { name: names::PAGE_VIEW.to_owned(), props }
}

/// The fraction of a datetime is a whole number of milliseconds, padded or not
/// (`.6` is 6 ms, §2a.4). It is written out with three digits, so that it reads
/// the same everywhere; the rest stays as sent.
fn pad_fraction(value: &mut Value) {
    let Value::Text(text) = value else { return };
    if !(21..=23).contains(&text.len()) || !is_datetime(text.as_bytes()) {
        return;
    }
    let (head, fraction) = text.split_at(20);
    *text = format!("{head}{fraction:0>3}");
}

fn is_datetime(text: &[u8]) -> bool {
    text.iter().enumerate().all(|(at, byte)| match at {
        4 | 7 => *byte == b'-',
        10 => *byte == b' ',
        13 | 16 => *byte == b':',
        19 => *byte == b'.',
        _ => byte.is_ascii_digit(),
    })
}

/// Identifiers of an unbind: whose, then what goes.
fn unlink(owner: Option<Identifier>, removed: Vec<Identifier>) -> Result<Vec<Identifier>, Reason> {
    let first = removed
        .first()
        .cloned()
        .ok_or_else(|| Reason::new(ReasonCode::NoIdentifier, "identities", "names nothing to unbind"))?;
    // Without a current user it is taken from whoever holds it.
    let mut ids = vec![owner.filter(|owner| !removed.contains(owner)).unwrap_or(first)];
    ids.extend(removed);
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_count_milliseconds() {
        let cases = [
            ("2026-01-02 03:04:05.6", "2026-01-02 03:04:05.006"),
            ("2026-01-02 03:04:05.60", "2026-01-02 03:04:05.060"),
            ("2026-01-02 03:04:05.600", "2026-01-02 03:04:05.600"),
            ("2026-01-02 03:04:05", "2026-01-02 03:04:05"),
            ("2026-01-02T03:04:05.6", "2026-01-02T03:04:05.6"),
            ("2026年1月 03:04:05.6", "2026年1月 03:04:05.6"),
        ];
        for (input, expected) in cases {
            let mut value = Value::Text(input.to_owned());
            pad_fraction(&mut value);
            assert_eq!(value, Value::Text(expected.to_owned()));
        }
    }
}
