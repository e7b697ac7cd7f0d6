//! What a receipt says and what becomes of it.

use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use utoipa::ToSchema;

/// What happened to the message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptKind {
    /// It reached the person's mailbox or system.
    Delivered,
    /// It came back.
    Bounced,
    /// The person called it unwanted.
    Complained,
    /// It was refused or given up for a reason that is not the address.
    Failed,
    /// Nothing final yet.
    Delayed,
}

/// What is kept of a receipt; a message has at most one of each.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Said {
    Delivered,
    /// The address is dead.
    Dead,
    /// It came back this time.
    Returned,
    Complained,
    Failed,
    Delayed,
}

impl Said {
    pub const ALL: &[Said] =
        &[Said::Delivered, Said::Dead, Said::Returned, Said::Complained, Said::Failed, Said::Delayed];

    pub fn as_str(self) -> &'static str {
        match self {
            Said::Delivered => "delivered",
            Said::Dead => "bounced_hard",
            Said::Returned => "bounced_soft",
            Said::Complained => "complained",
            Said::Failed => "failed",
            Said::Delayed => "delayed",
        }
    }

    pub fn parse(text: &str) -> Option<Said> {
        Said::ALL.iter().copied().find(|said| said.as_str() == text)
    }
}

/// Which message a receipt is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum About {
    Send(String),
    /// The provider's own id, which may come before we know it.
    Provider(String),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    pub about: About,
    pub said: Said,
    /// Somebody else's words, without addresses.
    pub reason: String,
    pub at: Millis,
    /// `api` or `mail`.
    pub source: &'static str,
}

/// What became of a receipt.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It changed what is known of the message.
    Applied,
    /// The same was known already.
    Duplicate,
    /// Kept, but something that weighs more is known already.
    Outdated,
    /// Kept; it says nothing final.
    Noted,
    /// No message has this provider id yet; kept until one has.
    Waiting,
    /// No message of the project has this id.
    UnknownMessage,
    /// The message was never handed over.
    NotSent,
    /// The item cannot be used; `problem` says why.
    Invalid,
}
