//! What a plan is made of: subjects with properties, and the policy that the
//! pipeline decides by.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use siyu_types::Error;
use utoipa::ToSchema;

use crate::protocols::ReasonCode;

/// What properties belong to.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = PlanSubjectKind)]
pub enum SubjectKind {
    /// An event, by its name.
    #[default]
    Event,
    /// The attributes of people; there is one such subject, without a name.
    People,
    /// The attributes of items of a type, by that type.
    Item,
}

/// What a value should be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanType {
    Text,
    Number,
    Bool,
    /// A text such as `2026-11-21 08:00:00.123` or RFC 3339.
    Time,
    /// A text such as `2026-11-21`.
    Date,
    /// A list of texts.
    List,
    /// A whole number of minor units (分, cents).
    Money,
}

/// How far a name has been agreed on.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PlanStatus {
    /// Arrived without having been declared.
    #[default]
    Learned,
    Planned,
    /// Seen, and looked at by somebody.
    Verified,
    /// Still accepted, not to be used any more.
    Deprecated,
    /// Set aside in either mode.
    Blocked,
}

/// What happens to what nobody declared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanMode {
    /// It is stored, and marked.
    #[default]
    Lenient,
    /// It is set aside: keys by key, records by rule.
    Strict,
}

/// Why the plan set something aside.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanReason {
    EventBlocked,
    EventUndeclared,
    PropertyMissing,
    /// A value is of another type than declared and has no exact reading in it.
    TypeMismatch,
    /// Keys were taken out of a record that was stored without them.
    KeyUndeclared,
    KeyBlocked,
}

/// Why something is set aside: the plan does not admit it, or it cannot be used as it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum AsideReason {
    Plan(PlanReason),
    Unusable(ReasonCode),
}

impl AsideReason {
    pub fn as_str(self) -> &'static str {
        match self {
            AsideReason::Plan(reason) => reason.as_str(),
            AsideReason::Unusable(code) => code.as_str(),
        }
    }

    /// Only its time is unlikely; somebody may know better.
    pub fn is_time(self) -> bool {
        matches!(self, AsideReason::Unusable(ReasonCode::FutureTime | ReasonCode::PastTime))
    }
}

impl From<PlanReason> for AsideReason {
    fn from(reason: PlanReason) -> AsideReason {
        AsideReason::Plan(reason)
    }
}

impl From<ReasonCode> for AsideReason {
    fn from(code: ReasonCode) -> AsideReason {
        AsideReason::Unusable(code)
    }
}

macro_rules! texts {
    ($type:ident, $what:literal, $($name:ident = $text:literal),+ $(,)?) => {
        impl $type {
            pub const ALL: &[$type] = &[$($type::$name,)+];

            pub fn as_str(self) -> &'static str {
                match self { $($type::$name => $text,)+ }
            }
        }

        impl FromStr for $type {
            type Err = Error;

            fn from_str(text: &str) -> Result<$type, Error> {
                match text {
                    $($text => Ok($type::$name),)+
                    _ => Err(Error::invalid($what, concat!("is not a ", $what))),
                }
            }
        }
    };
}

texts!(SubjectKind, "kind", Event = "event", People = "people", Item = "item");
texts!(
    PlanType,
    "type",
    Text = "text",
    Number = "number",
    Bool = "bool",
    Time = "time",
    Date = "date",
    List = "list",
    Money = "money",
);
texts!(
    PlanStatus,
    "status",
    Learned = "learned",
    Planned = "planned",
    Verified = "verified",
    Deprecated = "deprecated",
    Blocked = "blocked",
);
texts!(PlanMode, "mode", Lenient = "lenient", Strict = "strict");
texts!(
    PlanReason,
    "reason",
    EventBlocked = "event_blocked",
    EventUndeclared = "event_undeclared",
    PropertyMissing = "property_missing",
    TypeMismatch = "type_mismatch",
    KeyUndeclared = "key_undeclared",
    KeyBlocked = "key_blocked",
);

impl PlanStatus {
    /// Somebody has said that this name is meant.
    pub fn declared(self) -> bool {
        matches!(self, PlanStatus::Planned | PlanStatus::Verified | PlanStatus::Deprecated)
    }
}

/// The part of a plan that decides. It travels through the log, so that a replay
/// decides by the plan that was in force at that place.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Policy {
    /// Ascending; a policy that is not newer than the one in force is ignored.
    pub revision: u64,
    pub mode: PlanMode,
    pub subjects: Vec<PolicySubject>,
}

#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct PolicySubject {
    pub kind: SubjectKind,
    pub name: String,
    pub status: PlanStatus,
    pub properties: Vec<PolicyProperty>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PolicyProperty {
    pub name: String,
    pub status: PlanStatus,
    /// Absent: any type will do.
    pub value_type: Option<PlanType>,
    /// Only of events.
    pub required: bool,
}
