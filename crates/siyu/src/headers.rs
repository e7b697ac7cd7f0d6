//! Headers that tell browsers what not to do.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue, header};

/// Scripts only from ourselves. Styles may stand in the page because the console's
/// components make theirs at run time; images may be remote because mails show them.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob: https:; font-src 'self' data:; connect-src 'self'; object-src 'none'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

#[derive(Clone)]
pub(crate) struct Headers(Arc<Vec<(HeaderName, HeaderValue)>>);

impl Headers {
    pub(crate) fn new(https: bool) -> Headers {
        let mut all = vec![
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")),
            (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        ];
        if https {
            let year = HeaderValue::from_static("max-age=31536000");
            all.push((header::STRICT_TRANSPORT_SECURITY, year));
        }
        Headers(Arc::new(all))
    }
}

/// A handler's own headers win. Answers of the API are not to be kept anywhere.
pub(crate) async fn add(State(headers): State<Headers>, request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    for (name, value) in headers.0.iter() {
        response.headers_mut().entry(name.clone()).or_insert_with(|| value.clone());
    }
    if api {
        let answer = response.headers_mut().entry(header::CACHE_CONTROL);
        answer.or_insert(HeaderValue::from_static("no-store"));
    }
    response
}
