//! `POST /api/v1/collect`: siyu's own protocol, with a verdict per item.

use std::collections::BTreeMap;

use axum::extract::{Request, State};
use serde::Serialize;
use siyu_http::{Json, Result};
use siyu_types::{Error, ErrorCode};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Door, RETRY_AFTER_SECONDS, authorization, parameter};
use crate::frame::{Frame, ProtocolId};
use crate::protocols::{Decoded, ReasonCode, decode};

pub fn routes(door: Door) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(collect)).with_state(door)
}

#[derive(Debug, Serialize, ToSchema)]
struct Collected {
    /// Items that are durable and will be applied.
    accepted: usize,
    /// Items that were set aside; sending them again would not help.
    rejected: Vec<Rejected>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Rejected {
    index: usize,
    code: ReasonCode,
    field: String,
    message: String,
}

/// Accepts a batch of events and changes. The answer comes after it is on disk.
#[utoipa::path(post, path = "/api/v1/collect", tag = "collect", request_body(content = serde_json::Value,
    description = "`{\"batch\":[{\"type\",\"id\",\"event\",\"time\",\"device\",\"login\",\"identifiers\",\"properties\"}],\"sent_at\"}`"),
    params(("key" = Option<String>, Query, description = "The write key, unless it is sent as a bearer token")),
    responses((status = 200, body = Collected)))]
async fn collect(State(door): State<Door>, request: Request) -> Result<Json<Collected>> {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let key = authorization(&parts.headers, "bearer").map(str::to_owned).or_else(|| parameter(query, "key"));
    let source = door.source(&[key.as_deref().unwrap_or_default()]).await?;
    let Some(source) = source else {
        return Err(Error::new(ErrorCode::InvalidKey, "the write key is not known").into());
    };
    let taken = door.admission.take(&parts.headers, body).await.map_err(|why| door.untaken(&why))?;
    let body = &taken.bytes;
    let received_at = door.ingest.clock().now();
    let frame = Frame {
        protocol: ProtocolId::Own,
        terms: super::terms(&source),
        received_at,
        source: &source.name,
        route: "",
        query: "",
        body,
    };
    let decoded = decode(&frame);
    if let Some(error) = unreadable(&decoded) {
        return Err(error.into());
    }
    let verdict = verdict(&decoded);
    door.ingest.accept_decoded(source.project, &frame, decoded).await.map_err(|error| {
        match error.code.retryable() {
            true => error.with("retry_after_seconds", RETRY_AFTER_SECONDS),
            false => error,
        }
    })?;
    Ok(Json(verdict))
}

/// The error for a body of which nothing can be used; nothing of it is kept.
fn unreadable(decoded: &Decoded) -> Option<Error> {
    const WHOLE: &[&str] = &["body", "batch", ""];
    let [refusal] = decoded.refusals.as_slice() else { return None };
    if !decoded.records.is_empty() || decoded.items > 1 || !WHOLE.contains(&refusal.reason.field.as_str()) {
        return None;
    }
    let reason = &refusal.reason;
    Some(match reason.code {
        ReasonCode::TooLarge | ReasonCode::TooDeep => {
            Error::new(ErrorCode::TooLarge, reason.message.clone()).at(reason.field.clone())
        }
        _ => Error::new(ErrorCode::MalformedBody, reason.message.clone()).at(reason.field.clone()),
    })
}

/// One item may give several records, so verdicts are per item.
fn verdict(decoded: &Decoded) -> Collected {
    let mut rejected: BTreeMap<usize, Rejected> = BTreeMap::new();
    for refusal in &decoded.refusals {
        let reason = refusal.reason.clone();
        rejected.entry(refusal.index).or_insert(Rejected {
            index: refusal.index,
            code: reason.code,
            field: reason.field,
            message: reason.message,
        });
    }
    Collected {
        accepted: decoded.items.saturating_sub(rejected.len()),
        rejected: rejected.into_values().collect(),
    }
}
