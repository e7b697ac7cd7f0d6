//! The door for clients of Segment. They drop data for good on 400 and retry on
//! 429, so 400 is only for what could never be taken (reference/01 §2b.3).

use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;

use super::{Door, RETRY_AFTER_SECONDS, authorization, parameter};
use crate::frame::{Frame, ProtocolId, Terms};
use crate::protocols::{long_route, segment_write_key};

/// Long and short names of the message types; `b` and `batch` hold many.
const ROUTES: &[&str] =
    &["batch", "track", "identify", "page", "screen", "group", "alias", "b", "t", "i", "p", "s", "g", "a"];

pub fn routes(door: Door) -> OpenApiRouter {
    let mut router = Router::new().route("/v1/projects/{key}/settings", get(settings));
    for route in ROUTES {
        let take = move |state, query, headers, body| collect(route, state, query, headers, body);
        router = router.route(&format!("/v1/{route}"), post(take));
    }
    // The browser's client also reports on itself; that is taken and dropped.
    router = router.route("/v1/m", post(async || success()));
    router.with_state(door).into()
}

async fn collect(
    route: &'static str,
    State(door): State<Door>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: std::result::Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(body) = body else {
        return (
            StatusCode::BAD_REQUEST,
            Json(json!({"success": false, "message": "the body is too large"})),
        )
            .into_response();
    };
    let query = query.unwrap_or_default();
    let key = write_key(&headers, &query, &body).unwrap_or_default();
    let frame = Frame {
        protocol: ProtocolId::Segment,
        terms: Terms::default(),
        received_at: door.ingest.clock().now(),
        source: "",
        route: long_route(route),
        query: "",
        body: &body,
    };
    let taken = match door.source(&[&key]).await {
        Ok(source) => door.accept_or_keep(source, &frame, &key).await,
        Err(error) => Err(error),
    };
    match taken {
        Ok(()) => success(),
        Err(error) => {
            tracing::warn!(code = error.code.as_str(), "a Segment request could not be kept");
            let retry = [(header::RETRY_AFTER, RETRY_AFTER_SECONDS)];
            (StatusCode::TOO_MANY_REQUESTS, retry, Json(json!({"success": false}))).into_response()
        }
    }
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
async fn settings(headers: HeaderMap, Path(key): Path<String>) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let host = text("x-forwarded-host").or_else(|| text("host")).unwrap_or_default();
    let protocol = text("x-forwarded-proto").unwrap_or_else(|| "http".to_owned());
    let destination = json!({"apiKey": key, "apiHost": format!("{host}/v1"), "protocol": protocol});
    Json(json!({"integrations": {"Segment.io": destination}, "plan": {"track": {}}})).into_response()
}
