//! Sequences: people who did one thing after another, with gaps between that are neither too long
//! nor too short, and with nothing in between that should not be.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::question::{Question, Spoken};
use super::{Breakdown, Bucket, DateRange, EventMatch, Group, Interval, STEPS_MAX};
use crate::clock::Millis;
use crate::error::{Error, Result};

/// Numbers of repetitions that are told apart; the last is "or more".
pub const SEQUENCE_TIMES_SHOWN: usize = 10;

/// One step, and how it follows the one before; what is said of the gap says nothing of the first.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct SequenceStep {
    #[serde(flatten)]
    pub event: EventMatch,
    /// No more than this after the step before; to the millisecond, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_seconds: Option<u32>,
    /// At least this after the step before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_seconds: Option<u32>,
    /// Must not happen between the step before and this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without: Option<EventMatch>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct SequenceQuery {
    pub steps: Vec<SequenceStep>,
    /// In which all steps lie.
    pub range: DateRange,
    /// Buckets of the last step.
    pub interval: Interval,
    /// Only people who did it so often, from 1.
    pub least_times: u32,
    /// By property: that of the event that completes the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
pub struct SequenceCounts {
    /// Who completed it in the bucket.
    pub people: u64,
    /// Who completed it for the first time.
    pub first: u64,
    /// How often it was completed.
    pub matches: u64,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct SequenceGroup {
    pub group: Group,
    pub people: u64,
    pub matches: u64,
    /// By the time of the last step.
    pub buckets: Vec<SequenceCounts>,
    /// Entry k: people who did it exactly k + 1 times; the last one also holds those who did more.
    pub times: Vec<u64>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct SequenceResult {
    pub buckets: Vec<Bucket>,
    /// The whole first, then the breakdown's groups, largest first.
    pub groups: Vec<SequenceGroup>,
    /// False while the range has not ended.
    pub complete: bool,
    pub as_of: Millis,
}

/// Which people.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SequenceWhat {
    All,
    /// Completed it in a bucket, named by its first local day.
    Completed {
        bucket: String,
    },
    /// Completed it for the first time in a bucket.
    First {
        bucket: String,
    },
    /// Did it exactly so often, or more.
    Times {
        times: u32,
        or_more: bool,
    },
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct SequenceCell {
    pub what: SequenceWhat,
    pub group: Group,
}

impl Question for SequenceQuery {
    fn validate(&self) -> Result<()> {
        if self.steps.is_empty() || self.steps.len() > STEPS_MAX {
            return Err(Error::invalid("steps", format!("needs 1 to {STEPS_MAX} steps")));
        }
        for (index, step) in self.steps.iter().enumerate() {
            if let (Some(after), Some(within)) = (step.after_seconds, step.within_seconds)
                && after > within
            {
                let text = "the gap is at least longer than at most";
                return Err(Error::invalid(format!("steps[{index}].after_seconds"), text));
            }
        }
        if self.least_times == 0 {
            return Err(Error::invalid("least_times", "at least once"));
        }
        self.spoken().validate()
    }

    fn spoken(&self) -> Spoken<'_> {
        let steps = self.steps.iter().enumerate();
        let events = steps.clone().map(|(index, step)| (format!("steps[{index}]"), &step.event));
        let between = steps.filter_map(|(index, step)| {
            step.without.as_ref().map(|event| (format!("steps[{index}].without"), event))
        });
        Spoken::of(events.chain(between), self.breakdown.as_ref(), self.segment)
    }
}
