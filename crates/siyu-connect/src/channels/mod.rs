//! Channels: the ways a message can leave. One file per kind and one line in
//! [`KINDS`]. Only `siyu-engage`'s delivery may call [`Channel::send`].

mod email;
mod email_compose;
mod email_session;
#[cfg(test)]
mod tests;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value as Json;
use siyu_types::clock::Millis;
use siyu_types::error::{Error, ErrorCode, Result};

use crate::addresses::AllowList;

pub use email::{EmailSettings, Security};
pub use webhook::{SIGNATURE_HEADER, WebhookSettings, sign};

/// What to send. Everything is already rendered and allowed.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Deterministic, so that a receiver can recognise a repetition.
    pub send_id: String,
    /// The instant of sending, for the Date header.
    pub at: Millis,
    pub content: Content,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    Email(EmailContent),
    Webhook(WebhookContent),
}

#[derive(Clone, Debug, PartialEq)]
pub struct EmailContent {
    pub to: String,
    pub subject: String,
    pub html: String,
    pub text: String,
    /// Goes into List-Unsubscribe; must act on POST (RFC 8058).
    pub unsubscribe_url: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct WebhookContent {
    pub url: String,
    /// POST or PUT.
    pub method: String,
    /// JSON text.
    pub body: String,
}

/// What is known after a try. The difference between the last two decides
/// whether trying again could deliver twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The next server took responsibility.
    Accepted { provider_id: Option<String> },
    /// Definitely not taken and the same message will never be. `permanent`
    /// says that the address itself is dead.
    Refused { permanent: bool, reason: String },
    /// Definitely not taken; a later try may succeed.
    Transient { cause: Cause, reason: String },
    /// Sent, but the answer was lost: it may or may not have been taken.
    Unknown { reason: String },
}

/// Why a message was not taken this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// There was no connection, or it broke.
    Unreachable,
    /// There was no answer within the channel's time limits.
    Timeout,
    /// The answer was "no", or "not now".
    Answered,
}

impl Cause {
    /// The code under which a person who waits for the outcome is told.
    pub fn code(self) -> ErrorCode {
        match self {
            Cause::Unreachable => ErrorCode::ProviderUnreachable,
            Cause::Timeout => ErrorCode::ProviderTimeout,
            Cause::Answered => ErrorCode::ProviderRefused,
        }
    }
}

/// An opened channel with its settings.
#[async_trait]
pub trait Channel: Send + Sync {
    fn id(&self) -> &'static str;

    /// Whether the receiver recognises a repeated `send_id`, so that an unknown
    /// outcome may be tried again.
    fn repeatable(&self) -> bool;

    async fn send(&self, message: &Message) -> Outcome;
}

/// How long each phase of a try may take.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    pub connect: Duration,
    /// One command and its answer.
    pub command: Duration,
    /// The body and its answer (RFC 5321 asks for patience here).
    pub data: Duration,
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts {
            connect: Duration::from_secs(10),
            command: Duration::from_secs(30),
            data: Duration::from_secs(120),
        }
    }
}

/// What the machine's operator, not the user, decides.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    pub timeouts: Timeouts,
    pub allowed: AllowList,
}

/// One kind of channel, as the console and the API list it.
pub struct Kind {
    pub id: &'static str,
    /// Key of the translated title.
    pub title: &'static str,
    /// Settings that are stored but never shown.
    pub secrets: &'static [&'static str],
    pub schema: fn() -> Json,
    pub example: fn() -> Json,
    pub validate: fn(&Json) -> Result<()>,
    pub open: fn(&Json, &Environment) -> Result<Arc<dyn Channel>>,
}

pub const KINDS: &[Kind] = &[email::KIND, webhook::KIND];

pub fn kind(id: &str) -> Result<&'static Kind> {
    KINDS.iter().find(|kind| kind.id == id).ok_or_else(|| Error::not_found("channel", id))
}

/// Bytes of a provider's words that are kept.
const REASON_MAX: usize = 300;

/// A provider's words, bounded, on one line, and without the address they are
/// about, since servers like to repeat it.
pub(crate) fn reason(words: &str, address: &str) -> String {
    let mut clean: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if !address.is_empty() {
        clean = clean.replace(address, "…");
    }
    let cut =
        clean.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= REASON_MAX).last();
    clean.truncate(cut.unwrap_or(0));
    clean
}
