//! siyu's own protocol, `POST /api/v1/collect`: a batch of plainly named items.

use std::cell::Cell;

use serde_json::{Map, Value as Json};
use siyu_types::Record;
use siyu_types::clock::Millis;
use siyu_types::record::{Body, Evidence, ItemChange, ProfileChange, key_of, names};

use super::fields::{Identifiers, id_text, object, props, required, time};
use super::search::mentions;
use super::told::Told;
use super::{Decoded, Protocol, Reason, ReasonCode, inflate, json};
use crate::frame::{Frame, ProtocolId};

pub struct Own;

impl Protocol for Own {
    fn id(&self) -> ProtocolId {
        ProtocolId::Own
    }

    fn decode(&self, frame: &Frame<'_>) -> Decoded {
        let sent_at = Cell::new(None);
        let told = Told::default();
        let decoded = Decoded::of_items(
            frame,
            || {
                let (items, sent) = items(frame.body)?;
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
        );
        told.add_to(decoded)
    }

    fn items(&self, frame: &Frame<'_>) -> Vec<Json> {
        items(frame.body).map(|(items, _)| items).unwrap_or_default()
    }

    fn alone(&self, item: &str) -> Option<String> {
        Some(format!("{{\"batch\":[{item}]}}"))
    }

    fn mentions(&self, frame: &Frame<'_>, text: &str) -> bool {
        mentions(frame, inflate(frame.body.to_vec()), text)
    }
}

fn items(body: &[u8]) -> Result<(Vec<Json>, Option<Millis>), Reason> {
    let parsed = if body.starts_with(&[0x1f, 0x8b]) {
        json::parse(&inflate(body.to_vec())?)?
    } else {
        json::parse(body)?
    };
    let mut map = object(parsed)?;
    let sent_at = time(map.get("sent_at"), "sent_at").unwrap_or(None);
    match map.remove("batch") {
        Some(Json::Array(items)) => Ok((items, sent_at)),
        _ => Err(Reason::new(ReasonCode::MissingField, "batch", "is not a list")),
    }
}

/// Of the message id; else of the content. Content without a time of its own is
/// told apart by receipt and place, since equal items may then be meant twice.
fn key(frame: &Frame<'_>, item: &Json, index: usize) -> u128 {
    if let Some(id) = id_text(item.get("id")) {
        return key_of(&[b"own", id.as_bytes()]);
    }
    if item.get("time").is_some_and(|time| !time.is_null()) {
        return json::content_hash(&[b"own content"], item, &[]);
    }
    let (received_at, index) = (frame.received_at.to_le_bytes(), (index as u64).to_le_bytes());
    json::content_hash(&[b"own place", &received_at, &index], item, &[])
}

fn record(
    mut map: Map<String, Json>,
    key: u128,
    time: Millis,
    frame: &Frame<'_>,
) -> Result<Vec<Record>, Reason> {
    let kind = required(&map, "type")?;
    let properties = props(&mut map, "properties")?;
    let profile = |change| Body::Profile { change };
    let body = match kind.as_str() {
        "track" => Body::Event { name: required(&map, "event")?, props: properties },
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
        _ => return Err(Reason::new(ReasonCode::UnknownType, "type", "is not a known type")),
    };
    let ids = if matches!(body, Body::Item { .. }) { Vec::new() } else { identifiers(&map)?.finish()? };
    let evidence = if kind == "identify" { Evidence::Strong } else { Evidence::Weak };
    let source = frame.source.to_owned();
    Ok(vec![Record { key, time, received_at: frame.received_at, ids, evidence, body, source }])
}

/// `names`: a list; or the names of the properties given.
fn unset_names(map: &mut Map<String, Json>, properties: siyu_types::Props) -> Result<Vec<String>, Reason> {
    match map.remove("names") {
        None => Ok(properties.into_keys().collect()),
        Some(Json::Array(names)) => Ok(names.iter().filter_map(|name| id_text(Some(name))).collect()),
        Some(_) => Err(Reason::new(ReasonCode::WrongType, "names", "is not a list")),
    }
}

fn item(map: &Map<String, Json>, change: ItemChange) -> Result<Body, Reason> {
    Ok(Body::Item { item_type: required(map, "item_type")?, item_id: required(map, "item_id")?, change })
}

fn identifiers(map: &Map<String, Json>) -> Result<Identifiers, Reason> {
    let mut ids = Identifiers::default();
    for namespace in ["login", "device"] {
        if let Some(value) = id_text(map.get(namespace)) {
            ids.add(namespace, &value);
        }
    }
    match map.get("identifiers") {
        None | Some(Json::Null) => {}
        Some(Json::Object(named)) => {
            for namespace in ["login", "phone", "email", "device"] {
                if let Some(value) = id_text(named.get(namespace)) {
                    ids.add(namespace, &value);
                }
            }
        }
        Some(_) => return Err(Reason::new(ReasonCode::WrongType, "identifiers", "is not an object")),
    }
    Ok(ids)
}
