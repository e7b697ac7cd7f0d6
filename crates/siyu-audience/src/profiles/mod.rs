//! Profiles: attributes with the time and number they came from, and what people did.

mod api;
mod cell;
mod column;
mod combine;
mod dictionary;
mod erase;
mod history;
#[cfg(test)]
mod origin_tests;
mod past;
mod rows;
mod sources;
mod stats;
mod store;
#[cfg(test)]
mod tests;

/// The attribute that names a person.
pub const NAME_ATTRIBUTE: &str = "name";

pub(crate) use api::{load, routes};
pub(crate) use cell::{Body, Cell, Corrected, FullCell, More, Stored, When};
pub use cell::{EARLIER_KEPT, LIST_MAX, NEVER};
pub(crate) use column::Column;
pub use combine::Policy;
pub(crate) use dictionary::Dictionary;
pub use history::{Change, ChangeKind, Provenance};
pub(crate) use past::Past;
pub(crate) use rows::Row;
pub use rows::{CORRECTION, PROPERTIES_MAX, Profiles, PropertyInfo};
pub use stats::Activity;
