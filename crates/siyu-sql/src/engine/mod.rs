//! One statement from its text to its rows: parsed, checked, planned, and only then is
//! anything read, so that one that is refused costs nothing.

mod bounded;
mod check;
mod fault;
mod functions;
mod result;

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::TimestampMillisecondType;
use datafusion::arrow::temporal_conversions::as_datetime;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList,
};
use datafusion::common::{DataFusionError, ScalarValue};
use datafusion::config::Dialect;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{GreedyMemoryPool, MemoryConsumer, MemoryPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::SessionConfig;
use futures::StreamExt;
use siyu_audience::Project;
use siyu_types::clock::Millis;
use siyu_types::ports::Sends;
use siyu_types::{Error, ErrorCode, Result, Viewer};

pub use check::{NESTING_MAX, OPERATORS_MAX};
pub(crate) use functions::names as function_names;
pub use result::{Cell, ResultColumn, ResultTable, SqlKind};

use crate::runs::no_people;
use crate::tables::{self, Described, Tables, Wanted};

/// Messages that one statement may read over.
pub const SENDS_READ_MAX: usize = 1_000_000;

const CATALOG: &str = "siyu";
const SCHEMA: &str = "public";

/// What a statement may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub memory_bytes: usize,
    pub threads: usize,
    pub rows_max: usize,
    pub result_bytes: usize,
    /// Nothing of the answer is wanted but the numbers of people.
    pub people_only: bool,
}

/// A statement and whom it is answered to.
pub(crate) struct Question {
    pub project: Arc<Project>,
    pub viewer: Viewer,
    pub sends: Arc<dyn Sends>,
    pub text: String,
    pub params: BTreeMap<String, Param>,
    pub as_of: Millis,
    pub bounds: Bounds,
}

/// A value that a statement names by `$name`. It is a value and never becomes text of
/// the statement.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Param {
    Null,
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(String),
}

impl Param {
    fn scalar(self) -> ScalarValue {
        match self {
            Param::Null => ScalarValue::Null,
            Param::Bool(flag) => ScalarValue::Boolean(Some(flag)),
            Param::Integer(number) => ScalarValue::Int64(Some(number)),
            Param::Number(number) => ScalarValue::Float64(Some(number)),
            Param::Text(text) => ScalarValue::Utf8(Some(text)),
        }
    }
}

/// An answer, and what was looked at for it.
#[derive(Clone, PartialEq, Default, Debug)]
pub(crate) struct Outcome {
    pub table: ResultTable,
    /// Columns of personal values that were read in the clear, `people.phone`.
    pub personal: Vec<String>,
    /// Columns that were read masked.
    pub masked: Vec<String>,
}

/// Answers a statement.
pub(crate) async fn answer(question: Question) -> Result<Outcome> {
    let Question { project, viewer, sends, text, params, as_of, bounds } = question;
    let statement = check::parse(&text)?;
    let zone = tables::zone_name(&project);
    let described = tables::describe(&project, &viewer, &zone, Some(&text));
    let tables = Arc::new(Tables::new(described, viewer, zone, bounds.threads));
    let pool: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(bounds.memory_bytes));
    let state = session(&tables, &pool, as_of, bounds)?;
    let plan = state.statement_to_plan(statement).await.map_err(|error| fault::told(&error))?;
    check::allowed(&plan)?;
    let plan = bounded::bounded(bound(plan, params)?).map_err(|error| fault::told(&error))?;
    let plan = state.optimize(&plan).map_err(|error| fault::told(&error))?;
    check::allowed(&plan)?;
    let wanted = tables::wanted_by(&plan, &tables.described).map_err(|error| fault::told(&error))?;
    let reads_sends = wanted.iter().any(|(at, _)| tables.described[*at].kind.name() == "sends");
    let sends = if reads_sends { sends.sends(project.id, SENDS_READ_MAX).await? } else { Vec::new() };
    let budget = MemoryConsumer::new("tables").register(&pool);
    let held = tables::read_all(&project, &tables, &wanted, as_of, &sends, &budget)?;
    tables.hold(held.map_err(|error| fault::told(&error))?);
    let physical = state.query_planner().create_physical_plan(&plan, &state).await;
    let physical = physical.map_err(|error| fault::told(&error))?;
    let table = collect(physical, &state, bounds).await.map_err(|error| fault::told(&error))?;
    let (personal, masked) = looked_at(&wanted, &tables.described);
    Ok(Outcome { table, personal, masked })
}

/// The plan with the values of its parameters.
fn bound(plan: LogicalPlan, params: BTreeMap<String, Param>) -> Result<LogicalPlan> {
    let asked = plan.get_parameter_names().map_err(|error| fault::told(&error))?;
    let mut asked: Vec<&str> = asked.iter().map(|name| name.trim_start_matches('$')).collect();
    asked.sort_unstable();
    if let Some(missing) = asked.iter().find(|name| !params.contains_key(**name)) {
        return Err(Error::new(ErrorCode::UnknownName, format!("the parameter ${missing} has no value"))
            .with("what", "parameter")
            .with("name", *missing)
            .at(format!("params.{missing}")));
    }
    if asked.is_empty() {
        return Ok(plan);
    }
    let values: Vec<(String, ScalarValue)> =
        params.into_iter().map(|(name, value)| (name, value.scalar())).collect();
    plan.with_param_values(values).map_err(|error| fault::told(&error))
}

fn session(
    tables: &Arc<Tables>,
    pool: &Arc<dyn MemoryPool>,
    as_of: Millis,
    bounds: Bounds,
) -> Result<SessionState> {
    let mut config = SessionConfig::new()
        .with_target_partitions(bounds.threads.max(1))
        .with_information_schema(false)
        .with_create_default_catalog_and_schema(false)
        .with_default_catalog_and_schema(CATALOG, SCHEMA);
    let options = config.options_mut();
    options.sql_parser.dialect = Dialect::PostgreSQL;
    // Properties are called as their senders call them.
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.collect_spans = true;
    options.execution.time_zone = Some(tables.zone.clone());
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::clone(pool))
        // What does not fit into memory is refused: files on the way would hold personal values.
        .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled))
        .build_arc()
        .map_err(Error::internal)?;
    let catalogs = MemoryCatalogProviderList::new();
    let catalog = MemoryCatalogProvider::new();
    let by_name = Arc::new(tables::ByName(Arc::clone(tables)));
    catalog.register_schema(SCHEMA, by_name).map_err(Error::internal)?;
    catalogs.register_catalog(CATALOG.to_owned(), Arc::new(catalog));
    let builder = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_catalog_list(Arc::new(catalogs));
    let mut state = functions::add(builder).build();
    let now = as_datetime::<TimestampMillisecondType>(as_of).map(|now| now.and_utc());
    state.execution_props_mut().query_execution_start_time = now;
    Ok(state)
}

async fn collect(
    plan: Arc<dyn ExecutionPlan>,
    state: &SessionState,
    bounds: Bounds,
) -> datafusion::common::Result<ResultTable> {
    let schema = plan.schema();
    let mut table = ResultTable::of(&schema);
    let mut only = None;
    if bounds.people_only {
        let at = table.person_column().ok_or_else(|| DataFusionError::External(Box::new(no_people())))?;
        table = ResultTable::of(&Arc::new(schema.project(&[at])?));
        only = Some([at]);
    }
    let mut room = bounds.result_bytes;
    let mut batches = execute_stream(plan, state.task_ctx())?;
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        let batch = match &only {
            Some(only) => batch.project(only)?,
            None => batch,
        };
        if !table.add(&batch, bounds.rows_max, &mut room)? {
            table.truncated = true;
            break;
        }
    }
    Ok(table)
}

/// The personal columns that a statement reads: in the clear, and masked.
fn looked_at(wanted: &[(usize, Wanted)], described: &[Described]) -> (Vec<String>, Vec<String>) {
    let (mut personal, mut masked) = (Vec::new(), Vec::new());
    for (at, wanted) in wanted {
        let table = &described[*at];
        let columns = wanted.columns.iter().map(|column| &table.columns[*column]);
        for column in columns {
            let name = format!("{}.{}", table.kind.name(), column.name);
            match (column.masked, column.personal) {
                (true, _) => masked.push(name),
                (false, true) => personal.push(name),
                (false, false) => {}
            }
        }
    }
    (personal, masked)
}
