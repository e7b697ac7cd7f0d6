//! Public shop data, rewritten as files that anybody could import: tables with a
//! heading and a mapping that says what each column means.

mod clickstream;
mod columns;
mod complete_journey;
mod departments;
mod generated;
mod tables;

pub use clickstream::clickstream;
pub use complete_journey::{complete_journey, yesterday};
pub use generated::generated;
pub use tables::{Table, Tables};

/// Where the shop of the demo stands: its days and hours are this zone's.
pub const ZONE: &str = "America/New_York";

/// What can go wrong, in words for the person who started it.
pub type Result<T> = std::result::Result<T, String>;
