//! The door for clients of Segment. They drop data for good on 400 and retry on
//! 429, so 400 is only for what could never be taken (reference/01 §2b.3).

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode, header};
use serde_json::json;
use siyu_types::ErrorCode;
use utoipa_axum::router::OpenApiRouter;

use super::admission::Untaken;
use super::{Door, RETRY_AFTER_SECONDS, authorization, parameter};
use crate::frame::{Frame, ProtocolId, Terms};
use crate::protocols::{ROUTE_TOO_LARGE, long_route, segment_write_key};

/// Long and short names of the message types; `b` and `batch` hold many.
const ROUTES: &[&str] =
    &["batch", "track", "identify", "page", "screen", "group", "alias", "b", "t", "i", "p", "s", "g", "a"];

pub fn routes(door: Door) -> OpenApiRouter {
    let mut router = Router::new().route("/v1/projects/{key}/settings", get(settings));
    for route in ROUTES {
        let take =
            move |State(door): State<Door>, request| async move { collect(route, &door, request).await };
        router = router.route(&format!("/v1/{route}"), post(take));
    }
    // The browser's client also reports on itself; that is taken and dropped.
    router = router.route("/v1/m", post(async || success()));
    router.with_state(door).into()
}

async fn collect(route: &'static str, door: &Door, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let (taken, head);
    let (route, bytes): (&str, &[u8]) = match door.admission.take(&parts.headers, body).await {
        Ok(whole) => {
            taken = whole;
            (long_route(route), &taken.bytes)
        }
        Err(Untaken::TooLarge(start)) => {
            head = start;
            (ROUTE_TOO_LARGE, &head)
        }
        Err(Untaken::Busy | Untaken::TooSlow | Untaken::Broken) => return later(),
    };
    let key = write_key(&parts.headers, query, bytes).unwrap_or_default();
    let frame = Frame {
        protocol: ProtocolId::Segment,
        terms: Terms::default(),
        received_at: door.ingest.clock().now(),
        source: "",
        route,
        query: "",
        body: bytes,
    };
    let kept = match door.source(&[&key]).await {
        Ok(source) => door.accept_or_keep(source, &frame, &key).await,
        Err(error) => Err(error),
    };
    match kept {
        // Set aside for somebody to see; the client had better not try again.
        Ok(()) if route == ROUTE_TOO_LARGE => refused(StatusCode::BAD_REQUEST, "the body is too large"),
        Ok(()) => success(),
        Err(error) if error.code == ErrorCode::InvalidKey => {
            refused(StatusCode::FORBIDDEN, "the write key is not known")
        }
        Err(error) => {
            tracing::warn!(code = error.code.as_str(), "a Segment request could not be kept");
            later()
        }
    }
}

fn refused(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"success": false, "message": message}))).into_response()
}

fn later() -> Response {
    let retry = [(header::RETRY_AFTER, RETRY_AFTER_SECONDS)];
    (StatusCode::TOO_MANY_REQUESTS, retry, Json(json!({"success": false}))).into_response()
}

fn success() -> Response {
    Json(json!({"success": true})).into_response()
}

/// From `Authorization: Basic base64(key:)`, a bearer token, the query or the body.
fn write_key(headers: &HeaderMap, query: &str, body: &[u8]) -> Option<String> {
    if let Some(basic) = authorization(headers, "basic")
        && let Ok(decoded) = STANDARD.decode(basic)
        && let Ok(text) = String::from_utf8(decoded)
        && let Some(key) = text.split(':').next().filter(|key| !key.is_empty())
    {
        return Some(key.to_owned());
    }
    let bearer = authorization(headers, "bearer").filter(|key| key.starts_with("wk_")).map(str::to_owned);
    bearer.or_else(|| parameter(query, "writeKey")).or_else(|| segment_write_key(body))
}

/// Tells the browser's client to send to us instead of to Segment.
async fn settings(State(door): State<Door>, headers: HeaderMap, Path(key): Path<String>) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let host = text("x-forwarded-host").or_else(|| text("host")).unwrap_or_default();
    let known = if door.admission.options().https { "https" } else { "http" };
    let protocol = text("x-forwarded-proto").unwrap_or_else(|| known.to_owned());
    let destination = json!({"apiKey": key, "apiHost": format!("{host}/v1"), "protocol": protocol});
    let answer = json!({"integrations": {"Segment.io": destination}, "plan": {"track": {}}});
    ([(header::CACHE_CONTROL, "no-cache")], Json(answer)).into_response()
}
