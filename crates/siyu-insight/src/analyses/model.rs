//! Saved analyses.

use serde::Serialize;
use siyu_audience::Named;
use siyu_types::analysis::{AnalysisQuery, AnalysisResult, Breakdown, Question as _};
use siyu_types::clock::Millis;
use utoipa::ToSchema;

/// The tags and segments that a question speaks of.
pub(crate) fn names(query: &AnalysisQuery) -> Vec<Named> {
    let spoken = query.spoken();
    let tags = spoken.breakdowns().filter_map(|(_, breakdown)| match breakdown {
        Breakdown::Tag { tag } => Some(Named::Tag(*tag)),
        _ => None,
    });
    spoken.all_segments().map(|(_, id)| Named::Segment(id)).chain(tags).collect()
}

/// An answer, and what there is to know about it.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct AnalysisAnswer {
    pub result: AnalysisResult,
    pub about: AnswerAbout,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct AnswerAbout {
    /// Nothing that happens from now on can change it.
    pub complete: bool,
    /// Nothing is sampled or estimated. It always is.
    pub exact: bool,
    /// In which days are counted.
    pub zone: String,
    /// Events looked at.
    pub events_read: u64,
    pub took_micros: u64,
}

/// A question that was saved.
#[derive(Clone, PartialEq, Debug)]
pub struct Analysis {
    pub id: i64,
    pub name: String,
    pub description: String,
    pub query: AnalysisQuery,
    /// People are told apart as at this instant; as now if absent.
    pub told_apart: Option<Millis>,
    /// `user:3`, as audit rows hold it.
    pub created_by: String,
    pub created_at: Millis,
    pub updated_at: Millis,
}

#[derive(Clone, PartialEq, Debug)]
pub struct NewAnalysis {
    pub name: String,
    pub description: String,
    pub query: AnalysisQuery,
    pub told_apart: Option<Millis>,
}

/// Fields that are absent stay as they are.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct AnalysisChange {
    pub name: Option<String>,
    pub description: Option<String>,
    /// With it comes as of when people are told apart, or that it is now.
    pub query: Option<(AnalysisQuery, Option<Millis>)>,
}
