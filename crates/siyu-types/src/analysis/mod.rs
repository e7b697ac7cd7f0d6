//! Questions asked of events and the shapes of their answers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod answer;
mod distribution;
mod funnel;
mod interval;
mod lifecycle;
mod path;
mod question;
mod retention;
mod session;
mod stickiness;

pub use answer::Answer;
pub use distribution::*;
pub use funnel::*;
pub use interval::*;
pub use lifecycle::*;
pub use path::*;
pub use question::*;
pub use retention::*;
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

/// One part of an answer.
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
    /// A funnel's attempt did not get to the step whose value says the group.
    NotReached,
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

/// Which people of a trend a cell stands for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct TrendCell {
    pub series: usize,
    /// First local day of the bucket; absent for the total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
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
