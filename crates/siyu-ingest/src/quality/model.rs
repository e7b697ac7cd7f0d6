//! Shapes of the answers about data quality.

use serde::{Deserialize, Serialize};
use siyu_http::At;
use siyu_types::clock::Millis;
use siyu_types::value::ValueKind;
use utoipa::{IntoParams, ToSchema};

use crate::protocols::ReasonCode;

/// What a share of the records was no later than.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, ToSchema)]
pub struct Lateness {
    /// The upper bound of its class; null beyond 30 days.
    pub at_most_ms: Option<i64>,
}

/// Sums of a stretch of time.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct Sums {
    /// Applied.
    pub records: u64,
    pub duplicates: u64,
    /// Refused or held back.
    pub rejected: u64,
    /// Half of the records came no later after their event; null without records.
    pub late_p50: Option<Lateness>,
    pub late_p95: Option<Lateness>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SummaryQuery {
    /// How many days up to now, 1 to 35; 7 if absent.
    pub days: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Summary {
    pub from: At,
    pub series: Vec<SeriesItem>,
    pub sources: Vec<SourceItem>,
    pub dedupe: DedupeItem,
}

/// One event of one source. `(profile)`, `(link)`, `(item)`, `(unreadable)` and
/// `(other)` stand for what is no event, cannot be read, or is beyond the bounds; the source
/// `(imports)` for all imported files.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesItem {
    pub source: String,
    pub event: String,
    pub first_seen: At,
    pub last_seen: At,
    #[serde(flatten)]
    pub sums: Sums,
    /// Records per day of the project, oldest first.
    pub days: Vec<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SourceItem {
    pub name: String,
    pub last_seen: At,
    #[serde(flatten)]
    pub sums: Sums,
    pub libraries: Vec<LibraryItem>,
    /// Of `(imports)`: the files, latest first.
    pub files: Vec<FileItem>,
}

/// An imported file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QualityFileItem)]
pub struct FileItem {
    pub name: String,
    pub last_seen: At,
    #[serde(flatten)]
    pub sums: Sums,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LibraryItem {
    pub name: String,
    pub version: String,
    pub first_seen: At,
    pub last_seen: At,
    pub requests: u64,
}

/// The memory by which records that are sent again are known.
#[derive(Debug, Serialize, ToSchema)]
pub struct DedupeItem {
    pub window_hours: u16,
    pub keys: u64,
    /// Of imported files, kept for good.
    pub import_keys: u64,
    pub bytes: u64,
    /// Keys had to be forgotten before the window ended: only what was received after
    /// this is known for certain.
    pub horizon: Option<At>,
}

/// The width of a point.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Grain {
    Hour,
    #[default]
    Day,
}

impl Grain {
    pub fn parse(text: &str) -> Option<Grain> {
        match text {
            "hour" => Some(Grain::Hour),
            "day" => Some(Grain::Day),
            _ => None,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SeriesQuery {
    /// All sources if absent.
    pub source: Option<String>,
    /// All events if absent.
    pub event: Option<String>,
    /// `hour` for the last 48 hours, `day` (if absent) for 90 days.
    pub by: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesDetail {
    pub points: Vec<Point>,
    /// Why records were refused or held back, over all days that are kept.
    pub reasons: Vec<ReasonCount>,
    /// Of events over the last 14 days, most frequent first.
    pub properties: Vec<PropertyRates>,
    /// Events looked at for properties.
    pub looked_at: u64,
    /// Values of properties that are not counted one by one.
    pub other_values: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Point {
    /// Start of the hour or of the project's day; of the UTC day beyond 35 days.
    pub at: At,
    #[serde(flatten)]
    pub sums: Sums,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonCount {
    pub code: ReasonCode,
    pub count: u64,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct PropertyRates {
    pub name: String,
    /// The type most values have.
    pub kind: ValueKind,
    pub present: u64,
    /// Events without it, or with null.
    pub missing: u64,
    /// Empty texts and lists, and placeholders that mean nothing.
    pub empty: u64,
    /// Values of another type than most.
    pub drifted: u64,
}

/// What an expectation compares.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// Fewer than this percentage of the same hour of previous weeks.
    Below,
    /// More than this percentage of the same hour of previous weeks.
    Above,
    /// Nothing for this many minutes.
    Silent,
}

impl RuleKind {
    pub const ALL: &[RuleKind] = &[RuleKind::Below, RuleKind::Above, RuleKind::Silent];

    pub fn as_str(self) -> &'static str {
        match self {
            RuleKind::Below => "below",
            RuleKind::Above => "above",
            RuleKind::Silent => "silent",
        }
    }

    pub fn parse(text: &str) -> Option<RuleKind> {
        RuleKind::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

/// What somebody expects to arrive.
#[derive(Clone, PartialEq, Debug)]
pub struct Rule {
    pub id: i64,
    pub draft: RuleDraft,
    pub created_at: Millis,
    pub checked_at: Option<Millis>,
    pub verdict: Verdict,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleDraft {
    /// Of this source only; of all if empty.
    #[serde(default)]
    pub source: String,
    /// Of this event only; of all if empty.
    #[serde(default)]
    pub event: String,
    pub kind: RuleKind,
    /// Per cent of what is expected, or minutes.
    pub threshold: i64,
    pub enabled: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleState {
    /// Not looked at yet, or turned off.
    Pending,
    Ok,
    Firing,
    /// There is not enough of the past to compare with.
    TooLittle,
}

impl RuleState {
    pub const ALL: &[RuleState] =
        &[RuleState::Pending, RuleState::Ok, RuleState::Firing, RuleState::TooLittle];

    pub fn as_str(self) -> &'static str {
        match self {
            RuleState::Pending => "pending",
            RuleState::Ok => "ok",
            RuleState::Firing => "firing",
            RuleState::TooLittle => "too_little",
        }
    }

    pub fn parse(text: &str) -> Option<RuleState> {
        RuleState::ALL.iter().copied().find(|state| state.as_str() == text)
    }
}

/// What a rule found when it was last looked at.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Verdict {
    pub state: RuleState,
    /// Records of the last whole hour, or minutes of silence.
    pub observed: Option<f64>,
    /// Records of such an hour on average, or minutes of silence that are allowed.
    pub expected: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RuleItem {
    pub id: i64,
    pub source: String,
    pub event: String,
    pub kind: RuleKind,
    pub threshold: i64,
    pub enabled: bool,
    pub created_at: At,
    pub checked_at: Option<At>,
    pub state: RuleState,
    pub observed: Option<f64>,
    pub expected: Option<f64>,
}

/// A time during which an expectation was not met.
#[derive(Clone, PartialEq, Debug)]
pub struct Alert {
    pub id: i64,
    pub rule: i64,
    pub draft: RuleDraft,
    pub started_at: Millis,
    pub ended_at: Option<Millis>,
    pub observed: Option<f64>,
    pub expected: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AlertItem {
    pub id: i64,
    pub rule: i64,
    pub source: String,
    pub event: String,
    pub kind: RuleKind,
    pub threshold: i64,
    pub started_at: At,
    /// Null while it lasts.
    pub ended_at: Option<At>,
    /// As of its start.
    pub observed: Option<f64>,
    pub expected: Option<f64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AlertsQuery {
    /// Only those that last.
    pub open: Option<bool>,
}
