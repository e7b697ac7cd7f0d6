//! Taking identifiers apart again. Numbers are never divided: a split runs along
//! the groups that were first seen together, so that it is exact.

use siyu_types::clock::Millis;
use siyu_types::record::Evidence;
use siyu_types::{Identifier, PersonNo};

use super::graph::Graph;
use super::resolve::Resolution;

impl Graph {
    /// Takes the second and further identifiers away from the person of the first.
    pub fn unlink(&mut self, ids: &[Identifier], source: &str, at: Millis) -> Option<Resolution> {
        let keys: Vec<_> = ids.iter().filter_map(|id| super::namespaces::admit(id).ok()).collect();
        let first = self.node(keys.first()?)?;
        let mut touched = Vec::new();
        for key in &keys[1..] {
            let Some(second) = self.node(key).filter(|second| *second != first) else { continue };
            if self.person_of_node(first) == self.person_of_node(second) {
                touched.extend(self.take_apart(first, second, source, at));
            }
        }
        Some(Resolution { atom: PersonNo(self.nodes[first as usize].atom), touched })
    }

    fn take_apart(&mut self, first: u32, second: u32, source: &str, at: Millis) -> Vec<u32> {
        // Remembered even where no record showed the two side by side, so that a
        // later coincidence does not join them again.
        self.note_edge(first, second, Evidence::Weak, source, at);
        let edge = self.edge_index[&(first.min(second), first.max(second))];
        self.edges[edge as usize].active = false;
        let mut touched = self.recompute(self.person_of_node(first));
        if self.person_of_node(first) == self.person_of_node(second) {
            touched.extend(self.isolate(second));
        }
        touched
    }

    /// Cuts every link of an identifier. If it shares its number with others it
    /// gets a new one; what happened under the old number stays there.
    pub(super) fn isolate(&mut self, node: u32) -> Vec<u32> {
        let person = self.person_of_node(node);
        for edge in self.nodes[node as usize].edges.clone() {
            self.edges[edge as usize].active = false;
        }
        let atom = self.nodes[node as usize].atom;
        let mut touched = Vec::new();
        if self.atoms[atom as usize].len() > 1 {
            self.atoms[atom as usize].retain(|other| *other != node);
            let own = self.new_atom();
            self.nodes[node as usize].atom = own;
            self.atoms[own as usize].push(node);
            self.counters.splits += 1;
            touched.push(own);
        }
        touched.extend(self.recompute(person));
        touched
    }
}
