//! The evidence between identifiers: which stood together, since when, said by whom,
//! and whether that still counts.

use std::hash::Hasher;

use hashbrown::HashTable;
use rustc_hash::{FxHashMap, FxHasher};
use siyu_types::clock::Millis;
use siyu_types::record::Evidence;

use super::graph::{Graph, NONE};

/// Two identifiers, and what is known about their belonging together.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub a: u32,
    pub b: u32,
    /// The next edges of `a` and of `b`.
    next: [u32; 2],
    pub first: Millis,
    pub last: Millis,
    /// Index into `Links::sources`.
    pub source: u16,
    pub evidence: Evidence,
    /// Somebody said so, rather than a record.
    pub by_hand: bool,
    pub active: bool,
}

impl Edge {
    /// They did so at `at`, too.
    pub fn stood_together(&mut self, at: Millis) {
        self.first = self.first.min(at);
        self.last = self.last.max(at);
    }
}

/// When and why an edge stopped counting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ended {
    pub at: Millis,
    pub cause: Cause,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cause {
    /// A client took the two apart.
    Unlink,
    /// One of the two is in too many hands.
    Shared,
    /// Other rules.
    Rules,
    /// A decision, by its number in the journal.
    Decision(u32),
}

/// All edges.
#[derive(Default, Debug)]
pub(crate) struct Links {
    pub edges: Vec<Edge>,
    index: HashTable<u32>,
    pub sources: Vec<String>,
    pub ended: FxHashMap<u32, Ended>,
    /// Spans of the past in which an edge that holds now did not.
    pub gaps: FxHashMap<u32, Vec<(Millis, Millis)>>,
    /// Gaps before this instant were not written down; `None` if all were.
    pub gaps_since: Option<Millis>,
}

fn hash(a: u32, b: u32) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write_u64(u64::from(a) << 32 | u64::from(b));
    hasher.finish()
}

impl Links {
    pub fn between(&self, a: u32, b: u32) -> Option<u32> {
        let (a, b) = (a.min(b), a.max(b));
        let found = self.index.find(hash(a, b), |edge| {
            let edge = &self.edges[*edge as usize];
            edge.a == a && edge.b == b
        });
        found.copied()
    }

    /// The edges of a node, latest first.
    pub fn of<'a>(&'a self, graph: &'a Graph, node: u32) -> impl Iterator<Item = u32> + 'a {
        let mut at = graph.nodes[node as usize].first_edge;
        std::iter::from_fn(move || {
            let edge = (at != NONE).then_some(at)?;
            let held = &self.edges[edge as usize];
            at = held.next[usize::from(held.a != node)];
            Some(edge)
        })
    }

    pub fn end(&mut self, edge: u32, at: Millis, cause: Cause) {
        self.edges[edge as usize].active = false;
        if let Some(earlier) = self.ended.insert(edge, Ended { at, cause }) {
            // It had ended before, and did not hold since.
            self.note_gap(edge, earlier.at, at);
        }
    }

    pub fn revive(&mut self, edge: u32, at: Millis) {
        self.edges[edge as usize].active = true;
        if let Some(ended) = self.ended.remove(&edge) {
            self.note_gap(edge, ended.at, at);
        }
    }

    /// Writes down that an edge did not hold from one instant to another.
    pub fn note_gap(&mut self, edge: u32, from: Millis, to: Millis) {
        if from < to {
            self.gaps.entry(edge).or_default().push((from, to));
        }
    }

    /// Whether an edge held at an instant, by what was known then.
    pub fn held_at(&self, edge: u32, at: Millis) -> bool {
        let begun = self.edges[edge as usize].first <= at;
        let over = self.ended.get(&edge).is_some_and(|ended| ended.at <= at);
        let gap =
            self.gaps.get(&edge).is_some_and(|gaps| gaps.iter().any(|(from, to)| *from <= at && at < *to));
        begun && !over && !gap
    }

    pub fn source_code(&mut self, source: &str) -> u16 {
        if let Some(code) = self.sources.iter().position(|s| s == source) {
            return code as u16;
        }
        // A project has a handful of sources; beyond the range they share the last name.
        if self.sources.len() >= usize::from(u16::MAX) {
            return u16::MAX - 1;
        }
        self.sources.push(source.to_owned());
        (self.sources.len() - 1) as u16
    }
}

/// What a new edge is to hold; the rest is the graph's own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewEdge {
    pub a: u32,
    pub b: u32,
    pub first: Millis,
    pub last: Millis,
    pub source: u16,
    pub evidence: Evidence,
    pub by_hand: bool,
    pub active: bool,
}

impl Graph {
    /// Writes down that two identifiers stood together. A link that was taken apart
    /// comes back only on strong evidence.
    pub(super) fn note_edge(&mut self, a: u32, b: u32, evidence: Evidence, source: &str, at: Millis) -> u32 {
        if let Some(edge) = self.links.between(a, b) {
            let held = &mut self.links.edges[edge as usize];
            held.stood_together(at);
            if evidence == Evidence::Strong {
                held.evidence = Evidence::Strong;
                if !held.active {
                    self.links.revive(edge, at);
                }
            }
            return edge;
        }
        let source = self.links.source_code(source);
        self.add_edge(NewEdge { a, b, first: at, last: at, source, evidence, by_hand: false, active: true })
    }

    pub(crate) fn add_edge(&mut self, new: NewEdge) -> u32 {
        let NewEdge { first, last, source, evidence, by_hand, active, .. } = new;
        let (a, b) = (new.a.min(new.b), new.a.max(new.b));
        let edge = self.links.edges.len() as u32;
        let next = [self.nodes[a as usize].first_edge, self.nodes[b as usize].first_edge];
        self.links.edges.push(Edge { a, b, next, first, last, source, evidence, by_hand, active });
        let mut index = std::mem::take(&mut self.links.index);
        index.insert_unique(hash(a, b), edge, |other| {
            let other = &self.links.edges[*other as usize];
            hash(other.a, other.b)
        });
        self.links.index = index;
        self.nodes[a as usize].first_edge = edge;
        self.nodes[b as usize].first_edge = edge;
        edge
    }

    /// The node at the other end.
    pub(super) fn across(&self, edge: u32, node: u32) -> u32 {
        let edge = &self.links.edges[edge as usize];
        if edge.a == node { edge.b } else { edge.a }
    }
}
