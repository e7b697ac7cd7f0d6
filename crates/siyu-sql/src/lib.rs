//! Read-only SQL over events, people and business views. The only crate that names DataFusion.
//!
//! [`Sql`] answers statements on threads of its own, within limits. What a statement sees is
//! what its author may see: values are masked where tables are read (`tables`), before any
//! expression of the statement does.

mod engine;
mod files;
pub mod queries;
pub mod runs;
mod sql;
mod tables;

use utoipa_axum::router::OpenApiRouter;

pub use engine::{Cell, ResultColumn, ResultTable, SqlKind};
pub use sql::{Sql, SqlOptions, SqlParts};

/// What bounds statements, for the page of limits.
pub mod limits {
    pub use crate::engine::{
        NESTING_MAX as SQL_NESTING_MAX, OPERATORS_MAX as SQL_OPERATORS_MAX, SENDS_READ_MAX,
    };
    pub use crate::queries::QUERIES_MAX as SQL_QUERIES_MAX;
    pub use crate::runs::{FILE_ROWS_MAX as SQL_FILE_ROWS_MAX, SEGMENT_ROWS_MAX as SQL_SEGMENT_ROWS_MAX};
    pub use crate::sql::{PARAMS_MAX as SQL_PARAMS_MAX, TEXT_CHARS_MAX as SQL_TEXT_CHARS_MAX};
}

/// The routes of all features.
pub fn routes(sql: Sql) -> OpenApiRouter {
    runs::routes(sql.clone()).merge(queries::routes(sql))
}
