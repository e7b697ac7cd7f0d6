//! Protocols, checks, the pipeline from log to store, imports.
//!
//! [`Ingest`] is the facade: it opens projects together with their pipelines,
//! makes requests durable, and is the [`siyu_types::ports::EventSink`] of the rest.

mod events;
pub mod frame;
mod imports;
mod ingest;
mod pipeline;
pub mod protocols;
mod quality;
mod receive;
mod unassigned;

use std::sync::Arc;

use siyu_govern::Govern;
use utoipa_axum::router::OpenApiRouter;

pub use imports::{
    CellType, ColumnMapping, IMPORT_JOB, ImportFile, ImportHandler, ImportKind, ImportPosition,
    ImportProgress, ImportReport, ImportWatcher, Imports, Mapping, OrderState, RowCode, RowError, Target,
};
pub use ingest::{Ingest, IngestOptions, SettingsOf};
pub use pipeline::{PipelineOptions, PipelineStats};
pub use quality::{QualityHandler, QualityWatch};

/// The collection routes and the API of events and imports.
pub fn routes(ingest: Arc<Ingest>, imports: Arc<Imports>, govern: Govern) -> OpenApiRouter {
    receive::routes(Arc::clone(&ingest), govern.clone())
        .merge(events::routes(Arc::clone(&ingest)))
        .merge(quality::routes(ingest, govern))
        .merge(imports::routes(imports))
}
