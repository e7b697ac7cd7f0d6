//! Lifecycle: of those active in an interval, who is new, who stayed, who came
//! back; and who went away. Reference/03 §2.4.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::question::{Question, Spoken};
use super::{Breakdown, Bucket, DateRange, EventMatch, Group, Interval};
use crate::clock::Millis;
use crate::error::Result;

/// Where a person stands in an interval. New, returning and resurrecting are
/// active in it, dormant is not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LifecycleState {
    /// Active for the first time in all history.
    New,
    /// Active in the interval before as well.
    Returning,
    /// Active before, but not in the interval before.
    Resurrecting,
    /// Active in the interval before, not in this one.
    Dormant,
}

impl LifecycleState {
    pub const ALL: [LifecycleState; 4] = [
        LifecycleState::New,
        LifecycleState::Returning,
        LifecycleState::Resurrecting,
        LifecycleState::Dormant,
    ];
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct LifecycleQuery {
    /// What counts as being active.
    pub event: EventMatch,
    pub range: DateRange,
    pub interval: Interval,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

/// One entry per bucket. `new + returning + resurrecting` are active in it;
/// `returning + dormant` were active in the one before.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct LifecycleGroup {
    pub group: Group,
    pub new: Vec<u64>,
    pub returning: Vec<u64>,
    pub resurrecting: Vec<u64>,
    pub dormant: Vec<u64>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct LifecycleResult {
    pub buckets: Vec<Bucket>,
    /// The whole first, then the breakdown's groups, largest first.
    pub groups: Vec<LifecycleGroup>,
    pub as_of: Millis,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct LifecycleCell {
    /// First local day of the bucket.
    pub bucket: String,
    pub state: LifecycleState,
    pub group: Group,
}

impl Question for LifecycleQuery {
    fn validate(&self) -> Result<()> {
        self.spoken().validate()
    }

    fn spoken(&self) -> Spoken<'_> {
        Spoken::of([("event", &self.event)], self.breakdown.as_ref(), self.segment)
    }
}
