//! Identity: which identifiers are one person, by evidence that can be undone.

pub mod admit;
mod api;
mod api_decisions;
mod api_person;
mod api_rules;
pub mod cases;
mod conflicts;
mod decisions;
mod erase;
mod graph;
mod hashing;
mod history;
mod journal;
mod links;
mod numbers;
mod parts;
mod past;
mod rehearsal;
mod resolve;
pub mod rules;
mod sharing;
mod tally;
#[cfg(test)]
mod tests;
mod unlink;

pub(crate) use api::routes;
pub(crate) use api_decisions::decide;
pub use api_rules::HASH_STORED;
pub use conflicts::{CONFLICTS_MAX, Conflict, ConflictKind, Conflicts};
pub use graph::{Counters, Graph, Move, SLOTS_MAX};
pub use hashing::Admission;
pub use history::{SaidLink, Step, StepKind};
pub use resolve::Resolution;

/// What a snapshot stores of the graph.
pub(crate) mod stored {
    pub(crate) use super::graph::{Key, NONE};
    pub(crate) use super::links::{Cause, Edge, Ended, NewEdge};
    pub(crate) use super::sharing::{Usage, User};
}
