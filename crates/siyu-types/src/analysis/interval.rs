//! Interval: how long it takes from one event to another. Reference/03 §2.6.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::distribution::Summary;
use super::question::{Question, Spoken};
use super::{Breakdown, Bucket, DateRange, EventMatch, Group, Interval};
use crate::clock::Millis;
use crate::error::{Error, Result};

/// Which start an end belongs to when several are open.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = IntervalPairing)]
pub enum Pairing {
    /// The latest; the earlier ones are dropped.
    #[default]
    Latest,
    /// The earliest; the later ones are dropped.
    Earliest,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct IntervalQuery {
    pub from: EventMatch,
    /// If the same as `from`: from each to the next.
    pub to: EventMatch,
    /// Of `from`; an end counts until now.
    pub range: DateRange,
    /// Buckets of the time of `from`.
    pub interval: Interval,
    /// Longer ones are left out and counted.
    pub limit_seconds: u32,
    #[serde(default)]
    pub pairing: Pairing,
    /// Both events must have the same value of this property; events without one are passed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

/// Milliseconds, over the intervals that started in a bucket.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct IntervalStretch {
    pub count: u64,
    pub people: u64,
    pub summary: Option<Summary>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct IntervalGroup {
    pub group: Group,
    pub total: IntervalStretch,
    /// Longer than the limit.
    pub too_long: u64,
    pub buckets: Vec<IntervalStretch>,
    /// Intervals in each of the answer's `bins`.
    pub histogram: Vec<u64>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct IntervalResult {
    pub buckets: Vec<Bucket>,
    /// Upper ends of the histogram's bins in milliseconds, exclusive; the last is inclusive.
    pub bins: Vec<i64>,
    /// The whole first, then the breakdown's groups, largest first.
    pub groups: Vec<IntervalGroup>,
    pub as_of: Millis,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct IntervalCell {
    /// First local day of the bucket; absent for the total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// At least so many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<i64>,
    /// Less than so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub less_than: Option<i64>,
    pub group: Group,
}

impl Question for IntervalQuery {
    fn validate(&self) -> Result<()> {
        if self.limit_seconds == 0 {
            return Err(Error::invalid("limit_seconds", "must be longer than nothing"));
        }
        self.spoken().validate()
    }

    fn spoken(&self) -> Spoken<'_> {
        let events = [("from", &self.from), ("to", &self.to)];
        let mut spoken = Spoken::of(events, self.breakdown.as_ref(), self.segment);
        if let Some(link) = &self.link {
            spoken.read("link", link, 0..1, false);
            spoken.read("link", link, 1..2, false);
        }
        spoken
    }
}
