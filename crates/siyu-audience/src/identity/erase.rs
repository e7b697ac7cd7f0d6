//! Making a person nobody. The places stay, since numbers are never given again and
//! everything refers to nodes by their place; what they held does not.

use siyu_types::Identifier;
use siyu_types::identity::IdentityChange;
use siyu_types::record::Evidence;

use super::graph::{Graph, Key, NONE};
use super::journal::{Effects, Obstacle, Outcome};

impl Graph {
    /// Makes whose number this is nobody. Answers their numbers and identifiers, past ones too
    /// unless somebody else has them by now; `None` if there is no such person.
    pub fn erase(&mut self, number: u32) -> Option<(Vec<u32>, Vec<Identifier>)> {
        if number >= self.atom_count() || self.is_gone(number) {
            return None;
        }
        let person = self.remap.person(number);
        let (numbers, nodes) = (self.remap.numbers(person), self.nodes_of(person));
        let theirs = |graph: &Graph, node: &u32| {
            let key = Key { slot: graph.nodes[*node as usize].slot, value: graph.text(*node).to_owned() };
            !graph.nodes[*node as usize].former || graph.find(&key).is_none()
        };
        let named: Vec<Identifier> = nodes.iter().map(|node| self.identifier(*node)).collect();
        let mut identifiers: Vec<Identifier> =
            nodes.iter().filter(|node| theirs(self, node)).map(|node| self.identifier(*node)).collect();
        identifiers.sort_unstable();
        identifiers.dedup();
        self.conflicts.forget(&named, &numbers);
        for node in &nodes {
            self.empty(*node);
        }
        self.forget_in_journal();
        for user_lists in &mut self.usages {
            user_lists.users.retain(|user| self.nodes[user.node as usize].len > 0);
        }
        self.remap.part(person);
        self.emptied += nodes.len();
        Some((numbers, identifiers))
    }

    /// Whether a number was somebody's who is nobody now.
    pub fn is_gone(&self, number: u32) -> bool {
        self.owners.get(number as usize).is_some_and(|owner| self.is_empty(*owner))
    }

    /// A node that was an identifier. No identifier is without letters.
    pub(super) fn is_empty(&self, node: u32) -> bool {
        self.nodes[node as usize].len == 0
    }

    /// Takes a node's text and all links away.
    fn empty(&mut self, node: u32) {
        if !self.nodes[node as usize].former {
            self.withdraw(node);
        }
        for edge in self.links.of(self, node).collect::<Vec<_>>() {
            self.links.ended.remove(&edge);
            self.links.gaps.remove(&edge);
            let held = &mut self.links.edges[edge as usize];
            (held.active, held.by_hand, held.evidence) = (false, false, Evidence::Weak);
            (held.first, held.last, held.source) = (0, 0, 0);
        }
        let usage = self.nodes[node as usize].usage;
        if let Some(usage) = self.usages.get_mut(usage as usize) {
            *usage = Default::default();
        }
        let held = &mut self.nodes[node as usize];
        let (start, len) = (held.start as usize, usize::from(held.len));
        (held.len, held.former, held.usage, held.seen) = (0, true, NONE, 0);
        self.texts.replace_range(start..start + len, &" ".repeat(len));
    }

    /// Decisions keep their number, since others name them by it; what they said of nodes
    /// that are empty goes, with the reason, which may name somebody.
    fn forget_in_journal(&mut self) {
        let Graph { nodes, links, journal, .. } = self;
        let empty = |node: &u32| nodes[*node as usize].len == 0;
        let edge_left = |edge: &u32| {
            let edge = &links.edges[*edge as usize];
            !empty(&edge.a) && !empty(&edge.b)
        };
        let apart = |barrier: &(u32, u32)| !empty(&barrier.0) && !empty(&barrier.1);
        for entry in &mut journal.entries {
            if !entry.about.iter().any(empty) {
                continue;
            }
            entry.about.retain(|node| !empty(node));
            entry.outcome = Outcome::Refused(Obstacle::NotFound);
            entry.decision.reason = String::new();
            match &mut entry.decision.change {
                IdentityChange::Merge { former: said, .. }
                | IdentityChange::Split { identifiers: said, .. } => {
                    said.clear();
                }
                IdentityChange::Undo { .. } | IdentityChange::Rules { .. } => {}
            }
            entry.effects = Effects::default();
        }
        for entry in &mut journal.entries {
            let effects = &mut entry.effects;
            effects.made.retain(edge_left);
            effects.ended.retain(edge_left);
            effects.former.retain(|node| !empty(node));
            effects.barriers.retain(apart);
            effects.lifted.retain(apart);
        }
        journal.barriers.retain(apart);
    }

    /// In the forms in which identifiers are compared, most trusted first; what cannot be used
    /// is left out. Learns nothing. Each in all its forms: see [`super::Admission::readings_of`].
    pub fn normalised(&self, ids: &[Identifier]) -> Vec<Vec<Identifier>> {
        let mut usable: Vec<(bool, usize, Vec<Identifier>)> = Vec::with_capacity(ids.len());
        for id in ids {
            let Ok(admitted) = self.admission().admit(id) else { continue };
            usable.push((self.is_shared(id), admitted.namespace, self.admission().readings_of(id)));
        }
        usable.sort_by_key(|(shared, rank, _)| (*shared, *rank));
        usable.into_iter().map(|(_, _, readings)| readings).collect()
    }

    /// The forms in which a text could stand for an identifier, by the rules.
    pub fn readings(&self, text: &str) -> Vec<String> {
        let mut readings: Vec<String> = Vec::new();
        for namespace in &self.rules.namespaces {
            let id = Identifier::new(&namespace.name, text);
            // Whom it names may have been erased before values of the kind were hashed.
            let plain = super::admit::admit(&self.rules, &id).ok();
            let hashed = self.admission().admit(&id).ok().filter(|_| namespace.hash_at_rest);
            for admitted in plain.into_iter().chain(hashed) {
                if !readings.contains(&admitted.value) {
                    readings.push(admitted.value);
                }
            }
        }
        readings
    }
}
