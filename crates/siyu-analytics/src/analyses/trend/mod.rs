//! See the module list in `analyses`.

use roaring::RoaringBitmap;
use siyu_types::analysis::{TrendCell, TrendQuery, TrendResult};
use siyu_types::{Error, Result};

use crate::Context;

/// The event properties a scan must bring; sorted, no duplicates.
pub fn columns_needed(query: &TrendQuery) -> Vec<String> {
    let _ = query;
    Vec::new()
}

/// The events the query speaks of; sorted, no duplicates.
pub fn events_needed(query: &TrendQuery) -> Vec<String> {
    let _ = query;
    Vec::new()
}

/// Answers the query, over all living people or those `within`.
pub fn run(query: &TrendQuery, context: &Context<'_>, within: Option<&RoaringBitmap>) -> Result<TrendResult> {
    let _ = (query, context, within);
    Err(Error::internal("not computed yet"))
}

/// The people behind one cell of the answer.
pub fn people(
    query: &TrendQuery,
    cell: &TrendCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    let _ = (query, cell, context, within);
    Err(Error::internal("not computed yet"))
}
