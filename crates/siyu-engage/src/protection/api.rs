//! HTTP of protection: the cap and the list of those not to write to.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use siyu_db::db_error;
use siyu_govern::audit;
use siyu_govern::masking::mask;
use siyu_http::{At, Body, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::{Error, Permission, PersonalClass};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Cap, Suppression};
use super::store;
use crate::Engage;

/// A cap beyond these is a slip of the finger.
const MESSAGES_MAX: u32 = 1_000;
const DAYS_MAX: u32 = 365;

pub(crate) fn routes(engage: Arc<Engage>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(protection, set_protection))
        .routes(routes!(suppressions, suppress))
        .routes(routes!(unsuppress))
        .with_state(engage)
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Protection {
    /// Null: no cap.
    cap: Option<Cap>,
}

/// The project's cap.
#[utoipa::path(get, path = "/api/v1/protection", tag = "protection",
    responses((status = 200, body = Protection)))]
async fn protection(State(engage): State<Arc<Engage>>, Caller(viewer): Caller) -> Result<Json<Protection>> {
    viewer.require(Permission::ProjectRead)?;
    Ok(Json(Protection { cap: store::cap(&engage.db, viewer.project).await? }))
}

/// Changes the project's cap; it holds from the next decision on.
#[utoipa::path(put, path = "/api/v1/protection", tag = "protection", request_body = Protection,
    responses((status = 200, body = Protection)))]
async fn set_protection(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Body(body): Body<Protection>,
) -> Result<Json<Protection>> {
    viewer.require(Permission::ProtectionManage)?;
    if let Some(cap) = body.cap {
        if cap.messages == 0 || cap.messages > MESSAGES_MAX {
            return Err(Error::invalid("cap.messages", format!("must be 1 to {MESSAGES_MAX}")).into());
        }
        if cap.days == 0 || cap.days > DAYS_MAX {
            return Err(Error::invalid("cap.days", format!("must be 1 to {DAYS_MAX}")).into());
        }
    }
    let mut tx = engage.db.begin().await?;
    store::set_cap(&mut tx, viewer.project, body.cap).await?;
    let detail = serde_json::json!({ "cap": body.cap });
    audit(&mut tx, &viewer, "protection.change", "protection", detail, engage.clock.now()).await?;
    tx.commit().await.map_err(db_error)?;
    Ok(Json(body))
}

#[derive(Debug, Serialize, ToSchema)]
struct SuppressionItem {
    id: i64,
    channel: String,
    person: Option<u32>,
    /// Masked.
    address: Option<String>,
    /// `unsubscribed`, `bounced` or what a person wrote.
    reason: String,
    created_at: At,
    created_by: String,
}

fn item(entry: Suppression) -> SuppressionItem {
    let person = entry.target.strip_prefix("person:").and_then(|number| number.parse().ok());
    SuppressionItem {
        id: entry.id,
        channel: entry.channel,
        person,
        address: person.is_none().then_some(entry.shown),
        reason: entry.reason,
        created_at: At(entry.created_at),
        created_by: entry.created_by,
    }
}

/// The people and addresses not to write to, newest first.
#[utoipa::path(get, path = "/api/v1/suppressions", tag = "protection", params(PageQuery),
    responses((status = 200, body = Page<SuppressionItem>)))]
async fn suppressions(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<SuppressionItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let limit = page.limit();
    let rows = store::suppressions(&engage.db, viewer.project, page.cursor_id()?, limit + 1).await?;
    Ok(Json(Page::cut(rows, limit, |entry| entry.id.to_string()).map(item)))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSuppression {
    channel: String,
    /// Either an address …
    address: Option<String>,
    /// … or a person.
    person: Option<u32>,
    reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct Created {
    id: i64,
}

/// Adds a person or an address.
#[utoipa::path(post, path = "/api/v1/suppressions", tag = "protection", request_body = NewSuppression,
    responses((status = 201, body = Created)))]
async fn suppress(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Body(body): Body<NewSuppression>,
) -> Result<(StatusCode, Json<Created>)> {
    viewer.require(Permission::ProtectionManage)?;
    siyu_connect::channels::kind(&body.channel)
        .map_err(|_| Error::invalid("channel", "must be email or webhook"))?;
    if body.reason.trim().is_empty() || body.reason.chars().count() > 200 {
        return Err(Error::invalid("reason", "needs 1 to 200 characters").into());
    }
    let (target, shown) = match (&body.address, body.person) {
        (Some(address), None) if address.contains('@') => {
            let hash = engage.links.secret().address_hash(&body.channel, address);
            (store::address_target(&hash), mask(PersonalClass::Email, address.trim()))
        }
        (None, Some(person)) => (store::person_target(person), format!("#{person}")),
        _ => return Err(Error::invalid("address", "give either an address or a person").into()),
    };
    let now = engage.clock.now();
    let mut tx = engage.db.begin().await?;
    let new = store::NewSuppression { channel: &body.channel, target, shown, reason: body.reason.trim() };
    let id = store::suppress(&mut tx, &viewer, &new, now).await?;
    let detail = serde_json::json!({ "channel": body.channel, "person": body.person });
    audit(&mut tx, &viewer, "suppressions.create", &format!("suppression:{id}"), detail, now).await?;
    tx.commit().await.map_err(db_error)?;
    Ok((StatusCode::CREATED, Json(Created { id })))
}

/// Removes an entry. Withdrawn consent stays withdrawn.
#[utoipa::path(delete, path = "/api/v1/suppressions/{id}", tag = "protection", params(("id" = i64, Path)),
    responses((status = 204)))]
async fn unsuppress(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    viewer.require(Permission::ProtectionManage)?;
    let mut tx = engage.db.begin().await?;
    store::remove(&mut tx, viewer.project, id).await?;
    let detail = serde_json::json!({});
    let object = format!("suppression:{id}");
    audit(&mut tx, &viewer, "suppressions.delete", &object, detail, engage.clock.now()).await?;
    tx.commit().await.map_err(db_error)?;
    Ok(StatusCode::NO_CONTENT)
}
