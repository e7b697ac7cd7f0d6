//! Whose word a contribution is: the identifier that owns the number it came with.

use siyu_types::Identifier;

use crate::identity::Graph;
use crate::identity::namespaces::NAMESPACES;

/// The identifier a number was given for: the first it was seen with.
pub fn identifier(graph: &Graph, number: u32) -> Option<Identifier> {
    let node = first_node(graph, number)?;
    Some(Identifier::new(NAMESPACES[node.namespace as usize].name, &*node.value))
}

/// How far the identifier is trusted; 0 is most.
pub fn rank(graph: &Graph, number: u32) -> u8 {
    first_node(graph, number).map_or(u8::MAX, |node| node.namespace)
}

fn first_node(graph: &Graph, number: u32) -> Option<&crate::identity::stored::Node> {
    let nodes = graph.atoms.get(number as usize)?;
    // The most trusted of those that came together.
    nodes.iter().map(|node| &graph.nodes[*node as usize]).min_by_key(|node| node.namespace)
}
