//! Protocols, checks, the pipeline from log to store, imports.
//!
//! [`Ingest`] is the facade: it opens projects together with their pipelines,
//! makes requests durable, and is the [`siyu_types::ports::EventSink`] of the rest.

mod events;
pub mod frame;
mod imports;
mod ingest;
mod pipeline;
mod plan;
pub mod protocols;
mod receive;
mod unassigned;

use std::sync::Arc;

use siyu_govern::Govern;
use utoipa_axum::router::OpenApiRouter;

pub use imports::{
    CellType, ColumnMapping, IMPORT_JOB, ImportFile, ImportHandler, ImportKind, ImportProgress, ImportReport,
    ImportWatcher, Imports, Mapping, RowCode, RowError, Target,
};
pub use ingest::{Ingest, IngestOptions, SettingsOf};
pub use pipeline::{PipelineOptions, PipelineStats};
pub use plan::{Plans, REPLAY_JOB, ReplayHandler};

/// The collection routes and the API of events, imports and the tracking plan.
pub fn routes(
    ingest: Arc<Ingest>,
    imports: Arc<Imports>,
    plans: Arc<Plans>,
    govern: Govern,
) -> OpenApiRouter {
    receive::routes(Arc::clone(&ingest), govern)
        .merge(events::routes(ingest))
        .merge(imports::routes(imports))
        .merge(plan::routes(plans))
}
