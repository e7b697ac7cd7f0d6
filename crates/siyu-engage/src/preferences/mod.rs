//! Preferences: the page where people say what they allow, see what they said, and
//! ask for their data. Reached from every message by a signed link; no log-in, no
//! scripts. Withdrawing takes one tap, as giving does.

mod api;
mod data;
mod model;
mod page;
mod page_data;
mod rules;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use api::routes;
