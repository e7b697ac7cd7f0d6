//! Stickiness: in how many intervals people are active. Reference/03 §2.4.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::question::{Question, Spoken};
use super::{Breakdown, DateRange, EventMatch, Group, Interval};
use crate::clock::Millis;
use crate::error::Result;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct StickinessQuery {
    /// What counts as being active.
    pub event: EventMatch,
    pub range: DateRange,
    pub interval: Interval,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct StickinessGroup {
    pub group: Group,
    /// Different people.
    pub total: u64,
    /// Entry k: people active in exactly k + 1 intervals.
    pub people: Vec<u64>,
    /// Mean number of active intervals; null without anybody.
    pub average: Option<f64>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct StickinessResult {
    /// Intervals of the range.
    pub intervals: u32,
    /// False while the range has not ended.
    pub complete: bool,
    /// The whole first, then the breakdown's groups, largest first.
    pub groups: Vec<StickinessGroup>,
    pub as_of: Millis,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct StickinessCell {
    /// Active in exactly so many intervals.
    pub intervals: u32,
    /// Or in more.
    #[serde(default)]
    pub or_more: bool,
    pub group: Group,
}

impl Question for StickinessQuery {
    fn validate(&self) -> Result<()> {
        self.spoken().validate()
    }

    fn spoken(&self) -> Spoken<'_> {
        Spoken::of([("event", &self.event)], self.breakdown.as_ref(), self.segment)
    }
}
