//! The chain of hashes; pure.

use sha2::{Digest, Sha256};

use super::AuditRow;
use crate::secrets::hex;

/// Where a chain does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Break {
    /// The first row that does not fit.
    pub seq: i64,
    pub reason: &'static str,
}

/// The hash of a row: of the one before it and of everything it says. Lengths
/// keep two neighbouring texts from being shifted into each other.
pub(super) fn hash(previous: &str, row: &AuditRow) -> String {
    let mut hasher = Sha256::new();
    let (seq, at, project) = (row.seq.to_string(), row.at.to_string(), row.project.0.to_string());
    let parts =
        [previous, &project, &seq, &at, &row.actor, &row.actor_name, &row.action, &row.object, &row.detail];
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hex(&hasher.finalize())
}

/// A walk along a chain.
#[derive(Default)]
pub(super) struct Chain {
    pub(super) seq: i64,
    hash: String,
}

impl Chain {
    pub(super) fn follow(&mut self, row: &AuditRow) -> Option<Break> {
        if row.seq != self.seq + 1 {
            return Some(Break { seq: self.seq + 1, reason: "a row is missing" });
        }
        // What an erasure took out cannot be hashed again; the rows around it still can.
        if row.erasure.is_none() && row.hash != hash(&self.hash, row) {
            return Some(Break { seq: row.seq, reason: "the row was changed" });
        }
        self.seq = row.seq;
        self.hash.clone_from(&row.hash);
        None
    }
}
