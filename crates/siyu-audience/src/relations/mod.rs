//! Relations between people: who invited whom, which of the staff serves whom, who lives
//! together, and what else a project declares. Ties belong to numbers, so they follow
//! merges and splits of people exactly; who is related is worked out on reading.

mod api;
mod api_changes;
mod conflicts;
mod kinds;
mod model;
mod reading;
mod rules;
#[cfg(test)]
mod tests;
mod tree;

use siyu_events::Remap;
use siyu_types::clock::Millis;
use siyu_types::relation::{RelationChange, RelationSide, RelationStatement};

pub(crate) use api::routes;
pub use conflicts::{CONFLICTS_MAX, Conflict, Conflicts};
pub use model::{CHAIN_MAX, GIVEN_MAX, HELD_MAX, OWN_KINDS_MAX, Obstacle, Relations, TIES_MAX};
pub use rules::GROUP_MAX;
pub use tree::{BELOW_MAX, DEPTH_MAX};

/// What a snapshot stores.
pub(crate) mod stored {
    pub(crate) use super::model::{KnownKind, Tie, Word};
}

pub(crate) use rules::Ends;
use rules::Said;

/// When something was said, and by which source.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// When it begins or ends.
    pub time: Millis,
    pub received_at: Millis,
    pub source: &'a str,
}

impl Relations {
    /// Carries out a statement about these numbers, or writes down why not.
    pub(crate) fn obey(&mut self, statement: &RelationStatement, ends: Ends, told: Told<'_>, remap: &Remap) {
        let (name, done) = match &statement.change {
            RelationChange::Kinds { kinds } => {
                if self.validate(kinds).is_ok() {
                    self.declare(kinds);
                }
                return;
            }
            RelationChange::Begin { kind, until, .. } => {
                let done = self.kind_code(kind).ok_or(Obstacle::UnknownKind).and_then(|code| {
                    let source = self.source_code(told.source);
                    let word = self.word_code(&statement.by, &statement.reason);
                    self.begin(code, ends, (told.time, *until), Said { source, word }, remap).map(|_| ())
                });
                (kind, done)
            }
            RelationChange::End { kind, .. } => {
                let done = self.kind_code(kind).ok_or(Obstacle::UnknownKind).and_then(|code| {
                    let word = self.word_code(&statement.by, &statement.reason);
                    self.end(code, ends, told.time, word, remap)
                });
                (kind, done)
            }
        };
        if let Err(obstacle) = done {
            self.conflicts.note(Conflict {
                kind: name.clone(),
                obstacle,
                from: ends.from,
                to: ends.to,
                source: told.source.to_owned(),
                first: told.received_at,
                last: told.received_at,
                count: 1,
            });
        }
    }
}

/// The two numbers in the order of the ends.
pub(crate) fn ends(side: RelationSide, own: u32, other: u32) -> Ends {
    match side {
        RelationSide::From => Ends { from: own, to: other },
        RelationSide::To => Ends { from: other, to: own },
    }
}
