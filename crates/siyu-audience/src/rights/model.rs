//! Who asks, what is kept of them, and what was decided about them.

use serde::Serialize;
use serde_json::Value as Json;
use siyu_http::At;
use siyu_types::{Identifier, PersonNo, ProjectId};
use utoipa::ToSchema;

/// The person something is asked about.
#[derive(Clone, PartialEq, Debug)]
pub struct Subject {
    pub project: ProjectId,
    pub person: PersonNo,
    pub numbers: Vec<u32>,
    /// Past ones too.
    pub identifiers: Vec<Identifier>,
}

/// What is kept of a person in one place.
#[derive(Clone, PartialEq, Debug)]
pub struct Area {
    /// Also the name of its file.
    pub name: &'static str,
    pub items: Vec<Json>,
    /// There is more than these.
    pub cut: bool,
}

impl Area {
    pub fn new(name: &'static str, items: Vec<Json>) -> Area {
        Area { name, items, cut: false }
    }
}

/// A text in the languages that people are answered in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = RightsText)]
pub struct Text {
    pub zh: String,
    pub en: String,
}

impl Text {
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Text {
        Text { zh: zh.into(), en: en.into() }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RightsDecisionKind)]
pub enum DecisionKind {
    /// A value of a tag that a rule or a computation gave.
    Tag,
    /// Being a member of a group that a condition chose.
    Segment,
    /// Getting, or not getting, a message.
    Campaign,
}

/// Something a program decided about a person, and why.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = RightsDecision)]
pub struct Decision {
    pub kind: DecisionKind,
    pub id: i64,
    pub name: String,
    /// What came of it: the value of the tag, a member, what became of the message.
    pub outcome: Text,
    /// Null where it is worked out again and again.
    pub at: Option<At>,
    /// It rests on an assessment of the person, so that they may refuse it (PIPL art. 24).
    pub automated: bool,
    /// The rule.
    pub why: Text,
    /// What is known of the person that the rule looks at.
    pub facts: Vec<Text>,
}
