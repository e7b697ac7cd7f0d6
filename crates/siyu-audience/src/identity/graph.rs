//! The identity graph: identifiers, evidence between them, and the people they make.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use siyu_events::Remap;
use siyu_types::clock::Millis;
use siyu_types::{Identifier, PersonNo};

use super::conflicts::Conflicts;
use super::namespaces::{self, Class, DEVICE_WINDOW, Key, NAMESPACES};
use siyu_types::record::Evidence;

/// An identifier. It belongs to exactly one atom (the number of the group it was
/// first seen with), and moves only when it is taken away from that group.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub namespace: u8,
    pub value: Arc<str>,
    pub atom: u32,
    /// Indexes into `Graph::edges`.
    pub edges: Vec<u32>,
    pub usage: Option<Box<DeviceUsage>>,
}

/// Who used a device.
#[derive(Clone, Default, Debug)]
pub(crate) struct DeviceUsage {
    pub people: Vec<DeviceUser>,
    /// Too many people in too short a time: it no longer links anybody. Final.
    pub shared: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct DeviceUser {
    pub atom: u32,
    pub last: Millis,
    /// The device once belonged to them, rather than only appeared beside them.
    pub owner: bool,
}

/// Two identifiers on one record, and what is known about their belonging together.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub a: u32,
    pub b: u32,
    pub evidence: Evidence,
    /// Index into `Graph::sources`.
    pub source: u16,
    pub first: Millis,
    pub last: Millis,
    /// False after somebody took the two apart, or the device became shared.
    pub active: bool,
}

/// Numbers for the data-quality view.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Counters {
    pub merges: u64,
    pub splits: u64,
    pub shared_devices: u64,
    pub blocked: u64,
    pub malformed: u64,
}

/// All identifiers of a project and who they belong to.
#[derive(Default, Debug)]
pub struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(super) index: [FxHashMap<Arc<str>, u32>; NAMESPACES.len()],
    /// Nodes of each atom.
    pub(crate) atoms: Vec<Vec<u32>>,
    pub(crate) edges: Vec<Edge>,
    pub(super) edge_index: FxHashMap<(u32, u32), u32>,
    pub(crate) sources: Vec<String>,
    pub(super) remap: Remap,
    pub(crate) conflicts: Conflicts,
    /// Identifiers of namespaces nobody declared, counted by namespace.
    pub(crate) quarantined: BTreeMap<String, u64>,
    pub(crate) counters: Counters,
}

impl Graph {
    pub fn remap(&self) -> &Remap {
        &self.remap
    }

    pub fn conflicts(&self) -> &Conflicts {
        &self.conflicts
    }

    pub fn counters(&self) -> Counters {
        self.counters
    }

    pub fn quarantined(&self) -> &BTreeMap<String, u64> {
        &self.quarantined
    }

    /// How many numbers were given.
    pub fn atom_count(&self) -> u32 {
        self.atoms.len() as u32
    }

    pub fn identifier_count(&self) -> usize {
        self.nodes.len()
    }

    /// The atom an identifier belongs to.
    pub fn atom_of(&self, identifier: &Identifier) -> Option<PersonNo> {
        let key = namespaces::admit(identifier).ok()?;
        self.node(&key).map(|node| PersonNo(self.nodes[node as usize].atom))
    }

    /// All identifiers of a person, by priority, then in the order they were met.
    pub fn identifiers(&self, person: u32) -> Vec<Identifier> {
        let mut nodes: Vec<u32> = self
            .remap
            .numbers(person)
            .iter()
            .filter_map(|atom| self.atoms.get(*atom as usize))
            .flatten()
            .copied()
            .collect();
        nodes.sort_unstable_by_key(|node| (self.nodes[*node as usize].namespace, *node));
        nodes
            .into_iter()
            .map(|node| {
                let node = &self.nodes[node as usize];
                Identifier::new(NAMESPACES[node.namespace as usize].name, &*node.value)
            })
            .collect()
    }

    /// Every identifier of a namespace with its atom, in the order they were met.
    pub fn all_of(&self, namespace: &str) -> impl Iterator<Item = (&str, u32)> {
        let wanted = NAMESPACES.iter().position(|n| n.name == namespace);
        self.nodes
            .iter()
            .filter(move |node| Some(node.namespace as usize) == wanted)
            .map(|node| (&*node.value, node.atom))
    }

    /// True once a device was used by too many people to say anything.
    pub fn is_shared(&self, identifier: &Identifier) -> bool {
        namespaces::admit(identifier)
            .ok()
            .and_then(|key| self.node(&key))
            .is_some_and(|node| self.nodes[node as usize].usage.as_ref().is_some_and(|u| u.shared))
    }

    pub(super) fn node(&self, key: &Key) -> Option<u32> {
        self.index[key.namespace as usize].get(key.value.as_str()).copied()
    }

    pub(super) fn person_of_node(&self, node: u32) -> u32 {
        self.remap.person(self.nodes[node as usize].atom)
    }

    /// Gives the next number.
    pub(crate) fn new_atom(&mut self) -> u32 {
        let atom = self.atoms.len() as u32;
        self.atoms.push(Vec::new());
        self.remap.to.push(atom);
        atom
    }

    pub(crate) fn new_node(&mut self, key: &Key, atom: u32) -> u32 {
        let value: Arc<str> = key.value.as_str().into();
        let node = self.nodes.len() as u32;
        self.index[key.namespace as usize].insert(value.clone(), node);
        let usage = (key.class() == Class::Device).then(Box::default);
        self.nodes.push(Node { namespace: key.namespace, value, atom, edges: Vec::new(), usage });
        self.atoms[atom as usize].push(node);
        node
    }

    /// Number of identifiers per namespace that a person has.
    pub(super) fn counts(&self, person: u32) -> [usize; NAMESPACES.len()] {
        let mut counts = [0; NAMESPACES.len()];
        let mut add = |atom: u32| {
            for node in &self.atoms[atom as usize] {
                counts[self.nodes[*node as usize].namespace as usize] += 1;
            }
        };
        match self.remap.members.get(&person) {
            Some(members) => members.iter().copied().for_each(&mut add),
            None => add(person),
        }
        counts
    }

    pub(super) fn edge(&self, a: u32, b: u32) -> Option<&Edge> {
        self.edge_index.get(&(a.min(b), a.max(b))).map(|edge| &self.edges[*edge as usize])
    }

    /// Writes down that two identifiers stood together. A link that was taken
    /// apart comes back only on strong evidence.
    pub(super) fn note_edge(&mut self, a: u32, b: u32, evidence: Evidence, source: &str, at: Millis) {
        let pair = (a.min(b), a.max(b));
        if let Some(edge) = self.edge_index.get(&pair) {
            let edge = &mut self.edges[*edge as usize];
            edge.first = edge.first.min(at);
            edge.last = edge.last.max(at);
            if evidence == Evidence::Strong {
                edge.evidence = Evidence::Strong;
                edge.active = true;
            }
            return;
        }
        let source = self.source_code(source);
        self.add_edge(Edge { a: pair.0, b: pair.1, evidence, source, first: at, last: at, active: true });
    }

    pub(crate) fn add_edge(&mut self, edge: Edge) {
        let index = self.edges.len() as u32;
        self.edge_index.insert((edge.a, edge.b), index);
        self.nodes[edge.a as usize].edges.push(index);
        self.nodes[edge.b as usize].edges.push(index);
        self.edges.push(edge);
    }

    /// Works out all people anew from the active links, as after loading.
    pub(crate) fn rebuild(&mut self) {
        self.remap = Remap { to: vec![u32::MAX; self.atoms.len()], ..Remap::default() };
        for start in 0..self.atoms.len() as u32 {
            if self.remap.to[start as usize] == u32::MAX {
                let part = self.component(start, |atom, remap| remap.to[atom as usize] == u32::MAX);
                self.assign(&part);
            }
        }
    }

    /// Numbers that hang together with `start` by way of admitted ones, ascending.
    fn component(&self, start: u32, admits: impl Fn(u32, &Remap) -> bool) -> Vec<u32> {
        let mut seen: std::collections::BTreeSet<u32> = [start].into();
        let mut part = vec![start];
        let mut next = 0;
        while next < part.len() {
            for neighbour in self.neighbours(part[next]) {
                if admits(neighbour, &self.remap) && seen.insert(neighbour) {
                    part.push(neighbour);
                }
            }
            next += 1;
        }
        part.sort_unstable();
        part
    }

    fn source_code(&mut self, source: &str) -> u16 {
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

    /// Makes one person of several; the smallest number names them.
    pub(super) fn unite(&mut self, persons: &[u32]) -> Vec<u32> {
        let mut numbers: Vec<u32> = persons.iter().flat_map(|person| self.remap.numbers(*person)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        for person in persons {
            self.remap.members.remove(person);
        }
        self.assign(&numbers);
        self.counters.merges += 1;
        numbers
    }

    /// Works out anew which of a person's atoms still hang together.
    pub(super) fn recompute(&mut self, person: u32) -> Vec<u32> {
        let numbers = self.remap.numbers(person);
        self.remap.members.remove(&person);
        let mut left: std::collections::BTreeSet<u32> = numbers.iter().copied().collect();
        let mut parts = 0;
        while let Some(start) = left.first().copied() {
            let part = self.component(start, |atom, _| left.contains(&atom));
            part.iter().for_each(|atom| {
                left.remove(atom);
            });
            self.assign(&part);
            parts += 1;
        }
        self.counters.splits += parts - 1;
        numbers
    }

    /// Atoms that share an active edge with this one.
    fn neighbours(&self, atom: u32) -> Vec<u32> {
        let mut found = Vec::new();
        for node in &self.atoms[atom as usize] {
            for edge in &self.nodes[*node as usize].edges {
                let edge = &self.edges[*edge as usize];
                if edge.active {
                    let other = if edge.a == *node { edge.b } else { edge.a };
                    found.push(self.nodes[other as usize].atom);
                }
            }
        }
        found
    }

    /// Says that these numbers, ascending, are one person.
    fn assign(&mut self, numbers: &[u32]) {
        let Some(&person) = numbers.first() else { return };
        for number in numbers {
            self.remap.to[*number as usize] = person;
        }
        if numbers.len() > 1 {
            self.remap.members.insert(person, numbers.to_vec());
        }
    }

    /// Whether somebody else than `person` once owned this device.
    pub(super) fn belonged_to_another(&self, node: u32, person: Option<u32>) -> bool {
        self.nodes[node as usize].usage.as_ref().is_some_and(|usage| {
            usage.people.iter().any(|user| user.owner && Some(self.remap.person(user.atom)) != person)
        })
    }

    /// Different people who used a device within the window up to `at`, not
    /// counting `except`.
    pub(super) fn recent_users(&self, node: u32, except: Option<u32>, at: Millis) -> usize {
        let Some(usage) = &self.nodes[node as usize].usage else { return 0 };
        let mut people: Vec<u32> = usage
            .people
            .iter()
            .filter(|user| (user.last - at).abs() <= DEVICE_WINDOW)
            .map(|user| self.remap.person(user.atom))
            .filter(|person| Some(*person) != except)
            .collect();
        people.sort_unstable();
        people.dedup();
        people.len()
    }
}
