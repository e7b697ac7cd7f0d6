//! siyu's own protocol, `POST /api/v1/collect`: a batch of plainly named items.

use std::borrow::Cow;
use std::cell::Cell;

use siyu_types::clock::Millis;
use siyu_types::record::{Body, Evidence, ItemChange, ProfileChange, key_of, names};
use siyu_types::relation::{Parties, RelationChange, RelationSide, RelationStatement};
use siyu_types::{Props, Record, Value};

use super::fields::{Identifiers, id_text, object, props, required, time};
use super::json::{self, Json, Object, Text};
use super::limits::IDENTIFIERS_MAX;
use super::search::mentions;
use super::told::Told;
use super::{Decoded, Protocol, Reason, ReasonCode, inflate, read, values};
use crate::frame::{Frame, ProtocolId};

/// Characters of a purpose or channel.
const STATEMENT_NAME_MAX: usize = 40;

pub struct Own;

impl Protocol for Own {
    fn id(&self) -> ProtocolId {
        ProtocolId::Own
    }

    fn decode(&self, frame: &Frame<'_>) -> Decoded {
        let sent_at = Cell::new(None);
        let told = Told::default();
        let text = inflate(frame.body).map(Text::of);
        let decoded = Decoded::of_items(
            frame,
            || {
                let (items, sent) = read(&text, items)?;
                sent_at.set(sent);
                Ok(items)
            },
            |index, item| {
                let key = key(frame, &item, index);
                let props = item.get("properties");
                let of = |name: &str| props.and_then(|props| props.get(name));
                told.library(of("$lib"), of("$lib_version"));
                let map = object(item)?;
                let time = time(map.get("time"), "time")?;
                if time.is_some() {
                    told.sent(index, sent_at.get());
                }
                record(map, key, time.unwrap_or(frame.received_at), frame)
            },
            |item| item.to_string(),
        );
        told.add_to(decoded)
    }

    fn items(&self, frame: &Frame<'_>) -> Vec<serde_json::Value> {
        let text = inflate(frame.body).map(Text::of);
        values(read(&text, items).map(|(items, _)| items))
    }

    fn alone(&self, item: &str) -> Option<String> {
        Some(format!("{{\"batch\":[{item}]}}"))
    }

    fn mentions(&self, frame: &Frame<'_>, text: &str) -> bool {
        mentions(frame, inflate(frame.body), text)
    }
}

fn items<'t>(text: &'t Text<'_>) -> Result<(Vec<Json<'t>>, Option<Millis>), Reason> {
    let mut map = object(text.parse()?)?;
    let sent_at = time(map.get("sent_at"), "sent_at").unwrap_or(None);
    match map.remove("batch") {
        Some(Json::List(items)) => Ok((items, sent_at)),
        _ => Err(Reason::new(ReasonCode::MissingField, "batch", "is not a list")),
    }
}

/// Of the message id; else of the content. Content without a time of its own is
/// told apart by receipt and place, since equal items may then be meant twice.
fn key(frame: &Frame<'_>, item: &Json<'_>, index: usize) -> u128 {
    if let Some(id) = id_text(item.get("id")) {
        return key_of(&[b"own", id.as_bytes()]);
    }
    if item.get("time").is_some_and(|time| !time.is_null()) {
        return json::content_hash(&[b"own content"], item, &[]);
    }
    let (received_at, index) = (frame.received_at.to_le_bytes(), (index as u64).to_le_bytes());
    json::content_hash(&[b"own place", &received_at, &index], item, &[])
}

fn record(mut map: Object<'_>, key: u128, time: Millis, frame: &Frame<'_>) -> Result<Vec<Record>, Reason> {
    let properties = props(&mut map, "properties");
    let kind = required(&map, "type")?.into_owned();
    let properties = properties?;
    let profile = |change| Body::Profile { change };
    let body = match kind.as_str() {
        "track" => Body::Event { name: required(&map, "event")?.into_owned(), props: properties },
        "page" => Body::Event { name: names::PAGE_VIEW.to_owned(), props: properties },
        "identify" if properties.is_empty() => Body::Link,
        "identify" | "profile_set" => profile(ProfileChange::Set(properties)),
        "profile_set_once" => profile(ProfileChange::SetOnce(properties)),
        "profile_increment" => profile(ProfileChange::Increment(properties)),
        "profile_append" => profile(ProfileChange::Append(properties)),
        "profile_unset" => profile(ProfileChange::Unset(unset_names(&mut map, properties)?)),
        "profile_delete" => profile(ProfileChange::Delete),
        "item_set" => item(&map, ItemChange::Set(properties))?,
        "item_delete" => item(&map, ItemChange::Delete)?,
        "relation" => relation(&map, Some(time))?,
        "relation_end" => relation(&map, None)?,
        "item_unset" => {
            let names = unset_names(&mut map, properties)?;
            item(&map, ItemChange::Unset(names))?
        }
        "item_tag" => item(&map, ItemChange::Tag { add: tags(&map)?, remove: Vec::new() })?,
        "item_untag" => item(&map, ItemChange::Tag { add: Vec::new(), remove: tags(&map)? })?,
        "consent" => Body::Event { name: names::CONSENT_SET.to_owned(), props: statement(&map, key)? },
        _ => return Err(Reason::new(ReasonCode::UnknownType, "type", "is not a known type")),
    };
    let ids = if matches!(body, Body::Item { .. }) { Vec::new() } else { identifiers(&map)?.finish()? };
    let evidence = if kind == "identify" { Evidence::Strong } else { Evidence::Weak };
    let source = frame.source.to_owned();
    // A clock that runs ahead must not make a statement outlast a later one.
    let time = if kind == "consent" { time.min(frame.received_at) } else { time };
    Ok(vec![Record { key, time, received_at: frame.received_at, ids, evidence, body, source }])
}

/// `names`: a list; or the names of the properties given.
fn unset_names(map: &mut Object<'_>, properties: Props) -> Result<Vec<String>, Reason> {
    match map.remove("names") {
        None => Ok(properties.into_keys().collect()),
        Some(Json::List(names)) => {
            Ok(names.iter().filter_map(|name| id_text(Some(name)).map(Cow::into_owned)).collect())
        }
        Some(_) => Err(Reason::new(ReasonCode::WrongType, "names", "is not a list")),
    }
}

/// What a person allowed or refused. The record's key makes it count once.
fn statement(map: &Object<'_>, key: u128) -> Result<Props, Reason> {
    let fits = |text: &str| {
        text.len() <= STATEMENT_NAME_MAX
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    let purpose = Some(required(map, "purpose")?).filter(|purpose| fits(purpose));
    let purpose = purpose.ok_or_else(|| Reason::new(ReasonCode::WrongType, "purpose", "is not an id"))?;
    let state = required(map, "state")?;
    if !["granted", "denied", "withdrawn"].contains(&&*state) {
        let message = "must be granted, denied or withdrawn";
        return Err(Reason::new(ReasonCode::WrongType, "state", message));
    }
    let mut props = Props::from([
        ("purpose".to_owned(), Value::Text(purpose.into_owned())),
        ("state".to_owned(), Value::Text(state.into_owned())),
        ("statement".to_owned(), Value::Text(format!("{key:032x}"))),
    ]);
    if let Some(channel) = id_text(map.get("channel")) {
        if channel != "*" && !fits(&channel) {
            return Err(Reason::new(ReasonCode::WrongType, "channel", "is not an id"));
        }
        props.insert("channel".to_owned(), Value::Text(channel.into_owned()));
    }
    match map.get("version") {
        None | Some(Json::Null) => {}
        Some(version) => {
            let number = match version {
                Json::Number(number) => number.as_u64().filter(|version| *version >= 1),
                _ => None,
            };
            let version =
                number.ok_or_else(|| Reason::new(ReasonCode::WrongType, "version", "is not a number"))?;
            props.insert("version".to_owned(), Value::Number(version as f64));
        }
    }
    if let Some(page) = id_text(map.get("page")) {
        // What follows may be personal, and proves nothing.
        let page = page.split(['?', '#']).next().unwrap_or_default().to_owned();
        props.insert("page".to_owned(), Value::Text(page));
    }
    Ok(props)
}

/// How the person is related with another one: from `begins` on, or not any more.
fn relation(map: &Object<'_>, begins: Option<Millis>) -> Result<Body, Reason> {
    let kind = required(map, "relation")?.into_owned();
    let side = match id_text(map.get("side")).as_deref() {
        None | Some("to") => RelationSide::To,
        Some("from") => RelationSide::From,
        Some(_) => return Err(Reason::new(ReasonCode::WrongType, "side", "is neither `from` nor `to`")),
    };
    let mut other = Identifiers::default();
    named_identifiers(map.get("other"), "other", &mut other)?;
    let other = other.finish().map_err(|reason| Reason { field: "other".to_owned(), ..reason })?;
    let parties = Parties::Identifiers { side, other };
    let change = match begins {
        None => RelationChange::End { kind, parties },
        Some(begins) => {
            let until = self::time(map.get("until"), "until")?;
            if until.is_some_and(|until| until <= begins) {
                return Err(Reason::new(ReasonCode::BadTime, "until", "is not after the time"));
            }
            RelationChange::Begin { kind, parties, until }
        }
    };
    let statement = RelationStatement { change, by: String::new(), reason: String::new() };
    Ok(Body::Relation(Box::new(statement)))
}

/// `tags`: a list of texts.
fn tags(map: &Object<'_>) -> Result<Vec<String>, Reason> {
    match map.get("tags") {
        Some(Json::List(tags)) if !tags.is_empty() => {
            Ok(tags.iter().filter_map(|tag| id_text(Some(tag)).map(Cow::into_owned)).collect())
        }
        _ => Err(Reason::new(ReasonCode::WrongType, "tags", "is not a list")),
    }
}

fn item(map: &Object<'_>, change: ItemChange) -> Result<Body, Reason> {
    let text = |field| required(map, field).map(Cow::into_owned);
    Ok(Body::Item { item_type: text("item_type")?, item_id: text("item_id")?, change })
}

fn identifiers(map: &Object<'_>) -> Result<Identifiers, Reason> {
    let mut ids = Identifiers::default();
    for namespace in ["login", "device"] {
        if let Some(value) = id_text(map.get(namespace)) {
            ids.add(namespace, &value);
        }
    }
    named_identifiers(map.get("identifiers"), "identifiers", &mut ids)?;
    Ok(ids)
}

/// Adds the values of an object by their namespaces.
fn named_identifiers(json: Option<&Json<'_>>, field: &str, ids: &mut Identifiers) -> Result<(), Reason> {
    match json {
        None | Some(Json::Null) => {}
        Some(Json::Object(named)) => {
            if named.iter().count() > IDENTIFIERS_MAX {
                let message = format!("holds more than {IDENTIFIERS_MAX} identifiers");
                return Err(Reason::new(ReasonCode::TooLarge, field, message));
            }
            for (namespace, value) in named.iter() {
                if let Some(value) = id_text(Some(value)) {
                    ids.add(namespace, &value);
                }
            }
        }
        Some(_) => return Err(Reason::new(ReasonCode::WrongType, field, "is not an object")),
    }
    Ok(())
}
