//! Which identifiers hang together, and so who the people are.

use rustc_hash::FxHashMap;
use siyu_events::Remap;
use siyu_types::clock::Millis;

use super::graph::{Graph, Move, NONE};
use super::links::Cause;

impl Graph {
    /// Makes one person of several; the smallest number names them. Answers all their numbers.
    pub(super) fn gather(&mut self, persons: &[u32]) -> Vec<u32> {
        let mut numbers: Vec<u32> = persons.iter().flat_map(|person| self.remap.take(*person)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        self.remap.join(&numbers);
        numbers
    }

    /// As [`Graph::gather`], of people who were known until now: that is a merge.
    pub(super) fn unite(&mut self, persons: &[u32], cause: &'static str) -> Vec<u32> {
        let numbers = self.gather(persons);
        let Some(&person) = numbers.first() else { return numbers };
        let mut others: Vec<u32> = persons.iter().copied().filter(|other| *other != person).collect();
        others.sort_unstable();
        self.counters.merges += 1;
        self.moves.push(Move { person, others, merged: true, cause });
        numbers
    }

    /// Gives a node a number of its own, which stays with its person.
    pub(super) fn own(&mut self, node: u32) -> Option<u32> {
        if self.nodes[node as usize].own {
            return None;
        }
        let person = self.person_of_node(node);
        let number = self.give_number(node);
        let mut numbers = self.remap.take(person);
        numbers.push(number);
        self.remap.join(&numbers);
        Some(number)
    }

    /// Works out anew which of a person's identifiers still hang together. Answers
    /// all numbers that were theirs, and new ones.
    pub(super) fn recompute(&mut self, person: u32, cause: &'static str) -> Vec<u32> {
        let mut nodes = self.nodes_of(person);
        // By index, so that what happens depends on history alone.
        nodes.sort_unstable();
        let mut numbers = self.remap.take(person);
        let mut part_of: FxHashMap<u32, usize> = FxHashMap::default();
        let mut names = Vec::new();
        for start in &nodes {
            if part_of.contains_key(start) {
                continue;
            }
            let part = self.hanging_together(*start, &mut part_of, names.len());
            let own = self.settle(&part);
            names.push(own[0]);
            numbers.extend_from_slice(&own);
        }
        numbers.sort_unstable();
        numbers.dedup();
        names.sort_unstable();
        if names.len() > 1 {
            self.counters.splits += names.len() as u64 - 1;
            self.moves.push(Move { person: names[0], others: names[1..].to_vec(), merged: false, cause });
        }
        numbers
    }

    pub(super) fn hanging_together(
        &self,
        start: u32,
        part_of: &mut FxHashMap<u32, usize>,
        part: usize,
    ) -> Vec<u32> {
        let mut found = vec![start];
        part_of.insert(start, part);
        let mut next = 0;
        while next < found.len() {
            for edge in self.links.of(self, found[next]) {
                let other = self.across(edge, found[next]);
                if self.links.edges[edge as usize].active && !part_of.contains_key(&other) {
                    part_of.insert(other, part);
                    found.push(other);
                }
            }
            next += 1;
        }
        found.sort_unstable();
        found
    }

    /// Makes these nodes one person and answers its numbers, ascending. Those without
    /// a number of their own are counted under one that stays with them.
    fn settle(&mut self, part: &[u32]) -> Vec<u32> {
        let owned = |graph: &Graph| -> Vec<u32> {
            let owners = part.iter().map(|node| &graph.nodes[*node as usize]).filter(|node| node.own);
            owners.map(|node| node.atom).collect()
        };
        let mut numbers = owned(self);
        if numbers.is_empty() {
            let first = part.iter().min_by_key(|node| (self.rank(self.nodes[**node as usize].slot), **node));
            numbers.push(self.give_number(first.copied().unwrap_or(part[0])));
        }
        numbers.sort_unstable();
        for node in part {
            if numbers.binary_search(&self.nodes[*node as usize].atom).is_err() {
                self.put_beside(*node, numbers[0]);
            }
        }
        self.remap.join(&numbers);
        numbers
    }

    /// Works out all people anew from the active edges, as after loading.
    pub(crate) fn rebuild(&mut self) {
        self.remap = Remap::alone(self.atom_count());
        self.chain();
        let mut root: Vec<u32> = (0..self.nodes.len() as u32).collect();
        for edge in self.links.edges.iter().filter(|edge| edge.active) {
            let (a, b) = (find(&mut root, edge.a), find(&mut root, edge.b));
            root[a.max(b) as usize] = a.min(b);
        }
        // Nodes of each part in a chain, so that no part needs a list of its own.
        let mut order: Vec<(u32, u32)> =
            (0..self.nodes.len() as u32).map(|node| (find(&mut root, node), node)).collect();
        order.sort_unstable();
        for part in order.chunk_by(|a, b| a.0 == b.0) {
            let nodes: Vec<u32> = part.iter().map(|(_, node)| *node).collect();
            // What was emptied is nobody, and gets no number either.
            if !nodes.iter().all(|node| self.is_empty(*node)) {
                self.settle(&nodes);
            }
        }
        self.emptied = self.nodes.iter().filter(|node| node.len == 0).count();
    }

    /// Cuts every link of a node. What was counted under its own number goes with it.
    pub(super) fn isolate(&mut self, node: u32, at: Millis, cause: Cause, why: &'static str) -> Vec<u32> {
        let person = self.person_of_node(node);
        self.cut(node, at, cause, |_| true);
        self.recompute(person, why)
    }

    /// Ends the active edges of a node that lead to nodes that `to` names.
    pub(super) fn cut(&mut self, node: u32, at: Millis, cause: Cause, to: impl Fn(u32) -> bool) -> Vec<u32> {
        let edges: Vec<u32> = self.links.of(self, node).collect();
        let mut ended = Vec::new();
        for edge in edges {
            if self.links.edges[edge as usize].active && to(self.across(edge, node)) {
                self.links.end(edge, at, cause);
                ended.push(edge);
            }
        }
        ended
    }

    /// Sets a value aside as the person's past: it stays theirs, counts for no cap,
    /// links nothing, and may become somebody else's.
    pub(super) fn make_former(&mut self, node: u32) {
        self.withdraw(node);
        self.nodes[node as usize].former = true;
        self.nodes[node as usize].usage = NONE;
    }
}

pub(super) fn find(root: &mut [u32], mut node: u32) -> u32 {
    while root[node as usize] != node {
        root[node as usize] = root[root[node as usize] as usize];
        node = root[node as usize];
    }
    node
}
