//! Read-only SQL over events, people and business views. The only crate that names DataFusion.

pub use datafusion::DATAFUSION_VERSION as ENGINE_VERSION;
