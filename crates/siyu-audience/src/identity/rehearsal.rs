//! Other rules: what they would make of everything known so far, and what it takes to
//! make it so. Every stored link is decided again in the order in which the links were
//! first seen; links refused so far are proposed again.

use std::collections::{BTreeMap, BTreeSet};

use siyu_types::Identifier;
use siyu_types::clock::Millis;
use siyu_types::identity::IdentityRules;
use siyu_types::record::Evidence;

use super::conflicts::ConflictKind;
use super::decisions::BY_HAND;
use super::graph::Graph;
use super::journal::{Obstacle, Outcome};
use super::links::Cause;
use super::rules;

/// People shown of those who would change.
pub const SAMPLE_MAX: usize = 20;

/// A person before, and the people their identifiers would belong to.
#[derive(Clone, PartialEq, Debug)]
pub struct Regrouped {
    pub person: u32,
    /// Identifiers by the group they would form, with those that come from others.
    pub groups: Vec<Vec<Identifier>>,
}

/// What other rules would change.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Rehearsal {
    pub people_before: u64,
    pub people_after: u64,
    /// People whose identifiers would not stay the same.
    pub affected: u64,
    /// Links decided again.
    pub links: u64,
    pub sample: Vec<Regrouped>,
}

/// A link to be decided, as it was proposed.
struct Proposed {
    at: Millis,
    ids: [Identifier; 2],
    evidence: Evidence,
    source: String,
}

impl Graph {
    /// What `rules` would make of what is known. Changes nothing.
    pub fn rehearse(&self, rules: &IdentityRules) -> Rehearsal {
        let said = self.said();
        let links = said.len() as u64;
        let other = self.replay(rules, said);
        let mut rehearsal = Rehearsal { links, ..Rehearsal::default() };
        // Nodes by the person they would belong to; what the new rules refuse is alone.
        let mut after: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
        let mut person_after = Vec::with_capacity(self.nodes.len());
        for node in 0..self.nodes.len() as u32 {
            let person = match other.find_identifier(&self.identifier(node)) {
                Some(there) if !self.nodes[node as usize].former => u64::from(other.person_of_node(there)),
                // Past values stay with whom they are.
                _ => (1 << 32) + u64::from(node),
            };
            person_after.push(person);
            if !self.nodes[node as usize].former {
                after.entry(person).or_default().push(node);
            }
        }
        let people = (0..self.atom_count())
            .filter(|number| self.remap.person(*number) == *number && !self.is_gone(*number));
        for person in people {
            rehearsal.people_before += 1;
            let mut nodes = self.nodes_of(person);
            nodes.retain(|node| !self.nodes[*node as usize].former);
            let groups: BTreeSet<u64> = nodes.iter().map(|node| person_after[*node as usize]).collect();
            let together: usize = groups.iter().map(|group| after.get(group).map_or(0, Vec::len)).sum();
            if groups.len() <= 1 && together == nodes.len() {
                continue;
            }
            rehearsal.affected += 1;
            if rehearsal.sample.len() < SAMPLE_MAX {
                let named = |group: &u64| {
                    let mut nodes = after[group].clone();
                    nodes.sort_unstable_by_key(|node| (self.rank(self.nodes[*node as usize].slot), *node));
                    nodes.iter().map(|node| self.identifier(*node)).collect()
                };
                rehearsal.sample.push(Regrouped { person, groups: groups.iter().map(named).collect() });
            }
        }
        rehearsal.people_after = after.len() as u64;
        rehearsal
    }

    /// Every link that was ever said, in order; those that were taken apart since are
    /// not, because somebody knew better.
    fn said(&self) -> Vec<Proposed> {
        let mut said = Vec::new();
        for (index, edge) in (0u32..).zip(&self.links.edges) {
            let by_rules = self
                .links
                .ended
                .get(&index)
                .is_some_and(|ended| matches!(ended.cause, Cause::Rules | Cause::Shared));
            if edge.active || by_rules {
                said.push(Proposed {
                    at: edge.first,
                    ids: [self.identifier(edge.a), self.identifier(edge.b)],
                    evidence: edge.evidence,
                    source: self.links.sources.get(edge.source as usize).cloned().unwrap_or_default(),
                });
            }
        }
        for conflict in self.conflicts.list() {
            if conflict.kind == ConflictKind::TakenApart {
                continue;
            }
            let weak = matches!(conflict.kind, ConflictKind::WeakEvidence | ConflictKind::DeviceOfAnother);
            said.push(Proposed {
                at: conflict.first,
                ids: [conflict.kept.clone(), conflict.refused.clone()],
                evidence: if weak { Evidence::Weak } else { Evidence::Strong },
                source: conflict.source.clone(),
            });
        }
        said.sort_by_key(|said| said.at);
        said
    }

    fn replay(&self, rules: &IdentityRules, said: Vec<Proposed>) -> Graph {
        let mut other = Graph::new(rules.clone());
        other.hashes = self.hashes.clone();
        let mut apart: Vec<(Identifier, Identifier)> =
            self.journal.barriers.iter().map(|(a, b)| (self.identifier(*a), self.identifier(*b))).collect();
        for Proposed { at, ids, evidence, source } in said {
            other.resolve(&ids, evidence, &source, at);
            // A barrier holds from the moment both are known.
            apart.retain(|(a, b)| match (other.find_identifier(a), other.find_identifier(b)) {
                (Some(a), Some(b)) if other.person_of_node(a) != other.person_of_node(b) => {
                    other.journal.barriers.push((a, b));
                    false
                }
                _ => true,
            });
        }
        for node in 0..self.nodes.len() as u32 {
            if !self.nodes[node as usize].former {
                other.resolve(&[self.identifier(node)], Evidence::Weak, BY_HAND, 0);
            }
        }
        other
    }

    /// Puts other rules in force; with `redecide` also for what is known.
    pub(super) fn enact(
        &mut self,
        new: &IdentityRules,
        redecide: bool,
        at: Millis,
    ) -> Result<(Outcome, Vec<u32>), Obstacle> {
        rules::validate(new).and_then(|()| rules::keeps(&self.rules, new)).map_err(|_| Obstacle::BadRules)?;
        let other = redecide.then(|| self.replay(new, self.said()));
        self.rules = new.clone();
        self.declare();
        self.keep_as_hashes();
        let Some(other) = other else { return Ok((Outcome::Done, Vec::new())) };
        let before = self.remap.people().to_vec();
        for edge in 0..self.links.edges.len() as u32 {
            let held = &self.links.edges[edge as usize];
            let ends = (
                other.find_identifier(&self.identifier(held.a)),
                other.find_identifier(&self.identifier(held.b)),
            );
            let there = match ends {
                (Some(a), Some(b)) => {
                    other.links.between(a, b).filter(|edge| other.links.edges[*edge as usize].active)
                }
                _ => None,
            };
            let ended_by_rules = self.links.ended.get(&edge).is_some_and(|ended| ended.cause == Cause::Rules);
            match (held.active, there) {
                (true, None)
                    if !self.nodes[held.a as usize].former && !self.nodes[held.b as usize].former =>
                {
                    self.links.end(edge, at, Cause::Rules);
                }
                (false, Some(_)) if ended_by_rules => self.links.revive(edge, at),
                _ => {}
            }
        }
        for edge in other.links.edges.iter().filter(|edge| edge.active) {
            let ends = (
                self.find_identifier(&other.identifier(edge.a)),
                self.find_identifier(&other.identifier(edge.b)),
            );
            if let (Some(a), Some(b)) = ends
                && self.links.between(a, b).is_none()
            {
                let source = other.links.sources.get(edge.source as usize).cloned().unwrap_or_default();
                let made = self.note_edge(a, b, edge.evidence, &source, edge.first);
                // It was said then, and counts from now on.
                self.links.note_gap(made, edge.first, at);
            }
        }
        self.rebuild();
        self.note_moves(&before);
        let changed = (0..self.atom_count()).filter(|number| {
            before.get(*number as usize).is_none_or(|person| *person != self.remap.person(*number))
        });
        // Whoever lost or won a number changed too.
        let mut touched: BTreeSet<u32> = changed.collect();
        let people: Vec<u32> = touched
            .iter()
            .flat_map(|number| {
                [before.get(*number as usize).copied().unwrap_or(*number), self.remap.person(*number)]
            })
            .collect();
        touched.extend(people);
        Ok((Outcome::Done, touched.into_iter().collect()))
    }

    /// Says who merged and who was divided between two states of the numbers.
    fn note_moves(&mut self, before: &[u32]) {
        let mut now_of: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        let mut then_of: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for (number, then) in (0u32..).zip(before) {
            let now = self.remap.person(number);
            now_of.entry(*then).or_default().insert(now);
            then_of.entry(now).or_default().insert(*then);
        }
        for (sides, merged) in [(&now_of, false), (&then_of, true)] {
            for (person, others) in sides.iter().filter(|(_, others)| others.len() > 1) {
                let others = others.iter().copied().filter(|other| other != person).collect();
                self.moves.push(super::graph::Move { person: *person, others, merged, cause: "rules" });
            }
        }
    }
}
