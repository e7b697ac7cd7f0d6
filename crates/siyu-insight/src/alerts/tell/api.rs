//! What was told, over HTTP, and trying it out.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use siyu_http::{At, Caller, Json, Page, Path, Result};
use siyu_types::telling::Receiver;
use siyu_types::{ErrorCode, Permission, Viewer};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{TellOutcome, Telling};
use crate::alerts::AlertWatch;

pub(in crate::alerts) fn routes(watch: Arc<AlertWatch>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(trial)).with_state(watch)
}

/// What became of telling one receiver.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlertTelling)]
pub(in crate::alerts) struct TellingItem {
    /// As it was then; without the address for those who may not change who is told.
    receiver: Receiver,
    outcome: TellOutcome,
    /// Why it was not sent, or is tried again.
    code: Option<ErrorCode>,
    /// The words of whoever refused it, for the translated sentence of the code.
    reason: Option<String>,
    /// When the outcome became what it is.
    at: At,
}

impl TellingItem {
    /// The words of who refused it often name the address.
    pub(in crate::alerts) fn seen_by(viewer: &Viewer, telling: Telling) -> TellingItem {
        let Telling { receiver, outcome, code, reason, at } = telling;
        let (receiver, reason) = match viewer.may(Permission::AnalysesWrite) {
            true => (receiver, reason),
            false => (receiver.hidden(), None),
        };
        TellingItem { receiver, outcome, code, reason, at: At(at) }
    }
}

/// Sends a test to all receivers of an alert now, and answers what became of each.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/tell", tag = "alerts", operation_id = "alerts_tell",
    params(("id" = i64, Path)), responses((status = 200, body = Page<TellingItem>)))]
async fn trial(
    State(watch): State<Arc<AlertWatch>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<Page<TellingItem>>> {
    let told = super::trial(&watch, &viewer, id).await?;
    Ok(Json(Page::whole(told).map(|telling| TellingItem::seen_by(&viewer, telling))))
}
