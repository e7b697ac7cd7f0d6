//! The channel needs an address.

use super::super::model::Refusal;
use super::super::rules::Facts;
use super::Guard;

pub const GUARD: Guard = Guard { id: "reachable", title: "guard.reachable", check };

fn check(facts: &Facts) -> Option<Refusal> {
    (facts.needs_address && !facts.has_address).then_some(Refusal::NoAddress)
}
