//! Nodes and the numbers that records are counted under: making them, and moving
//! those that have no number of their own.

use siyu_types::clock::Millis;

use super::graph::{Graph, Key, NONE, Node, seconds};
use super::sharing::Usage;

impl Graph {
    /// Makes a node with the number of `beside`, or with a number of its own.
    pub(crate) fn new_node(&mut self, key: &Key, beside: Option<u32>, at: Millis) -> u32 {
        let node = self.push_node(key, seconds(at));
        self.enter(node);
        match beside {
            Some(other) => self.put_beside(node, self.nodes[other as usize].atom),
            None => drop(self.give_number(node)),
        }
        node
    }

    fn push_node(&mut self, key: &Key, seen: u32) -> u32 {
        let node = self.nodes.len() as u32;
        let start = self.texts.len() as u32;
        self.texts.push_str(&key.value);
        self.nodes.push(Node {
            start,
            atom: NONE,
            next: NONE,
            first_edge: NONE,
            usage: NONE,
            seen,
            slot: key.slot,
            // Admitted values are at most 255 bytes.
            len: key.value.len() as u8,
            own: false,
            former: false,
        });
        node
    }

    /// Puts another text in the place of a node's; the old one is blanked.
    pub(super) fn replace_text(&mut self, node: u32, text: &str) {
        let present = !self.nodes[node as usize].former;
        if present {
            self.withdraw(node);
        }
        let held = &self.nodes[node as usize];
        let (start, len) = (held.start as usize, usize::from(held.len));
        self.texts.replace_range(start..start + len, &" ".repeat(len));
        let start = self.texts.len() as u32;
        self.texts.push_str(text);
        let held = &mut self.nodes[node as usize];
        // As long as an admitted value at most.
        (held.start, held.len) = (start, text.len() as u8);
        if present {
            self.enter(node);
        }
    }

    /// Makes room for numbers whose owners are about to be restored.
    pub(crate) fn expect_numbers(&mut self, count: u32) {
        self.owners = vec![NONE; count as usize];
    }

    /// Whether nobody owns a number yet, while a snapshot is read.
    pub(crate) fn lacks_owner(&self, number: u32) -> bool {
        self.owners.get(number as usize) == Some(&NONE)
    }

    /// The users of shared values as version 1 named them, by number instead of node.
    pub(crate) fn name_users_by_node(&mut self) {
        for user in self.usages.iter_mut().flat_map(|usage| &mut usage.users) {
            user.node = self.owners.get(user.node as usize).copied().unwrap_or(0);
        }
    }

    /// Puts a node back as it was stored, except for its place among those with its
    /// number, which [`Graph::rebuild`] finds.
    pub(crate) fn restore_node(
        &mut self,
        key: &Key,
        atom: u32,
        own: bool,
        former: bool,
        seen: u32,
        usage: Option<Usage>,
    ) {
        let node = self.push_node(key, seen);
        if let Some(usage) = usage {
            self.nodes[node as usize].usage = self.usages.len() as u32;
            self.usages.push(usage);
        }
        let held = &mut self.nodes[node as usize];
        (held.atom, held.own, held.former) = (atom, own, former);
        if own {
            self.owners[atom as usize] = node;
        }
        if !former {
            self.enter(node);
        }
    }

    /// Gives the next number to a node that has none of its own.
    pub(super) fn give_number(&mut self, node: u32) -> u32 {
        if self.nodes[node as usize].atom != NONE {
            self.take_from_chain(node);
        }
        let number = self.owners.len() as u32;
        self.owners.push(node);
        self.remap.push();
        let node = &mut self.nodes[node as usize];
        (node.atom, node.own, node.next) = (number, true, NONE);
        number
    }

    /// Counts a node that never stood first under another's number.
    pub(super) fn put_beside(&mut self, node: u32, number: u32) {
        if self.nodes[node as usize].atom != NONE {
            self.take_from_chain(node);
        }
        let owner = self.owners[number as usize];
        self.nodes[node as usize].atom = number;
        self.nodes[node as usize].next = self.nodes[owner as usize].next;
        self.nodes[owner as usize].next = node;
    }

    /// Puts all nodes of each number behind its owner.
    pub(super) fn chain(&mut self) {
        self.nodes.iter_mut().for_each(|node| node.next = NONE);
        for index in 0..self.nodes.len() {
            let owner = self.owners[self.nodes[index].atom as usize] as usize;
            if owner != index {
                self.nodes[index].next = self.nodes[owner].next;
                self.nodes[owner].next = index as u32;
            }
        }
    }

    fn take_from_chain(&mut self, node: u32) {
        let after = self.nodes[node as usize].next;
        let mut at = self.owners[self.nodes[node as usize].atom as usize];
        while self.nodes[at as usize].next != node {
            at = self.nodes[at as usize].next;
        }
        self.nodes[at as usize].next = after;
    }
}
