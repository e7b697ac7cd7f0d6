//! The analyses: one folder per kind, and the list of them.

pub mod activity;
pub mod attribution;
pub mod crosstab;
pub mod distribution;
pub mod funnel;
pub mod heatmap;
pub mod interval;
pub mod lifecycle;
pub mod path;
pub mod retention;
pub mod revenue;
pub mod rfm;
pub mod sequence;
pub mod session;
pub mod stickiness;
pub mod trend;

use roaring::RoaringBitmap;
use siyu_types::Result;
use siyu_types::analysis::{AnalysisCell, AnalysisQuery, AnalysisResult};

use crate::Context;

macro_rules! kinds {
    ($($kind:ident: $module:ident;)*) => {
        /// Answers a question, over all living people or those `within`.
        pub fn answer(
            query: &AnalysisQuery,
            context: &Context<'_>,
            within: Option<&RoaringBitmap>,
        ) -> Result<AnalysisResult> {
            Ok(match query {
                $(AnalysisQuery::$kind(query) => AnalysisResult::$kind($module::run(query, context, within)?),)*
            })
        }

        /// The people behind one number of an answer.
        pub fn people(
            cell: &AnalysisCell,
            context: &Context<'_>,
            within: Option<&RoaringBitmap>,
        ) -> Result<RoaringBitmap> {
            match cell {
                $(AnalysisCell::$kind { query, cell } => $module::people(query, cell, context, within),)*
            }
        }
    };
}

kinds! {
    Trend: trend;
    Funnel: funnel;
    Retention: retention;
    Lifecycle: lifecycle;
    Stickiness: stickiness;
    Distribution: distribution;
    Interval: interval;
    Session: session;
    Path: path;
    Attribution: attribution;
    Revenue: revenue;
    Crosstab: crosstab;
    Rfm: rfm;
    Sequence: sequence;
    Heatmap: heatmap;
}
