//! The cap, by person and by address: a person with two addresses, and an
//! address shared by two people, both count.

use super::super::model::Refusal;
use super::super::rules::Facts;
use super::Guard;

pub const GUARD: Guard = Guard { id: "cap", title: "guard.cap", check };

fn check(facts: &Facts) -> Option<Refusal> {
    let cap = facts.cap?;
    if facts.counts.person >= cap.messages {
        return Some(Refusal::CapPerson);
    }
    (facts.counts.address >= cap.messages).then_some(Refusal::CapAddress)
}
