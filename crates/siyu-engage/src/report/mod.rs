//! Reports: what a campaign reached and what it changed, compared with the
//! control group. Every number can be opened into the people behind it.
//!
//! *Delivered* means what receipts said, where this campaign has any; otherwise that
//! the next server took the message and it has not come back so far; the report
//! says which of the two. Opens are an estimate: images may be
//! blocked, or fetched by a machine. *Converted* means that the goal's event
//! happened within the window after the person's send, or after the moment they
//! would have been sent to. Everybody who passed protection counts in their arm,
//! whether or not the message arrived (intention to treat).

mod api;
mod compute;
mod model;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use api::{describe, routes};
pub use compute::report;
pub use model::{ArmResult, DeliveredBy, GoalResult, Lift, Report, SampleCheck};
