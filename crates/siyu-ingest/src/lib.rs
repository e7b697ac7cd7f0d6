//! Protocols, checks, the pipeline from log to store, imports.

pub mod frame;
pub mod protocols;
