//! Cross tables: people or events by two things at once.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::distribution::EDGES_MAX;
use super::question::{Question, Spoken};
use super::{Breakdown, DateRange, EventMatch, GROUPS_MAX};
use crate::clock::Millis;
use crate::error::{Error, Result};

/// Segments that stand side by side.
pub const CROSSTAB_SEGMENTS_MAX: usize = 25;

/// What a row or column stands for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CrosstabDimension {
    Values {
        by: Breakdown,
        /// Ascending edges: numbers are put into bins between them, and what is no number has no
        /// value. Empty: every value is one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        edges: Vec<f64>,
        /// So many of the largest values stand on their own; the rest is "other". At most
        /// [`GROUPS_MAX`].
        top: u32,
    },
    /// Members of segments, who may be in several.
    Segments { segments: Vec<i64> },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CrosstabMeasure {
    /// Different people: somebody with several values counts for each, and once in the totals.
    People,
    Events,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct CrosstabQuery {
    /// Absent: all people are looked at, whatever they did; rows and columns are what is known of
    /// people then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventMatch>,
    pub measure: CrosstabMeasure,
    /// Of the event.
    pub range: DateRange,
    pub rows: CrosstabDimension,
    pub columns: CrosstabDimension,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

/// One row or column.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CrosstabKey {
    Value {
        value: String,
    },
    /// `from` is in it, `to` is not; null is without end.
    Bin {
        from: Option<f64>,
        to: Option<f64>,
    },
    Segment {
        segment: i64,
    },
    /// No value, or a member of none of the segments.
    Missing,
    Other,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct CrosstabResult {
    /// Largest first, bins and segments in their order; those without a value and the rest last.
    pub rows: Vec<CrosstabKey>,
    pub columns: Vec<CrosstabKey>,
    /// Per row, one per column.
    pub cells: Vec<Vec<u64>>,
    pub row_totals: Vec<u64>,
    pub column_totals: Vec<u64>,
    pub total: u64,
    pub complete: bool,
    pub as_of: Millis,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct CrosstabCell {
    /// Absent: all rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<CrosstabKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<CrosstabKey>,
}

impl CrosstabDimension {
    fn validate(&self, field: &str, of_people: bool) -> Result<()> {
        match self {
            CrosstabDimension::Values { by, edges, top } => {
                let ascending = edges.windows(2).all(|pair| pair[0] < pair[1]);
                if !ascending || edges.iter().any(|edge| !edge.is_finite()) {
                    return Err(Error::invalid(format!("{field}.edges"), "must be ascending numbers"));
                }
                if edges.len() > EDGES_MAX {
                    return Err(Error::invalid(
                        format!("{field}.edges"),
                        format!("at most {EDGES_MAX} edges"),
                    ));
                }
                if !(1..=GROUPS_MAX).contains(&(*top as usize)) {
                    return Err(Error::invalid(format!("{field}.top"), format!("1 to {GROUPS_MAX} values")));
                }
                if of_people && !matches!(by, Breakdown::Attribute { .. } | Breakdown::Tag { .. }) {
                    return Err(Error::invalid(
                        format!("{field}.by"),
                        "without an event, take an attribute or a tag",
                    ));
                }
                Ok(())
            }
            CrosstabDimension::Segments { segments } => {
                if segments.is_empty() || segments.len() > CROSSTAB_SEGMENTS_MAX {
                    let text = format!("needs 1 to {CROSSTAB_SEGMENTS_MAX} segments");
                    return Err(Error::invalid(format!("{field}.segments"), text));
                }
                Ok(())
            }
        }
    }

    fn speak<'q>(&'q self, field: &str, spoken: &mut Spoken<'q>) {
        match self {
            CrosstabDimension::Values { by, .. } => spoken.dimensions.push((format!("{field}.by"), by)),
            CrosstabDimension::Segments { segments } => {
                let named = segments.iter().enumerate();
                spoken.segments.extend(named.map(|(index, id)| (format!("{field}.segments[{index}]"), *id)));
            }
        }
    }
}

impl Question for CrosstabQuery {
    fn validate(&self) -> Result<()> {
        if self.event.is_none() && self.measure == CrosstabMeasure::Events {
            return Err(Error::invalid("event", "choose an event to count events"));
        }
        self.rows.validate("rows", self.event.is_none())?;
        self.columns.validate("columns", self.event.is_none())?;
        self.spoken().validate()
    }

    fn spoken(&self) -> Spoken<'_> {
        let mut spoken = Spoken::of(self.event.iter().map(|event| ("event", event)), None, self.segment);
        self.rows.speak("rows", &mut spoken);
        self.columns.speak("columns", &mut spoken);
        spoken
    }
}
