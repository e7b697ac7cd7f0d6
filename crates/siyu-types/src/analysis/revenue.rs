//! Revenue of cohorts: what people bring, interval by interval after they began. Reference/03 §1.2.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::question::{Question, Spoken};
use super::{
    Breakdown, Bucket, DateRange, Entry, EventMatch, Gain, Group, Interval, PERIODS_MAX, RetentionClock,
};
use crate::clock::Millis;
use crate::error::{Error, Result};

/// Cohorts times columns of one answer.
pub const REVENUE_CELLS_MAX: usize = 12_000;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RevenueQuery {
    /// What puts people into a cohort.
    pub start: EventMatch,
    /// Their first start in the range, or in all history; nobody belongs to several cohorts.
    pub entry: Entry,
    /// What they bring from their start on.
    pub gain: Gain,
    /// In which the start lies; gains count until now.
    pub range: DateRange,
    pub interval: Interval,
    /// Columns after the interval of the start.
    pub periods: u32,
    #[serde(default)]
    pub clock: RetentionClock,
    /// By property: that of the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

/// One interval of a cohort, and all until its end.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RevenueColumn {
    /// Brought in this interval, in parts of which the answer's `value_unit` are one.
    pub value: i64,
    /// Who brought something in it.
    pub people: u64,
    /// From the start to the end of this interval.
    pub value_so_far: i64,
    pub people_so_far: u64,
    /// False while somebody of the cohort may still bring something in this interval. Refunds of
    /// orders are taken from the interval of the order whenever they come.
    pub complete: bool,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RevenueCohort {
    pub bucket: Bucket,
    pub size: u64,
    /// The interval of the start first.
    pub columns: Vec<RevenueColumn>,
}

/// Per person of cohorts whose column is complete, in parts as the values; null without any.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RevenueMean {
    pub value: Option<f64>,
    pub value_so_far: Option<f64>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RevenueGroup {
    pub group: Group,
    pub size: u64,
    /// All that was brought in the columns.
    pub value: i64,
    pub cohorts: Vec<RevenueCohort>,
    /// One per column.
    pub means: Vec<RevenueMean>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RevenueResult {
    /// The whole first, then the breakdown's groups, largest first.
    pub groups: Vec<RevenueGroup>,
    /// How many parts of a value make one; 1 for minor units.
    pub value_unit: i64,
    pub as_of: Millis,
}

/// Which people of a cohort.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RevenueWhat {
    Started,
    /// Brought something in the column.
    Paid {
        column: usize,
    },
    /// Until the end of the column.
    PaidSoFar {
        column: usize,
    },
    /// Brought nothing until the end of the column.
    NotYet {
        column: usize,
    },
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RevenueCell {
    /// First local day of the cohort's interval; absent for all cohorts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohort: Option<String>,
    pub what: RevenueWhat,
    pub group: Group,
}

impl Question for RevenueQuery {
    fn validate(&self) -> Result<()> {
        if self.periods as usize > PERIODS_MAX {
            return Err(Error::invalid("periods", format!("at most {PERIODS_MAX} intervals")));
        }
        if self.entry == Entry::Recurring {
            return Err(Error::invalid("entry", "money cannot belong to several cohorts"));
        }
        if !self.gain.has_worth() {
            return Err(Error::invalid("gain.worth", "choose the property that holds the amount"));
        }
        self.gain.validate("gain")?;
        self.spoken().validate()
    }

    fn spoken(&self) -> Spoken<'_> {
        let mut spoken = Spoken::of([("start", &self.start)], self.breakdown.as_ref(), self.segment);
        self.gain.speak("gain", &mut spoken);
        spoken
    }
}
