//! Saved analyses.

use serde::{Deserialize, Serialize};
use siyu_analytics::analyses::{funnel, trend};
use siyu_audience::Named;
use siyu_audience::evaluation::Needs;
use siyu_types::analysis::{Breakdown, FunnelQuery, TrendQuery};
use siyu_types::clock::Millis;
use utoipa::ToSchema;

/// A question of any kind.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AnalysisQuery {
    Trend(TrendQuery),
    Funnel(FunnelQuery),
}

impl AnalysisQuery {
    pub fn kind(&self) -> &'static str {
        match self {
            AnalysisQuery::Trend(_) => "trend",
            AnalysisQuery::Funnel(_) => "funnel",
        }
    }

    /// What must be read to answer it.
    pub fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        match self {
            AnalysisQuery::Trend(query) => {
                needs.events(trend::events_needed(query), trend::columns_needed(query));
            }
            AnalysisQuery::Funnel(query) => {
                needs.events(funnel::events_needed(query), funnel::columns_needed(query));
            }
        }
        if let Some(id) = self.segment() {
            needs.segment(id);
        }
        needs
    }

    fn segment(&self) -> Option<i64> {
        match self {
            AnalysisQuery::Trend(query) => query.segment,
            AnalysisQuery::Funnel(query) => query.segment,
        }
    }

    fn breakdown(&self) -> Option<&Breakdown> {
        match self {
            AnalysisQuery::Trend(query) => query.breakdown.as_ref(),
            AnalysisQuery::Funnel(query) => query.breakdown.as_ref(),
        }
    }

    /// The tags and segments it speaks of.
    pub fn names(&self) -> Vec<Named> {
        let tag = match self.breakdown() {
            Some(Breakdown::Tag { tag }) => Some(Named::Tag(*tag)),
            _ => None,
        };
        self.segment().map(Named::Segment).into_iter().chain(tag).collect()
    }
}

/// A question that was saved.
#[derive(Clone, PartialEq, Debug)]
pub struct Analysis {
    pub id: i64,
    pub name: String,
    pub description: String,
    pub query: AnalysisQuery,
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
}

/// Fields that are absent stay as they are.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct AnalysisChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub query: Option<AnalysisQuery>,
}
