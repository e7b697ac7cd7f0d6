//! What the rest of the crate needs to know of people: a narrow view on
//! `siyu-audience`, so that delivery can be tested with made-up people.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use roaring::RoaringBitmap;
use siyu_audience::rights::Text;
use siyu_types::analysis::EventMatch;
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;
use siyu_types::error::Result;
use siyu_types::value::Props;
use siyu_types::{Identifier, ProjectId};

/// One person as a message needs them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonView {
    /// The number the person is known by now.
    pub person: u32,
    pub attributes: Props,
    /// Values of tags by the tag's name.
    pub tags: Props,
    pub identifiers: Vec<Identifier>,
    /// All numbers of the person.
    pub numbers: Vec<u32>,
    /// Normalised.
    pub email: Option<String>,
}

/// The frame of a project's messages.
#[derive(Clone, Debug)]
pub struct ProjectView {
    pub name: String,
    pub currency: String,
    pub zone: TimeZone,
}

/// One event that may be somebody's conversion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GoalEvent {
    /// As known now; merges are resolved.
    pub person: u32,
    pub time: Millis,
    pub amount_minor: f64,
}

/// People and events of projects, as of now.
pub trait Audience: Send + Sync + 'static {
    fn project(&self, project: ProjectId) -> Result<ProjectView>;

    /// The members of a segment as they are now, not as last computed.
    fn members(&self, project: ProjectId, segment: i64) -> Result<RoaringBitmap>;

    /// Whether the segment, or one it names, asks for a tag that assesses people.
    fn assessed(&self, project: ProjectId, segment: i64) -> Result<bool>;

    /// Names of the tags that assess people by what they did, such as scores.
    fn assessing_tags(&self, project: ProjectId) -> Result<BTreeSet<String>>;

    /// Whom a segment is of, in words; empty if it is there no more.
    fn segment_words(&self, project: ProjectId, segment: i64) -> Result<Text>;

    /// Everybody who is living in the project.
    fn everybody(&self, project: ProjectId) -> Result<RoaringBitmap>;

    /// One entry per number, in order; `None` if nobody is behind it any more.
    fn people(&self, project: ProjectId, numbers: &[u32]) -> Result<Vec<Option<PersonView>>>;

    /// Which person each number belongs to now.
    fn current(&self, project: ProjectId, numbers: &[u32]) -> Result<Vec<u32>>;

    /// Calls `see` for every event that matches, in any order.
    fn goal_events(
        &self,
        project: ProjectId,
        goal: &EventMatch,
        range: InstantRange,
        see: &mut dyn FnMut(GoalEvent),
    ) -> Result<()>;
}
