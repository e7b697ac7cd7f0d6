//! What was told to whom about a change of an alert, and what became of it.

use serde::Serialize;
use siyu_types::ErrorCode;
use siyu_types::clock::Millis;
use siyu_types::telling::Receiver;
use utoipa::ToSchema;

/// What became of one message to one receiver.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AlertTellOutcome)]
pub enum TellOutcome {
    /// Not sent yet, or to be tried again.
    Queued,
    /// The receiver's server took it.
    Sent,
    /// Nobody got it, and nobody will.
    Failed,
    /// It may or may not have arrived; it is not sent again.
    Unknown,
}

impl TellOutcome {
    pub const ALL: &[TellOutcome] =
        &[TellOutcome::Queued, TellOutcome::Sent, TellOutcome::Failed, TellOutcome::Unknown];

    pub fn as_str(self) -> &'static str {
        match self {
            TellOutcome::Queued => "queued",
            TellOutcome::Sent => "sent",
            TellOutcome::Failed => "failed",
            TellOutcome::Unknown => "unknown",
        }
    }

    pub fn parse(text: &str) -> Option<TellOutcome> {
        TellOutcome::ALL.iter().copied().find(|outcome| outcome.as_str() == text)
    }
}

/// A message to one receiver.
#[derive(Clone, PartialEq, Debug)]
pub struct Telling {
    pub receiver: Receiver,
    pub outcome: TellOutcome,
    /// Why it was not sent.
    pub code: Option<ErrorCode>,
    /// The words of whoever refused it.
    pub reason: Option<String>,
    /// When the outcome became what it is.
    pub at: Millis,
}

/// A telling that waits for its try, with what the try needs.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Waiting {
    pub id: i64,
    pub alert: i64,
    pub change: i64,
    pub send_id: String,
    pub receiver: Receiver,
    /// An earlier try began to call, and its outcome was never written down.
    pub calling: bool,
    pub attempts: i64,
}
