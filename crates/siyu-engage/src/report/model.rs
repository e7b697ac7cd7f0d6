//! The shape of a report.

use serde::{Deserialize, Serialize};
use siyu_http::At;
use utoipa::ToSchema;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// The frozen audience.
    pub chosen: u64,
    /// People withheld as the control group.
    pub control: u64,
    /// People who passed protection and were, or are being, sent to.
    pub treated: u64,
    pub suppressed: Vec<Suppressed>,
    pub sent: u64,
    /// See `delivered_by`.
    pub delivered: u64,
    pub delivered_by: DeliveredBy,
    pub opened: u64,
    pub clicked: u64,
    /// Came back: at once, or later.
    pub bounced: u64,
    /// Called unwanted by the person.
    pub complained: u64,
    pub unsubscribed: u64,
    pub failed: u64,
    pub unknown: u64,
    pub pending: u64,
    pub cancelled: u64,
    pub goal: Option<GoalResult>,
    pub sample: Option<SampleCheck>,
    pub as_of: At,
}

/// How it is known that a message was delivered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveredBy {
    /// Receipts said so, one by one.
    Receipts,
    /// Nobody reports deliveries of this campaign: taken by the next server, and
    /// not come back so far.
    SentLessBounced,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Suppressed {
    pub reason: String,
    pub people: u64,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct GoalResult {
    pub treated: ArmResult,
    /// Empty without a control group; then what follows is response, not effect.
    pub control: ArmResult,
    pub lift: Option<Lift>,
    /// False while somebody's window has not ended.
    pub complete: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct ArmResult {
    pub people: u64,
    pub converted: u64,
    pub revenue_minor: f64,
}

/// The difference between the arms.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Lift {
    /// Difference of the conversion rates.
    pub absolute: f64,
    /// Its 95 % interval (Newcombe's hybrid score).
    pub low: f64,
    pub high: f64,
    /// Ratio of the rates less one; absent while there are too few conversions.
    pub relative: Option<f64>,
    /// Its 95 % interval (logarithmic).
    pub relative_low: Option<f64>,
    pub relative_high: Option<f64>,
    /// Two-sided. Fixed horizon: it is valid once, when the window has ended.
    pub p_value: f64,
    /// `z`, or `fisher` where the counts are small.
    pub test: TestName,
    /// At least 100 conversions in each arm.
    pub enough: bool,
}

/// Whether the arms have the sizes they were planned to have.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct SampleCheck {
    pub expected_control: f64,
    pub p_value: f64,
    /// Below 0.001: something decided about people by their arm; do not trust the lift.
    pub mismatch: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TestName {
    /// Pooled two-proportion z.
    Z,
    /// Fisher's exact test.
    Fisher,
}
