//! Who people are: identity, profiles, tags and segments of a project.
//!
//! [`Project`] is the runtime handle that everybody above works with: its events,
//! its [`People`] and its settings. The pipeline (`siyu-ingest`) opens projects and
//! is the only writer of events and profiles; [`Audience`] holds the features that
//! have tables: tags and segments.

mod advice;
mod audience;
mod consent;
mod erasure;
pub mod evaluation;
pub mod identity;
pub mod items;
mod notes;
mod orders;
pub mod people;
pub mod profiles;
pub mod projects;
pub mod relations;
pub mod rights;
pub mod segments;
mod snapshot;
mod sweep;
pub mod tags;
#[cfg(test)]
mod testing;
mod timeline;

/// What bounds the story of one person, for the page of limits.
pub mod limits {
    pub use crate::identity::SLOTS_MAX;
    pub use crate::identity::rules::NAMESPACES_MAX;
    pub use crate::items::{
        ATTRIBUTES_MAX as ITEM_ATTRIBUTES_MAX, ITEMS_MAX as ITEMS_KEPT, TAGS_MAX as ITEM_TAGS_MAX,
        TYPES_MAX as ITEM_TYPES_MAX,
    };
    pub use crate::notes::NOTES_MAX;
    pub use crate::orders::ORDER_EVENTS_MAX;
    pub use crate::profiles::{EARLIER_KEPT, PROPERTIES_MAX as ATTRIBUTES_MAX};
    pub use crate::relations::{BELOW_MAX, CHAIN_MAX, GIVEN_MAX, HELD_MAX, TIES_MAX};
    pub use crate::rights::EVENTS_PER_READ;
    pub use crate::segments::ROWS_MAX as SEGMENT_FILE_ROWS_MAX;
    pub use crate::segments::STEPS_MAX;
    pub use crate::timeline::SEARCHED_MAX;
}

pub use audience::{Audience, References, routes};
pub use consent::Consents;
pub use erasure::ErasureParts;
pub use evaluation::{ask, check, evaluate, members};
pub use people::{People, PeopleState, PersonItem};
pub use projects::{Named, Project, ProjectSettings, Projects};
