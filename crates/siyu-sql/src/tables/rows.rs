//! Tables that are put together row by row, in batches.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::Result;

use super::column::{Column, Filling, schema};
use super::{Held, Moment, Wanted};

/// Rows of one batch.
pub(crate) const BATCH_ROWS: usize = 8_192;

/// Fills the wanted columns of a table.
pub(crate) struct Rows<'m> {
    moment: &'m Moment<'m>,
    /// The wanted columns, by their places.
    wanted: Wanted,
    columns: Arc<[Column]>,
    schema: SchemaRef,
    filling: Vec<Filling>,
    rows: usize,
    all: usize,
    batches: Vec<RecordBatch>,
}

impl<'m> Rows<'m> {
    pub fn new(wanted: &Wanted, columns: &Arc<[Column]>, moment: &'m Moment<'m>) -> Rows<'m> {
        let chosen: Vec<Column> = wanted.columns.iter().map(|at| columns[*at].clone()).collect();
        Rows {
            moment,
            wanted: wanted.clone(),
            columns: Arc::clone(columns),
            schema: schema(&chosen, moment.zone),
            filling: chosen.iter().map(|column| Filling::new(column.kind, moment.zone)).collect(),
            rows: 0,
            all: 0,
            batches: Vec::new(),
        }
    }

    /// So many rows are there as are wanted.
    pub fn full(&self) -> bool {
        self.wanted.limit.is_some_and(|limit| self.all >= limit)
    }

    /// Adds a row; `fill` is called with each wanted column and is to add one value.
    pub fn add(&mut self, mut fill: impl FnMut(&Column, &mut Filling)) -> Result<()> {
        for (at, to) in self.wanted.columns.iter().zip(&mut self.filling) {
            fill(&self.columns[*at], to);
        }
        self.rows += 1;
        self.all += 1;
        if self.rows == BATCH_ROWS { self.cut() } else { Ok(()) }
    }

    fn cut(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let arrays: Vec<ArrayRef> = self.filling.iter_mut().map(Filling::finish).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)?;
        self.moment.budget.try_grow(batch.get_array_memory_size())?;
        self.batches.push(batch);
        self.rows = 0;
        Ok(())
    }

    pub fn finish(mut self) -> Result<Held> {
        self.cut()?;
        Ok(Held::Batches { columns: self.wanted.columns, batches: self.batches.into() })
    }
}
