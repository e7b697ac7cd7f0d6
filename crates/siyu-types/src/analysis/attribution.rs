//! Attribution: to which touches before it a conversion is owed. Credit belongs to conversions,
//! so what all touches are credited with is always all conversions. Reference/03 §2.8.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::question::{Question, Spoken};
use super::{DateRange, EventMatch, Gain};
use crate::clock::Millis;
use crate::error::{Error, Result};

/// Kinds of touches of one question.
pub const TOUCHES_MAX: usize = 20;
/// Models that one answer compares.
pub const ATTRIBUTION_MODELS_MAX: usize = 8;
/// Values that count as direct.
pub const DIRECT_VALUES_MAX: usize = 50;
/// One conversion, in the parts in which credit is counted.
pub const CREDIT_UNIT: i64 = 10_000;

/// How the credit of a conversion is shared by the touches before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AttributionModel {
    First,
    Last,
    /// The last touch that is not direct; the last one, if all are.
    LastNonDirect,
    /// Every touch the same.
    Linear,
    /// So many percent to the first and to the last touch, the rest to those between. Of two
    /// touches each has its part of what both would have; a touch alone has all.
    Position {
        first: u32,
        last: u32,
    },
    /// A touch earlier by the half-life has half as much.
    TimeDecay {
        half_life_seconds: u32,
    },
    /// By how many conversions would be lost without a touch, in the chain of which touch follows
    /// which (order 1), with the journeys that did not convert. Solved exactly.
    Markov,
    /// The mean gain over all orders in which the different touches of a journey could have
    /// come: each of them the same. Exact for any number of them.
    Shapley,
}

/// A kind of touch.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct AttributionTouch {
    #[serde(flatten)]
    pub event: EventMatch,
    /// Its values tell touches apart, whichever kind they are of; absent: the kind itself is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// Touches of this kind are direct: nobody sent the person.
    #[serde(default)]
    pub direct: bool,
}

/// Which touches are direct, besides those of direct kinds.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
pub struct AttributionDirect {
    /// Of the properties that tell touches apart.
    #[serde(default)]
    pub values: Vec<String>,
    /// Touches without a value of theirs.
    #[serde(default)]
    pub missing: bool,
    /// In all models, direct touches count only where there are no others.
    #[serde(default)]
    pub skipped: bool,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct AttributionQuery {
    /// What counts as a conversion, and what it is worth.
    pub target: Gain,
    /// An event that is several of them is the first of these.
    pub touches: Vec<AttributionTouch>,
    /// In which the conversion lies.
    pub range: DateRange,
    /// A touch counts if it is earlier than the conversion, by no more than this.
    pub window_seconds: u32,
    /// Conversion and touch must have the same value of this property; events without one are
    /// passed over. Only for a target that is an event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    pub models: Vec<AttributionModel>,
    #[serde(default)]
    pub direct: AttributionDirect,
    /// A touch serves only the first conversion after it.
    #[serde(default)]
    pub consume: bool,
    /// The same touch several times in a row is one; the last counts.
    #[serde(default)]
    pub collapse: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

/// What a touch is called.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AttributionKey {
    /// A kind of touch as a whole: its place in the question.
    Touch { touch: usize },
    /// A value of the property that tells touches apart.
    Value { value: String },
    /// Touches without a value of their property.
    Missing,
    /// Values that are not shown on their own; the models take them as one.
    Other,
    /// Conversions without any touch.
    None,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
pub struct AttributionCredit {
    /// In parts of which [`CREDIT_UNIT`] are one conversion.
    pub conversions: i64,
    /// In parts of which the answer's `value_unit` are one.
    pub value: i64,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct AttributionRow {
    pub key: AttributionKey,
    /// All touches of this name are direct.
    pub direct: bool,
    /// Touches in the range, and earlier ones before a conversion in it.
    pub touches: u64,
    /// People who have them.
    pub people: u64,
    /// Conversions with such a touch before them; those with several count for each.
    pub conversions: u64,
    /// One per model. Over all rows they add up to the whole, to the last part.
    pub credits: Vec<AttributionCredit>,
    /// The share of all conversions after a touch that would be lost without this one, by the
    /// Markov model; absent if that was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removal_effect: Option<f64>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct AttributionResult {
    /// Most touches first; those without a value, the rest and "no touch" stand last.
    pub rows: Vec<AttributionRow>,
    pub conversions: u64,
    /// People who converted.
    pub people: u64,
    pub value: i64,
    /// How many parts of a value make one; 1 for minor units.
    pub value_unit: i64,
    /// Journeys that did not convert: touches in the range that led to no conversion, cut where
    /// there is a break longer than the window.
    pub unconverted: u64,
    /// False while the range has not ended; with Markov, while a journey may still convert.
    pub complete: bool,
    pub as_of: Millis,
}

/// Which people of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AttributionWhat {
    Touched,
    /// Who converted after such a touch.
    Converted,
    /// Who converted where the model credits such a touch; of Markov, as converted.
    Credited {
        model: usize,
    },
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct AttributionCell {
    /// Absent: all rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<AttributionKey>,
    pub what: AttributionWhat,
}

impl AttributionModel {
    fn validate(&self, field: &str) -> Result<()> {
        match self {
            AttributionModel::Position { first, last } if u64::from(*first) + u64::from(*last) > 100 => {
                Err(Error::invalid(field, "first and last are at most 100 percent together"))
            }
            AttributionModel::TimeDecay { half_life_seconds: 0 } => {
                Err(Error::invalid(field, "the half-life must be longer than nothing"))
            }
            _ => Ok(()),
        }
    }
}

impl Question for AttributionQuery {
    fn validate(&self) -> Result<()> {
        if self.touches.is_empty() || self.touches.len() > TOUCHES_MAX {
            return Err(Error::invalid("touches", format!("needs 1 to {TOUCHES_MAX} touches")));
        }
        if self.models.is_empty() || self.models.len() > ATTRIBUTION_MODELS_MAX {
            return Err(Error::invalid("models", format!("needs 1 to {ATTRIBUTION_MODELS_MAX} models")));
        }
        for (index, model) in self.models.iter().enumerate() {
            model.validate(&format!("models[{index}]"))?;
        }
        if self.window_seconds == 0 {
            return Err(Error::invalid("window_seconds", "must be longer than nothing"));
        }
        if self.direct.values.len() > DIRECT_VALUES_MAX {
            return Err(Error::invalid("direct.values", format!("at most {DIRECT_VALUES_MAX} values")));
        }
        if self.link.is_some() && matches!(self.target, Gain::Orders { .. }) {
            return Err(Error::invalid("link", "orders are not linked; take an event as the target"));
        }
        self.target.validate("target")?;
        self.spoken().validate()
    }

    fn spoken(&self) -> Spoken<'_> {
        let touches = self.touches.iter().enumerate();
        let events = touches.map(|(index, touch)| (format!("touches[{index}]"), &touch.event));
        let mut spoken = Spoken::of(events, None, self.segment);
        for (index, touch) in self.touches.iter().enumerate() {
            if let Some(property) = &touch.property {
                spoken.read(format!("touches[{index}].property"), property, index..index + 1, false);
            }
        }
        self.target.speak("target", &mut spoken);
        if let Some(link) = &self.link {
            let touches = self.touches.len();
            spoken.read("link", link, 0..touches, false);
            spoken.read("link", link, touches..spoken.events.len(), false);
        }
        spoken
    }
}
