//! Mock clock, seeded data generator with planted truths, fake providers, temporary databases.

pub mod clock;
pub mod databases;
