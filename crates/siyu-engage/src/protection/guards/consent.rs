//! Withdrawn consent is final until it is given again.

use super::super::model::Refusal;
use super::super::rules::Facts;
use super::Guard;

pub const GUARD: Guard = Guard { id: "consent", title: "guard.consent", check };

fn check(facts: &Facts) -> Option<Refusal> {
    facts.consent_withdrawn.then_some(Refusal::ConsentWithdrawn)
}
