//! Whole-app tests, in process, one binary.
