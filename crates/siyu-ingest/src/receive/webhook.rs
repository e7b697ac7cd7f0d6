//! The door for webhooks: `POST /hook/<write key>`, since most senders can be given
//! an address and nothing else. They try again on anything that is not a success.

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{HeaderMap, HeaderValue, header};
use siyu_http::Failure;
use siyu_types::{Error, ErrorCode, Result};
use utoipa_axum::router::OpenApiRouter;

use super::{Door, RETRY_AFTER_SECONDS};
use crate::frame::{Frame, ProtocolId};
use crate::hooks::{Hook, signs};

/// What a sender hears that asked for nothing else.
const ANSWER: &str = "{\"success\":true}";

pub fn routes(door: Door) -> OpenApiRouter {
    Router::new().route("/hook/{key}", post(collect)).with_state(door).into()
}

async fn collect(State(door): State<Door>, Path(key): Path<String>, request: Request) -> Response {
    match take(&door, &key, request).await {
        Ok(answer) => success(&answer),
        Err(error) if error.code.retryable() => {
            Failure(error.with("retry_after_seconds", RETRY_AFTER_SECONDS)).into_response()
        }
        Err(error) => Failure(error).into_response(),
    }
}

async fn take(door: &Door, key: &str, request: Request) -> Result<String> {
    let Some(source) = door.source(&[key]).await? else {
        return Err(Error::new(ErrorCode::InvalidKey, "the write key is not known"));
    };
    let (parts, body) = request.into_parts();
    let taken = door.admission.take(&parts.headers, body).await.map_err(|why| door.untaken(&why))?;
    let hook = door.hooks.of(source.project, source.key).await?;
    if let Some(hook) = &hook {
        verify(&hook.0, &parts.headers, &taken.bytes)?;
    }
    let frame = Frame {
        protocol: ProtocolId::Webhook,
        terms: super::terms(&source),
        received_at: door.ingest.clock().now(),
        source: &source.name,
        route: "",
        // Without a mapping it is set aside as it is, a sample to make one from.
        query: hook.as_ref().map_or("", |hook| &hook.1),
        body: &taken.bytes,
    };
    door.ingest.accept(source.project, &frame).await?;
    Ok(hook.map_or_else(String::new, |hook| hook.0.answer.clone()))
}

fn verify(hook: &Hook, headers: &HeaderMap, body: &[u8]) -> Result<()> {
    let Some(signature) = &hook.signature else { return Ok(()) };
    let given = headers.get(&signature.header).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match signs(signature, body, given) {
        true => Ok(()),
        false => {
            tracing::warn!(key = hook.key, "a webhook was not signed as agreed and is refused");
            Err(Error::new(ErrorCode::Unauthenticated, "the signature is missing or wrong")
                .at(signature.header.clone()))
        }
    }
}

fn success(answer: &str) -> Response {
    let answer = if answer.is_empty() { ANSWER } else { answer };
    let json = answer.starts_with(['{', '[']);
    let kind = if json { "application/json" } else { "text/plain; charset=utf-8" };
    ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], answer.to_owned()).into_response()
}
