//! Caps, lists and the reasons of refusals.

use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use utoipa::ToSchema;

/// Why a person gets no message. The text is stored, translated by the console
/// and part of `message_suppressed` events.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Nobody is behind the number any more.
    Gone,
    /// The channel needs an address that the person does not have.
    NoAddress,
    /// The person refused the campaign's purpose on this channel, or took consent back.
    ConsentWithdrawn,
    /// Nothing was said, and silence is a no.
    ConsentMissing,
    /// Consent was given once; its time is over or the text has changed since.
    ConsentExpired,
    /// A child under fourteen without the consent of a guardian.
    Minor,
    /// The campaign decides automatically, and the person does not want that.
    AutomatedRefused,
    /// The person or the address is on the list of those not to write to.
    Suppressed,
    /// Somebody else in the same campaign has the same address.
    SameAddress,
    /// The person had as many messages as allowed.
    CapPerson,
    /// The address had as many messages as allowed.
    CapAddress,
    /// The content asks for something that is not known of the person.
    MissingVariable,
    /// The content cannot be rendered for the person.
    NotRenderable,
}

impl Refusal {
    pub const ALL: &[Refusal] = &[
        Refusal::Gone,
        Refusal::NoAddress,
        Refusal::ConsentWithdrawn,
        Refusal::ConsentMissing,
        Refusal::ConsentExpired,
        Refusal::Minor,
        Refusal::AutomatedRefused,
        Refusal::Suppressed,
        Refusal::SameAddress,
        Refusal::CapPerson,
        Refusal::CapAddress,
        Refusal::MissingVariable,
        Refusal::NotRenderable,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Refusal::Gone => "gone",
            Refusal::NoAddress => "no_address",
            Refusal::ConsentWithdrawn => "consent_withdrawn",
            Refusal::ConsentMissing => "consent_missing",
            Refusal::ConsentExpired => "consent_expired",
            Refusal::Minor => "minor",
            Refusal::AutomatedRefused => "automated_refused",
            Refusal::Suppressed => "suppressed",
            Refusal::SameAddress => "same_address",
            Refusal::CapPerson => "cap_person",
            Refusal::CapAddress => "cap_address",
            Refusal::MissingVariable => "missing_variable",
            Refusal::NotRenderable => "not_renderable",
        }
    }
}

/// At most so many messages in the last so many days (of 24 hours), per person
/// and per address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    pub messages: u32,
    pub days: u32,
}

/// An entry of the list of those not to write to.
#[derive(Clone, PartialEq, Debug)]
pub struct Suppression {
    pub id: i64,
    pub channel: String,
    pub target: String,
    pub shown: String,
    pub reason: String,
    pub created_at: Millis,
    pub created_by: String,
}
