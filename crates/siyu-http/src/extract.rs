//! Extractors: the caller, the body, the query and the path, with coded errors.

use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use http::{header, request::Parts};
use serde::de::DeserializeOwned;
use siyu_types::{Error, ErrorCode, Viewer};

use crate::Failure;

/// The largest JSON body. Collection endpoints and uploads read their own bodies.
pub const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The authenticated caller; without one the answer is `unauthenticated`.
pub struct Caller(pub Viewer);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, Failure> {
        parts
            .extensions
            .get::<Viewer>()
            .cloned()
            .map(Caller)
            .ok_or_else(|| Failure(Error::new(ErrorCode::Unauthenticated, "log in or send an API key")))
    }
}

/// A JSON body.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Body<T>, Failure> {
        if !names_json(request.headers()) {
            let message = "the content type must be application/json";
            return Err(Failure(Error::new(ErrorCode::MalformedBody, message)));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            Failure(match rejection.status() {
                http::StatusCode::PAYLOAD_TOO_LARGE => {
                    Error::new(ErrorCode::TooLarge, "the body is too large")
                        .with("limit_bytes", BODY_BYTES_MAX.to_string())
                }
                _ => Error::new(ErrorCode::MalformedBody, "the body ended early"),
            })
        })?;
        parse(&bytes).map(Body).map_err(Failure)
    }
}

fn names_json(headers: &http::HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.and_then(|text| text.split(';').next()).is_some_and(|kind| kind.trim() == "application/json")
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    if bytes.len() > BODY_BYTES_MAX {
        return Err(Error::new(ErrorCode::TooLarge, "the body is too large")
            .with("limit_bytes", BODY_BYTES_MAX.to_string()));
    }
    if holds_nul(bytes) {
        return Err(Error::new(ErrorCode::MalformedBody, "text must not hold the character U+0000"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        match cause.classify() {
            serde_json::error::Category::Data if path != "." => Error::invalid(path, cause.to_string()),
            _ => Error::new(ErrorCode::MalformedBody, cause.to_string()),
        }
    })?;
    json.end().map_err(|error| Error::new(ErrorCode::MalformedBody, error.to_string()))?;
    Ok(value)
}

/// Whether a JSON text spells U+0000, which PostgreSQL cannot keep.
fn holds_nul(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let escape = &rest[at + 1..];
        if escape.starts_with(b"u0000") {
            return true;
        }
        // The escaped character may itself be a backslash.
        rest = escape.get(1..).unwrap_or_default();
    }
    false
}

/// The query string.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Params<T>, Failure> {
        match axum::extract::Query::<T>::try_from_uri(&parts.uri) {
            Ok(query) => Ok(Params(query.0)),
            Err(rejection) => {
                // The text reads "Failed to deserialize query string: limit: invalid digit …".
                let text = rejection.body_text();
                let text = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
                let error = match text.split_once(": ") {
                    Some((field, message)) if !field.contains(' ') => Error::invalid(field, message),
                    _ => Error::new(ErrorCode::InvalidInput, text),
                };
                Err(Failure(error))
            }
        }
    }
}

/// Values of the path, as axum's `Path`. What does not parse does not exist.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path<T>, Failure> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(path) => Ok(Path(path.0)),
            Err(_) => Err(Failure(Error::new(ErrorCode::NotFound, "there is nothing at this address"))),
        }
    }
}
