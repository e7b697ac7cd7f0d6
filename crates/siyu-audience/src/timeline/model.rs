//! An entry of the timeline.

use serde::{Deserialize, Serialize};
use siyu_http::At;
use siyu_types::clock::Millis;
use siyu_types::{Identifier, Props};
use utoipa::ToSchema;

use crate::notes::NoteItem;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TimelineKind)]
pub enum Kind {
    Event,
    /// An event of an order.
    Order,
    /// A message and what became of it.
    Message,
    Consent,
    /// Identifiers were found to belong together.
    Identity,
    Note,
}

impl Kind {
    pub const ALL: [Kind; 6] =
        [Kind::Event, Kind::Order, Kind::Message, Kind::Consent, Kind::Identity, Kind::Note];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Event => "event",
            Kind::Order => "order",
            Kind::Message => "message",
            Kind::Consent => "consent",
            Kind::Identity => "identity",
            Kind::Note => "note",
        }
    }

    pub fn parse(text: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Of an event, by its name.
    pub fn of_event(name: &str) -> Kind {
        if name.starts_with("order_") {
            Kind::Order
        } else if name.starts_with("message_") {
            Kind::Message
        } else {
            Kind::Event
        }
    }
}

/// The place of an entry: by time, then kind of source, then order of arrival.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    pub time: Millis,
    /// 0 of events; the others in the order of [`Kind`].
    pub rank: u8,
    pub seq: u64,
}

impl Place {
    /// `1764120000000.0.42`
    pub fn text(self) -> String {
        format!("{}.{}.{}", self.time, self.rank, self.seq)
    }

    pub fn parse(text: &str) -> Option<Place> {
        let mut parts = text.split('.');
        let place = Place {
            time: parts.next()?.parse().ok()?,
            rank: parts.next()?.parse().ok()?,
            seq: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(place)
    }
}

/// One entry. What it is about stands in the field of its kind.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = TimelineItem)]
pub struct Item {
    /// Unique on this timeline.
    pub key: String,
    pub at: At,
    pub kind: Kind,
    /// When the visit began that this event is part of; visits are what a person
    /// does with less than 30 minutes in between.
    pub session: Option<At>,
    pub event: Option<EventItem>,
    pub consent: Option<ConsentItem>,
    pub identity: Option<LinkItem>,
    pub note: Option<NoteItem>,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = TimelineEvent)]
pub struct EventItem {
    pub seq: u64,
    pub name: String,
    pub props: Props,
    /// Properties the caller sees masked; they can be revealed one by one.
    pub masked: Vec<String>,
    pub source: String,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = TimelineConsent)]
pub struct ConsentItem {
    pub channel: String,
    pub purpose: String,
    /// `granted` or `withdrawn`.
    pub state: String,
    pub source: String,
}

/// Two identifiers that were first seen to belong together.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = TimelineLink)]
pub struct LinkItem {
    pub identifiers: Vec<Identifier>,
    /// It still holds.
    pub active: bool,
    pub source: String,
}

/// What there is on a timeline, to choose from and to jump in.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = TimelineOutline)]
pub struct Outline {
    pub kinds: Vec<KindCount>,
    /// By name, most frequent first.
    pub events: Vec<EventCount>,
    /// Days on which something happened, oldest first.
    pub days: Vec<DayCount>,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = TimelineKindCount)]
pub struct KindCount {
    pub kind: Kind,
    pub count: u64,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = TimelineEventCount)]
pub struct EventCount {
    pub event: String,
    pub kind: Kind,
    pub count: u64,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = TimelineDayCount)]
pub struct DayCount {
    /// In the project's time zone.
    pub date: String,
    pub count: u64,
}
