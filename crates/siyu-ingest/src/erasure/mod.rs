//! What the pipeline and its files know of people who were erased, and how that leaves them.
//!
//! An order is a record in the log, so a replay obeys it in its place. Of an erased person
//! the keyed hashes of their identifiers are kept, each with the time of the order
//! ([`Tombstones`]): what happened by then and arrives later is dropped before anything keeps
//! it. What stands in files is taken out by [`traces`], step by step, and as often as need be.

mod frames;
#[cfg(test)]
mod tests;
mod tombstones;
mod traces;

pub(crate) use frames::{Scrub, scrub};
pub(crate) use tombstones::{Tombstones, TombstonesState, Verdict, bitmap};

/// A key for tests.
#[cfg(test)]
pub(crate) fn test_pseudonyms() -> siyu_govern::sealing::Pseudonyms {
    use rand::SeedableRng;
    let rng = rand::rngs::StdRng::seed_from_u64(1);
    siyu_govern::sealing::Pseudonyms::unkept(rng).expect("a key")
}
