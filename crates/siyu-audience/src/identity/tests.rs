//! Tests of identity: tables and properties.
