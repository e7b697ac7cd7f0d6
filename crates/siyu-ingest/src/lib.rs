//! Protocols, checks, the pipeline from log to store, imports.
//!
//! [`Ingest`] is the facade: it opens projects together with their pipelines,
//! makes requests durable, and is the [`siyu_types::ports::EventSink`] of the rest.

mod events;
pub mod frame;
mod hooks;
mod imports;
mod ingest;
mod pipeline;
pub mod protocols;
mod receive;
mod unassigned;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

pub use hooks::{Hooks, MAPPING_BYTES_MAX};
pub use imports::{
    CellType, ColumnMapping, IMPORT_JOB, ImportFile, ImportHandler, ImportKind, ImportProgress, ImportReport,
    ImportWatcher, Imports, Mapping, RowCode, RowError, Target, count_rows,
};
pub use ingest::{Ingest, IngestOptions, SettingsOf};
pub use pipeline::{PipelineOptions, PipelineStats};
pub use receive::{CollectOptions, Door, UnknownKey, anywhere};

/// The collection routes and the API of events, webhooks and imports.
pub fn routes(door: &Door, ingest: Arc<Ingest>, imports: Arc<Imports>, hooks: Arc<Hooks>) -> OpenApiRouter {
    receive::routes(door)
        .merge(events::routes(ingest))
        .merge(hooks::routes(hooks))
        .merge(imports::routes(imports))
}
