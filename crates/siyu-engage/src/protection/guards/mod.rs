//! The guards, one file each, in the order in which they are asked.

mod cap;
mod consent;
mod exists;
mod lists;
mod reachable;
mod repeat;

use super::model::Refusal;
use super::rules::Facts;

/// One question to the facts.
pub struct Guard {
    pub id: &'static str,
    /// Key of the translated title.
    pub title: &'static str,
    pub check: fn(&Facts) -> Option<Refusal>,
}

pub const GUARDS: &[Guard] =
    &[exists::GUARD, reachable::GUARD, consent::GUARD, lists::GUARD, repeat::GUARD, cap::GUARD];
