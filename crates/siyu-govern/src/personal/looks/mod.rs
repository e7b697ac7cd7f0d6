//! Who looked at whom. Looks are written in batches by a recorder that is never full:
//! whoever would overfill it writes first. Reveals and exports are written with what
//! they show, so that not even a kill loses them; of other looks a kill loses what
//! was not written yet, at most [`FLUSH_MILLIS`].

mod api;
mod model;
mod recorder;
mod rules;
mod store;

pub(in crate::personal) use api::routes;
pub use model::{Look, Subject, What};
pub use recorder::PENDING_MAX;
pub(crate) use recorder::Recorder;
pub(crate) use rules::opened_person;
pub(crate) use store::REASON;
pub(in crate::personal) use store::{append, reveals_since};

/// The longest that a look waits in memory.
pub const FLUSH_MILLIS: u64 = 2_000;
