//! The identity graph as it is stored: identifiers, numbers, and who owns what.
//!
//! A number (`PersonNo`) belongs to exactly one identifier for good: the one that
//! stood first on the records counted under it. So people can be divided between any
//! two identifiers, and everything that was ever said goes with the one it was said of.

use std::collections::BTreeMap;
use std::hash::Hasher;

use hashbrown::HashTable;
use rustc_hash::FxHasher;
use siyu_events::Remap;
use siyu_govern::sealing::IdentifierHashes;
use siyu_types::clock::Millis;
use siyu_types::identity::{Class, IdentityRules, Namespace};
use siyu_types::{Identifier, PersonNo};

use super::admit::Refusal;
use super::conflicts::Conflicts;
use super::journal::Journal;
use super::links::Links;
use super::rules;
use super::sharing::Usage;

/// No such node, edge or usage.
pub(crate) const NONE: u32 = u32::MAX;
/// Namespaces and scopes together, such as the openids of so many appids.
pub const SLOTS_MAX: usize = 1_000;
const SECOND: i64 = 1_000;

/// An identifier.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Place of the value in `Graph::texts`.
    pub(super) start: u32,
    /// The number its records are counted under: its own, or, while it never stood
    /// first on a record, that of an identifier it was seen with.
    pub atom: u32,
    /// The next node with this number.
    pub(super) next: u32,
    /// Head of the chain of its edges.
    pub first_edge: u32,
    /// Index into `Graph::usages`.
    pub usage: u32,
    /// Last sighting, in seconds since 1970.
    pub seen: u32,
    /// Index into `Graph::slots`.
    pub slot: u16,
    pub(super) len: u8,
    pub own: bool,
    /// A former value: part of the person's past, and free for somebody else.
    pub former: bool,
}

/// One namespace, or one scope of a scoped one.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Slot {
    pub namespace: String,
    pub scope: String,
    /// Index into the rules, which is its priority; none once it is not declared any more.
    pub rule: Option<u16>,
}

impl Slot {
    /// As identifiers name it.
    pub fn name(&self) -> String {
        if self.scope.is_empty() {
            self.namespace.clone()
        } else {
            format!("{}:{}", self.namespace, self.scope)
        }
    }
}

/// An identifier that was admitted, with its slot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Key {
    pub slot: u16,
    pub value: String,
}

/// Numbers for the data-quality view.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Counters {
    pub merges: u64,
    pub splits: u64,
    /// Values that were seen with too many people, devices for the most part.
    pub shared: u64,
    /// Values that another one took the place of.
    pub replaced: u64,
    pub blocked: u64,
    pub malformed: u64,
}

/// All identifiers of a project and who they belong to.
#[derive(Debug)]
pub struct Graph {
    pub(crate) rules: IdentityRules,
    /// Hashes values of the kinds that are kept as hashes.
    pub(super) hashes: Option<IdentifierHashes>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) nodes: Vec<Node>,
    pub(super) texts: String,
    index: HashTable<u32>,
    /// The node that owns each number, head of the chain of all nodes with it.
    pub(crate) owners: Vec<u32>,
    pub(crate) links: Links,
    pub(crate) usages: Vec<Usage>,
    pub(super) remap: Remap,
    pub(crate) conflicts: Conflicts,
    pub(crate) journal: Journal,
    /// Identifiers of namespaces nobody declared, counted by namespace.
    pub(crate) quarantined: BTreeMap<String, u64>,
    pub(crate) counters: Counters,
    /// What became of people since somebody last asked.
    pub(super) moves: Vec<Move>,
    /// Nodes that were identifiers of people who are nobody now.
    pub(super) emptied: usize,
}

/// People that became one, or one that became several.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Move {
    /// Who it is about: the merged person, or the one that keeps the name.
    pub person: u32,
    /// Who was absorbed, or who is apart now.
    pub others: Vec<u32>,
    pub merged: bool,
    /// `evidence`, `unlink`, `shared`, `by_hand`, `undo` or `rules`.
    pub cause: &'static str,
}

impl Default for Graph {
    fn default() -> Graph {
        Graph::new(rules::DEFAULT.clone())
    }
}

impl Graph {
    pub fn new(rules: IdentityRules) -> Graph {
        let mut graph = Graph {
            rules,
            hashes: None,
            slots: Vec::new(),
            nodes: Vec::new(),
            texts: String::new(),
            index: HashTable::new(),
            owners: Vec::new(),
            links: Links::default(),
            usages: Vec::new(),
            remap: Remap::default(),
            conflicts: Conflicts::default(),
            journal: Journal::default(),
            quarantined: BTreeMap::new(),
            counters: Counters::default(),
            moves: Vec::new(),
            emptied: 0,
        };
        graph.declare();
        graph
    }

    /// Makes a slot for every namespace without scope, in order of priority, and
    /// finds the rule of each slot anew.
    pub(super) fn declare(&mut self) {
        for index in 0..self.rules.namespaces.len() {
            let name = self.rules.namespaces[index].name.clone();
            self.slot(&name, "");
        }
        for slot in &mut self.slots {
            let rule = self.rules.namespaces.iter().position(|n| n.name == slot.namespace);
            slot.rule = rule.map(|rule| rule as u16);
        }
    }

    pub fn rules(&self) -> &IdentityRules {
        &self.rules
    }

    pub fn remap(&self) -> &Remap {
        &self.remap
    }

    pub fn conflicts(&self) -> &Conflicts {
        &self.conflicts
    }

    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    pub fn counters(&self) -> Counters {
        self.counters
    }

    pub fn quarantined(&self) -> &BTreeMap<String, u64> {
        &self.quarantined
    }

    /// How many numbers were given.
    pub fn atom_count(&self) -> u32 {
        self.owners.len() as u32
    }

    pub fn identifier_count(&self) -> usize {
        self.nodes.len() - self.emptied
    }

    /// What became of people since the last call.
    pub fn take_moves(&mut self) -> Vec<Move> {
        std::mem::take(&mut self.moves)
    }

    /// The number an identifier is counted under.
    pub fn atom_of(&self, identifier: &Identifier) -> Option<PersonNo> {
        self.find_identifier(identifier).map(|node| PersonNo(self.nodes[node as usize].atom))
    }

    pub(crate) fn find_identifier(&self, identifier: &Identifier) -> Option<u32> {
        let admitted = self.admission().admit(identifier).ok()?;
        let name = &self.rules.namespaces[admitted.namespace].name;
        let slot = self.slot_of(name, admitted.scope)?;
        self.find(&Key { slot, value: admitted.value })
    }

    /// The identifier that a number belongs to for good.
    pub fn owner_of(&self, number: u32) -> Option<Identifier> {
        let owner = self.owners.get(number as usize).filter(|node| !self.is_empty(**node));
        owner.map(|node| self.identifier(*node))
    }

    /// How far the owner of a number is trusted; 0 is most.
    pub fn rank_of(&self, number: u32) -> u16 {
        self.owners.get(number as usize).map_or(u16::MAX, |node| self.rank(self.nodes[*node as usize].slot))
    }

    pub(crate) fn identifier(&self, node: u32) -> Identifier {
        Identifier {
            namespace: self.slots[self.nodes[node as usize].slot as usize].name(),
            value: self.text(node).to_owned(),
        }
    }

    pub(crate) fn text(&self, node: u32) -> &str {
        let node = &self.nodes[node as usize];
        &self.texts[node.start as usize..node.start as usize + usize::from(node.len)]
    }

    /// The nodes of a person, former ones too, by priority, then in the order they were met.
    pub(crate) fn nodes_of(&self, person: u32) -> Vec<u32> {
        let mut nodes = Vec::new();
        self.each_node(person, |node| nodes.push(node));
        nodes.sort_unstable_by_key(|node| (self.rank(self.nodes[*node as usize].slot), *node));
        nodes
    }

    /// All identifiers a person has now, by priority, then in the order they were met.
    pub fn identifiers(&self, person: u32) -> Vec<Identifier> {
        let nodes = self.nodes_of(person).into_iter();
        nodes.filter(|node| !self.nodes[*node as usize].former).map(|node| self.identifier(node)).collect()
    }

    /// Every present identifier of a namespace with its number, in the order they were met.
    pub fn all_of(&self, namespace: &str) -> impl Iterator<Item = (&str, u32)> {
        let wanted: Vec<bool> = self.slots.iter().map(|slot| slot.namespace == namespace).collect();
        (0u32..)
            .zip(&self.nodes)
            .filter(move |(_, node)| wanted[node.slot as usize] && !node.former)
            .map(|(index, node)| (self.text(index), node.atom))
    }

    /// The names that identifiers can have, scopes included.
    pub fn namespaces(&self) -> Vec<String> {
        self.slots.iter().filter(|slot| slot.rule.is_some()).map(Slot::name).collect()
    }

    pub(super) fn each_node(&self, person: u32, mut visit: impl FnMut(u32)) {
        let mut walk = |number: u32| {
            let mut node = self.owners.get(number as usize).copied().unwrap_or(NONE);
            while node != NONE {
                visit(node);
                node = self.nodes[node as usize].next;
            }
        };
        match self.remap.several(person) {
            Some(members) => members.iter().copied().for_each(&mut walk),
            None => walk(person),
        }
    }

    /// Priority of a slot; what is not declared any more comes last.
    pub(super) fn rank(&self, slot: u16) -> u16 {
        self.slots[slot as usize].rule.unwrap_or(u16::MAX)
    }

    pub(crate) fn namespace(&self, slot: u16) -> Option<&Namespace> {
        self.slots[slot as usize].rule.map(|rule| &self.rules.namespaces[rule as usize])
    }

    pub(super) fn class(&self, slot: u16) -> Class {
        self.namespace(slot).map_or(Class::Weak, |namespace| namespace.class)
    }

    /// Checks an identifier and gives its key, making a slot for a new scope.
    pub(super) fn key(&mut self, identifier: &Identifier) -> Result<Key, Refusal> {
        let admitted = self.admission().admit(identifier)?;
        let slot = if admitted.scope.is_empty() {
            // The first slots are the rules' own, in their order, unless those changed.
            let index = admitted.namespace;
            match self.slots.get(index) {
                Some(slot) if slot.rule == Some(index as u16) && slot.scope.is_empty() => Some(index as u16),
                _ => self.slot_of(&self.rules.namespaces[index].name, ""),
            }
        } else {
            let name = self.rules.namespaces[admitted.namespace].name.clone();
            self.slot(&name, admitted.scope)
        };
        let value = admitted.value;
        slot.map(|slot| Key { slot, value }).ok_or(Refusal::UnknownNamespace)
    }

    pub(super) fn slot_of(&self, namespace: &str, scope: &str) -> Option<u16> {
        let at = self.slots.iter().position(|s| s.scope == scope && s.namespace == namespace)?;
        Some(at as u16)
    }

    /// The slot of a namespace and scope, made if there is room.
    pub(crate) fn slot(&mut self, namespace: &str, scope: &str) -> Option<u16> {
        if let Some(slot) = self.slot_of(namespace, scope) {
            return Some(slot);
        }
        if self.slots.len() >= SLOTS_MAX {
            return None;
        }
        let rule = self.rules.namespaces.iter().position(|n| n.name == namespace).map(|rule| rule as u16);
        self.slots.push(Slot { namespace: namespace.to_owned(), scope: scope.to_owned(), rule });
        Some((self.slots.len() - 1) as u16)
    }

    pub(crate) fn find(&self, key: &Key) -> Option<u32> {
        let found = self.index.find(hash(key.slot, &key.value), |node| {
            self.nodes[*node as usize].slot == key.slot && self.text(*node) == key.value
        });
        found.copied()
    }

    pub(super) fn person_of_node(&self, node: u32) -> u32 {
        self.remap.person(self.nodes[node as usize].atom)
    }

    /// Makes a node findable by its value.
    pub(super) fn enter(&mut self, node: u32) {
        let key = hash(self.nodes[node as usize].slot, self.text(node));
        // Growing reads the nodes, so the table is taken out of the graph meanwhile.
        let mut index = std::mem::take(&mut self.index);
        index.insert_unique(key, node, |other| hash(self.nodes[*other as usize].slot, self.text(*other)));
        self.index = index;
    }

    /// Makes a value free: the node is not found by it any more.
    pub(super) fn withdraw(&mut self, node: u32) {
        let key = hash(self.nodes[node as usize].slot, self.text(node));
        if let Ok(entry) = self.index.find_entry(key, |other| *other == node) {
            entry.remove();
        }
    }

    pub(super) fn see(&mut self, node: u32, at: Millis) {
        let node = &mut self.nodes[node as usize];
        node.seen = node.seen.max(seconds(at));
    }
}

pub(super) fn seconds(at: Millis) -> u32 {
    u32::try_from(at / SECOND).unwrap_or(if at < 0 { 0 } else { u32::MAX })
}

fn hash(slot: u16, value: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write_u16(slot);
    hasher.write(value.as_bytes());
    hasher.finish()
}
