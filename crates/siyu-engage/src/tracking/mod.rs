//! Tracking: what people do with a message comes back through signed links.
//! A link can only lead where it was signed to lead, and only a POST unsubscribes,
//! because mail scanners follow links.

mod api;
mod leave;
mod pages;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use api::{html, routes, tell};
pub(crate) use leave::{Leaving, leave};
pub(crate) use pages::{invalid, sample, trouble};
pub use rules::{Links, Token};
pub(crate) use store::{react, reaction_counts, send};
