//! The door for clients of Sensors Analytics. They delete or lose data on most
//! status codes, so the answer is 200 whenever the bytes are safe, and 503 when
//! they are not (reference/01 §2a.6).

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use siyu_govern::keys::Source;
use siyu_types::{Error, ErrorCode, Result};
use utoipa_axum::router::OpenApiRouter;

use super::admission::Untaken;
use super::{Door, RETRY_AFTER_SECONDS, parameter};
use crate::frame::{Frame, ProtocolId, Terms};
use crate::protocols::{ROUTE_TOO_LARGE, decode, sensors_token};

/// A transparent picture of one pixel.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// What a client wants to happen with its records.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    Collect,
    /// To be told what is wrong with a record.
    Debug,
}

pub fn routes(door: Door) -> OpenApiRouter {
    let take =
        |way| move |State(door): State<Door>, request| async move { collect(way, &door, request).await };
    let router = Router::new()
        .route("/sa", get(take(Way::Collect)).post(take(Way::Collect)))
        .route("/sa.gif", get(take(Way::Collect)).post(take(Way::Collect)))
        .route("/debug", get(take(Way::Debug)).post(take(Way::Debug)))
        .with_state(door);
    router.into()
}

pub(super) async fn collect(way: Way, door: &Door, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let (taken, head);
    let (route, bytes): (&str, &[u8]) = match door.admission.take(&parts.headers, body).await {
        Ok(whole) => {
            taken = whole;
            ("", &taken.bytes)
        }
        // An answer that is not 200 would make phones hoard what can never be taken;
        // its beginning goes to what was set aside, so that somebody hears of it.
        Err(Untaken::TooLarge(start)) if way == Way::Collect => {
            head = start;
            (ROUTE_TOO_LARGE, &head)
        }
        Err(Untaken::TooLarge(_)) => {
            return (StatusCode::BAD_REQUEST, "the body is too large").into_response();
        }
        Err(Untaken::Busy | Untaken::TooSlow | Untaken::Broken) => return later(),
    };
    let received_at = door.ingest.clock().now();
    let frame = Frame {
        protocol: ProtocolId::Sensors,
        terms: Terms::default(),
        received_at,
        source: "",
        route,
        query,
        body: bytes,
    };
    match way {
        Way::Collect => match keep(door, &frame).await {
            Ok(()) => answer(&parts.method),
            Err(error) => refusal(&error),
        },
        Way::Debug => debug(door, &parts.headers, &frame).await,
    }
}

/// The token of a request, and what it stands for.
async fn source(door: &Door, frame: &Frame<'_>) -> Result<(String, Option<Source>)> {
    let token = parameter(frame.query, "token").or_else(|| sensors_token(frame)).unwrap_or_default();
    // A write key may also stand where Sensors names the project.
    let project = parameter(frame.query, "project").unwrap_or_default();
    let source = door.source(&[&token, &project]).await?;
    Ok((token, source))
}

async fn keep(door: &Door, frame: &Frame<'_>) -> Result<()> {
    let (token, source) = source(door, frame).await?;
    door.accept_or_keep(source, frame, &token).await
}

fn refusal(error: &Error) -> Response {
    if error.code == ErrorCode::InvalidKey {
        return StatusCode::FORBIDDEN.into_response();
    }
    tracing::warn!(code = error.code.as_str(), "a Sensors request could not be kept");
    later()
}

fn later() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER_SECONDS)]).into_response()
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
    (headers, Body::from(PIXEL)).into_response()
}

/// Debug mode: the reason of a bad record in words, `{}` for a good one, which is
/// what the web client takes for success; with `Dry-Run: true` nothing is kept.
async fn debug(door: &Door, headers: &HeaderMap, frame: &Frame<'_>) -> Response {
    let (token, source) = match source(door, frame).await {
        Ok(found) => found,
        Err(error) => return refusal(&error),
    };
    if source.is_none() {
        return (StatusCode::BAD_REQUEST, "unknown_key: token is not a write key of this server")
            .into_response();
    }
    if let Some(refusal) = decode(frame).refusals.first() {
        let reason = &refusal.reason;
        let text = format!("{}: {} {}", reason.code.as_str(), reason.field, reason.message);
        return (StatusCode::BAD_REQUEST, text).into_response();
    }
    let dry = headers.get("dry-run").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
    if !dry && let Err(error) = door.accept_or_keep(source, frame, &token).await {
        return refusal(&error);
    }
    ([(header::CONTENT_TYPE, "application/json")], "{}").into_response()
}
