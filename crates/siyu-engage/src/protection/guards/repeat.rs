//! Two people with one address get one message of a campaign.

use super::super::model::Refusal;
use super::super::rules::Facts;
use super::Guard;

pub const GUARD: Guard = Guard { id: "repeat", title: "guard.repeat", check };

fn check(facts: &Facts) -> Option<Refusal> {
    facts.address_taken.then_some(Refusal::SameAddress)
}
