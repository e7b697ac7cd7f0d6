//! Protocols, checks, the pipeline from log to store, imports.
//!
//! [`Ingest`] is the facade: it opens projects together with their pipelines,
//! makes requests durable, and is the [`siyu_types::ports::EventSink`] of the rest.

mod ciphers;
mod erasure;
mod events;
pub mod frame;
mod hooks;
mod imports;
mod ingest;
mod keeping;
mod pipeline;
mod plan;
pub mod protocols;
mod quality;
mod receive;
mod rights;
mod safe;
mod unassigned;

use std::sync::Arc;

use siyu_govern::Govern;
use utoipa_axum::router::OpenApiRouter;

pub use ciphers::{Ciphers, unreadable as unreadable_ciphers};
pub use hooks::{Hooks, MAPPING_BYTES_MAX};
pub use imports::{
    CellType, ColumnMapping, IMPORT_JOB, ImportFile, ImportHandler, ImportKind, ImportPosition,
    ImportProgress, ImportReport, ImportWatcher, Imports, Mapping, OrderState, RowCode, RowError, Target,
    count_rows,
};
pub use ingest::{Ingest, IngestOptions, SettingsOf};
pub use keeping::{Keeping, RENEW_JOB, RenewHandler};
pub use pipeline::{PipelineOptions, PipelineStats};
pub use plan::{Plans, REPLAY_JOB, ReplayHandler};
pub use quality::{QualityHandler, QualityWatch};
pub use receive::{CollectOptions, Door, UnknownKey, anywhere};
pub use rights::NotTakenIn;

/// The collection routes and the API of events, data quality, the tracking plan, webhooks and imports.
pub fn routes(
    door: &Door,
    ingest: Arc<Ingest>,
    imports: Arc<Imports>,
    hooks: Arc<Hooks>,
    plans: Arc<Plans>,
    ciphers: Arc<Ciphers>,
    govern: Govern,
) -> OpenApiRouter {
    receive::routes(door)
        .merge(events::routes(Arc::clone(&ingest)))
        .merge(quality::routes(ingest, govern))
        .merge(hooks::routes(hooks))
        .merge(ciphers::routes(ciphers))
        .merge(imports::routes(imports))
        .merge(plan::routes(plans))
}
