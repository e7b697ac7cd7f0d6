//! The door for clients of Sensors Analytics. They delete or lose data on most
//! status codes, so the answer is 200 whenever the bytes are safe, and 503 when
//! they are not (reference/01 §2a.6).

use axum::Router;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use siyu_types::Result;
use utoipa_axum::router::OpenApiRouter;

use super::{Door, RETRY_AFTER_SECONDS, parameter};
use crate::frame::{Frame, ProtocolId, Terms};
use crate::protocols::{decode, sensors_token};

/// A transparent picture of one pixel.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

pub fn routes(door: Door) -> OpenApiRouter {
    let router = Router::new()
        .route("/sa", get(collect).post(collect))
        .route("/sa.gif", get(collect).post(collect))
        .route("/debug", get(debug).post(debug))
        .with_state(door);
    router.into()
}

async fn collect(
    State(door): State<Door>,
    method: Method,
    RawQuery(query): RawQuery,
    body: std::result::Result<Bytes, BytesRejection>,
) -> Response {
    let query = query.unwrap_or_default();
    let body = match body {
        Ok(body) => body,
        // An answer that is not 200 would make phones hoard what can never be taken.
        Err(_) => {
            tracing::warn!("a Sensors request was larger than the limit and is lost");
            return answer(&method);
        }
    };
    match take(&door, &query, &body).await {
        Ok(()) => answer(&method),
        Err(error) => {
            tracing::warn!(code = error.code.as_str(), "a Sensors request could not be kept");
            let retry = [(header::RETRY_AFTER, RETRY_AFTER_SECONDS)];
            (StatusCode::SERVICE_UNAVAILABLE, retry).into_response()
        }
    }
}

async fn take(door: &Door, query: &str, body: &[u8]) -> Result<()> {
    let received_at = door.ingest.clock().now();
    let frame = Frame {
        protocol: ProtocolId::Sensors,
        terms: Terms::default(),
        received_at,
        source: "",
        route: "",
        query,
        body,
    };
    let token = parameter(query, "token").or_else(|| sensors_token(&frame)).unwrap_or_default();
    // A write key may also stand where Sensors names the project.
    let project = parameter(query, "project").unwrap_or_default();
    let source = door.source(&[&token, &project]).await?;
    door.accept_or_keep(source, &frame, &token).await
}

/// A picture for those who load one.
fn answer(method: &Method) -> Response {
    if method != Method::GET {
        return StatusCode::OK.into_response();
    }
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/gif")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-cache, must-revalidate")),
    ];
    (headers, PIXEL).into_response()
}

/// Debug mode: the reason of a bad record in words, `{}` for a good one; with
/// `Dry-Run: true` nothing is kept.
async fn debug(
    State(door): State<Door>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: std::result::Result<Bytes, BytesRejection>,
) -> Response {
    let query = query.unwrap_or_default();
    let Ok(body) = body else {
        return (StatusCode::BAD_REQUEST, "the body is too large").into_response();
    };
    let received_at = door.ingest.clock().now();
    let frame = Frame {
        protocol: ProtocolId::Sensors,
        terms: Terms::default(),
        received_at,
        source: "debug",
        route: "debug",
        query: &query,
        body: &body,
    };
    if let Some(refusal) = decode(&frame).refusals.first() {
        let reason = &refusal.reason;
        let text = format!("{}: {} {}", reason.code.as_str(), reason.field, reason.message);
        return (StatusCode::BAD_REQUEST, text).into_response();
    }
    let dry = headers.get("dry-run").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
    if !dry && let Err(error) = take(&door, &query, &body).await {
        tracing::warn!(code = error.code.as_str(), "a Sensors debug request could not be kept");
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    ([(header::CONTENT_TYPE, "application/json")], "{}").into_response()
}
