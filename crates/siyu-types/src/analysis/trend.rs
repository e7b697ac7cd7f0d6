//! Trend: how numbers of events develop. Reference/03 §2.4.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::formula::Formula;
use super::question::{Question, Spoken};
use super::{Breakdown, Bucket, DateRange, EventMatch, Group, Interval, SERIES_MAX};
use crate::clock::Millis;
use crate::error::{Error, Result};

/// Formulas of one trend; breakdowns within the first; intervals of a moving average; days people
/// are counted back over.
pub const FORMULAS_MAX: usize = 5;
pub const THEN_BY_MAX: usize = 2;
/// Groups that may stand on their own where so many are asked for: all provinces, and some more.
pub const TOP_MAX: usize = 50;
const AVERAGE_MAX: u32 = 90;
const TRAILING_MAX: u32 = 365;

/// What is counted per bucket.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Measure {
    Count,
    /// Different people.
    People,
    /// Different people of the last so many days, the bucket's included (7: WAU, 30: MAU); by week
    /// or month, of the bucket.
    TrailingPeople {
        days: u32,
    },
    /// Events per person who did it.
    PerPerson,
    Sum {
        property: String,
    },
    Avg {
        property: String,
    },
    Min {
        property: String,
    },
    Max {
        property: String,
    },
    /// The number that so many percent lie below; 50 is the median. Between two numbers on the
    /// straight line.
    Quantile {
        property: String,
        percent: u8,
    },
    /// Different values of a property; of a list, its elements.
    Distinct {
        property: String,
    },
}

impl Measure {
    /// The property it reads.
    pub fn property(&self) -> Option<&str> {
        match self {
            Measure::Count | Measure::People | Measure::TrailingPeople { .. } | Measure::PerPerson => None,
            Measure::Sum { property }
            | Measure::Avg { property }
            | Measure::Min { property }
            | Measure::Max { property }
            | Measure::Quantile { property, .. }
            | Measure::Distinct { property } => Some(property),
        }
    }
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct TrendSeries {
    #[serde(flatten)]
    pub event: EventMatch,
    pub measure: Measure,
}

/// What is made of the numbers of the buckets.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TrendShape {
    #[default]
    Plain,
    /// From the beginning of the range up to the bucket; people are still counted once.
    Cumulative,
    /// The mean of the bucket and those before it, so many together; none before there are so many.
    Average { buckets: u32 },
}

/// Which earlier period to compare with, by local days.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrendCompare {
    /// The days just before, as many.
    Previous,
    Week,
    Month,
    Year,
}

/// How numbers of events develop.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct TrendQuery {
    pub series: Vec<TrendSeries>,
    /// Reckoned from the series, which are called A, B, C …; `A / B`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub formulas: Vec<String>,
    pub range: DateRange,
    pub interval: Interval,
    #[serde(default, skip_serializing_if = "is_plain")]
    pub shape: TrendShape,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<TrendCompare>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    /// Further breakdowns; a group is then one of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then_by: Vec<Breakdown>,
    /// Groups shown, the largest, 1 to 50; 25 if absent. The rest is `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
    /// Only people of this segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

fn is_plain(shape: &TrendShape) -> bool {
    *shape == TrendShape::Plain
}

impl TrendQuery {
    /// The plain question.
    pub fn of(series: Vec<TrendSeries>, range: DateRange, interval: Interval) -> TrendQuery {
        TrendQuery {
            series,
            formulas: Vec::new(),
            range,
            interval,
            shape: TrendShape::Plain,
            compare: None,
            breakdown: None,
            then_by: Vec::new(),
            top: None,
            segment: None,
        }
    }

    /// The formulas, understood.
    pub fn formulas(&self) -> Result<Vec<Formula>> {
        let formulas = self.formulas.iter().enumerate();
        formulas
            .map(|(index, text)| Formula::parse(text, self.series.len(), &format!("formulas[{index}]")))
            .collect()
    }
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct TrendLine {
    /// Index into the query's series, and after them into its formulas.
    pub series: usize,
    pub group: Group,
    /// One per bucket; null where there is nothing to divide by.
    pub values: Vec<Option<f64>>,
    /// Over the entire range: for people, the different people of all buckets.
    pub total: Option<f64>,
    /// Of the period to compare with: one per bucket of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<TrendEarlier>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct TrendEarlier {
    pub values: Vec<Option<f64>>,
    pub total: Option<f64>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct TrendResult {
    pub buckets: Vec<Bucket>,
    /// Of the period to compare with, beside the buckets. One that is compared with a bucket that
    /// may still change ends as long after its beginning as that one has come.
    pub earlier_buckets: Vec<Bucket>,
    pub lines: Vec<TrendLine>,
    /// The instant the answer is true for.
    pub as_of: Millis,
}

/// Which people of a trend a cell stands for. A formula has none.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct TrendCell {
    pub series: usize,
    /// First local day of the bucket; absent for the total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// Of the period to compare with, and its bucket.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub earlier: bool,
    pub group: Group,
}

impl Question for TrendQuery {
    fn validate(&self) -> Result<()> {
        if self.series.is_empty() || self.series.len() > SERIES_MAX {
            return Err(Error::invalid("series", format!("needs 1 to {SERIES_MAX} series")));
        }
        self.spoken().validate()?;
        for (index, series) in self.series.iter().enumerate() {
            let at = |name: &str| format!("series[{index}].measure.{name}");
            match series.measure {
                Measure::TrailingPeople { days } if !(1..=TRAILING_MAX).contains(&days) => {
                    return Err(Error::invalid(at("days"), format!("needs 1 to {TRAILING_MAX} days")));
                }
                Measure::Quantile { percent, .. } if !(1..=99).contains(&percent) => {
                    return Err(Error::invalid(at("percent"), "needs 1 to 99 percent"));
                }
                _ => {}
            }
        }
        if self.formulas.len() > FORMULAS_MAX {
            return Err(Error::invalid("formulas", format!("at most {FORMULAS_MAX} formulas")));
        }
        self.formulas()?;
        if self.then_by.len() > THEN_BY_MAX || (self.breakdown.is_none() && !self.then_by.is_empty()) {
            return Err(Error::invalid("then_by", format!("at most {THEN_BY_MAX}, after a first one")));
        }
        if self.top.is_some_and(|top| !(1..=TOP_MAX).contains(&top)) {
            return Err(Error::invalid("top", format!("needs 1 to {TOP_MAX} groups")));
        }
        match (self.shape, self.compare, &self.range) {
            (TrendShape::Average { buckets }, ..) if !(2..=AVERAGE_MAX).contains(&buckets) => {
                Err(Error::invalid("shape.buckets", format!("needs 2 to {AVERAGE_MAX} intervals")))
            }
            (_, Some(_), DateRange::All) => {
                Err(Error::invalid("compare", "nothing is earlier than all time"))
            }
            _ => Ok(()),
        }
    }

    fn spoken(&self) -> Spoken<'_> {
        let series = self.series.iter().enumerate();
        let events = series.map(|(index, series)| (format!("series[{index}]"), &series.event));
        let mut spoken = Spoken::of(events, self.breakdown.as_ref(), self.segment);
        spoken.then_by = &self.then_by;
        for (index, series) in self.series.iter().enumerate() {
            if let Some(property) = series.measure.property() {
                let number = !matches!(series.measure, Measure::Distinct { .. });
                spoken.read(format!("series[{index}].measure.property"), property, index..index + 1, number);
            }
        }
        spoken
    }
}
