//! Protocols, checks, the pipeline from log to store, imports.
