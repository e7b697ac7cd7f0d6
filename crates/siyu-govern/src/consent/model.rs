//! What a statement is.

use serde::{Deserialize, Serialize};
use siyu_types::PersonNo;
use siyu_types::clock::Millis;
use utoipa::ToSchema;

/// In place of a channel: all of them.
pub const EVERY_CHANNEL: &str = "*";

/// Channels that a statement may be about, in the order in which people are shown them.
pub const CHANNELS: &[&str] = &["email", "sms", "phone", "wechat", "wecom", "push", "webhook"];

/// What somebody said about a purpose.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    Granted,
    /// Given once, and no longer valid: its time is over, or the text has changed since.
    Expired,
    /// Refused when asked.
    Denied,
    /// Given once and taken back.
    Withdrawn,
}

impl ConsentState {
    /// The more lenient first: of two that contradict each other the later one here wins.
    pub const ALL: &[ConsentState] =
        &[ConsentState::Granted, ConsentState::Expired, ConsentState::Denied, ConsentState::Withdrawn];

    pub fn as_str(self) -> &'static str {
        match self {
            ConsentState::Granted => "granted",
            ConsentState::Expired => "expired",
            ConsentState::Denied => "denied",
            ConsentState::Withdrawn => "withdrawn",
        }
    }

    pub fn parse(text: &str) -> Option<ConsentState> {
        ConsentState::ALL.iter().copied().find(|state| state.as_str() == text)
    }

    pub(super) fn strictness(self) -> usize {
        ConsentState::ALL.iter().position(|state| *state == self).unwrap_or_default()
    }
}

/// How a statement was made.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConsentHow)]
pub enum How {
    /// Ticked or switched by the person on a page or in an app.
    Checkbox,
    /// Followed a link made for this, such as that to unsubscribe.
    Link,
    /// Said to somebody.
    Verbal,
    /// Signed on paper.
    Paper,
    /// Taken over from another system.
    Import,
    /// Entered by a member of the team.
    Staff,
    /// Concluded by a program, such as from a complaint.
    Program,
}

impl How {
    pub const ALL: &[How] =
        &[How::Checkbox, How::Link, How::Verbal, How::Paper, How::Import, How::Staff, How::Program];

    pub fn as_str(self) -> &'static str {
        match self {
            How::Checkbox => "checkbox",
            How::Link => "link",
            How::Verbal => "verbal",
            How::Paper => "paper",
            How::Import => "import",
            How::Staff => "staff",
            How::Program => "program",
        }
    }

    pub fn parse(text: &str) -> Option<How> {
        How::ALL.iter().copied().find(|how| how.as_str() == text)
    }
}

/// A statement to be recorded, with its proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement {
    /// The person it is about, as known now.
    pub person: PersonNo,
    /// All numbers of the person: it holds for each of them, whatever is split later.
    pub numbers: Vec<u32>,
    pub purpose: String,
    /// Such as `email`, or [`EVERY_CHANNEL`].
    pub channel: String,
    pub state: ConsentState,
    /// Of the text that was shown; `None` where that is not known.
    pub version: Option<i64>,
    /// Where it was made: a page, a shop, `unsubscribe_link`.
    pub source: String,
    pub how: How,
    /// When it was made.
    pub at: Millis,
    /// What shows it: a message, a form, a recording.
    pub evidence: String,
    /// The identifier it was made for, masked.
    pub identifier: String,
    /// Who wrote it down, as audit rows say it.
    pub actor: String,
    /// Statements with the same key are the same statement.
    pub key: Option<String>,
}

/// What holds for one number, purpose and channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Consent {
    pub person: PersonNo,
    pub channel: String,
    pub purpose: String,
    pub state: ConsentState,
    pub source: String,
    pub at: Millis,
    pub version: Option<i64>,
    /// The statement in the ledger; `None` of statements older than the proofs.
    pub entry: Option<i64>,
}

/// A statement as the ledger keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub id: i64,
    pub consent: Consent,
    pub how: Option<How>,
    pub recorded_at: Option<Millis>,
    pub evidence: String,
    pub identifier: String,
    pub actor: String,
}
