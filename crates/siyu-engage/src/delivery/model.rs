//! What a send is and how far it has come.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use siyu_types::ProjectId;
use siyu_types::clock::Millis;
use utoipa::ToSchema;

use crate::content::Compiled;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SendState {
    /// Waits for its turn, or for another try.
    Pending,
    /// The intent is written; the provider is being called.
    Attempting,
    /// The next server took it.
    Sent,
    /// Definitely not taken.
    Failed,
    /// It may or may not have been taken.
    Unknown,
    /// Protection refused, with a reason.
    Suppressed,
    /// In the control group: everything was done except sending.
    Withheld,
    /// The campaign was cancelled before its turn.
    Cancelled,
}

impl SendState {
    pub const ALL: &[SendState] = &[
        SendState::Pending,
        SendState::Attempting,
        SendState::Sent,
        SendState::Failed,
        SendState::Unknown,
        SendState::Suppressed,
        SendState::Withheld,
        SendState::Cancelled,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            SendState::Pending => "pending",
            SendState::Attempting => "attempting",
            SendState::Sent => "sent",
            SendState::Failed => "failed",
            SendState::Unknown => "unknown",
            SendState::Suppressed => "suppressed",
            SendState::Withheld => "withheld",
            SendState::Cancelled => "cancelled",
        }
    }

    pub fn parse(text: &str) -> Option<SendState> {
        SendState::ALL.iter().copied().find(|state| state.as_str() == text)
    }
}

/// Whether a message came back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bounce {
    None,
    /// The address is dead.
    Hard,
    /// This time: mailbox full, server away.
    Soft,
}

impl Bounce {
    pub fn number(self) -> i64 {
        match self {
            Bounce::None => 0,
            Bounce::Hard => 1,
            Bounce::Soft => 2,
        }
    }

    pub fn from_number(number: i64) -> Bounce {
        match number {
            1 => Bounce::Hard,
            2 => Bounce::Soft,
            _ => Bounce::None,
        }
    }
}

/// The two arms of a campaign with a control group.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Arm {
    Treated,
    Control,
}

impl Arm {
    pub fn number(self) -> i64 {
        match self {
            Arm::Treated => 0,
            Arm::Control => 1,
        }
    }

    pub fn from_number(number: i64) -> Arm {
        if number == 1 { Arm::Control } else { Arm::Treated }
    }
}

/// One row of the outbox.
#[derive(Clone, PartialEq, Debug)]
pub struct SendRow {
    pub send_id: String,
    pub project: ProjectId,
    pub campaign: i64,
    /// As known when the campaign started.
    pub person: u32,
    pub arm: Arm,
    pub state: SendState,
    pub reason: Option<String>,
    pub attempt: i64,
    pub due_at: Millis,
    pub provider_id: Option<String>,
    /// The provider's words.
    pub error: Option<String>,
    pub decided_at: Option<Millis>,
    pub finished_at: Option<Millis>,
    pub bounce: Bounce,
    /// When it arrived, where that was reported.
    pub delivered_at: Option<Millis>,
}

/// What all sends of one campaign share.
pub struct Plan {
    pub project: ProjectId,
    pub campaign: i64,
    /// Kind of channel.
    pub channel: &'static str,
    pub content: Arc<Compiled>,
    /// What people have to have consented to.
    pub purpose: String,
    /// People are chosen, or the content is, by what was computed of them.
    pub automated: bool,
    pub zone: TimeZone,
}
