//! What the consent ledger says about the campaign's purpose, asked in the
//! transaction that writes the intent: a withdrawal counts from its commit on.

use siyu_govern::consent::Objection;

use super::super::model::Refusal;
use super::super::rules::Facts;
use super::Guard;

pub const GUARD: Guard = Guard { id: "consent", title: "guard.consent", check };

fn check(facts: &Facts) -> Option<Refusal> {
    Some(match facts.objection? {
        Objection::Refused => Refusal::ConsentWithdrawn,
        Objection::NeverGiven => Refusal::ConsentMissing,
        Objection::Expired => Refusal::ConsentExpired,
        Objection::Minor => Refusal::Minor,
        Objection::Automated => Refusal::AutomatedRefused,
    })
}
