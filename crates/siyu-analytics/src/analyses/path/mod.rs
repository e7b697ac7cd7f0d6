//! Paths: what people do one after another. Reference/03 §2.5.
//!
//! - A path is the events of one session in order, or of the whole range if nothing cuts; it begins
//!   at the anchor, or goes back from it. Events of one time stand in the order they arrived.
//! - All paths are counted before any node is folded into "other", so at every step but the last
//!   what comes into a node is what goes out of it or ends there. At the last step those that
//!   do not end go on unseen.
//! - A session counts if its first event lies in the range, with all its events until now.
//! - A node that is split has the value of its event; a list is no value.

mod dense;
mod graph;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;
mod walk;

use roaring::RoaringBitmap;
use siyu_types::analysis::{PathCell, PathQuery, PathResult, Question as _};
use siyu_types::{Error, Result};

use crate::Context;
use graph::Kept;
use walk::Walks;

/// Answers the query, over all living people or those `within`.
pub fn run(query: &PathQuery, context: &Context<'_>, within: Option<&RoaringBitmap>) -> Result<PathResult> {
    answer(query, context, within, dense::NODES_MAX)
}

/// With up to `few` different nodes in one pass, with more in two.
fn answer(
    query: &PathQuery,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
    few: usize,
) -> Result<PathResult> {
    query.validate()?;
    let walks = Walks::new(query, context, within)?;
    let shown = query.nodes as usize;
    let (nodes, edges) = dense::count(&walks, context.scan, shown, few)
        .unwrap_or_else(|| graph::count(&walks, context.scan, &Kept::largest(&walks, context.scan, shown)));
    Ok(PathResult {
        total: nodes.iter().filter(|node| node.step == 0).map(|node| node.count).sum(),
        nodes,
        edges,
        complete: walks.range.complete(context.as_of),
        as_of: context.as_of,
    })
}

/// The people behind one cell of the answer.
pub fn people(
    query: &PathQuery,
    cell: &PathCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    query.validate()?;
    if cell.step >= query.steps {
        return Err(Error::invalid("cell.step", "the answer has no such step"));
    }
    let walks = Walks::new(query, context, within)?;
    let kept = Kept::largest(&walks, context.scan, query.nodes as usize);
    Ok(graph::people(&walks, context.scan, &kept, cell))
}
