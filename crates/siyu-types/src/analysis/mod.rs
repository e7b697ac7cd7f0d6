//! Questions asked of events and the shapes of their answers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod answer;
mod attribution;
mod crosstab;
mod distribution;
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

pub use answer::Answer;
pub use attribution::*;
pub use crosstab::*;
pub use distribution::*;
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

use crate::clock::Millis;
use crate::condition::PropertyFilter;
use crate::error::{Error, Result};
use crate::item::ItemField;

/// Steps of one funnel, series of one trend, buckets of one answer.
pub const STEPS_MAX: usize = 16;
pub const SERIES_MAX: usize = 10;
pub const BUCKETS_MAX: usize = 1_100;
/// Breakdown groups shown; the rest is summed under "other".
pub const GROUPS_MAX: usize = 25;

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
    Month,
}

/// One event with conditions on its properties.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct EventMatch {
    pub event: String,
    #[serde(default)]
    pub filters: Vec<PropertyFilter>,
}

/// What is counted per bucket.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Measure {
    Count,
    /// Different people.
    People,
    Sum {
        property: String,
    },
    Avg {
        property: String,
    },
    /// Events per person who did it.
    PerPerson,
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
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct TrendSeries {
    #[serde(flatten)]
    pub event: EventMatch,
    pub measure: Measure,
}

/// How a number of events develops.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct TrendQuery {
    pub series: Vec<TrendSeries>,
    pub range: DateRange,
    pub interval: Interval,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    /// Only people of this segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

/// The group of those who have no value, or reached no step that has one.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Group {
    /// No breakdown was asked for.
    Whole,
    Value {
        value: String,
    },
    /// The event or person has no such value.
    Missing,
    /// Groups beyond [`GROUPS_MAX`].
    Other,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Bucket {
    /// First local day, `2026-11-21`.
    pub start: String,
    /// False while the bucket's last day has not ended.
    pub complete: bool,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct TrendLine {
    /// Index into the query's series.
    pub series: usize,
    pub group: Group,
    /// One per bucket; null where an average has no events.
    pub values: Vec<Option<f64>>,
    /// Over the entire range: for people, the different people of all buckets.
    pub total: Option<f64>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct TrendResult {
    pub buckets: Vec<Bucket>,
    pub lines: Vec<TrendLine>,
    /// The instant the answer is true for.
    pub as_of: Millis,
}

/// How long after the first step later steps still count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FunnelWindow {
    /// Elapsed time since the first step of the attempt, inclusive (reference/03 F4).
    Elapsed { seconds: u32 },
    /// Step k falls on local day ≤ day of step 1 + n − 1; 1 means the same day (当天).
    Days { days: u32 },
}

/// An ordered funnel, reference/03 §2.2 F1–F7.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct FunnelQuery {
    pub steps: Vec<EventMatch>,
    pub range: DateRange,
    pub window: FunnelWindow,
    /// Later steps must be strictly later; otherwise equal times may be in any order (F2).
    #[serde(default)]
    pub must_increase: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct FunnelStep {
    pub event: String,
    /// People who reached at least this step.
    pub people: u64,
    /// Milliseconds from the step before, over those who reached this step.
    pub median_millis: Option<f64>,
    pub average_millis: Option<f64>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct FunnelGroup {
    pub group: Group,
    pub steps: Vec<FunnelStep>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct FunnelResult {
    /// The whole first, then the breakdown's groups, largest first.
    pub groups: Vec<FunnelGroup>,
    /// False while somebody's window has not ended (F6).
    pub complete: bool,
    pub as_of: Millis,
}

/// Which people of a trend a cell stands for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct TrendCell {
    pub series: usize,
    /// First local day of the bucket; absent for the total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    pub group: Group,
}

/// Which people of a funnel a cell stands for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct FunnelCell {
    pub step: usize,
    /// Those who reached `step` but not the next, instead of all who reached it.
    #[serde(default)]
    pub dropped: bool,
    pub group: Group,
}

impl Question for TrendQuery {
    fn validate(&self) -> Result<()> {
        if self.series.is_empty() || self.series.len() > SERIES_MAX {
            return Err(Error::invalid("series", format!("needs 1 to {SERIES_MAX} series")));
        }
        self.spoken().validate()
    }

    fn spoken(&self) -> Spoken<'_> {
        let series = self.series.iter().enumerate();
        let events = series.map(|(index, series)| (format!("series[{index}]"), &series.event));
        let mut spoken = Spoken::of(events, self.breakdown.as_ref(), self.segment);
        for (index, series) in self.series.iter().enumerate() {
            if let Measure::Sum { property } | Measure::Avg { property } = &series.measure {
                spoken.read(format!("series[{index}].measure.property"), property, index..index + 1, true);
            }
        }
        spoken
    }
}

impl Question for FunnelQuery {
    fn validate(&self) -> Result<()> {
        if self.steps.len() < 2 || self.steps.len() > STEPS_MAX {
            return Err(Error::invalid("steps", format!("needs 2 to {STEPS_MAX} steps")));
        }
        self.spoken().validate()?;
        match self.window {
            FunnelWindow::Elapsed { seconds: 0 } | FunnelWindow::Days { days: 0 } => {
                Err(Error::invalid("window", "must be longer than nothing"))
            }
            _ => Ok(()),
        }
    }

    fn spoken(&self) -> Spoken<'_> {
        let steps = self.steps.iter().enumerate().map(|(index, step)| (format!("steps[{index}]"), step));
        Spoken::of(steps, self.breakdown.as_ref(), self.segment)
    }
}
