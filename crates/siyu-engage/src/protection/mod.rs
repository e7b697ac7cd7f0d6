//! Protection: whom a message may not reach, asked in a fixed order. Every
//! refusal has one reason. The answer is a pure function of facts that the
//! caller reads in the transaction that also writes the intent to send.

mod api;
mod guards;
mod model;
mod rules;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub(crate) use api::routes;
pub use guards::GUARDS;
pub use model::{Cap, Refusal, Suppression};
pub(crate) use rules::window_start;
pub use rules::{Counts, Facts, examine};
pub(crate) use store::{
    NewSuppression, Reservation, SHOWN, address_target, counts_by_address, counts_by_person, lift, listed,
    person_target, release, reserve, suppress, take_turn,
};
