//! Retention: who comes back after how long. Reference/03 §2.3, R1 to R7.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::question::{Question, Spoken};
use super::{Breakdown, Bucket, DateRange, EventMatch, Group, Interval};
use crate::clock::Millis;
use crate::error::{Error, Result};

/// Columns after the first.
pub const PERIODS_MAX: usize = 120;
/// Cohorts of one answer.
pub const COHORTS_MAX: usize = 400;

/// Which start events found a cohort (R3).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RetentionEntry)]
pub enum Entry {
    /// A person belongs to every interval in which they started.
    #[default]
    Recurring,
    /// Only to that of their first start inside the range.
    FirstInRange,
    /// Only to that of their first start in all history, if it lies in the range.
    FirstEver,
}

/// How the time until a return is counted (R1).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetentionClock {
    /// In days, weeks or months of the project's zone.
    #[default]
    Calendar,
    /// In exact stretches of 24 hours, 7 or 30 of them for weeks and months, from the
    /// person's first start in the cohort's interval.
    Elapsed,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RetentionQuery {
    pub start: EventMatch,
    pub back: EventMatch,
    /// In which the start lies; returns count until now.
    pub range: DateRange,
    pub interval: Interval,
    /// Columns after the first, each one interval long.
    pub periods: u32,
    /// Lengths in intervals instead, one column each: `[1, 6, 7]` means day 1, days 2 to 7,
    /// days 8 to 14 (R7). Empty: `periods` columns of one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub brackets: Vec<u32>,
    #[serde(default)]
    pub entry: Entry,
    #[serde(default)]
    pub clock: RetentionClock,
    /// Back in this column or any later one (R4).
    #[serde(default)]
    pub rolling: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

/// One number of a cohort.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RetentionCount {
    pub people: u64,
    /// False while somebody of the cohort may still come back in time (R5).
    pub complete: bool,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RetentionCohort {
    pub bucket: Bucket,
    /// Those who started.
    pub size: u64,
    /// Back after their start, in the same interval (R2).
    pub same: RetentionCount,
    /// One per column.
    pub back: Vec<RetentionCount>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RetentionMean {
    /// Of all people in cohorts whose cell is complete, the share that came back; null without any.
    pub weighted: Option<f64>,
    /// The mean of those cohorts' shares.
    pub simple: Option<f64>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RetentionGroup {
    pub group: Group,
    /// Sum of the cohorts' sizes. With recurring entry a person counts once per cohort.
    pub size: u64,
    pub cohorts: Vec<RetentionCohort>,
    /// One per column, over complete cells only (R6).
    pub means: Vec<RetentionMean>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RetentionResult {
    /// First and last interval of each column, counted from the start's, which is 0.
    pub columns: Vec<(u32, u32)>,
    /// The whole first, then the breakdown's groups, largest first.
    pub groups: Vec<RetentionGroup>,
    pub as_of: Millis,
}

/// Which number of a cohort.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RetentionWhat {
    Started,
    /// Back in the same interval.
    Same,
    Back {
        column: usize,
    },
    /// Started, but not back in this column.
    Away {
        column: usize,
    },
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RetentionCell {
    /// First local day of the cohort's interval; absent for all cohorts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohort: Option<String>,
    pub what: RetentionWhat,
    pub group: Group,
}

impl RetentionQuery {
    /// First and last interval of each column.
    pub fn columns(&self) -> Vec<(u32, u32)> {
        if self.brackets.is_empty() {
            return (1..=self.periods).map(|period| (period, period)).collect();
        }
        let mut next = 1u32;
        let column = |&length: &u32| {
            let first = next;
            next = next.saturating_add(length);
            (first, next.saturating_sub(1))
        };
        self.brackets.iter().map(column).collect()
    }
}

impl Question for RetentionQuery {
    fn validate(&self) -> Result<()> {
        let columns = self.columns();
        let last = columns.last().map_or(0, |column| column.1) as usize;
        if columns.is_empty() || last > PERIODS_MAX {
            let field = if self.brackets.is_empty() { "periods" } else { "brackets" };
            return Err(Error::invalid(field, format!("needs 1 to {PERIODS_MAX} intervals")));
        }
        if self.brackets.contains(&0) {
            return Err(Error::invalid("brackets", "each needs at least one interval"));
        }
        self.spoken().validate()
    }

    fn spoken(&self) -> Spoken<'_> {
        Spoken::of([("start", &self.start), ("back", &self.back)], self.breakdown.as_ref(), self.segment)
    }
}
