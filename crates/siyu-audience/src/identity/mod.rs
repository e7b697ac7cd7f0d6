//! Identity: which identifiers are one person, by evidence that can be undone.

mod api;
mod conflicts;
mod graph;
pub mod namespaces;
mod resolve;
#[cfg(test)]
mod tests;
mod unlink;

pub(crate) use api::routes;
pub use conflicts::{CONFLICTS_MAX, Conflict, ConflictKind, Conflicts};
pub use graph::{Counters, Graph};
pub use resolve::{PERSON_IDENTIFIERS_MAX, Resolution};

/// What a snapshot stores of the graph.
pub(crate) mod stored {
    pub(crate) use super::graph::{DeviceUsage, DeviceUser, Edge, Node};
}
