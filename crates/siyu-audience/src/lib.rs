//! Who people are: identity, profiles, tags and segments of a project.
//!
//! [`Project`] is the runtime handle that everybody above works with: its events,
//! its [`People`] and its settings. The pipeline (`siyu-ingest`) opens projects and
//! is the only writer of events and profiles; [`Audience`] holds the features that
//! have tables: tags and segments.

pub mod identity;
pub mod people;
pub mod profiles;
pub mod projects;
mod snapshot;

pub use people::{People, PeopleState};
pub use projects::{Project, ProjectSettings, Projects};
