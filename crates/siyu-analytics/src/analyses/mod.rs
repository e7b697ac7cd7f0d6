//! The analyses: one folder per kind.

pub mod activity;
pub mod funnel;
pub mod trend;
