//! Tags: kinds, computation, changes.
