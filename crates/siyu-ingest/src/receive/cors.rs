//! Cross-origin permission on every answer, errors included: a web client that
//! cannot read a status resends without end (reference/01 §7.15).

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header};

const ALLOWED_HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, content-type, content-encoding, dry-run, x-retry-count");
/// Without this a page cannot read when it may ask again.
const SHOWN_HEADERS: HeaderValue = HeaderValue::from_static("retry-after");

pub async fn permit(request: Request, next: Next) -> Response {
    around(request, |request| next.run(request)).await
}

/// Answers preflights itself and adds the permission to what `answer` says.
pub async fn around<F: Future<Output = Response>>(
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    let preflight = request.method() == Method::OPTIONS;
    let asked = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let mut response = if preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        // A panic must not leave this layer, or its answer would lack the headers.
        siyu_http::guarded(answer(request)).await
    };
    let headers = response.headers_mut();
    // Write keys are public by nature, and no cookie counts here.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN_HEADERS);
    if preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, OPTIONS"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.unwrap_or(ALLOWED_HEADERS));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    }
    response
}
