//! Every kind of job, on one page, and the jobs of a project over HTTP.

mod api;

pub(crate) use api::routes;

use std::sync::Arc;

use siyu_db::JobHandler;
use siyu_ingest::{ImportHandler, QualityHandler, RenewHandler, ReplayHandler};
use siyu_insight::alerts::{AlertHandler, TellHandler};

use crate::app::Parts;

/// One line per crate with features.
pub(crate) fn handlers(parts: &Parts) -> Vec<Arc<dyn JobHandler>> {
    let mut handlers = parts.audience.handlers();
    handlers.push(Arc::new(ImportHandler(Arc::clone(&parts.imports))));
    handlers.push(Arc::new(QualityHandler(Arc::clone(&parts.quality))));
    handlers.push(Arc::new(AlertHandler(Arc::clone(&parts.alerts))));
    handlers.push(Arc::new(TellHandler(Arc::clone(&parts.alerts))));
    handlers.push(Arc::new(ReplayHandler(Arc::clone(&parts.plans))));
    for renewing in RenewHandler::all(&parts.keeping) {
        handlers.push(Arc::new(renewing));
    }
    handlers.extend(parts.engage.handlers());
    handlers
}
