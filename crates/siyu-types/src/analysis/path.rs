//! Paths: what people do one after another. The whole graph is worked out before
//! anything is folded, so at every node what comes in is what goes out or ends.
//! Reference/03 §2.5.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::question::{Question, Spoken};
use super::{DateRange, EventMatch};
use crate::clock::Millis;
use crate::error::{Error, Result};

/// Steps of a path, the first included.
pub const PATH_STEPS_MAX: usize = 12;
/// Nodes shown on their own at each step.
pub const PATH_NODES_MAX: usize = 20;
/// Kinds of events a path is made of.
pub const PATH_EVENTS_MAX: usize = 50;

/// From where a path is read.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PathAnchor {
    /// From the first event of each session.
    Beginning,
    /// From the first of these in each session onwards.
    From { event: EventMatch },
    /// Back from the first of these in each session.
    To { event: EventMatch },
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct PathQuery {
    /// The events that are nodes; one of them may be any.
    pub events: Vec<EventMatch>,
    pub anchor: PathAnchor,
    /// In which the sessions start.
    pub range: DateRange,
    /// A break of so many seconds or more ends a session; absent: all events of a person in the
    /// range are one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap_seconds: Option<u32>,
    /// Nodes are split by this property of theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// The same node several times in a row is one; the last counts.
    #[serde(default)]
    pub collapse: bool,
    /// The first included.
    pub steps: u32,
    /// Shown on their own at each step; the others are one node.
    pub nodes: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

/// A node at a step.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PathName {
    Event {
        event: String,
        /// Of the splitting property, if the event has it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
    /// All nodes of the step that are not shown on their own.
    Other,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct PathNode {
    /// From 0.
    pub step: u32,
    pub name: PathName,
    pub count: u64,
    /// Of `count`, those that end here.
    pub ends: u64,
}

/// From a node of a step to one of the next.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct PathEdge {
    /// The step of `from`.
    pub step: u32,
    pub from: PathName,
    pub to: PathName,
    pub count: u64,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct PathResult {
    /// By step, largest first, `other` last. When read backwards, step 0 is the end.
    pub nodes: Vec<PathNode>,
    pub edges: Vec<PathEdge>,
    /// Sessions with a path.
    pub total: u64,
    /// False while the range has not ended.
    pub complete: bool,
    pub as_of: Millis,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct PathCell {
    pub step: u32,
    pub name: PathName,
    /// Only those who went on to this node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PathName>,
    /// Only those whose path ends here.
    #[serde(default)]
    pub ends: bool,
}

impl Question for PathQuery {
    fn validate(&self) -> Result<()> {
        if self.events.is_empty() || self.events.len() > PATH_EVENTS_MAX {
            return Err(Error::invalid("events", format!("needs 1 to {PATH_EVENTS_MAX} events")));
        }
        if !(2..=PATH_STEPS_MAX).contains(&(self.steps as usize)) {
            return Err(Error::invalid("steps", format!("needs 2 to {PATH_STEPS_MAX} steps")));
        }
        if !(1..=PATH_NODES_MAX).contains(&(self.nodes as usize)) {
            return Err(Error::invalid("nodes", format!("needs 1 to {PATH_NODES_MAX} nodes")));
        }
        if self.gap_seconds == Some(0) {
            return Err(Error::invalid("gap_seconds", "must be longer than nothing"));
        }
        self.spoken().validate()
    }

    fn spoken(&self) -> Spoken<'_> {
        let nodes = self.events.iter().enumerate().map(|(index, event)| (format!("events[{index}]"), event));
        let anchor = match &self.anchor {
            PathAnchor::Beginning => None,
            PathAnchor::From { event } | PathAnchor::To { event } => Some(("anchor.event".to_owned(), event)),
        };
        let mut spoken = Spoken::of(nodes.chain(anchor), None, self.segment);
        if let Some(split) = &self.split {
            spoken.read("split", split, 0..self.events.len(), false);
        }
        spoken
    }
}
