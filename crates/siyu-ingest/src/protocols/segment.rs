//! Segment's protocol (reference/01 §2b): batches and single messages, long and
//! short paths, whatever the content type says.
//!
//! `page` becomes `page_view` and `screen` becomes `screen_view`, with the
//! properties as sent; `context.campaign` becomes `utm_*` and, on `track`,
//! `context.page` becomes `page_*`, where the properties do not say otherwise.

use std::borrow::Cow;
use std::cell::Cell;

use siyu_types::clock::Millis;
use siyu_types::record::{Body, Evidence, ProfileChange, key_of, names};
use siyu_types::{Props, Record, Value};

use super::fields::{Identifiers, id_text, object, props, required, time};
use super::json::{self, Json, Object, Text};
use super::search::mentions;
use super::told::Told;
use super::{Decoded, Protocol, Reason, ReasonCode, inflate, read, values};
use crate::frame::{Frame, ProtocolId};

const SCREEN_VIEW: &str = "screen_view";
/// A membership of an account, company or team.
const GROUP_JOINED: &str = "group_joined";

pub struct Segment;

impl Protocol for Segment {
    fn id(&self) -> ProtocolId {
        ProtocolId::Segment
    }

    fn decode(&self, frame: &Frame<'_>) -> Decoded {
        let batch_sent_at = Cell::new(None);
        let told = Told::default();
        let text = inflate(frame.body).map(Text::of);
        let decoded = Decoded::of_items(
            frame,
            || {
                let (items, sent) = read(&text, messages)?;
                batch_sent_at.set(sent);
                Ok(items)
            },
            |index, item| {
                let original = original_time(&item)?;
                let key = key(&item, frame, original);
                let library = item.get("context").and_then(|context| context.get("library"));
                let of = |name: &str| library.and_then(|library| library.get(name));
                told.library(of("name"), of("version"));
                if original.is_some() {
                    told.sent(index, time(item.get("sentAt"), "sentAt")?.or(batch_sent_at.get()));
                }
                records(object(item)?, key, original.unwrap_or(frame.received_at), frame)
            },
            |item| item.to_string(),
        );
        told.add_to(decoded)
    }

    fn items(&self, frame: &Frame<'_>) -> Vec<serde_json::Value> {
        let text = inflate(frame.body).map(Text::of);
        values(read(&text, messages).map(|(items, _)| items))
    }

    fn alone(&self, item: &str) -> Option<String> {
        Some(format!("{{\"batch\":[{item}]}}"))
    }

    fn mentions(&self, frame: &Frame<'_>, text: &str) -> bool {
        mentions(frame, inflate(frame.body), text)
    }
}

/// The type a path stands for: `/v1/t` and `/v1/track` are one.
pub fn long_route(path: &str) -> &str {
    match path {
        "t" => "track",
        "i" => "identify",
        "p" => "page",
        "s" => "screen",
        "g" => "group",
        "a" => "alias",
        "b" => "batch",
        other => other,
    }
}

/// The write key inside a body, for clients that send no `Authorization`.
pub fn write_key(body: &[u8]) -> Option<String> {
    let text = Text::of(inflate(body).ok()?);
    let parsed = text.parse().ok()?;
    let key = id_text(parsed.get("writeKey"));
    key.or_else(|| id_text(parsed.pointer("/batch/0/writeKey"))).map(Cow::into_owned)
}

fn messages<'t>(text: &'t Text<'_>) -> Result<(Vec<Json<'t>>, Option<Millis>), Reason> {
    let mut map = object(text.parse()?)?;
    let sent_at = time(map.get("sentAt"), "sentAt").unwrap_or(None);
    match map.remove("batch") {
        Some(Json::List(items)) => Ok((items, sent_at)),
        Some(_) => Err(Reason::new(ReasonCode::WrongType, "batch", "is not a list")),
        None => Ok((vec![Json::Object(map)], sent_at)),
    }
}

/// What every record of one message shares.
struct Message<'a> {
    key: u128,
    time: Millis,
    frame: &'a Frame<'a>,
}

impl Message<'_> {
    fn record(&self, ids: Identifiers, evidence: Evidence, body: Body) -> Result<Record, Reason> {
        Ok(Record {
            key: self.key,
            time: self.time,
            received_at: self.frame.received_at,
            ids: ids.finish()?,
            evidence,
            body,
            source: self.frame.source.to_owned(),
        })
    }
}

/// When the client says it happened; no client seen sends `originalTimestamp` (§2b.4).
fn original_time(item: &Json<'_>) -> Result<Option<Millis>, Reason> {
    match time(item.get("originalTimestamp"), "originalTimestamp")? {
        None => time(item.get("timestamp"), "timestamp"),
        some => Ok(some),
    }
}

fn records(mut map: Object<'_>, key: u128, time: Millis, frame: &Frame<'_>) -> Result<Vec<Record>, Reason> {
    let message = Message { key, time, frame };
    // The path says the type where a server's client leaves it out.
    let kind = id_text(map.get("type")).map_or_else(|| frame.route.to_owned(), Cow::into_owned);
    let ids = identifiers(&map);
    let event = |ids, name: String, props| {
        Ok(vec![message.record(ids, Evidence::Weak, Body::Event { name, props })?])
    };
    match kind.as_str() {
        "track" => {
            let name = required(&map, "event")?.into_owned();
            let mut properties = props(&mut map, "properties")?;
            from_context(&map, &mut properties, true);
            event(ids, name, properties)
        }
        "page" | "screen" => {
            let mut properties = props(&mut map, "properties")?;
            for field in ["name", "category"] {
                if let Some(text) = id_text(map.get(field)) {
                    properties.entry(field.to_owned()).or_insert(Value::Text(text.into_owned()));
                }
            }
            from_context(&map, &mut properties, false);
            let name = if kind == "page" { names::PAGE_VIEW } else { SCREEN_VIEW };
            event(ids, name.to_owned(), properties)
        }
        "group" => {
            let mut properties = props(&mut map, "traits")?;
            properties.insert("group_id".to_owned(), Value::Text(required(&map, "groupId")?.into_owned()));
            event(ids, GROUP_JOINED.to_owned(), properties)
        }
        "identify" => identify(&message, ids, props(&mut map, "traits")?),
        "alias" => alias(&message, &map),
        _ => Err(Reason::new(ReasonCode::UnknownType, "type", "is not a known type")),
    }
}

/// The entire `messageId` (its parts overlap between neighbours, §2b.2), else the content.
fn key(item: &Json<'_>, frame: &Frame<'_>, time: Option<Millis>) -> u128 {
    if let Some(id) = id_text(item.get("messageId")) {
        return key_of(&[b"segment", id.as_bytes()]);
    }
    let without = ["sentAt", "_metadata", "writeKey"];
    match time {
        Some(_) => json::content_hash(&[b"segment content"], item, &without),
        None => json::content_hash(&[b"segment place", &frame.received_at.to_le_bytes()], item, &without),
    }
}

fn identifiers(map: &Object<'_>) -> Identifiers {
    let mut ids = Identifiers::default();
    for (field, namespace) in [("userId", "login"), ("anonymousId", "device")] {
        if let Some(value) = id_text(map.get(field)) {
            ids.add(namespace, &value);
        }
    }
    ids
}

/// Sets the traits; e-mail and phone also become identifiers, but only as weak
/// evidence: a trait may be a typing error and must not merge two people.
fn identify(message: &Message<'_>, ids: Identifiers, traits: Props) -> Result<Vec<Record>, Reason> {
    let strong = ids.finish()?;
    let mut beside = Identifiers::default();
    beside.add(&strong[0].namespace, &strong[0].value);
    let contacts: Vec<_> = ["phone", "email"]
        .iter()
        .filter_map(|name| {
            Some((*name, traits.get(*name).map(Value::display).filter(|text| !text.trim().is_empty())?))
        })
        .collect();
    let mut again = Identifiers::default();
    strong.iter().for_each(|id| again.add(&id.namespace, &id.value));
    let body =
        if traits.is_empty() { Body::Link } else { Body::Profile { change: ProfileChange::Set(traits) } };
    let mut records = vec![message.record(again, Evidence::Strong, body)?];
    if !contacts.is_empty() {
        contacts.iter().for_each(|(namespace, value)| beside.add(namespace, value));
        let mut link = message.record(beside, Evidence::Weak, Body::Link)?;
        link.key = key_of(&[b"segment contacts", &message.key.to_le_bytes()]);
        records.push(link);
    }
    Ok(records)
}

/// Joins an earlier identity to a user. A self-alias, which the browser's client
/// really sends (§2b.6), says nothing.
fn alias(message: &Message<'_>, map: &Object<'_>) -> Result<Vec<Record>, Reason> {
    let user = required(map, "userId")?;
    let previous = required(map, "previousId")?;
    if user == previous {
        return Ok(Vec::new());
    }
    let anonymous = id_text(map.get("anonymousId"));
    let mut ids = Identifiers::default();
    ids.add("login", &user);
    let is_device = anonymous.as_deref() == Some(&*previous) || looks_random(&previous);
    ids.add(if is_device { "device" } else { "login" }, &previous);
    Ok(vec![message.record(ids, Evidence::Strong, Body::Link)?])
}

/// Anonymous ids are UUIDs in every client of Segment; logins rarely are.
fn looks_random(id: &str) -> bool {
    id.len() == 36
        && id.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn from_context(map: &Object<'_>, properties: &mut Props, page: bool) {
    let Some(context) = map.get("context") else { return };
    let mut copy = |object: &str, field: &str, to: &str| {
        if let Some(text) = id_text(context.get(object).and_then(|object| object.get(field))) {
            properties.entry(to.to_owned()).or_insert_with(|| Value::Text(text.into_owned()));
        }
    };
    for (field, to) in [
        ("name", "utm_campaign"),
        ("source", "utm_source"),
        ("medium", "utm_medium"),
        ("content", "utm_content"),
        ("term", "utm_term"),
    ] {
        copy("campaign", field, to);
    }
    if page {
        for (field, to) in [
            ("path", "page_path"),
            ("url", "page_url"),
            ("title", "page_title"),
            ("referrer", "page_referrer"),
        ] {
            copy("page", field, to);
        }
    }
}
