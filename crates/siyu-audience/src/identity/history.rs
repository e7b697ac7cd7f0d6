//! What is known about one person's identifiers: how they hang together now, and how
//! that came about.

use std::collections::BTreeSet;

use siyu_types::Identifier;
use siyu_types::clock::Millis;
use siyu_types::identity::{Class, IdentityChange};
use siyu_types::record::Evidence;

use super::graph::Graph;
use super::journal::Outcome;
use super::links::Cause;

/// Steps of a history shown; older ones are left out, and the answer says so.
pub const STEPS_MAX: usize = 500;

/// One identifier of a person.
#[derive(Clone, PartialEq, Debug)]
pub struct Held {
    pub node: u32,
    pub identifier: Identifier,
    pub class: Class,
    /// The number whose records it stood first on.
    pub number: Option<u32>,
    pub former: bool,
    pub shared: bool,
    pub last_seen: Millis,
}

/// One link between two identifiers of a person.
#[derive(Clone, PartialEq, Debug)]
pub struct Linked {
    pub a: u32,
    pub b: u32,
    pub strong: bool,
    pub by_hand: bool,
    pub source: String,
    pub first: Millis,
    pub last: Millis,
}

/// Two identifiers that stood together on a record.
#[derive(Clone, PartialEq, Debug)]
pub struct SaidLink {
    pub identifiers: [Identifier; 2],
    pub first: Millis,
    /// They were not taken apart since.
    pub active: bool,
    pub source: String,
}

/// What happened in a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepKind {
    Linked,
    /// A client took the two apart.
    Unlinked,
    /// One of the two turned out to be in too many hands.
    Shared,
    /// Other rules do not link the two.
    Ruled,
    Merged,
    Split,
    Undone,
}

impl StepKind {
    pub fn as_str(self) -> &'static str {
        match self {
            StepKind::Linked => "linked",
            StepKind::Unlinked => "unlinked",
            StepKind::Shared => "shared",
            StepKind::Ruled => "ruled",
            StepKind::Merged => "merged",
            StepKind::Split => "split",
            StepKind::Undone => "undone",
        }
    }
}

/// One step of a history.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    pub at: Millis,
    pub kind: StepKind,
    pub identifiers: Vec<Identifier>,
    pub source: String,
    pub strong: bool,
    /// Number of the decision in the journal.
    pub decision: Option<u32>,
}

impl Graph {
    /// The identifiers of a person, past ones too, by priority.
    pub fn held(&self, person: u32) -> Vec<Held> {
        let nodes = self.nodes_of(person).into_iter();
        nodes
            .map(|node| {
                let held = &self.nodes[node as usize];
                Held {
                    node,
                    identifier: self.identifier(node),
                    class: self.class(held.slot),
                    number: held.own.then_some(held.atom),
                    former: held.former,
                    shared: self.node_is_shared(node),
                    last_seen: i64::from(held.seen) * 1_000,
                }
            })
            .collect()
    }

    fn edges_of(&self, person: u32) -> BTreeSet<u32> {
        self.nodes_of(person).into_iter().flat_map(|node| self.links.of(self, node)).collect()
    }

    /// The links that make a person.
    pub fn linked(&self, person: u32) -> Vec<Linked> {
        let edges = self.edges_of(person).into_iter().map(|edge| &self.links.edges[edge as usize]);
        edges
            .filter(|edge| edge.active)
            .map(|edge| Linked {
                a: edge.a,
                b: edge.b,
                strong: edge.evidence == Evidence::Strong,
                by_hand: edge.by_hand,
                source: self.source_name(edge.source),
                first: edge.first,
                last: edge.last,
            })
            .collect()
    }

    fn source_name(&self, code: u16) -> String {
        self.links.sources.get(code as usize).cloned().unwrap_or_default()
    }

    /// How a person came to be, latest first, and how many steps there are.
    pub fn history(&self, person: u32) -> (Vec<Step>, usize) {
        let mut steps = Vec::new();
        for index in self.edges_of(person) {
            let edge = &self.links.edges[index as usize];
            let step = |at: Millis, kind: StepKind| Step {
                at,
                kind,
                identifiers: vec![self.identifier(edge.a), self.identifier(edge.b)],
                source: self.source_name(edge.source),
                strong: edge.evidence == Evidence::Strong,
                decision: None,
            };
            if !edge.by_hand {
                steps.push(step(edge.first, StepKind::Linked));
            }
            let ended = self.links.ended.get(&index).and_then(|ended| {
                let kind = match ended.cause {
                    Cause::Unlink => StepKind::Unlinked,
                    Cause::Shared => StepKind::Shared,
                    Cause::Rules => StepKind::Ruled,
                    // The decision itself is a step.
                    Cause::Decision(_) => return None,
                };
                Some(step(ended.at, kind))
            });
            steps.extend(ended);
        }
        steps.extend(self.decided_about(person));
        let total = steps.len();
        steps.sort_by(|a, b| b.at.cmp(&a.at).then(b.decision.cmp(&a.decision)));
        steps.truncate(STEPS_MAX);
        (steps, total)
    }

    fn decided_about(&self, person: u32) -> impl Iterator<Item = Step> + '_ {
        let ours = move |node: &u32| self.person_of_node(*node) == person;
        (0u32..).zip(&self.journal.entries).filter_map(move |(index, entry)| {
            let refused = matches!(entry.outcome, Outcome::Refused(_));
            if refused || !entry.about.iter().any(ours) {
                return None;
            }
            let kind = match entry.decision.change {
                IdentityChange::Merge { .. } => StepKind::Merged,
                IdentityChange::Split { .. } => StepKind::Split,
                IdentityChange::Undo { .. } => StepKind::Undone,
                IdentityChange::Rules { .. } => return None,
            };
            Some(Step {
                at: entry.at,
                kind,
                identifiers: entry.about.iter().map(|node| self.identifier(*node)).collect(),
                source: super::decisions::BY_HAND.to_owned(),
                strong: true,
                decision: Some(index),
            })
        })
    }

    /// The links that records made between the identifiers of a person, and between them
    /// and others they were parted from, in the order they were met.
    pub fn said_of(&self, person: u32) -> Vec<SaidLink> {
        let edges = self.edges_of(person).into_iter().map(|edge| &self.links.edges[edge as usize]);
        edges
            .filter(|edge| !edge.by_hand)
            .map(|edge| SaidLink {
                identifiers: [self.identifier(edge.a), self.identifier(edge.b)],
                first: edge.first,
                active: edge.active,
                source: self.source_name(edge.source),
            })
            .collect()
    }

    /// Kinds and numbers of the former values that are one of these.
    pub fn former_of(&self, values: &[String]) -> Vec<(String, u32)> {
        let former = (0u32..).zip(&self.nodes).filter(|(_, node)| node.former);
        former
            .filter(|(index, _)| values.iter().any(|value| value == self.text(*index)))
            .map(|(_, node)| (self.slots[node.slot as usize].name(), node.atom))
            .collect()
    }

    /// An identifier by its node, if there is such a node.
    pub fn identifier_of(&self, node: u32) -> Option<Identifier> {
        ((node as usize) < self.nodes.len()).then(|| self.identifier(node))
    }
}
