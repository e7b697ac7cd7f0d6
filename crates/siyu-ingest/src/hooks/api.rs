//! HTTP: mappings of webhooks, and a look at what one makes of a sample.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use siyu_http::{At, Body, Caller, Json, Path, Result};
use siyu_types::record::Body as RecordBody;
use siyu_types::record::ProfileChange;
use siyu_types::{Identifier, Permission, Props, Record};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Hook, HookMapping, Hooks, Signature, rules};
use crate::events::Listed;
use crate::frame::{Frame, ProtocolId, Terms};
use crate::protocols::{ReasonCode, decode};

/// Records of a sample that are shown.
const SHOWN_MAX: usize = 20;

pub fn routes(hooks: Arc<Hooks>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(put, remove))
        .routes(routes!(preview))
        .with_state(hooks)
}

#[derive(Debug, Serialize, ToSchema)]
struct HookItem {
    /// Of the write key.
    key: i64,
    name: String,
    mapping: HookMapping,
    version: i64,
    /// The header that must carry the signature; absent: none is asked for.
    signature_header: Option<String>,
    answer: String,
    updated_at: At,
}

impl From<(Hook, String)> for HookItem {
    fn from((hook, name): (Hook, String)) -> HookItem {
        HookItem {
            key: hook.key,
            name,
            mapping: hook.mapping,
            version: hook.version,
            signature_header: hook.signature.map(|signature| signature.header),
            answer: hook.answer,
            updated_at: At(hook.updated_at),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HookSetting {
    mapping: HookMapping,
    /// Absent: every body is taken.
    signature: Option<HookSignature>,
    /// The body of a success, for senders that insist on one.
    #[serde(default)]
    answer: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HookSignature {
    header: String,
    /// Left out: the one that is stored. It is never shown.
    #[serde(default)]
    secret: String,
}

impl std::fmt::Debug for HookSignature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HookSignature").field("header", &self.header).finish_non_exhaustive()
    }
}

/// The mappings of this project's sources.
#[utoipa::path(get, path = "/api/v1/hooks", tag = "hooks", responses((status = 200, body = Listed<HookItem>)))]
async fn list(State(hooks): State<Arc<Hooks>>, Caller(viewer): Caller) -> Result<Json<Listed<HookItem>>> {
    viewer.require(Permission::KeysManage)?;
    let items = hooks.list(&viewer).await?.into_iter().map(HookItem::from).collect();
    Ok(Json(Listed { items }))
}

/// Sets what the bodies of a source mean, from the next one on.
#[utoipa::path(put, path = "/api/v1/hooks/{key}", tag = "hooks", params(("key" = i64, Path)),
    request_body = HookSetting, responses((status = 200, body = HookItem)))]
async fn put(
    State(hooks): State<Arc<Hooks>>,
    Caller(viewer): Caller,
    Path(key): Path<i64>,
    Body(setting): Body<HookSetting>,
) -> Result<Json<HookItem>> {
    viewer.require(Permission::KeysManage)?;
    let signature = setting.signature.map(|signature| Signature {
        header: signature.header.trim().to_lowercase(),
        secret: signature.secret,
    });
    let hook =
        Hook { key, mapping: setting.mapping, version: 0, signature, answer: setting.answer, updated_at: 0 };
    Ok(Json(hooks.put(&viewer, hook).await?.into()))
}

/// Forgets the mapping of a source; what it sends is set aside from then on.
#[utoipa::path(delete, path = "/api/v1/hooks/{key}", tag = "hooks", params(("key" = i64, Path)),
    responses((status = 204)))]
async fn remove(
    State(hooks): State<Arc<Hooks>>,
    Caller(viewer): Caller,
    Path(key): Path<i64>,
) -> Result<StatusCode> {
    viewer.require(Permission::KeysManage)?;
    hooks.remove(&viewer, key).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HookTrial {
    mapping: HookMapping,
    /// A body as the sender sends it.
    sample: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct HookOutcome {
    items: usize,
    /// The first of them.
    records: Vec<HookRecord>,
    refusals: Vec<HookRefusal>,
}

#[derive(Debug, Serialize, ToSchema)]
struct HookRecord {
    index: usize,
    /// Absent for attributes of a person.
    event: Option<String>,
    time: At,
    ids: Vec<Identifier>,
    props: Props,
}

#[derive(Debug, Serialize, ToSchema)]
struct HookRefusal {
    index: usize,
    code: ReasonCode,
    field: String,
    message: String,
}

/// Shows what a mapping makes of a sample; nothing is stored.
#[utoipa::path(post, path = "/api/v1/hooks/preview", tag = "hooks", request_body = HookTrial,
    responses((status = 200, body = HookOutcome)))]
async fn preview(
    State(hooks): State<Arc<Hooks>>,
    Caller(viewer): Caller,
    Body(trial): Body<HookTrial>,
) -> Result<Json<HookOutcome>> {
    viewer.require(Permission::KeysManage)?;
    let mapping = rules::check(&trial.mapping)?;
    let decoded = decode(&Frame {
        protocol: ProtocolId::Webhook,
        terms: Terms::default(),
        received_at: hooks.clock.now(),
        source: "",
        route: "",
        query: &mapping,
        body: trial.sample.as_bytes(),
    });
    let refusals = decoded.refusals.into_iter().take(SHOWN_MAX).map(|refusal| HookRefusal {
        index: refusal.index,
        code: refusal.reason.code,
        field: refusal.reason.field,
        message: refusal.reason.message,
    });
    Ok(Json(HookOutcome {
        items: decoded.items,
        refusals: refusals.collect(),
        records: decoded.records.into_iter().take(SHOWN_MAX).map(shown).collect(),
    }))
}

fn shown((index, record): (usize, Record)) -> HookRecord {
    let (event, props) = match record.body {
        RecordBody::Event { name, props } => (Some(name), props),
        RecordBody::Profile { change: ProfileChange::Set(props) } => (None, props),
        // A mapping makes nothing else.
        _ => (None, Props::new()),
    };
    HookRecord { index, event, time: At(record.time), ids: record.ids, props }
}
