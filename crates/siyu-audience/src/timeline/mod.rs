//! Everything that happened with one person, in one order, newest first: events,
//! messages, orders, consents, links between identifiers, notes. A further kind is
//! one more source of entries in `api.rs`.

mod api;
mod model;
mod rules;
#[cfg(test)]
mod tests;

pub use api::SEARCHED_MAX;
pub(crate) use api::routes;
