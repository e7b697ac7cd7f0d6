//! What statements may name: tables with their columns, events, functions.

use serde::Serialize;
use siyu_types::{Permission, Result, Viewer};
use utoipa::ToSchema;

use crate::engine::function_names;
use crate::tables::{self, ColumnKind, Origin};
use crate::{Sql, SqlOptions};

/// Event names offered.
const EVENTS_SHOWN: usize = 2_000;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SqlSchema {
    tables: Vec<SqlTable>,
    /// Names of events, the most frequent first.
    events: Vec<String>,
    functions: Vec<String>,
    limits: SqlLimits,
    /// The zone of times and days.
    zone: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct SqlTable {
    name: String,
    columns: Vec<SqlColumn>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SqlColumn {
    name: String,
    #[serde(rename = "type")]
    kind: SqlColumnKind,
    /// Learned from what was sent, rather than the table's own.
    learned: bool,
    /// The caller sees a part of each value at most.
    masked: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SqlColumnKind {
    Integer,
    Number,
    Text,
    Bool,
    Time,
    List,
}

#[derive(Debug, Serialize, ToSchema)]
struct SqlLimits {
    seconds: u64,
    memory_bytes: u64,
    rows: u64,
    text_chars: u64,
}

impl From<SqlOptions> for SqlLimits {
    fn from(options: SqlOptions) -> SqlLimits {
        SqlLimits {
            seconds: options.seconds,
            memory_bytes: options.memory_bytes as u64,
            rows: options.rows as u64,
            text_chars: crate::sql::TEXT_CHARS_MAX as u64,
        }
    }
}

pub(super) fn describe(sql: &Sql, viewer: &Viewer) -> Result<SqlSchema> {
    viewer.require(Permission::SqlRun)?;
    let project = sql.projects().get(viewer.project)?;
    let zone = tables::zone_name(&project);
    let described = tables::describe(&project, viewer, &zone, None);
    let mut events = project.events.event_names();
    events.sort_by_key(|event| std::cmp::Reverse(event.count));
    events.truncate(EVENTS_SHOWN);
    let tables = described.iter().map(|table| SqlTable {
        name: table.kind.name().to_owned(),
        columns: table.columns.iter().map(column).collect(),
    });
    Ok(SqlSchema {
        tables: tables.collect(),
        events: events.into_iter().map(|event| event.name).collect(),
        functions: function_names(),
        limits: sql.options().into(),
        zone,
    })
}

fn column(column: &tables::Column) -> SqlColumn {
    let kind = match column.kind {
        ColumnKind::Integer => SqlColumnKind::Integer,
        ColumnKind::Number => SqlColumnKind::Number,
        ColumnKind::Text => SqlColumnKind::Text,
        ColumnKind::Bool => SqlColumnKind::Bool,
        ColumnKind::Time => SqlColumnKind::Time,
        ColumnKind::List => SqlColumnKind::List,
    };
    let learned = matches!(column.origin, Origin::Field(..) | Origin::Item(_));
    SqlColumn { name: column.name.clone(), kind, learned, masked: column.masked }
}
