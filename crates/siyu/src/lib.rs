//! The one place where parts meet: settings, construction, routes, jobs, console,
//! command line.

pub mod app;
pub mod cli;
pub mod config;
mod console;
mod headers;
mod health;
pub mod jobs;
mod logging;
pub mod routes;
mod server;

pub use app::{App, Entropy};
pub use config::Config;
