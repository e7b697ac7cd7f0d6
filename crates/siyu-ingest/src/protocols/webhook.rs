//! Webhooks of any system: whatever JSON it sends, read by a mapping that a person
//! made for the source. The mapping in force on receipt travels in the frame, in the
//! place of the query, so that a replay reads an old body as it was read then.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use jiff::tz::TimeZone;
use siyu_types::Record;
use siyu_types::clock::Millis;
use siyu_types::record::{Body, Evidence, ProfileChange, key_of};
use siyu_types::{Props, Value, calendar};

use super::fields::{self, Identifiers, id_text};
use super::json::{self, Json, Text};
use super::search::{may_hold, mentions};
use super::{Decoded, Protocol, Reason, ReasonCode, inflate};
use crate::frame::{Frame, ProtocolId};
use crate::hooks::{HookKind, HookMapping, Read, Take};
use crate::imports::{Cell, cell_money, cell_number, cell_time};

/// Mappings that are kept ready, by each thread that decodes.
const PLANS_KEPT: usize = 8;

pub struct Webhook;

impl Protocol for Webhook {
    fn id(&self) -> ProtocolId {
        ProtocolId::Webhook
    }

    fn decode(&self, frame: &Frame<'_>) -> Decoded {
        if frame.query.is_empty() {
            let reason = Reason::new(ReasonCode::NoMapping, "mapping", "this source has no mapping yet");
            return Decoded::refused(frame.body, reason);
        }
        let plan = match Plan::kept(frame.query) {
            Ok(plan) => plan,
            Err(reason) => return Decoded::refused(frame.body, reason),
        };
        let text = inflate(frame.body).map(Text::of);
        // Read outside of the items, since they may take values from around their list.
        let whole = match text.as_ref().map_err(Reason::clone).and_then(Text::parse) {
            Ok(whole) => whole,
            Err(reason) => return Decoded::refused(frame.body, reason),
        };
        Decoded::of_items(
            frame,
            || plan.items(&whole),
            |_, item| Ok(vec![plan.record(&Around { item, whole: &whole }, frame)?]),
            |item| item.to_string(),
        )
    }

    fn mentions(&self, frame: &Frame<'_>, text: &str) -> bool {
        // A mapping may name somebody itself, always the same.
        may_hold(frame.query.as_bytes(), text) || mentions(frame, inflate(frame.body), text)
    }
}

/// A mapping made ready for use.
struct Plan {
    mapping: HookMapping,
    zone: TimeZone,
}

/// Where values are taken from.
struct Around<'a> {
    item: &'a Json<'a>,
    whole: &'a Json<'a>,
}

impl<'a> Around<'a> {
    fn take(&self, take: &Take) -> Option<Json<'a>> {
        match take {
            Take::At(pointer) => self.item.pointer(pointer).cloned(),
            Take::Body(pointer) => self.whole.pointer(pointer).cloned(),
            Take::Always(value) => Some(value.clone().into()),
        }
    }

    fn text(&self, take: &Take) -> Option<String> {
        id_text(self.take(take).as_ref()).map(Cow::into_owned)
    }
}

thread_local! {
    /// The mappings last used, newest first: every frame carries its own, and they are few.
    static PLANS: RefCell<Vec<(Box<str>, Rc<Plan>)>> = const { RefCell::new(Vec::new()) };
}

impl Plan {
    /// As [`Plan::of`], made once as long as it stays in use.
    fn kept(text: &str) -> Result<Rc<Plan>, Reason> {
        PLANS.with_borrow_mut(|plans| {
            let kept = match plans.iter().position(|(known, _)| **known == *text) {
                Some(at) => plans.remove(at),
                None => (text.into(), Rc::new(Plan::of(text)?)),
            };
            let plan = Rc::clone(&kept.1);
            plans.insert(0, kept);
            plans.truncate(PLANS_KEPT);
            Ok(plan)
        })
    }

    fn of(text: &str) -> Result<Plan, Reason> {
        // Checked when it was stored; a frame that says otherwise is not ours.
        let bad = |_| Reason::new(ReasonCode::NoMapping, "mapping", "cannot be read");
        let mapping: HookMapping = serde_json::from_str(text).map_err(bad)?;
        let zone = match mapping.zone.as_str() {
            "" => TimeZone::UTC,
            name => calendar::zone(name)
                .map_err(|_| Reason::new(ReasonCode::NoMapping, "mapping.zone", "is not a time zone"))?,
        };
        Ok(Plan { mapping, zone })
    }

    /// The named list; else the body itself, which may be a list or one item.
    fn items<'a>(&self, whole: &'a Json<'a>) -> Result<Vec<&'a Json<'a>>, Reason> {
        let at = self.mapping.list.as_str();
        match (whole.pointer(at), at) {
            (Some(Json::List(items)), _) => Ok(items.iter().collect()),
            (Some(one), "") => Ok(vec![one]),
            (Some(_), _) => Err(Reason::new(ReasonCode::WrongType, at, "is not a list")),
            (None, _) => Err(Reason::new(ReasonCode::MissingField, at, "is missing")),
        }
    }

    fn record(&self, from: &Around<'_>, frame: &Frame<'_>) -> Result<Record, Reason> {
        let mut ids = Identifiers::default();
        for (namespace, take) in &self.mapping.identifiers {
            if let Some(value) = from.text(take) {
                ids.add(namespace.as_str(), &value);
            }
        }
        let ids = ids.finish()?;
        let props = self.properties(from)?;
        let body = match self.mapping.kind {
            HookKind::Profile => Body::Profile { change: ProfileChange::Set(props) },
            HookKind::Event => {
                let name = self.mapping.event.as_ref().and_then(|take| from.text(take));
                let name =
                    name.ok_or_else(|| Reason::new(ReasonCode::MissingField, "event", "is missing"))?;
                Body::Event { name, props }
            }
        };
        Ok(Record {
            key: self.key(from, &body, frame),
            time: self.time(from, frame.received_at)?,
            received_at: frame.received_at,
            ids,
            evidence: Evidence::Weak,
            body,
            source: frame.source.to_owned(),
        })
    }

    /// Of source, event and id; without an id the content decides, because senders
    /// repeat what was not acknowledged byte for byte.
    fn key(&self, from: &Around<'_>, body: &Body, frame: &Frame<'_>) -> u128 {
        let event = match body {
            Body::Event { name, .. } => name.as_str(),
            _ => "",
        };
        let source = frame.source.as_bytes();
        match self.mapping.id.as_ref().and_then(|take| from.text(take)) {
            Some(id) => key_of(&[b"webhook", source, event.as_bytes(), id.as_bytes()]),
            None => json::content_hash(&[b"webhook content", source, event.as_bytes()], from.item, &[]),
        }
    }

    /// With an offset or without, as a number or as text; the receipt where there is none.
    fn time(&self, from: &Around<'_>, received_at: Millis) -> Result<Millis, Reason> {
        let bad = || Reason::new(ReasonCode::BadTime, "time", "is not a time");
        let found = self.mapping.time.as_ref().and_then(|take| from.take(take));
        match found {
            None | Some(Json::Null) => Ok(received_at),
            Some(Json::Text(text)) => {
                cell_time(&Cell::Text(text.into_owned()), &self.zone).map_err(|_| bad())
            }
            some => fields::time(some.as_ref(), "time")?.ok_or_else(bad),
        }
    }

    fn properties(&self, from: &Around<'_>) -> Result<Props, Reason> {
        let mut props = Props::new();
        if self.mapping.rest
            && let Some(object) = from.item.as_object()
        {
            props.extend(object.clone().props());
        }
        for (name, property) in &self.mapping.properties {
            let Some(value) = from.take(&property.take).filter(|value| !value.is_null()) else { continue };
            let wrong = |what| Reason::new(ReasonCode::WrongType, &format!("properties.{name}"), what);
            let value = match property.read {
                Read::AsIs => value.property(),
                Read::Text => Some(Value::Text(match value {
                    Json::Text(text) => text.into_owned(),
                    other => other.to_string(),
                })),
                Read::Number => {
                    Some(Value::Number(cell_number(&cell(value)).map_err(|_| wrong("is not a number"))?))
                }
                Read::Money => {
                    let places = usize::from(self.mapping.money_places);
                    let minor = cell_money(&cell(value), places).map_err(|_| wrong("is not an amount"))?;
                    Some(Value::Number(minor as f64))
                }
            };
            props.extend(value.map(|value| (name.clone(), value)));
        }
        Ok(props)
    }
}

fn cell(value: Json<'_>) -> Cell {
    match value {
        Json::Text(text) => Cell::Text(text.into_owned()),
        Json::Bool(flag) => Cell::Bool(flag),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Cell::Int(whole),
            None => Cell::Number(number.as_f64().unwrap_or(f64::NAN)),
        },
        _ => Cell::Missing,
    }
}
