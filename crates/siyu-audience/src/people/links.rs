//! Which identifiers of a person were found to belong together, and when.

use siyu_types::clock::Millis;
use siyu_types::{Identifier, PersonNo};

use super::People;
use crate::identity::namespaces::NAMESPACES;

/// Two identifiers that stood together.
#[derive(Clone, PartialEq, Debug)]
pub struct Link {
    pub identifiers: [Identifier; 2],
    pub first: Millis,
    /// It was not taken apart since.
    pub active: bool,
    pub source: String,
}

impl People {
    /// The links between a person's identifiers, in the order they were met.
    pub fn links(&self, person: PersonNo) -> Vec<Link> {
        let graph = &self.graph;
        let mut edges: Vec<u32> = self
            .numbers(person)
            .iter()
            .filter_map(|number| graph.atoms.get(*number as usize))
            .flatten()
            .flat_map(|node| graph.nodes[*node as usize].edges.iter().copied())
            .collect();
        edges.sort_unstable();
        edges.dedup();
        let identifier = |node: u32| {
            let node = &graph.nodes[node as usize];
            Identifier::new(NAMESPACES[node.namespace as usize].name, &*node.value)
        };
        edges
            .into_iter()
            .map(|edge| {
                let edge = &graph.edges[edge as usize];
                Link {
                    identifiers: [identifier(edge.a), identifier(edge.b)],
                    first: edge.first,
                    active: edge.active,
                    source: graph.sources.get(usize::from(edge.source)).cloned().unwrap_or_default(),
                }
            })
            .collect()
    }
}
