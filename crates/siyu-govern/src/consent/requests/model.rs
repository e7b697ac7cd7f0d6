//! What people ask about their data.

use serde::{Deserialize, Serialize};
use siyu_types::PersonNo;
use siyu_types::clock::Millis;
use utoipa::ToSchema;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// A copy of the data (PIPL art. 45).
    Access,
    /// Deletion (art. 47).
    Erase,
    /// Correction (art. 46).
    Correct,
    /// Why something was decided automatically (art. 24).
    Explain,
}

impl RequestKind {
    pub const ALL: &[RequestKind] =
        &[RequestKind::Access, RequestKind::Erase, RequestKind::Correct, RequestKind::Explain];

    pub fn as_str(self) -> &'static str {
        match self {
            RequestKind::Access => "access",
            RequestKind::Erase => "erase",
            RequestKind::Correct => "correct",
            RequestKind::Explain => "explain",
        }
    }

    pub fn parse(text: &str) -> Option<RequestKind> {
        RequestKind::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    Open,
    Working,
    Done,
    Refused,
}

impl RequestState {
    pub const ALL: &[RequestState] =
        &[RequestState::Open, RequestState::Working, RequestState::Done, RequestState::Refused];

    pub fn as_str(self) -> &'static str {
        match self {
            RequestState::Open => "open",
            RequestState::Working => "working",
            RequestState::Done => "done",
            RequestState::Refused => "refused",
        }
    }

    pub fn parse(text: &str) -> Option<RequestState> {
        RequestState::ALL.iter().copied().find(|state| state.as_str() == text)
    }

    pub fn is_ended(self) -> bool {
        matches!(self, RequestState::Done | RequestState::Refused)
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    pub id: i64,
    pub person: PersonNo,
    pub kind: RequestKind,
    pub state: RequestState,
    pub source: String,
    pub note: String,
    pub answer: String,
    pub asked_at: Millis,
    /// The end of the last day on which to answer.
    pub due_at: Millis,
    pub updated_at: Millis,
    pub updated_by: String,
}

/// A request that was just made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRequest {
    pub person: PersonNo,
    /// All numbers of the person.
    pub numbers: Vec<u32>,
    pub kind: RequestKind,
    pub source: String,
    pub note: String,
    pub actor: String,
}
