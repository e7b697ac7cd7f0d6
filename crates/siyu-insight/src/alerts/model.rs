//! A number of an answer that is looked at again and again, and what was found.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use siyu_types::ErrorCode;
use siyu_types::analysis::{AnalysisCell, TrendCompare};
use siyu_types::clock::Millis;
use siyu_types::telling::Receiver;
use utoipa::ToSchema;

use super::tell::Telling;

/// Which number of the cell is watched.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertMeasure {
    /// The number of a trend's line, as the chart shows it.
    Number,
    /// The people behind the cell.
    People,
    /// Of those who entered the funnel or the cohort, the part behind the cell, from 0 to 1.
    Share,
}

impl AlertMeasure {
    pub const ALL: &[AlertMeasure] = &[AlertMeasure::Number, AlertMeasure::People, AlertMeasure::Share];

    pub fn as_str(self) -> &'static str {
        match self {
            AlertMeasure::Number => "number",
            AlertMeasure::People => "people",
            AlertMeasure::Share => "share",
        }
    }

    pub fn parse(text: &str) -> Option<AlertMeasure> {
        AlertMeasure::ALL.iter().copied().find(|measure| measure.as_str() == text)
    }
}

/// Which way a change counts.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertDirection {
    Up,
    Down,
    #[default]
    Either,
}

/// When an alert fires.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AlertRule {
    /// The number is greater.
    Above { number: f64 },
    /// The number is smaller.
    Below { number: f64 },
    /// It differs by more than so many percent from the number of an earlier period.
    Changes {
        percent: f64,
        #[serde(default)]
        direction: AlertDirection,
        /// `previous` is the bucket before, or as many days before.
        against: TrendCompare,
    },
}

/// How often an alert is looked at, in the project's zone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AlertRhythm {
    Hourly,
    /// At this hour, 0 to 23.
    Daily {
        hour: i8,
    },
    /// On this day of the week, 1 is Monday, 7 Sunday.
    Weekly {
        weekday: i8,
        hour: i8,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Paused, or not looked at yet.
    Pending,
    Ok,
    Firing,
    /// There is no number, or nothing to compare it with.
    TooLittle,
    /// The question could not be asked. Whether all is well is not known.
    Error,
}

impl AlertState {
    pub const ALL: &[AlertState] =
        &[AlertState::Pending, AlertState::Ok, AlertState::Firing, AlertState::TooLittle, AlertState::Error];

    pub fn as_str(self) -> &'static str {
        match self {
            AlertState::Pending => "pending",
            AlertState::Ok => "ok",
            AlertState::Firing => "firing",
            AlertState::TooLittle => "too_little",
            AlertState::Error => "error",
        }
    }

    pub fn parse(text: &str) -> Option<AlertState> {
        AlertState::ALL.iter().copied().find(|state| state.as_str() == text)
    }

    /// Somebody should look at it.
    pub fn is_open(self) -> bool {
        matches!(self, AlertState::Firing | AlertState::Error)
    }
}

/// What is watched.
#[derive(Clone, PartialEq, Debug)]
pub struct Watched {
    pub cell: AnalysisCell,
    pub measure: AlertMeasure,
}

/// Local days, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Days {
    pub first: Date,
    pub last: Date,
}

/// Why an alert could not be judged.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct AlertError {
    pub code: ErrorCode,
    /// English, for developers; people read the translation of the code.
    pub message: String,
    /// Values for the translated sentence.
    pub params: BTreeMap<String, String>,
}

/// What a look found.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    pub state: AlertState,
    pub value: Option<f64>,
    /// What the rule compares the value with, if it is a number of an earlier period.
    pub compared: Option<f64>,
    /// What was judged.
    pub days: Option<Days>,
    pub error: Option<AlertError>,
}

impl Found {
    /// Nothing yet.
    pub const PENDING: Found =
        Found { state: AlertState::Pending, value: None, compared: None, days: None, error: None };
}

#[derive(Clone, PartialEq, Debug)]
pub struct Alert {
    pub id: i64,
    pub name: String,
    pub watched: Watched,
    pub rule: AlertRule,
    pub rhythm: AlertRhythm,
    /// Who is told outside of the console.
    pub tell: Vec<Receiver>,
    pub enabled: bool,
    pub found: Found,
    /// Since when the state is what it is.
    pub since: Millis,
    pub checked_at: Option<Millis>,
    /// Absent while it is paused.
    pub next_at: Option<Millis>,
    pub(super) version: i64,
    /// `user:3`, as audit rows hold it.
    pub created_by: String,
    pub created_at: Millis,
    pub updated_at: Millis,
}

/// A change of an alert's state.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    pub id: i64,
    pub at: Millis,
    pub found: Found,
    /// Who was told of it.
    pub tellings: Vec<Telling>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct NewAlert {
    pub name: String,
    pub watched: Watched,
    pub rule: AlertRule,
    pub rhythm: AlertRhythm,
    pub tell: Vec<Receiver>,
}

/// Fields that are absent stay as they are.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct AlertEdit {
    pub name: Option<String>,
    pub rule: Option<AlertRule>,
    pub rhythm: Option<AlertRhythm>,
    pub tell: Option<Vec<Receiver>>,
    pub enabled: Option<bool>,
}
