//! Who works here and what they may do: accounts, access, projects, keys, audit,
//! consent, what people ask about their data, masking, sealing and the protection of personal
//! data.
//!
//! Other crates hold a `Govern` and use its features through their facades:
//! `audit::write` inside their own transaction, `Govern::write_key` at the door,
//! `consent::ask` inside the transaction that acts, `masking`.

pub mod access;
pub mod accounts;
pub mod audit;
pub mod consent;
mod govern;
pub mod keys;
pub mod masking;
pub mod personal;
pub mod projects;
pub mod rights;
pub mod sealing;
mod secrets;
#[cfg(test)]
mod tests;

pub use access::{SignedIn, authenticate};
pub use audit::audit;
pub use govern::{Govern, GovernOptions};

use std::sync::Arc;

use siyu_types::ports::Directory;
use utoipa_axum::router::OpenApiRouter;

/// The routes of all features. `people` tells who is behind numbers and identifiers.
pub fn routes(govern: Govern, people: Arc<dyn Directory>) -> OpenApiRouter {
    accounts::routes(govern.clone())
        .merge(projects::routes(govern.clone()))
        .merge(keys::routes(govern.clone()))
        .merge(audit::routes(govern.clone()))
        .merge(rights::routes(govern.clone(), Arc::clone(&people)))
        .merge(personal::routes(govern.clone(), Arc::clone(&people)))
        .merge(consent::routes(govern, people))
}
