//! Tables as the engine sees them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{SchemaProvider, Session, TableProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use siyu_types::Viewer;

use super::Described;
use super::events::EventRows;
use super::wanted::{Hints, naming, place};

/// What was read of a table.
#[derive(Clone)]
pub(crate) enum Held {
    /// Whole, with the columns of these places.
    Batches { columns: Vec<usize>, batches: Arc<[RecordBatch]> },
    /// To be turned into batches block by block.
    Events(Arc<EventRows>),
}

/// The tables of one statement.
pub(crate) struct Tables {
    pub described: Vec<Described>,
    pub viewer: Viewer,
    pub zone: String,
    /// Threads that may read one table.
    pub threads: usize,
    held: OnceLock<HashMap<usize, Held>>,
}

impl Tables {
    pub fn new(described: Vec<Described>, viewer: Viewer, zone: String, threads: usize) -> Tables {
        Tables { described, viewer, zone, threads, held: OnceLock::new() }
    }

    /// What the statement reads; it is given once, before the statement runs.
    pub fn hold(&self, held: impl IntoIterator<Item = (usize, Held)>) {
        self.held.get_or_init(|| held.into_iter().collect());
    }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tables")
    }
}

/// The tables by name, in whatever case.
#[derive(Debug)]
pub(crate) struct ByName(pub Arc<Tables>);

#[async_trait]
impl SchemaProvider for ByName {
    fn table_names(&self) -> Vec<String> {
        self.0.described.iter().map(|table| table.kind.name().to_owned()).collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let found = place(&self.0.described, name);
        Ok(found.map(|at| Arc::new(OneTable { tables: Arc::clone(&self.0), at }) as Arc<dyn TableProvider>))
    }

    fn table_exist(&self, name: &str) -> bool {
        place(&self.0.described, name).is_some()
    }
}

#[derive(Debug)]
struct OneTable {
    tables: Arc<Tables>,
    at: usize,
}

#[async_trait]
impl TableProvider for OneTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.tables.described[self.at].schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let table = &self.tables.described[self.at];
        let places: Vec<usize> = match projection {
            Some(projection) => projection.clone(),
            None => (0..table.columns.len()).collect(),
        };
        let schema = Arc::new(table.schema.project(&places)?);
        let held = self.tables.held.get().and_then(|held| held.get(&self.at));
        let held = held.ok_or_else(|| DataFusionError::Internal("a table was not read".to_owned()))?;
        let partitions: Vec<Arc<dyn PartitionStream>> = match held {
            Held::Batches { columns, batches } => {
                let own: Option<Vec<usize>> =
                    places.iter().map(|place| columns.iter().position(|column| column == place)).collect();
                let own = own.ok_or_else(|| DataFusionError::Internal("a column was not read".to_owned()))?;
                vec![Arc::new(Whole {
                    schema: Arc::clone(&schema),
                    columns: own,
                    batches: Arc::clone(batches),
                })]
            }
            Held::Events(rows) => {
                let hints = Hints::of(filters, naming(table.kind.name()));
                let parts = rows.blocks().clamp(1, self.tables.threads.max(1));
                let part = |part| Blocks {
                    schema: Arc::clone(&schema),
                    rows: Arc::clone(rows),
                    part: (part, parts),
                    places: places.clone(),
                    hints: hints.clone(),
                };
                (0..parts).map(|at| Arc::new(part(at)) as Arc<dyn PartitionStream>).collect()
            }
        };
        Ok(Arc::new(StreamingTableExec::try_new(schema, partitions, None, [], false, limit)?))
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // As hints: a filter on whatever column is looked at and tested again above.
        let name = self.tables.described[self.at].kind.name();
        let hinted = matches!(name, "events" | "tags" | "segments");
        let kind = if hinted {
            TableProviderFilterPushDown::Inexact
        } else {
            TableProviderFilterPushDown::Unsupported
        };
        Ok(vec![kind; filters.len()])
    }
}

/// A table that was read whole.
struct Whole {
    schema: SchemaRef,
    columns: Vec<usize>,
    batches: Arc<[RecordBatch]>,
}

impl fmt::Debug for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Whole")
    }
}

impl PartitionStream for Whole {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (batches, columns) = (Arc::clone(&self.batches), self.columns.clone());
        let count = batches.len();
        let batches = (0..count).map(move |at| Ok(batches[at].project(&columns)?));
        stream(&self.schema, batches)
    }
}

/// Some blocks of events.
struct Blocks {
    schema: SchemaRef,
    rows: Arc<EventRows>,
    part: (usize, usize),
    places: Vec<usize>,
    hints: Hints,
}

impl fmt::Debug for Blocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blocks")
    }
}

impl PartitionStream for Blocks {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let schema = Arc::clone(&self.schema);
        stream(&self.schema, self.rows.batches(self.part, self.places.clone(), &self.hints, schema))
    }
}

fn stream(
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch>> + Send + 'static,
) -> SendableRecordBatchStream {
    Box::pin(RecordBatchStreamAdapter::new(Arc::clone(schema), futures::stream::iter(batches)))
}
