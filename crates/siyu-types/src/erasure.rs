//! Erasing a person: the order, what it did, and what was removed where.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::ids::PersonNo;

/// An order to erase a person, as it stands in the log. It names nobody: whose number it
/// is by then is erased.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ErasureOrder {
    /// Of the feature that keeps reasons and certificates; another order under the same
    /// number does nothing.
    pub erasure: i64,
    /// Any number of the person.
    pub person: u32,
}

/// A person who is nobody any more.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Erased {
    pub erasure: i64,
    /// When the order was received: what happened by then and arrives later is dropped.
    pub at: Millis,
    /// Never given again.
    pub numbers: Vec<u32>,
    /// How many there were.
    pub identifiers: u64,
    /// SHA-256 over the sorted keyed hashes of the identifiers, as hexadecimal digits.
    pub digest: String,
}

impl Erased {
    pub fn has(&self, person: PersonNo) -> bool {
        self.numbers.contains(&person.0)
    }
}

/// What one step took away, or left and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Removed {
    /// A code that the console says in words, such as `events` or `log_records`.
    pub what: String,
    pub count: u64,
}

impl Removed {
    pub fn new(what: &str, count: u64) -> Removed {
        Removed { what: what.to_owned(), count }
    }
}
