//! What all kinds of questions have in common: the list of them, and the one
//! description of what each speaks of.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::Answer;
use super::{
    AttributionCell, AttributionQuery, AttributionResult, Breakdown, CrosstabCell, CrosstabQuery,
    CrosstabResult, DistributionCell, DistributionQuery, DistributionResult, EventMatch, FunnelCell,
    FunnelQuery, FunnelResult, HeatmapCell, HeatmapQuery, HeatmapResult, IntervalCell, IntervalQuery,
    IntervalResult, LifecycleCell, LifecycleQuery, LifecycleResult, PathCell, PathQuery, PathResult,
    RetentionCell, RetentionQuery, RetentionResult, RevenueCell, RevenueQuery, RevenueResult, RfmCell,
    RfmQuery, RfmResult, SequenceCell, SequenceQuery, SequenceResult, SessionCell, SessionQuery,
    SessionResult, StickinessCell, StickinessQuery, StickinessResult, TrendCell, TrendQuery, TrendResult,
};
use crate::clock::Millis;
use crate::condition::PropertyFilter;
use crate::error::{Error, Result};

/// The name that stands for every event that is somebody's own doing: all but
/// [`crate::record::names::DONE_TO_PEOPLE`].
pub const ANY_EVENT: &str = "$any";

/// A question: what it reads, and whether it makes sense by itself.
pub trait Question {
    /// Checks limits and shape, without looking at names.
    fn validate(&self) -> Result<()>;

    /// Everything it names. From this names are checked, columns are chosen, and
    /// uses of tags and segments are found.
    fn spoken(&self) -> Spoken<'_>;
}

/// What a question speaks of, each thing with the field that does.
#[derive(Default, Debug)]
pub struct Spoken<'q> {
    /// Field, such as `steps[0]`, and event.
    pub events: Vec<(String, &'q EventMatch)>,
    pub reads: Vec<Read<'q>>,
    /// If it speaks of orders: the field of their filters, and these.
    pub orders: Option<(String, &'q [PropertyFilter])>,
    pub breakdown: Option<&'q Breakdown>,
    /// Further breakdowns, each within the one before.
    pub then_by: &'q [Breakdown],
    /// What else splits the answer, each with its field.
    pub dimensions: Vec<(String, &'q Breakdown)>,
    pub segment: Option<i64>,
    /// Other segments it names, each with its field.
    pub segments: Vec<(String, i64)>,
}

/// A property that is read beside those of filters and of the breakdown.
#[derive(Debug)]
pub struct Read<'q> {
    /// Such as `series[0].measure.property`.
    pub field: String,
    pub property: &'q str,
    /// Into [`Spoken::events`]: at least one of them must have it.
    pub events: Range<usize>,
    /// Only numbers, and texts that may read as numbers, make sense.
    pub number: bool,
}

impl<'q> Spoken<'q> {
    pub(super) fn of(
        events: impl IntoIterator<Item = (impl Into<String>, &'q EventMatch)>,
        breakdown: Option<&'q Breakdown>,
        segment: Option<i64>,
    ) -> Spoken<'q> {
        let events = events.into_iter().map(|(field, event)| (field.into(), event)).collect();
        Spoken { events, breakdown, segment, ..Spoken::default() }
    }

    /// Everything that splits the answer, each with the field that holds it.
    pub fn breakdowns(&self) -> impl Iterator<Item = (String, &'q Breakdown)> {
        let first = self.breakdown.map(|breakdown| ("breakdown".to_owned(), breakdown));
        let more = self.then_by.iter().enumerate();
        let more = more.map(|(index, breakdown)| (format!("then_by[{index}]"), breakdown));
        first.into_iter().chain(more).chain(self.dimensions.clone())
    }

    /// All segments it names, each with its field: the filter's, and those side by side.
    pub fn all_segments(&self) -> impl Iterator<Item = (String, i64)> {
        let side_by_side = self.breakdowns().flat_map(|(field, breakdown)| {
            let segments = match breakdown {
                Breakdown::Segments { segments } => &segments[..],
                _ => &[],
            };
            segments.iter().enumerate().map(move |(index, id)| (format!("{field}.segments[{index}]"), *id))
        });
        let own = self.segment.map(|id| ("segment".to_owned(), id)).into_iter();
        own.chain(self.segments.clone()).chain(side_by_side)
    }

    pub(super) fn read(
        &mut self,
        field: impl Into<String>,
        property: &'q str,
        events: Range<usize>,
        number: bool,
    ) {
        self.reads.push(Read { field: field.into(), property, events, number });
    }

    /// Checks what can be checked of every event without knowing the names.
    pub(super) fn validate(&self) -> Result<()> {
        for (field, event) in &self.events {
            if event.event.is_empty() {
                return Err(Error::invalid(format!("{field}.event"), "choose an event"));
            }
            for (index, filter) in event.filters.iter().enumerate() {
                filter.test.validate(&format!("{field}.filters[{index}]"))?;
            }
        }
        self.breakdowns().try_for_each(|(field, breakdown)| breakdown.validate(&field))
    }
}

macro_rules! kinds {
    ($($kind:ident($text:literal): $query:ident, $cell:ident, $result:ident;)*) => {
        /// A question of any kind.
        #[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        pub enum AnalysisQuery { $($kind($query),)* }

        /// The answer to a question of the same kind.
        #[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        pub enum AnalysisResult { $($kind($result),)* }

        /// The people behind one number of an answer.
        #[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        pub enum AnalysisCell { $($kind { query: $query, cell: $cell },)* }

        impl AnalysisQuery {
            pub fn kind(&self) -> &'static str {
                match self { $(AnalysisQuery::$kind(_) => $text,)* }
            }

            fn question(&self) -> &dyn Question {
                match self { $(AnalysisQuery::$kind(query) => query,)* }
            }
        }

        impl AnalysisResult {
            /// The instant the question was asked as of.
            pub fn as_of(&self) -> Millis {
                match self { $(AnalysisResult::$kind(result) => result.as_of,)* }
            }
        }

        impl Answer for AnalysisResult {
            fn complete(&self) -> bool {
                match self { $(AnalysisResult::$kind(result) => result.complete(),)* }
            }

            fn each_value(&mut self, see: &mut dyn FnMut(&mut String)) {
                match self { $(AnalysisResult::$kind(result) => result.each_value(see),)* }
            }
        }

        impl AnalysisCell {
            /// The question whose answer holds the cell.
            pub fn query(&self) -> AnalysisQuery {
                match self {
                    $(AnalysisCell::$kind { query, .. } => AnalysisQuery::$kind(query.clone()),)*
                }
            }
        }
    };
}

kinds! {
    Trend("trend"): TrendQuery, TrendCell, TrendResult;
    Funnel("funnel"): FunnelQuery, FunnelCell, FunnelResult;
    Retention("retention"): RetentionQuery, RetentionCell, RetentionResult;
    Lifecycle("lifecycle"): LifecycleQuery, LifecycleCell, LifecycleResult;
    Stickiness("stickiness"): StickinessQuery, StickinessCell, StickinessResult;
    Distribution("distribution"): DistributionQuery, DistributionCell, DistributionResult;
    Interval("interval"): IntervalQuery, IntervalCell, IntervalResult;
    Session("session"): SessionQuery, SessionCell, SessionResult;
    Path("path"): PathQuery, PathCell, PathResult;
    Attribution("attribution"): AttributionQuery, AttributionCell, AttributionResult;
    Revenue("revenue"): RevenueQuery, RevenueCell, RevenueResult;
    Crosstab("crosstab"): CrosstabQuery, CrosstabCell, CrosstabResult;
    Rfm("rfm"): RfmQuery, RfmCell, RfmResult;
    Sequence("sequence"): SequenceQuery, SequenceCell, SequenceResult;
    Heatmap("heatmap"): HeatmapQuery, HeatmapCell, HeatmapResult;
}

impl Question for AnalysisQuery {
    fn validate(&self) -> Result<()> {
        self.question().validate()
    }

    fn spoken(&self) -> Spoken<'_> {
        self.question().spoken()
    }
}
