//! Making, listing and revoking keys.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use siyu_http::{At, Body, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::{Permission, Role};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Key, KeyKind, SourceChange, store};
use crate::Govern;

pub(crate) fn routes(govern: Govern) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke, change)).with_state(govern)
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum KeyKindName {
    Api,
    Write,
}

#[derive(Debug, Serialize, ToSchema)]
struct KeyItem {
    id: i64,
    name: String,
    kind: KeyKindName,
    /// Of API keys.
    role: Option<Role>,
    /// The secret's first characters.
    hint: String,
    created_at: At,
    revoked_at: Option<At>,
    /// Of write keys: times are taken as they stand, for filling in the past.
    trust_time: bool,
    /// Of write keys: records older than this many days are held back; null is 730.
    oldest_days: Option<i64>,
}

/// How the times of a source are taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeySettings {
    trust_time: bool,
    oldest_days: Option<i64>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewKey {
    name: String,
    kind: KeyKindName,
    /// Needed for API keys.
    role: Option<Role>,
}

#[derive(Debug, Serialize, ToSchema)]
struct CreatedKey {
    #[serde(flatten)]
    key: KeyItem,
    /// Shown now and never again.
    secret: String,
}

impl From<Key> for KeyItem {
    fn from(key: Key) -> KeyItem {
        KeyItem {
            id: key.id,
            name: key.name,
            kind: match key.kind {
                KeyKind::Api => KeyKindName::Api,
                KeyKind::Write => KeyKindName::Write,
            },
            role: key.role,
            hint: key.hint,
            created_at: At(key.created_at),
            revoked_at: key.revoked_at.map(At),
            trust_time: key.trust_time,
            oldest_days: key.oldest_days,
        }
    }
}

/// The project's keys, newest first, without their secrets.
#[utoipa::path(get, path = "/api/v1/keys", tag = "keys", params(PageQuery),
    responses((status = 200, body = Page<KeyItem>)))]
async fn list(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<KeyItem>>> {
    viewer.require(Permission::KeysManage)?;
    let before = page.cursor_id()?.unwrap_or(i64::MAX);
    let keys = store::list(govern.db(), viewer.project, before, page.limit() + 1).await?;
    Ok(Json(Page::cut(keys, page.limit(), |key| key.id.to_string()).map(KeyItem::from)))
}

/// Makes a key and answers its secret, once.
#[utoipa::path(post, path = "/api/v1/keys", tag = "keys", request_body = NewKey,
    responses((status = 201, body = CreatedKey)))]
async fn create(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Body(key): Body<NewKey>,
) -> Result<(StatusCode, Json<CreatedKey>)> {
    viewer.require(Permission::KeysManage)?;
    let kind = match key.kind {
        KeyKindName::Api => KeyKind::Api,
        KeyKindName::Write => KeyKind::Write,
    };
    let (key, secret) = govern.create_key(&viewer, kind, &key.name, key.role).await?;
    Ok((StatusCode::CREATED, Json(CreatedKey { key: key.into(), secret })))
}

/// Sets how the times of a write key are taken, from the next request on.
#[utoipa::path(patch, path = "/api/v1/keys/{id}", tag = "keys", params(("id" = i64, Path)),
    request_body = KeySettings, responses((status = 200, body = KeyItem)))]
async fn change(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(settings): Body<KeySettings>,
) -> Result<Json<KeyItem>> {
    viewer.require(Permission::KeysManage)?;
    let KeySettings { trust_time, oldest_days } = settings;
    let key = govern.change_source(&viewer, id, SourceChange { trust_time, oldest_days }).await?;
    Ok(Json(key.into()))
}

/// Revokes a key at once.
#[utoipa::path(delete, path = "/api/v1/keys/{id}", tag = "keys", params(("id" = i64, Path)),
    responses((status = 204)))]
async fn revoke(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    viewer.require(Permission::KeysManage)?;
    govern.revoke_key(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
