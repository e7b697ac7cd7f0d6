//! Questions asked of events and the shapes of their answers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod answer;
mod attribution;
mod crosstab;
mod distribution;
mod formula;
mod funnel;
mod gain;
mod heatmap;
mod interval;
mod lifecycle;
mod path;
mod question;
mod retention;
mod revenue;
mod rfm;
mod sequence;
mod session;
mod stickiness;
mod trend;

pub use answer::Answer;
pub use attribution::*;
pub use crosstab::*;
pub use distribution::*;
pub use formula::Formula;
pub use funnel::*;
pub use gain::*;
pub use heatmap::*;
pub use interval::*;
pub use lifecycle::*;
pub use path::*;
pub use question::*;
pub use retention::*;
pub use revenue::*;
pub use rfm::*;
pub use sequence::*;
pub use session::*;
pub use stickiness::*;
pub use trend::*;

use crate::condition::PropertyFilter;
use crate::error::{Error, Result};
use crate::item::ItemField;

/// Steps of one funnel, series of one trend, buckets of one answer.
pub const STEPS_MAX: usize = 16;
pub const SERIES_MAX: usize = 10;
pub const BUCKETS_MAX: usize = 1_100;
/// Breakdown groups shown; the rest is summed under "other".
pub const GROUPS_MAX: usize = 25;
/// Segments side by side.
pub const SEGMENTS_MAX: usize = 10;

/// Local days of the project's zone.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DateRange {
    /// The last n days, today included.
    LastDays {
        days: u32,
    },
    /// From the first to the last day, both included; `2026-11-21`.
    Between {
        from: String,
        to: String,
    },
    All,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    Day,
    /// Monday to Sunday.
    Week,
    /// Sunday to Saturday.
    SundayWeek,
    Month,
}

/// One event with conditions on its properties.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct EventMatch {
    pub event: String,
    #[serde(default)]
    pub filters: Vec<PropertyFilter>,
}

/// Splits an answer into groups.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Breakdown {
    /// A property of the event.
    Property { name: String },
    /// An attribute of the person, as it is now.
    Attribute { name: String },
    /// The value of a tag, as last computed.
    Tag { tag: i64 },
    /// What is known now of the item that a property of the event names.
    Item { property: String, field: ItemField },
    /// A property of the event that is a number, by ranges: below the first edge, from each edge
    /// to the next, from the last on. A range is named `..10`, `10..20`, `20..`.
    Ranges { property: String, edges: Vec<f64> },
    /// Members of segments, as last computed, side by side; named by their ids. Somebody may be in
    /// several, and those in none are missing.
    Segments { segments: Vec<i64> },
}

impl Breakdown {
    /// The property of events that it reads.
    pub fn property(&self) -> Option<&str> {
        match self {
            Breakdown::Property { name: property }
            | Breakdown::Item { property, .. }
            | Breakdown::Ranges { property, .. } => Some(property),
            Breakdown::Attribute { .. } | Breakdown::Tag { .. } | Breakdown::Segments { .. } => None,
        }
    }

    fn validate(&self, field: &str) -> Result<()> {
        match self {
            Breakdown::Ranges { edges, .. } => {
                let ascending = edges.windows(2).all(|pair| pair[0] < pair[1]);
                if edges.is_empty() || edges.len() >= GROUPS_MAX || !ascending {
                    let text = format!("needs 1 to {} ascending edges", GROUPS_MAX - 1);
                    return Err(Error::invalid(format!("{field}.edges"), text));
                }
                match edges.iter().all(|edge| edge.is_finite()) {
                    true => Ok(()),
                    false => Err(Error::invalid(format!("{field}.edges"), "must be numbers")),
                }
            }
            Breakdown::Segments { segments } if segments.is_empty() || segments.len() > SEGMENTS_MAX => {
                let text = format!("needs 1 to {SEGMENTS_MAX} segments");
                Err(Error::invalid(format!("{field}.segments"), text))
            }
            _ => Ok(()),
        }
    }
}

/// One part of an answer.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(no_recursion)]
pub enum Group {
    /// No breakdown was asked for.
    Whole,
    Value {
        value: String,
    },
    /// The event or person has no such value.
    Missing,
    /// A funnel's attempt did not get to the step whose value says the group.
    NotReached,
    /// Groups beyond [`GROUPS_MAX`].
    Other,
    /// One of each of several breakdowns, in their order.
    Several {
        of: Vec<Group>,
    },
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Bucket {
    /// First local day, `2026-11-21`.
    pub start: String,
    /// False while the bucket's last day has not ended.
    pub complete: bool,
}
