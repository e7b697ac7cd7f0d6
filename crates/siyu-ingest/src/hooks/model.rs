//! What a webhook's bodies mean, as a person says it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Two places: 分, cents.
const MONEY_PLACES: u8 = 2;

/// How the bodies of one source become records. Pointers are those of RFC 6901
/// (`/order/id`, `/items/0`); an empty one is the whole.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HookMapping {
    #[serde(default)]
    pub kind: HookKind,
    /// Where in the body the list of items stands; empty: the body is the list, or one item.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub list: String,
    /// The event's name; needed for events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Take>,
    /// When it happened; without it, when it arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Take>,
    /// The zone of times that name none; empty: UTC.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// What a repeated delivery is known by; without it, the content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Take>,
    pub identifiers: BTreeMap<HookIdentifier, Take>,
    #[serde(default)]
    pub properties: BTreeMap<String, HookProperty>,
    /// Whether the other fields of an item become properties of their own names.
    #[serde(default)]
    pub rest: bool,
    /// Decimal places of properties that are read as money.
    #[serde(default = "money_places")]
    pub money_places: u8,
}

fn money_places() -> u8 {
    MONEY_PLACES
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HookKind {
    #[default]
    Event,
    /// Sets attributes of a person.
    Profile,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HookIdentifier {
    Login,
    Phone,
    Email,
    Device,
}

impl HookIdentifier {
    pub fn as_str(self) -> &'static str {
        match self {
            HookIdentifier::Login => "login",
            HookIdentifier::Phone => "phone",
            HookIdentifier::Email => "email",
            HookIdentifier::Device => "device",
        }
    }
}

/// Where a value comes from.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// A pointer into the item.
    At(String),
    /// A pointer into the whole body, for what stands beside the list.
    Body(String),
    /// The same value always.
    Always(serde_json::Value),
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HookProperty {
    pub take: Take,
    #[serde(default)]
    pub read: Read,
}

/// What a value is read as.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Read {
    #[default]
    AsIs,
    Text,
    Number,
    /// `"12.50"` becomes 1250, an amount in minor units.
    Money,
}

/// A mapping and what else belongs to a source.
#[derive(Clone, PartialEq, Debug)]
pub struct Hook {
    /// The write key it belongs to.
    pub key: i64,
    pub mapping: HookMapping,
    /// Grows with every change.
    pub version: i64,
    pub signature: Option<Signature>,
    /// The body of a success, for senders that insist on one; empty: our own.
    pub answer: String,
    pub updated_at: i64,
}

/// HMAC-SHA-256 of the raw body, in hexadecimal digits or base64, in a header.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    pub header: String,
    pub secret: String,
}

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signature").field("header", &self.header).finish_non_exhaustive()
    }
}
