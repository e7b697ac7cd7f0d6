//! Cross tables: people or events by two things at once.
//!
//! - Of an event, rows and columns are read from each event that matches and lies in the range;
//!   without one, from all people. An event with a list, and a person with several values or in
//!   several segments, counts for each; totals count everybody once, so cells may add up to more.
//! - Largest values stand on their own, counted over the whole; the rest is "other", what has no
//!   value is "missing". Neither is left out.

mod axis;
mod count;
mod dense;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;

use roaring::RoaringBitmap;
use siyu_types::Result;
use siyu_types::analysis::{CrosstabCell, CrosstabQuery, CrosstabResult, Question as _};

use crate::Context;
use count::{Crosstab, Table};

/// Answers the query, over all living people or those `within`.
pub fn run(
    query: &CrosstabQuery,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<CrosstabResult> {
    query.validate()?;
    let kind = Crosstab::new(query, context, within)?;
    let table = kind.count();
    let (rows, columns) = (kind.axes[0].shown(&table.rows), kind.axes[1].shown(&table.columns));
    let cell = |row: u32| columns.iter().map(|(column, _)| table.cell(row, *column)).collect();
    Ok(CrosstabResult {
        cells: rows.iter().map(|(row, _)| cell(*row)).collect(),
        row_totals: rows.iter().map(|(row, _)| Table::at(&table.rows, *row)).collect(),
        column_totals: columns.iter().map(|(column, _)| Table::at(&table.columns, *column)).collect(),
        rows: rows.into_iter().map(|(_, key)| key).collect(),
        columns: columns.into_iter().map(|(_, key)| key).collect(),
        total: table.total,
        complete: kind.is_complete(),
        as_of: context.as_of,
    })
}

/// The people behind one cell of the answer.
pub fn people(
    query: &CrosstabQuery,
    cell: &CrosstabCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    query.validate()?;
    let mut kind = Crosstab::new(query, context, within)?;
    let row = cell.row.as_ref().map(|key| kind.axes[0].find(key, "cell.row")).transpose()?;
    let column = cell.column.as_ref().map(|key| kind.axes[1].find(key, "cell.column")).transpose()?;
    Ok(kind.people(row, column))
}
