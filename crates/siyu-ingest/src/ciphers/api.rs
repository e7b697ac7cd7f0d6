//! HTTP: private keys for what clients encrypt.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use siyu_http::{At, Body, Caller, Json, Path, Result};
use siyu_types::Permission;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Ciphers;
use super::model::Cipher;
use crate::events::Listed;

pub fn routes(ciphers: Arc<Ciphers>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list, register)).routes(routes!(remove)).with_state(ciphers)
}

/// A private key, without what it says.
#[derive(Debug, Serialize, ToSchema)]
struct CipherItem {
    id: i64,
    /// The write key of the source.
    key: i64,
    name: String,
    /// Beginning of the SHA-256 of the public key in DER.
    fingerprint: String,
    bits: i64,
    created_at: At,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCipher {
    /// The write key of the source.
    key: i64,
    /// RSA: PEM, or the base64 of PKCS#8. Stored sealed and never shown.
    private_key: String,
}

impl std::fmt::Debug for NewCipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewCipher").field("key", &self.key).finish_non_exhaustive()
    }
}

impl From<(Cipher, String)> for CipherItem {
    fn from((cipher, name): (Cipher, String)) -> CipherItem {
        let Cipher { id, key, fingerprint, bits, created_at, .. } = cipher;
        CipherItem { id, key, name, fingerprint, bits, created_at: At(created_at) }
    }
}

/// Which sources have a private key.
#[utoipa::path(get, path = "/api/v1/ciphers", tag = "ciphers", operation_id = "ciphers_list",
    responses((status = 200, body = Listed<CipherItem>)))]
async fn list(
    State(ciphers): State<Arc<Ciphers>>,
    Caller(viewer): Caller,
) -> Result<Json<Listed<CipherItem>>> {
    viewer.require(Permission::KeysManage)?;
    let items = ciphers.list(viewer.project).await?.into_iter().map(CipherItem::from).collect();
    Ok(Json(Listed { items }))
}

/// Registers the private key that belongs to the public key in a source's clients. What was
/// set aside for want of it can be given back.
#[utoipa::path(post, path = "/api/v1/ciphers", tag = "ciphers", operation_id = "ciphers_register",
    request_body = NewCipher, responses((status = 201, body = CipherItem)))]
async fn register(
    State(ciphers): State<Arc<Ciphers>>,
    Caller(viewer): Caller,
    Body(new): Body<NewCipher>,
) -> Result<(StatusCode, Json<CipherItem>)> {
    viewer.require(Permission::KeysManage)?;
    let made = ciphers.register(&viewer, new.key, &new.private_key).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Forgets a private key. What was received with it stays readable.
#[utoipa::path(delete, path = "/api/v1/ciphers/{id}", tag = "ciphers", operation_id = "ciphers_remove",
    params(("id" = i64, Path)), responses((status = 204)))]
async fn remove(
    State(ciphers): State<Arc<Ciphers>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    viewer.require(Permission::KeysManage)?;
    ciphers.remove(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
