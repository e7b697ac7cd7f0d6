//! Reading the audit trail.

use axum::extract::State;
use serde::Serialize;
use siyu_http::{At, Caller, Json, Page, PageQuery, Params, Result};
use siyu_types::Permission;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::store;
use crate::Govern;

pub(crate) fn routes(govern: Govern) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list)).with_state(govern)
}

/// One thing somebody did.
#[derive(Debug, Serialize, ToSchema)]
struct AuditItem {
    seq: i64,
    at: At,
    /// `user:12`, `key:3` or `system`.
    actor: String,
    actor_name: String,
    /// Feature and verb, such as `tags.create`.
    action: String,
    /// Kind and id, such as `tag:12`.
    object: String,
    #[schema(value_type = Object)]
    detail: serde_json::Value,
}

/// What was done in this project, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(PageQuery),
    responses((status = 200, body = Page<AuditItem>)))]
async fn list(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<AuditItem>>> {
    viewer.require(Permission::AuditRead)?;
    let before = page.cursor_id()?.unwrap_or(i64::MAX);
    let rows = store::before(govern.db(), viewer.project, before, page.limit() + 1).await?;
    let page = Page::cut(rows, page.limit(), |row| row.seq.to_string());
    Ok(Json(page.map(|row| AuditItem {
        seq: row.seq,
        at: At(row.at),
        actor: row.actor,
        actor_name: row.actor_name,
        action: row.action,
        object: row.object,
        detail: serde_json::from_str(&row.detail).unwrap_or_default(),
    })))
}
