//! Who was one person at an earlier instant: the links as they held then.

use std::collections::BTreeMap;

use siyu_events::Remap;
use siyu_types::clock::Millis;

use super::graph::Graph;
use super::parts::find;

impl Graph {
    /// The mapping from numbers to people as it was after everything up to `at`, by time of
    /// receipt. An identifier that was not known yet is a person of its own.
    pub fn as_of(&self, at: Millis) -> Remap {
        let mut root: Vec<u32> = (0..self.nodes.len() as u32).collect();
        for (index, edge) in (0u32..).zip(&self.links.edges) {
            // Of an erased person no link is known any more, and so none of the past either.
            let erased = self.is_empty(edge.a) || self.is_empty(edge.b);
            if !erased && self.links.held_at(index, at) {
                let (a, b) = (find(&mut root, edge.a), find(&mut root, edge.b));
                root[a.max(b) as usize] = a.min(b);
            }
        }
        let mut people: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (number, owner) in (0u32..).zip(&self.owners) {
            people.entry(find(&mut root, *owner)).or_default().push(number);
        }
        let mut remap = Remap::alone(self.atom_count());
        people.values().for_each(|numbers| remap.join(numbers));
        remap
    }

    /// From when on [`Graph::as_of`] is exact; `None` if for all time. A snapshot written
    /// before links kept their gaps does not say when one that was taken apart came back.
    pub fn known_since(&self) -> Option<Millis> {
        self.links.gaps_since
    }

    /// The latest instant that the links speak of.
    pub(crate) fn last_instant(&self) -> Option<Millis> {
        let ended = self.links.ended.values().map(|ended| ended.at);
        self.links.edges.iter().map(|edge| edge.last).chain(ended).max()
    }
}
