//! The console: its built files inside the binary. Debug builds read them from the
//! disk, so that tests need no Node and no rebuild.

mod rules;

use axum::body::Body;
use axum::extract::Request;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../../console/dist"]
#[allow_missing = true]
struct Files;

const MISSING: &str = include_str!("missing.html");

/// Serves a file of the console; addresses of its pages get the start page.
pub(crate) async fn serve(request: Request) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return siyu_http::no_such_route().await.into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    let name = if rules::is_file(path) { path } else { rules::START };
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    match Files::get(name) {
        Some(plain) => {
            file(name, plain, accepted.unwrap_or_default(), request.headers().get(header::IF_NONE_MATCH))
        }
        None if name == rules::START => (StatusCode::SERVICE_UNAVAILABLE, Html(MISSING)).into_response(),
        None => siyu_http::no_such_route().await.into_response(),
    }
}

fn file(name: &str, plain: EmbeddedFile, accepted: &str, known: Option<&HeaderValue>) -> Response {
    let tag = rules::tag(&plain.metadata.sha256_hash());
    let mut builder = Response::builder()
        .header(header::ETAG, &tag)
        .header(header::VARY, "accept-encoding")
        .header(header::CACHE_CONTROL, rules::caching(name));
    if known.and_then(|known| known.to_str().ok()).is_some_and(|known| rules::knows(known, &tag)) {
        return finish(builder.status(StatusCode::NOT_MODIFIED), Body::empty());
    }
    builder = builder.header(header::CONTENT_TYPE, rules::content_type(name, plain.metadata.mimetype()));
    let packed = rules::encodings(accepted)
        .find_map(|(encoding, suffix)| Some((encoding, Files::get(&format!("{name}{suffix}"))?)));
    match packed {
        Some((encoding, packed)) => {
            finish(builder.header(header::CONTENT_ENCODING, encoding), Body::from(packed.data))
        }
        None => finish(builder, Body::from(plain.data)),
    }
}

fn finish(builder: http::response::Builder, body: Body) -> Response {
    // Every header above is plain ASCII, so this cannot fail.
    builder.body(body).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
