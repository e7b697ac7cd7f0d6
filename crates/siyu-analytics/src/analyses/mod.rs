//! The analyses: one folder per kind.

pub mod funnel;
pub mod trend;
