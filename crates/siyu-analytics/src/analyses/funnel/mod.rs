//! See the module list in `analyses`.

use roaring::RoaringBitmap;
use siyu_types::analysis::{FunnelCell, FunnelQuery, FunnelResult};
use siyu_types::{Error, Result};

use crate::Context;

/// The event properties a scan must bring; sorted, no duplicates.
pub fn columns_needed(query: &FunnelQuery) -> Vec<String> {
    let _ = query;
    Vec::new()
}

/// The events the query speaks of; sorted, no duplicates.
pub fn events_needed(query: &FunnelQuery) -> Vec<String> {
    let _ = query;
    Vec::new()
}

/// Answers the query, over all living people or those `within`.
pub fn run(
    query: &FunnelQuery,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<FunnelResult> {
    let _ = (query, context, within);
    Err(Error::internal("not computed yet"))
}

/// The people behind one cell of the answer.
pub fn people(
    query: &FunnelQuery,
    cell: &FunnelCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    let _ = (query, cell, context, within);
    Err(Error::internal("not computed yet"))
}
