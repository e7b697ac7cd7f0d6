//! Identifiers that a client takes apart.

use siyu_types::clock::Millis;
use siyu_types::record::Evidence;
use siyu_types::{Identifier, PersonNo};

use super::graph::Graph;
use super::links::Cause;
use super::resolve::Resolution;

impl Graph {
    /// Takes the second and further identifiers away from the person of the first,
    /// each with its children (such as the openids of a unionid).
    pub fn unlink(&mut self, ids: &[Identifier], source: &str, at: Millis) -> Option<Resolution> {
        let first = self.find_identifier(ids.first()?)?;
        let mut touched = Vec::new();
        for id in &ids[1..] {
            let Some(second) = self.find_identifier(id).filter(|second| *second != first) else { continue };
            if self.person_of_node(first) == self.person_of_node(second) {
                touched.extend(self.take_apart(first, second, source, at));
            }
        }
        Some(Resolution { atom: PersonNo(self.nodes[first as usize].atom), touched })
    }

    fn take_apart(&mut self, first: u32, second: u32, source: &str, at: Millis) -> Vec<u32> {
        // Remembered even where no record showed the two side by side, so that a
        // later coincidence does not join them again.
        let edge = self.note_edge(first, second, Evidence::Weak, source, at);
        self.links.end(edge, at, Cause::Unlink);
        let children = self.children(second);
        for child in &children {
            self.cut(*child, at, Cause::Unlink, |other| other == first);
        }
        let mut touched = self.recompute(self.person_of_node(first), "unlink");
        if self.person_of_node(first) == self.person_of_node(second) {
            // By way of others. It was said that the two are not one, so nothing holds.
            for child in &children {
                self.cut(*child, at, Cause::Unlink, |other| other != second && !children.contains(&other));
            }
            self.cut(second, at, Cause::Unlink, |other| !children.contains(&other));
            touched.extend(self.recompute(self.person_of_node(first), "unlink"));
        }
        touched
    }

    /// Nodes linked with this one whose namespace names its namespace as parent.
    fn children(&self, node: u32) -> Vec<u32> {
        let parent = &self.slots[self.nodes[node as usize].slot as usize].namespace;
        let linked = self.links.of(self, node).filter(|edge| self.links.edges[*edge as usize].active);
        linked
            .map(|edge| self.across(edge, node))
            .filter(|other| {
                let namespace = self.namespace(self.nodes[*other as usize].slot);
                namespace.is_some_and(|namespace| namespace.parent.as_ref() == Some(parent))
            })
            .collect()
    }
}
