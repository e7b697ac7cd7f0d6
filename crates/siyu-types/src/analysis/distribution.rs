//! Distribution: how many people did something how often, on how many days, for
//! how much.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::question::{Question, Spoken};
use super::{Breakdown, DateRange, EventMatch, Group};
use crate::clock::Millis;
use crate::condition::PersonMeasure;
use crate::error::{Error, Result};

/// Edges between bins.
pub const EDGES_MAX: usize = 100;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct DistributionQuery {
    pub event: EventMatch,
    /// The number worked out for each person who did it.
    pub measure: PersonMeasure,
    pub range: DateRange,
    /// Ascending edges between bins: `[1, 3, 10]` means below 1, 1 to below 3, 3 to below
    /// 10, 10 and more. Empty: chosen after the numbers found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

/// `from` is in it, `to` is not; null is without end.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = NumberBin)]
pub struct Bin {
    pub from: Option<f64>,
    pub to: Option<f64>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct DistributionGroup {
    pub group: Group,
    /// People who have a number.
    pub total: u64,
    /// People who did it, but to whom no number belongs (an average of nothing).
    pub without: u64,
    /// One per bin.
    pub people: Vec<u64>,
    pub summary: Option<Summary>,
}

/// The usual marks of a set of numbers.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = NumberSummary)]
pub struct Summary {
    pub min: f64,
    /// A quarter of the numbers is below.
    pub p25: f64,
    pub median: f64,
    pub p75: f64,
    pub p90: f64,
    pub max: f64,
    pub mean: f64,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct DistributionResult {
    pub bins: Vec<Bin>,
    /// False while the range has not ended.
    pub complete: bool,
    /// The whole first, then the breakdown's groups, largest first.
    pub groups: Vec<DistributionGroup>,
    pub as_of: Millis,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct DistributionCell {
    /// Absent: everybody who has a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<Bin>,
    pub group: Group,
}

impl Question for DistributionQuery {
    fn validate(&self) -> Result<()> {
        if self.edges.len() > EDGES_MAX {
            return Err(Error::invalid("edges", format!("at most {EDGES_MAX} edges")));
        }
        let ascending = self.edges.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || self.edges.iter().any(|edge| !edge.is_finite()) {
            return Err(Error::invalid("edges", "must be ascending numbers"));
        }
        self.spoken().validate()
    }

    fn spoken(&self) -> Spoken<'_> {
        let mut spoken = Spoken::of([("event", &self.event)], self.breakdown.as_ref(), self.segment);
        match &self.measure {
            PersonMeasure::Count | PersonMeasure::Days => {}
            PersonMeasure::Distinct { property } => spoken.read("measure.property", property, 0..1, false),
            PersonMeasure::Sum { property }
            | PersonMeasure::Avg { property }
            | PersonMeasure::Min { property }
            | PersonMeasure::Max { property } => spoken.read("measure.property", property, 0..1, true),
        }
        spoken
    }
}
