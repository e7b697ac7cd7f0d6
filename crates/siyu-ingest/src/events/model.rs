//! Shapes of the answers.

use serde::{Deserialize, Serialize};
use siyu_http::At;
use siyu_types::value::ValueKind;
use siyu_types::{Identifier, PersonNo, Props};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Serialize, ToSchema)]
pub struct Listed<T> {
    pub items: Vec<T>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LiveQuery {
    /// Only this event.
    pub event: Option<String>,
    /// Only this person.
    pub person: Option<u32>,
    /// 1 to 200, 50 if absent.
    pub limit: Option<usize>,
    /// Only from this source.
    pub source: Option<String>,
    /// Only with this identifier, entire.
    pub identifier: Option<String>,
}

/// An event as it was applied.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveEvent {
    pub seq: u64,
    pub time: At,
    pub received_at: At,
    pub event: String,
    pub person: PersonNo,
    pub source: String,
    pub ids: Vec<Identifier>,
    pub props: Props,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NameItem {
    pub name: String,
    pub count: u64,
    pub first_seen: At,
    pub last_seen: At,
    /// What to call it before people; the name itself where nothing better is known.
    pub display: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PropertiesQuery {
    /// Of this event; of all events if absent.
    pub event: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PropertyItem {
    pub name: String,
    pub kind: ValueKind,
    pub count: u64,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ValuesQuery {
    pub event: Option<String>,
    pub property: String,
    pub prefix: Option<String>,
    pub limit: Option<usize>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ValueItem {
    pub value: String,
    pub count: u64,
}

/// A request whose key nobody knows. What it holds is not shown: it is not known
/// whose it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct StrayItem {
    pub received_at: At,
    pub protocol: String,
    pub key_hint: String,
    pub bytes: usize,
}
