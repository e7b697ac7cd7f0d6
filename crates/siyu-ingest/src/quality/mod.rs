//! Data quality: what arrives per source and event, how well, whether it is as much
//! as expected, and what became of a single record.

mod api;
mod cells;
mod counters;
mod jobs;
mod model;
mod report;
mod rules;
mod stages;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod trace;

pub use api::routes;
pub use counters::Counters;
pub use jobs::{QualityHandler, QualityWatch};
pub use state::{Quality, QualityState};
