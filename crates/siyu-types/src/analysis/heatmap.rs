//! Heat maps: on which days of the week and at which hours something happens.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::gain::unit_of;
use super::question::{Question, Spoken};
use super::{Breakdown, DateRange, EventMatch, Group};
use crate::clock::Millis;
use crate::error::{Error, Result};

pub const WEEKDAYS: usize = 7;
pub const HOURS: usize = 24;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct HeatmapQuery {
    pub event: EventMatch,
    /// A property that is summed; an event without a number counts as 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worth: Option<String>,
    pub range: DateRange,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
pub struct HeatmapCounts {
    pub count: u64,
    /// Different people, also over days and hours.
    pub people: u64,
    /// In parts of which the answer's `value_unit` are one.
    pub value: i64,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct HeatmapGroup {
    pub group: Group,
    pub total: HeatmapCounts,
    /// Monday first.
    pub weekdays: Vec<HeatmapCounts>,
    /// From 0 to 23 o'clock.
    pub hours: Vec<HeatmapCounts>,
    /// Per day of the week, one per hour.
    pub cells: Vec<Vec<HeatmapCounts>>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct HeatmapResult {
    /// The whole first, then the breakdown's groups, largest first.
    pub groups: Vec<HeatmapGroup>,
    /// How many hours of the range, until now, each cell has: a day of the week may be in it more
    /// often than another, and an hour is missing or comes twice where clocks change.
    pub lengths: Vec<Vec<f64>>,
    pub value_unit: i64,
    /// False while the range has not ended.
    pub complete: bool,
    pub as_of: Millis,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct HeatmapCell {
    /// 0 is Monday; absent for all days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekday: Option<u32>,
    /// From 0; absent for all hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hour: Option<u32>,
    pub group: Group,
}

impl HeatmapQuery {
    /// How many parts of a value make one.
    pub fn unit(&self) -> i64 {
        unit_of(self.worth.as_deref())
    }
}

impl HeatmapCell {
    pub fn validate(&self) -> Result<()> {
        if self.weekday.is_some_and(|day| day as usize >= WEEKDAYS) {
            return Err(Error::invalid("cell.weekday", "0 to 6, Monday first"));
        }
        if self.hour.is_some_and(|hour| hour as usize >= HOURS) {
            return Err(Error::invalid("cell.hour", "0 to 23"));
        }
        Ok(())
    }
}

impl Question for HeatmapQuery {
    fn validate(&self) -> Result<()> {
        self.spoken().validate()
    }

    fn spoken(&self) -> Spoken<'_> {
        let mut spoken = Spoken::of([("event", &self.event)], self.breakdown.as_ref(), self.segment);
        if let Some(property) = &self.worth {
            spoken.read("worth", property, 0..1, true);
        }
        spoken
    }
}
