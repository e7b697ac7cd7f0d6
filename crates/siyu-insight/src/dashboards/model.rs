//! Dashboards and their tiles.

use serde::{Deserialize, Serialize};
use siyu_http::At;
use siyu_types::analysis::{AnalysisQuery, DateRange};
use siyu_types::clock::Millis;
use utoipa::ToSchema;

/// What a tile asks.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = DashboardAsks)]
pub enum Asks {
    /// A saved analysis, as it is when the tile is looked at.
    Analysis { analysis: i64 },
    /// A question of its own.
    Question {
        // Boxed, since it is far larger than the other kind.
        query: Box<AnalysisQuery>,
        /// People are told apart as at this instant; as now if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        identity_as_of: Option<At>,
    },
}

/// How much of the row a tile takes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DashboardWidth)]
pub enum Width {
    Third,
    #[default]
    Half,
    Full,
}

/// What of an answer a tile shows.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DashboardShow)]
pub enum Show {
    #[default]
    Chart,
    /// The provinces of a trend that is broken down by them; of any other answer its picture.
    Map,
    Table,
    /// The few numbers that say it in short.
    Number,
}

/// One answer on a dashboard.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DashboardTile)]
pub struct Tile {
    /// Tells the tiles of a dashboard apart for as long as they stand there; given to new ones.
    #[serde(default)]
    pub id: u32,
    /// Empty: called as its analysis is.
    #[serde(default)]
    pub title: String,
    pub asks: Asks,
    #[serde(default)]
    pub width: Width,
    #[serde(default)]
    pub show: Show,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Dashboard {
    pub id: i64,
    pub name: String,
    pub description: String,
    /// In the order in which they stand.
    pub tiles: Vec<Tile>,
    /// Takes the place of the ranges of all tiles.
    pub range: Option<DateRange>,
    /// Takes the place of the segments of all tiles.
    pub segment: Option<i64>,
    /// `user:3`, as audit rows hold it.
    pub created_by: String,
    pub created_at: Millis,
    pub updated_at: Millis,
}

#[derive(Clone, PartialEq, Debug)]
pub struct NewDashboard {
    pub name: String,
    pub description: String,
    pub tiles: Vec<Tile>,
    pub range: Option<DateRange>,
    pub segment: Option<i64>,
}

/// Fields that are absent stay as they are.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct DashboardChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub tiles: Option<Vec<Tile>>,
    /// `Some(None)` takes it away.
    pub range: Option<Option<DateRange>>,
    pub segment: Option<Option<i64>>,
}
