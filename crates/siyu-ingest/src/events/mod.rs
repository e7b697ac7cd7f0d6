//! Looking at events as they arrive: the live view, the names and properties
//! seen, and what was set aside.

mod api;
mod model;

pub use api::routes;
pub use model::Listed;
