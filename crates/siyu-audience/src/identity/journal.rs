//! What people decided about identities, each with what it changed, so that it can be
//! undone exactly.

use serde::{Deserialize, Serialize};
use siyu_types::Identifier;
use siyu_types::clock::Millis;
use siyu_types::identity::{IdentityChange, IdentityDecision};
use utoipa::ToSchema;

use super::graph::Graph;

/// Decisions kept with what is needed to undo them. Beyond it, further ones are refused.
pub const DECISIONS_MAX: usize = 1_000_000;

/// Why a decision could not be carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// There is no such person, or none of the identifiers is theirs.
    NotFound,
    /// They are one person already.
    AlreadyOne,
    /// The one person would have two values where only one is possible; name those
    /// that are to be former values.
    TwoValues,
    /// More identifiers than a person may have.
    TooMany,
    /// Nothing would stay with the person.
    Everything,
    /// It has been undone already, or cannot be undone.
    NotUndoable,
    /// The rules contradict themselves.
    BadRules,
}

/// What came of a decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Done,
    /// Undone, but what came in since still holds the people together.
    StillTogether,
    Refused(Obstacle),
}

/// Two nodes that are not one person, whatever the evidence.
pub(crate) type Barrier = (u32, u32);

/// One decision and its effects.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Entry {
    pub at: Millis,
    pub decision: IdentityDecision,
    pub outcome: Outcome,
    pub undone_by: Option<u32>,
    /// Nodes that tell whose history it belongs to.
    pub(crate) about: Vec<u32>,
    pub(crate) effects: Effects,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Effects {
    /// Edges that hold what was put together.
    pub made: Vec<u32>,
    /// Edges that were cut.
    pub ended: Vec<u32>,
    /// Nodes that became former values.
    pub former: Vec<u32>,
    pub barriers: Vec<Barrier>,
    /// Barriers that were in the way.
    pub lifted: Vec<Barrier>,
}

/// All decisions, and the barriers in force.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Journal {
    pub(crate) entries: Vec<Entry>,
    pub(crate) barriers: Vec<Barrier>,
}

impl Journal {
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether somebody decided that `person` is none of `people`.
    pub(super) fn keeps_apart(&self, graph: &Graph, people: &[u32], person: u32) -> bool {
        self.barriers.iter().any(|(a, b)| {
            let (a, b) = (graph.person_of_node(*a), graph.person_of_node(*b));
            (a == person && people.contains(&b)) || (b == person && people.contains(&a))
        })
    }
}

impl Graph {
    /// Carries out a decision, or writes down why not. Answers the numbers whose
    /// person changed.
    pub fn decide(&mut self, decision: &IdentityDecision, at: Millis) -> Vec<u32> {
        let id = self.journal.entries.len() as u32;
        if self.journal.entries.len() >= DECISIONS_MAX {
            return Vec::new();
        }
        let mut effects = Effects::default();
        let mut about = Vec::new();
        let done = match &decision.change {
            IdentityChange::Merge { one, other, former } => {
                self.merge((*one, *other), former, at, &mut effects, &mut about)
            }
            IdentityChange::Split { person, identifiers } => {
                self.split(*person, identifiers, (id, at), &mut effects, &mut about)
            }
            IdentityChange::Undo { change } => self.undo(*change, (id, at), &mut about),
            IdentityChange::Rules { rules, redecide } => self.enact(rules, *redecide, at),
        };
        let (outcome, touched) = match done {
            Ok((outcome, touched)) => (outcome, touched),
            Err(obstacle) => (Outcome::Refused(obstacle), Vec::new()),
        };
        let entry = Entry { at, decision: decision.clone(), outcome, undone_by: None, about, effects };
        self.journal.entries.push(entry);
        touched
    }

    /// The values that a merge would have to choose between, person by person.
    pub fn contradicting(&self, one: u32, other: u32, at: Millis) -> Vec<Identifier> {
        let (one, other) = (self.remap.person(one), self.remap.person(other));
        let slots = self.contradictions(&self.tally(one, at), &self.tally(other, at));
        let mut found = Vec::new();
        for person in [one, other] {
            let nodes = self.nodes_of(person).into_iter();
            let held = nodes.filter(|node| {
                let node = &self.nodes[*node as usize];
                !node.former && slots.contains(&node.slot)
            });
            found.extend(held.map(|node| self.identifier(node)));
        }
        found
    }
}
