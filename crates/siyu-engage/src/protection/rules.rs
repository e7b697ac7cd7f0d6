//! The gatekeeper: facts in, one refusal or none out.

use siyu_govern::consent::Objection;
use siyu_types::clock::Millis;

use super::guards::GUARDS;
use super::model::{Cap, Refusal};

/// Messages already counted in the cap's window.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Counts {
    pub person: u32,
    pub address: u32,
}

/// Everything that decides about one message.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Facts {
    /// Somebody is behind the number.
    pub exists: bool,
    pub needs_address: bool,
    pub has_address: bool,
    /// What the consent ledger has against it.
    pub objection: Option<Objection>,
    pub listed: bool,
    /// Another send of the campaign goes to the same address.
    pub address_taken: bool,
    pub cap: Option<Cap>,
    pub counts: Counts,
}

/// The first guard that refuses, in the fixed order.
pub fn examine(facts: &Facts) -> Option<Refusal> {
    GUARDS.iter().find_map(|guard| (guard.check)(facts))
}

/// Reservations at or before this instant no longer count.
pub(crate) fn window_start(cap: Cap, now: Millis) -> Millis {
    now - i64::from(cap.days) * 86_400_000
}
