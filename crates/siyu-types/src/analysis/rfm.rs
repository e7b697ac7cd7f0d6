//! RFM: people by how lately, how often and for how much they bought. Reference/05 §5.1.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::question::{Question, Spoken};
use super::{DateRange, Gain};
use crate::clock::Millis;
use crate::error::{Error, Result};

/// Scores of one number.
pub const RFM_SCORES_MAX: u32 = 10;

/// How a number becomes a score: 1 is worst. Equal numbers have equal scores.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RfmScale {
    /// By the share of people who are worse: of five parts, who has 40 % below has 3.
    Quantile { parts: u32 },
    /// By ascending cuts. Days: no more than the cut; others: at least the cut.
    Cuts { cuts: Vec<f64> },
    /// 2 if better than the mean, else 1.
    Mean,
    /// 2 if better than the median, else 1.
    Median,
}

/// What stands for the money.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RfmMonetary {
    #[default]
    Total,
    /// Per purchase, half a part going up.
    Average,
}

/// What stands for how often.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RfmOften {
    #[default]
    Purchases,
    /// Local days with a purchase: several on one day, as of an order that was split, are one.
    Days,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RfmQuery {
    /// What counts as a purchase. One that is worth nothing, or less, is none.
    pub gain: Gain,
    /// Recency is counted back from its end, or from now if that is earlier.
    pub range: DateRange,
    pub recency: RfmScale,
    pub frequency: RfmScale,
    pub monetary: RfmScale,
    #[serde(default)]
    pub often: RfmOften,
    #[serde(default)]
    pub money: RfmMonetary,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

/// The eight classes: recency, frequency and money are each high or not. A score is high if it is
/// above the middle of its scale.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RfmClass {
    /// 重要价值: all three are high.
    ImportantValue,
    /// 重要发展: lately and much, not often.
    ImportantDevelop,
    /// 重要保持: often and much, not lately.
    ImportantKeep,
    /// 重要挽留: much, neither lately nor often.
    ImportantRetain,
    /// 一般价值: as the important ones, but not much.
    GeneralValue,
    GeneralDevelop,
    GeneralKeep,
    GeneralRetain,
}

impl RfmClass {
    pub const ALL: [RfmClass; 8] = [
        RfmClass::ImportantValue,
        RfmClass::ImportantDevelop,
        RfmClass::ImportantKeep,
        RfmClass::ImportantRetain,
        RfmClass::GeneralValue,
        RfmClass::GeneralDevelop,
        RfmClass::GeneralKeep,
        RfmClass::GeneralRetain,
    ];

    pub fn of(recency: bool, frequency: bool, money: bool) -> RfmClass {
        let place = match (recency, frequency) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        RfmClass::ALL[place + if money { 0 } else { 4 }]
    }
}

/// People with one score of one number.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RfmScore {
    pub score: u32,
    pub people: u64,
    /// Of their numbers; null without anybody. Days of recency, times, parts of money.
    pub least: Option<i64>,
    pub most: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RfmGroup)]
pub struct RfmPeople {
    pub people: u64,
    /// Purchases.
    pub count: u64,
    /// In parts of which the answer's `value_unit` are one.
    pub value: i64,
}

#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RfmScored {
    pub recency: u32,
    pub frequency: u32,
    pub monetary: u32,
    #[serde(flatten)]
    pub people: RfmPeople,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct RfmResult {
    /// In the order of [`RfmClass::ALL`].
    pub classes: Vec<RfmPeople>,
    /// Combinations of scores that somebody has, best first.
    pub scored: Vec<RfmScored>,
    /// Scores of each number, from 1.
    pub recency: Vec<RfmScore>,
    pub frequency: Vec<RfmScore>,
    pub monetary: Vec<RfmScore>,
    pub total: RfmPeople,
    pub value_unit: i64,
    /// The instant recency is counted from.
    pub counted_from: Millis,
    /// False while the range has not ended.
    pub complete: bool,
    pub as_of: Millis,
}

/// The people of a class, or with scores; absent ones may be any.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
pub struct RfmCell {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<RfmClass>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recency: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monetary: Option<u32>,
}

impl RfmScale {
    /// The best score.
    pub fn best(&self) -> u32 {
        match self {
            RfmScale::Quantile { parts } => *parts,
            RfmScale::Cuts { cuts } => cuts.len() as u32 + 1,
            RfmScale::Mean | RfmScale::Median => 2,
        }
    }

    /// Whether a score is above the middle.
    pub fn is_high(&self, score: u32) -> bool {
        2 * score > self.best() + 1
    }

    fn validate(&self, field: &str) -> Result<()> {
        if let RfmScale::Cuts { cuts } = self {
            let ascending = cuts.windows(2).all(|pair| pair[0] < pair[1]);
            if !ascending || cuts.iter().any(|cut| !cut.is_finite()) {
                return Err(Error::invalid(format!("{field}.cuts"), "must be ascending numbers"));
            }
        }
        if !(2..=RFM_SCORES_MAX).contains(&self.best()) {
            return Err(Error::invalid(field, format!("needs 2 to {RFM_SCORES_MAX} scores")));
        }
        Ok(())
    }
}

impl Question for RfmQuery {
    fn validate(&self) -> Result<()> {
        if !self.gain.has_worth() {
            return Err(Error::invalid("gain.worth", "choose the property that holds the amount"));
        }
        self.recency.validate("recency")?;
        self.frequency.validate("frequency")?;
        self.monetary.validate("monetary")?;
        self.gain.validate("gain")?;
        self.spoken().validate()
    }

    fn spoken(&self) -> Spoken<'_> {
        let mut spoken = Spoken { segment: self.segment, ..Spoken::default() };
        self.gain.speak("gain", &mut spoken);
        spoken
    }
}
