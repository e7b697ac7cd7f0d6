//! One look at people.

use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use siyu_types::permission::Actor;
use siyu_types::{ProjectId, Viewer};
use utoipa::ToSchema;

/// What somebody did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = LookKind)]
pub enum What {
    /// Opened the page of a person, or asked the API for parts of it.
    Opened,
    /// Read a list with personal values of several people.
    Listed,
    /// Had one masked value shown.
    Revealed,
    /// Took a file with personal values.
    Exported,
}

impl What {
    pub const ALL: &[What] = &[What::Opened, What::Listed, What::Revealed, What::Exported];

    pub fn as_str(self) -> &'static str {
        match self {
            What::Opened => "opened",
            What::Listed => "listed",
            What::Revealed => "revealed",
            What::Exported => "exported",
        }
    }

    pub fn parse(text: &str) -> Option<What> {
        What::ALL.iter().copied().find(|what| what.as_str() == text)
    }
}

/// Whom it was about, by the numbers people had then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject {
    Person(u32),
    People(Vec<u32>),
}

impl Subject {
    pub fn count(&self) -> usize {
        match self {
            Subject::Person(_) => 1,
            Subject::People(people) => people.len(),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Look {
    pub project: ProjectId,
    pub at: Millis,
    pub actor: String,
    pub actor_name: String,
    pub what: What,
    pub subject: Subject,
    /// Of a page its parts, of a reveal the field, of a list or export which.
    pub detail: String,
    pub reason: String,
    /// Every personal value was seen in the clear.
    pub clear: bool,
    pub times: i64,
}

impl Look {
    /// By this viewer, at nobody yet.
    pub fn of(viewer: &Viewer, at: Millis) -> Look {
        Look {
            project: viewer.project,
            at,
            actor: viewer.actor.as_text(),
            actor_name: viewer.actor.name(),
            what: What::Opened,
            subject: Subject::People(Vec::new()),
            detail: String::new(),
            reason: String::new(),
            clear: viewer.sees_all(),
            times: 1,
        }
    }

    /// A page of a list with these people.
    pub fn listed(viewer: &Viewer, at: Millis, list: &str, people: Vec<u32>) -> Look {
        let subject = Subject::People(people);
        Look { what: What::Listed, subject, detail: list.to_owned(), ..Look::of(viewer, at) }
    }

    /// Whether it is worth a row: jobs of the system look at everybody all the time.
    pub fn counts(&self) -> bool {
        self.actor != Actor::System.as_text() && self.subject.count() > 0
    }
}

/// A look as it was written.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    pub id: i64,
    pub look: Look,
}

/// The looks of one viewer on one day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Day {
    pub actor: String,
    pub actor_name: String,
    /// Days since 1970 in the project's zone.
    pub day: i64,
    pub looks: i64,
    /// People whose pages were opened or values revealed.
    pub people: i64,
    /// Places in lists and files, people who stood in several counted again.
    pub listed: i64,
    pub reveals: i64,
    pub exports: i64,
}

/// Which looks are asked for.
#[derive(Clone, Default, Debug)]
pub struct Wanted {
    pub actor: Option<String>,
    pub what: Option<What>,
    pub from: Option<Millis>,
    pub to: Option<Millis>,
    /// Before this id.
    pub before: i64,
    pub limit: i64,
}
