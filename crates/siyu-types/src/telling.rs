//! Messages to the team, as opposed to people: who gets one, what it says, what became of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ErrorCode;

/// Somebody of the team, or a program of theirs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Receiver {
    /// By the project's e-mail channel.
    Email {
        /// `ops@shop.example`
        to: String,
    },
    /// By the project's webhook channel: JSON by POST, signed.
    Webhook {
        /// `https://shop.example/hooks/alerts`
        url: String,
    },
}

impl Receiver {
    /// The id of the channel.
    pub fn channel(&self) -> &'static str {
        match self {
            Receiver::Email { .. } => "email",
            Receiver::Webhook { .. } => "webhook",
        }
    }

    /// The name of the field that holds the address.
    pub fn field(&self) -> &'static str {
        match self {
            Receiver::Email { .. } => "to",
            Receiver::Webhook { .. } => "url",
        }
    }

    pub fn address(&self) -> &str {
        match self {
            Receiver::Email { to } => to,
            Receiver::Webhook { url } => url,
        }
    }

    /// For those who may not change who is told: what it is without where exactly, since an address is
    /// somebody's and the rest of a URL often a secret. `o…@shop.example`, `https://shop.example/…`
    #[must_use]
    pub fn hidden(&self) -> Receiver {
        match self {
            Receiver::Email { to } => {
                let (name, host) = to.rsplit_once('@').unwrap_or((to, ""));
                let first: String = name.chars().take(1).collect();
                Receiver::Email { to: format!("{first}…@{host}") }
            }
            Receiver::Webhook { url } => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
                let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
                // A name and password may stand before the host.
                let host = host.rsplit('@').next().unwrap_or_default();
                Receiver::Webhook { url: format!("{scheme}://{host}/…") }
            }
        }
    }

    /// The same receiver without what was typed around the address.
    #[must_use]
    pub fn trimmed(self) -> Receiver {
        match self {
            Receiver::Email { to } => Receiver::Email { to: to.trim().to_owned() },
            Receiver::Webhook { url } => Receiver::Webhook { url: url.trim().to_owned() },
        }
    }
}

/// What a receiver is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TeamMessage {
    /// The same for the same occasion and receiver, so that a repetition is recognised.
    pub send_id: String,
    /// A call may have been made before whose outcome nobody knows.
    pub again: bool,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// JSON, for programs.
    pub body: String,
}

/// What is known after a try.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    Accepted,
    /// Not taken, and it never will be.
    Refused {
        reason: String,
    },
    /// Not taken; a later try may succeed.
    Transient {
        code: ErrorCode,
        reason: String,
    },
    /// It may or may not have been taken. `repeatable`: the receiver recognises repetitions.
    Unknown {
        reason: String,
        repeatable: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_receiver_tells_no_address_and_no_secret() {
        let email = |to: &str| Receiver::Email { to: to.to_owned() };
        let webhook = |url: &str| Receiver::Webhook { url: url.to_owned() };
        for (receiver, hidden) in [
            (email("ops@shop.example"), email("o…@shop.example")),
            (email("值班@shop.example"), email("值…@shop.example")),
            (webhook("https://shop.example/hooks/s3cret?key=s3cret"), webhook("https://shop.example/…")),
            (webhook("https://shop.example?key=s3cret"), webhook("https://shop.example/…")),
            (webhook("https://me:s3cret@shop.example:8443/a"), webhook("https://shop.example:8443/…")),
        ] {
            assert_eq!(receiver.hidden(), hidden);
        }
    }
}
