//! Mock clock, seeded data generator with planted truths, fake providers, temporary databases.

pub mod clock;
pub mod databases;
pub mod demo;
pub mod load;
pub mod random;
pub mod scale;
pub mod search;
pub mod shop;
