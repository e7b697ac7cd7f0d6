//! Receipts: what became of a message after the next server took it. They come
//! from the receiver, from a provider, or as mail about our mail; late, repeated,
//! out of order, or before our own result is written. None of that may lose one,
//! count one twice, or take a message back to where it was before.

mod api;
mod apply;
mod model;
mod rules;
mod store;
mod tell;
#[cfg(test)]
mod tests;

pub(crate) use api::routes;
pub(crate) use apply::{forget_waiting, match_waiting};
pub(crate) use tell::tell;
