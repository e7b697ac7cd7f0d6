//! The doors for clients: one file per protocol, each answering what *its* clients
//! need (reference/01 §2a.6, §2b.3). All of them answer success only after the
//! bytes are durable.

mod cors;
mod own;
mod segment;
mod sensors;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use http::HeaderMap;
use siyu_govern::Govern;
use siyu_types::{ProjectId, Result};
use utoipa_axum::router::OpenApiRouter;

use crate::frame::Frame;
use crate::ingest::Ingest;
use crate::protocols::BODY_BYTES_MAX;

/// What the doors need.
#[derive(Clone)]
pub struct Door {
    ingest: Arc<Ingest>,
    govern: Govern,
}

/// Seconds after which an overloaded server may be asked again.
const RETRY_AFTER_SECONDS: &str = "5";

/// Collection routes; none of them is under `/api`.
pub fn routes(ingest: Arc<Ingest>, govern: Govern) -> OpenApiRouter {
    let door = Door { ingest, govern };
    OpenApiRouter::new()
        .merge(own::routes(door.clone()))
        .merge(sensors::routes(door.clone()))
        .merge(segment::routes(door))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(cors::permit))
}

impl Door {
    /// The project and source of the first key that is known.
    async fn source(&self, keys: &[&str]) -> Result<Option<(ProjectId, String)>> {
        for key in keys {
            if let Some(found) = self.govern.write_key(key).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Makes the frame durable in the project, or keeps it aside if nobody knows its key.
    async fn accept_or_keep(
        &self,
        source: Option<(ProjectId, String)>,
        frame: &Frame<'_>,
        key: &str,
    ) -> Result<()> {
        match source {
            Some((project, source)) => {
                self.ingest.accept(project, &Frame { source: &source, ..*frame }).await.map(|_| ())
            }
            None => self.ingest.set_aside(frame, key),
        }
    }
}

/// The credentials of `Authorization: <scheme> …`.
fn authorization<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let value = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (found, rest) = value.split_once(' ')?;
    found.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

/// A parameter of a query string, decoded.
fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
}
