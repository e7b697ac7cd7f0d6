//! Merge, split and undo by hand. Each notes what it changed in its [`Effects`].

use siyu_types::Identifier;
use siyu_types::clock::Millis;
use siyu_types::identity::IdentityChange;
use siyu_types::record::Evidence;

use super::graph::Graph;
use super::journal::{Barrier, Effects, Obstacle, Outcome};
use super::links::{Cause, NewEdge};

/// Source of the links that people make.
pub(super) const BY_HAND: &str = "siyu";

type Done = Result<(Outcome, Vec<u32>), Obstacle>;

impl Graph {
    pub(super) fn merge(
        &mut self,
        (one, other): (u32, u32),
        former: &[Identifier],
        at: Millis,
        effects: &mut Effects,
        about: &mut Vec<u32>,
    ) -> Done {
        if one.max(other) >= self.atom_count() || self.is_gone(one) || self.is_gone(other) {
            return Err(Obstacle::NotFound);
        }
        let owners = (self.owners[one as usize], self.owners[other as usize]);
        about.extend([owners.0, owners.1]);
        let (one, other) = (self.remap.person(one), self.remap.person(other));
        if one == other {
            return Err(Obstacle::AlreadyOne);
        }
        let (left, right) = (self.tally(one, at), self.tally(other, at));
        if left.total + right.total > u32::from(self.rules.identifiers_max) {
            return Err(Obstacle::TooMany);
        }
        let giving_way: Vec<u32> = former
            .iter()
            .filter_map(|id| self.find_identifier(id))
            .filter(|node| [one, other].contains(&self.person_of_node(*node)))
            .collect();
        let left_over = self.contradictions(&left, &right).into_iter().any(|slot| {
            let gone = giving_way.iter().filter(|node| self.nodes[**node as usize].slot == slot).count();
            left.of(slot) + right.of(slot) > 1 + gone as u32
        });
        if left_over {
            return Err(Obstacle::TwoValues);
        }
        for node in giving_way {
            self.make_former(node);
            effects.former.push(node);
        }
        let between = |graph: &Graph, barrier: &Barrier| {
            let (a, b) = (graph.person_of_node(barrier.0), graph.person_of_node(barrier.1));
            (a.min(b), a.max(b)) == (one.min(other), one.max(other))
        };
        effects.lifted = self.journal.barriers.iter().filter(|b| between(self, b)).copied().collect();
        self.journal.barriers.retain(|barrier| !effects.lifted.contains(barrier));
        self.hold(owners.0, owners.1, at, effects);
        Ok((Outcome::Done, self.unite(&[one, other], "by_hand")))
    }

    /// Links two nodes because somebody says so.
    fn hold(&mut self, a: u32, b: u32, at: Millis, effects: &mut Effects) {
        let edge = match self.links.between(a, b) {
            Some(edge) if self.links.edges[edge as usize].active => return,
            Some(edge) => {
                self.links.revive(edge, at);
                edge
            }
            None => {
                let source = self.links.source_code(BY_HAND);
                let evidence = Evidence::Strong;
                self.add_edge(NewEdge {
                    a,
                    b,
                    first: at,
                    last: at,
                    source,
                    evidence,
                    by_hand: true,
                    active: true,
                })
            }
        };
        effects.made.push(edge);
    }

    pub(super) fn split(
        &mut self,
        person: u32,
        identifiers: &[Identifier],
        (id, at): (u32, Millis),
        effects: &mut Effects,
        about: &mut Vec<u32>,
    ) -> Done {
        if person >= self.atom_count() {
            return Err(Obstacle::NotFound);
        }
        let person = self.remap.person(person);
        let mut leaving: Vec<u32> = identifiers.iter().filter_map(|id| self.find_identifier(id)).collect();
        leaving.retain(|node| self.person_of_node(*node) == person);
        leaving.sort_unstable();
        leaving.dedup();
        if leaving.is_empty() || leaving.len() < identifiers.len() {
            return Err(Obstacle::NotFound);
        }
        let all = self.nodes_of(person);
        let present = all.iter().filter(|node| !self.nodes[**node as usize].former).count();
        if present == leaving.len() {
            return Err(Obstacle::Everything);
        }
        self.add_former_of(&all, &mut leaving);
        for node in &leaving {
            let cut =
                self.cut(*node, at, Cause::Decision(id), |other| leaving.binary_search(&other).is_err());
            effects.ended.extend(cut);
        }
        let staying: Vec<u32> = all.iter().copied().filter(|n| leaving.binary_search(n).is_err()).collect();
        self.bridge(&staying, at, effects);
        self.bridge(&leaving, at, effects);
        let first = |nodes: &[u32]| {
            let present = nodes.iter().filter(|node| !self.nodes[**node as usize].former);
            present.min_by_key(|node| (self.rank(self.nodes[**node as usize].slot), **node)).copied()
        };
        if let (Some(stays), Some(leaves)) = (first(&staying), first(&leaving)) {
            about.extend([stays, leaves]);
            effects.barriers.push((stays, leaves));
            self.journal.barriers.push((stays, leaves));
        }
        Ok((Outcome::Done, self.recompute(person, "by_hand")))
    }

    /// Former values follow those that they hang on.
    fn add_former_of(&self, all: &[u32], leaving: &mut Vec<u32>) {
        let former = all.iter().copied().filter(|node| self.nodes[*node as usize].former);
        let following: Vec<u32> = former
            .filter(|node| {
                let mut active = self
                    .links
                    .of(self, *node)
                    .filter(|edge| self.links.edges[*edge as usize].active)
                    .peekable();
                active.peek().is_some()
                    && active.all(|edge| leaving.binary_search(&self.across(edge, *node)).is_ok())
            })
            .collect();
        leaving.extend(following);
        leaving.sort_unstable();
    }

    /// Keeps together what only hung together by way of those on the other side.
    fn bridge(&mut self, nodes: &[u32], at: Millis, effects: &mut Effects) {
        let mut nodes = nodes.to_vec();
        nodes.sort_unstable();
        let mut part_of = rustc_hash::FxHashMap::default();
        let mut heads: Vec<u32> = Vec::new();
        for node in &nodes {
            if !part_of.contains_key(node) {
                self.hanging_together(*node, &mut part_of, heads.len());
                heads.push(*node);
            }
        }
        for pair in heads.windows(2) {
            self.hold(pair[0], pair[1], at, effects);
        }
    }

    pub(super) fn undo(&mut self, change: u32, (id, at): (u32, Millis), about: &mut Vec<u32>) -> Done {
        let entry = self.journal.entries.get(change as usize).ok_or(Obstacle::NotFound)?;
        let undoable =
            matches!(entry.decision.change, IdentityChange::Merge { .. } | IdentityChange::Split { .. });
        if !undoable || entry.undone_by.is_some() || matches!(entry.outcome, Outcome::Refused(_)) {
            return Err(Obstacle::NotUndoable);
        }
        let was_merge = matches!(entry.decision.change, IdentityChange::Merge { .. });
        let (effects, of) = (entry.effects.clone(), entry.about.clone());
        about.extend_from_slice(&of);
        let touched = if was_merge {
            self.undo_merge(&effects, at, id)
        } else {
            self.undo_split(&effects, at, (change, id))?
        };
        self.journal.entries[change as usize].undone_by = Some(id);
        let together = of.windows(2).all(|pair| self.person_of_node(pair[0]) == self.person_of_node(pair[1]));
        Ok((if was_merge && together { Outcome::StillTogether } else { Outcome::Done }, touched))
    }

    fn undo_merge(&mut self, effects: &Effects, at: Millis, id: u32) -> Vec<u32> {
        let Some(first) = effects.made.first() else { return Vec::new() };
        let person = self.person_of_node(self.links.edges[*first as usize].a);
        for edge in &effects.made {
            self.links.end(*edge, at, Cause::Decision(id));
        }
        self.journal.barriers.extend_from_slice(&effects.lifted);
        let touched = self.recompute(person, "undo");
        effects.former.iter().for_each(|node| self.make_present(*node, at));
        touched
    }

    fn undo_split(
        &mut self,
        effects: &Effects,
        at: Millis,
        (change, id): (u32, u32),
    ) -> Result<Vec<u32>, Obstacle> {
        let ours = |graph: &Graph, edge: u32| {
            graph.links.ended.get(&edge).is_some_and(|ended| ended.cause == Cause::Decision(change))
        };
        let restored: Vec<u32> = effects.ended.iter().copied().filter(|edge| ours(self, *edge)).collect();
        let ends = restored.iter().flat_map(|edge| {
            let edge = &self.links.edges[*edge as usize];
            [edge.a, edge.b]
        });
        let mut people: Vec<u32> = ends.map(|node| self.person_of_node(node)).collect();
        people.extend(
            effects.barriers.iter().flat_map(|(a, b)| [self.person_of_node(*a), self.person_of_node(*b)]),
        );
        people.sort_unstable();
        people.dedup();
        let mut all = super::tally::Tally::default();
        for person in &people {
            let tally = self.tally(*person, at);
            if !self.contradictions(&all, &tally).is_empty() {
                return Err(Obstacle::TwoValues);
            }
            all.merge(&tally);
        }
        self.journal.barriers.retain(|barrier| !effects.barriers.contains(barrier));
        restored.iter().for_each(|edge| self.links.revive(*edge, at));
        effects.made.iter().for_each(|edge| self.links.end(*edge, at, Cause::Decision(id)));
        let Some(&first) = people.first() else { return Ok(Vec::new()) };
        let mut touched = Vec::new();
        if people.len() > 1 {
            touched.extend(self.unite(&people, "undo"));
        }
        touched.extend(self.recompute(self.remap.person(first), "undo"));
        Ok(touched)
    }

    /// Takes a former value back, unless it is somebody else's by now or another one
    /// took its place.
    fn make_present(&mut self, node: u32, at: Millis) {
        let slot = self.nodes[node as usize].slot;
        let key = super::graph::Key { slot, value: self.text(node).to_owned() };
        let one_only = self.namespace(slot).is_some_and(|namespace| namespace.per_person == 1);
        let taken = one_only && self.tally(self.person_of_node(node), at).of(slot) > 0;
        if self.nodes[node as usize].former && self.find(&key).is_none() && !taken {
            self.nodes[node as usize].former = false;
            self.enter(node);
        }
    }
}
