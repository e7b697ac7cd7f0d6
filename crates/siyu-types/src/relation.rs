//! Relations between people: which kinds there are, and what is said about them.
//! Statements travel in records through the log, so that a replay decides alike.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::condition::Compare;
use crate::error::{Error, Result};
use crate::record::Identifier;

/// People that one condition may name.
pub const NAMED_MAX: usize = 1_000;

/// An end of a relation. The kind says what somebody there is: `inviter` names who
/// stands at `from`, the one at `to` was invited by them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RelationSide {
    From,
    To,
}

impl RelationSide {
    pub fn opposite(self) -> RelationSide {
        match self {
            RelationSide::From => RelationSide::To,
            RelationSide::To => RelationSide::From,
        }
    }
}

/// How many people may stand at `from` of one person at `to`, at one time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Holders {
    Many,
    /// The first one stays; another one is refused.
    First,
    /// The one said last takes over, and the former's time ends there.
    Latest,
}

/// A kind of relation and its rules.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RelationKind {
    /// What somebody at `from` is to the one at `to`, in lower case letters, digits and
    /// underscores, such as `inviter` or `family_doctor`.
    pub name: String,
    /// What people call those at `from`, and those at `to`.
    pub from_title: String,
    pub to_title: String,
    pub holders: Holders,
    /// Nobody may stand above themselves, over however many others.
    #[serde(default)]
    pub no_circles: bool,
    /// Of a relation without direction: everybody who hangs together by it is a group of
    /// at most so many. 0 for one with a direction.
    #[serde(default)]
    pub group_max: u16,
}

/// Who a statement is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parties {
    /// The record's own identifiers stand at `side`, these at the opposite one.
    Identifiers { side: RelationSide, other: Vec<Identifier> },
    /// By any of their numbers: what somebody decided by hand.
    Numbers { from: u32, to: u32 },
}

/// What is said about relations. The time of the record is when it begins or ends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationChange {
    Begin {
        kind: String,
        parties: Parties,
        /// Where the end is known already.
        until: Option<Millis>,
    },
    End {
        kind: String,
        parties: Parties,
    },
    /// The project's own kinds from here on. Those left out take nothing new.
    Kinds {
        kinds: Vec<RelationKind>,
    },
}

/// A statement, with who made it and why if it was made by hand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RelationStatement {
    pub change: RelationChange,
    /// Name of the account or key; empty of what a client sent.
    pub by: String,
    pub reason: String,
}

impl RelationStatement {
    /// Who it is about; `None` if it is about the kinds.
    pub fn parties(&self) -> Option<&Parties> {
        match &self.change {
            RelationChange::Begin { parties, .. } | RelationChange::End { parties, .. } => Some(parties),
            RelationChange::Kinds { .. } => None,
        }
    }

    /// The identifiers of the other one, beside those of the record.
    pub fn other(&self) -> &[Identifier] {
        match self.parties() {
            Some(Parties::Identifiers { other, .. }) => other,
            _ => &[],
        }
    }
}

/// "Is related with so many others": the number of different living people at the other
/// end at the asked instant.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RelationCondition {
    /// Kind of relation, such as `inviter`.
    pub relation: String,
    /// The end at which the person stands.
    pub side: RelationSide,
    #[serde(default)]
    pub with: RelatedWith,
    pub compare: Compare,
    pub value: f64,
}

/// Which of the others count.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RelatedWith {
    #[default]
    Anybody,
    /// These people, by any of their numbers.
    People { numbers: Vec<u32> },
    /// Members of a segment.
    Segment { segment: i64 },
}

impl RelationCondition {
    pub fn validate(&self, path: &str) -> Result<()> {
        if self.relation.is_empty() {
            return Err(Error::invalid(format!("{path}.relation"), "choose a kind of relation"));
        }
        if !self.value.is_finite() {
            return Err(Error::invalid(format!("{path}.value"), "must be a number"));
        }
        match &self.with {
            RelatedWith::People { numbers } if numbers.is_empty() || numbers.len() > NAMED_MAX => {
                let text = format!("needs 1 to {NAMED_MAX} people");
                Err(Error::invalid(format!("{path}.with.numbers"), text))
            }
            _ => Ok(()),
        }
    }

    /// The segment it speaks of.
    pub fn segment(&self) -> Option<i64> {
        match self.with {
            RelatedWith::Segment { segment } => Some(segment),
            RelatedWith::Anybody | RelatedWith::People { .. } => None,
        }
    }
}
