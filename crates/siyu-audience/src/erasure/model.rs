//! Orders, their steps and certificates.

use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use siyu_types::erasure::Removed;
use utoipa::ToSchema;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErasureState {
    /// On its way into the log.
    Ordered,
    /// The person is nobody; what is left of them is being removed.
    Removing,
    Done,
}

impl ErasureState {
    pub const ALL: &[ErasureState] = &[ErasureState::Ordered, ErasureState::Removing, ErasureState::Done];

    pub fn as_str(self) -> &'static str {
        match self {
            ErasureState::Ordered => "ordered",
            ErasureState::Removing => "removing",
            ErasureState::Done => "done",
        }
    }

    pub fn parse(text: &str) -> Option<ErasureState> {
        ErasureState::ALL.iter().copied().find(|state| state.as_str() == text)
    }
}

/// One order and how far it is.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Erasure {
    pub id: i64,
    pub person: u32,
    pub reason: String,
    pub request: Option<i64>,
    pub state: ErasureState,
    pub ordered_by: String,
    pub ordered_by_name: String,
    pub ordered_at: Millis,
    pub applied_at: Option<Millis>,
    pub numbers: Vec<u32>,
    pub identifiers: i64,
    pub digest: String,
    pub finished_at: Option<Millis>,
}

/// One step that was begun.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Step {
    pub step: String,
    pub removed: Vec<Removed>,
    pub started_at: Millis,
    pub finished_at: Option<Millis>,
}

#[derive(Clone, PartialEq, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewErasure {
    /// Why, for the certificate: 1 to 500 characters that name nobody.
    pub reason: String,
    /// The person's request that this answers.
    #[serde(default)]
    pub request_id: Option<i64>,
}
