//! Profiles: attributes with the time and number they came from, what people did,
//! and items.

mod cell;
mod column;
mod dictionary;
mod items;
mod rows;
mod stats;
#[cfg(test)]
mod tests;

/// The attribute that names a person.
pub const NAME_ATTRIBUTE: &str = "name";

pub(crate) use cell::{Cell, FullCell, Stored};
pub use cell::{LIST_MAX, NEVER};
pub(crate) use column::Column;
pub(crate) use dictionary::Dictionary;
pub use items::{Item, Items};
pub(crate) use rows::{Entry, Row};
pub use rows::{PROPERTIES_MAX, Profiles, PropertyInfo};
pub use stats::Activity;
