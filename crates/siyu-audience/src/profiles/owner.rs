//! Whose word a contribution is: the identifier that owns the number it came with.

use siyu_types::Identifier;

use crate::identity::Graph;

/// The identifier a number belongs to for good.
pub fn identifier(graph: &Graph, number: u32) -> Option<Identifier> {
    graph.owner_of(number)
}

/// How far the identifier is trusted; 0 is most.
pub fn rank(graph: &Graph, number: u32) -> u16 {
    graph.rank_of(number)
}
