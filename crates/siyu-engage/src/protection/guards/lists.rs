//! The list of people and addresses not to write to.

use super::super::model::Refusal;
use super::super::rules::Facts;
use super::Guard;

pub const GUARD: Guard = Guard { id: "lists", title: "guard.lists", check };

fn check(facts: &Facts) -> Option<Refusal> {
    facts.listed.then_some(Refusal::Suppressed)
}
