//! Pure decisions of delivery: names of sends, arms, what an outcome leads to.

use siyu_connect::Outcome;
use siyu_types::ProjectId;
use siyu_types::clock::Millis;
use siyu_types::record::key_of;

use super::model::{Arm, SendState};

/// Tries of one send.
pub const ATTEMPTS_MAX: i64 = 5;
/// Waits between tries: 1, 5, 30 minutes, 2 hours.
const BACKOFF_MILLIS: [i64; 4] = [60_000, 300_000, 1_800_000, 7_200_000];

/// The name of a send: the same campaign and person always make the same one.
pub fn send_id(project: ProjectId, campaign: i64, person: u32) -> String {
    let parts: [&[u8]; 4] =
        [b"send", &project.0.to_le_bytes(), &campaign.to_le_bytes(), &person.to_le_bytes()];
    format!("{:032x}", key_of(&parts))
}

/// The arm of a person, stable for the campaign: a bucket of 10,000 by a hash
/// that no other campaign shares.
pub fn arm(project: ProjectId, campaign: i64, person: u32, control_percent: f64) -> Arm {
    let parts: [&[u8]; 4] =
        [b"control", &project.0.to_le_bytes(), &campaign.to_le_bytes(), &person.to_le_bytes()];
    let bucket = (key_of(&parts) % 10_000) as f64;
    if bucket < control_percent * 100.0 { Arm::Control } else { Arm::Treated }
}

/// Where a send goes after a try.
#[derive(Clone, PartialEq, Debug)]
pub struct Next {
    pub state: SendState,
    /// For `Pending`: when to try again.
    pub due_at: Millis,
    pub bounced: bool,
    /// The message does not count against the cap after all.
    pub release: bool,
    pub provider_id: Option<String>,
    pub error: Option<String>,
}

/// The whole table of outcomes. `repeatable`: the receiver recognises repetitions.
pub fn after(outcome: Outcome, attempt: i64, repeatable: bool, now: Millis) -> Next {
    let end =
        |state, error| Next { state, due_at: now, bounced: false, release: false, provider_id: None, error };
    let again = |error| {
        let wait = BACKOFF_MILLIS[usize::try_from(attempt - 1).unwrap_or(0).min(BACKOFF_MILLIS.len() - 1)];
        Next { due_at: now + wait, release: true, ..end(SendState::Pending, error) }
    };
    match outcome {
        Outcome::Accepted { provider_id } => Next { provider_id, ..end(SendState::Sent, None) },
        Outcome::Refused { permanent, reason } => {
            Next { bounced: permanent, release: true, ..end(SendState::Failed, Some(reason)) }
        }
        Outcome::Transient { reason, .. } if attempt < ATTEMPTS_MAX => again(Some(reason)),
        Outcome::Transient { reason, .. } => Next { release: true, ..end(SendState::Failed, Some(reason)) },
        Outcome::Unknown { reason } if repeatable && attempt < ATTEMPTS_MAX => again(Some(reason)),
        // Whoever may have received it has used up one of their messages.
        Outcome::Unknown { reason } => end(SendState::Unknown, Some(reason)),
    }
}
