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
use siyu_govern::keys::Source;
use siyu_types::Result;
use utoipa_axum::router::OpenApiRouter;

use crate::frame::{Frame, Terms};
use crate::ingest::Ingest;
use crate::protocols::{BODY_BYTES_MAX, OLDEST_DAYS_DEFAULT};

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
    /// The source of the first key that is known.
    async fn source(&self, keys: &[&str]) -> Result<Option<Source>> {
        for key in keys {
            if let Some(found) = self.govern.source(key).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Makes the frame durable in the project, or keeps it aside if nobody knows its key.
    async fn accept_or_keep(&self, source: Option<Source>, frame: &Frame<'_>, key: &str) -> Result<()> {
        match source {
            Some(source) => {
                let frame = Frame { source: &source.name, terms: terms(&source), ..*frame };
                self.ingest.accept(source.project, &frame).await.map(|_| ())
            }
            None => self.ingest.set_aside(frame, key),
        }
    }
}

/// What the frames of a source say about themselves.
fn terms(source: &Source) -> Terms {
    let days = source.oldest_days.unwrap_or(OLDEST_DAYS_DEFAULT).clamp(0, 100_000);
    Terms {
        trust_time: source.trust_time,
        time_accepted: false,
        // Clamped above, so both fit.
        oldest_hours: days as u32 * 24,
        dedupe_hours: source.dedupe_hours.clamp(1, i64::from(u16::MAX)) as u16,
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
