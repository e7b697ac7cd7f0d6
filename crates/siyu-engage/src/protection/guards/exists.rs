//! Nobody is written to who has been erased or never was.

use super::super::model::Refusal;
use super::super::rules::Facts;
use super::Guard;

pub const GUARD: Guard = Guard { id: "exists", title: "guard.exists", check };

fn check(facts: &Facts) -> Option<Refusal> {
    (!facts.exists).then_some(Refusal::Gone)
}
