//! The doors for clients: one file per protocol, each answering what *its* clients
//! need (reference/01 §2a.6, §2b.3). All of them answer success only after the
//! bytes are durable.

mod admission;
mod cors;
mod elsewhere;
#[cfg(test)]
mod hostile;
mod own;
mod segment;
mod sensors;
#[cfg(test)]
pub(crate) mod tests;
mod webhook;

use std::sync::Arc;

use axum::middleware::from_fn;
use http::HeaderMap;
use siyu_govern::Govern;
use siyu_govern::keys::Source;
use siyu_types::{Error, ErrorCode, Result};
use utoipa_axum::router::OpenApiRouter;

use crate::ciphers::Ciphers;
use crate::frame::{Frame, ProtocolId, Terms};
use crate::hooks::Hooks;
use crate::ingest::Ingest;
use crate::protocols::OLDEST_DAYS_DEFAULT;
use admission::{Admission, Untaken};

pub use admission::{CollectOptions, UnknownKey};
pub use elsewhere::anywhere;

/// What the doors need.
#[derive(Clone)]
pub struct Door {
    ingest: Arc<Ingest>,
    govern: Govern,
    hooks: Arc<Hooks>,
    ciphers: Arc<Ciphers>,
    admission: Arc<Admission>,
}

/// Seconds after which an overloaded server may be asked again.
const RETRY_AFTER_SECONDS: &str = "5";

/// Collection routes; only our own protocol's is under `/api`.
pub(crate) fn routes(door: &Door) -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(own::routes(door.clone()))
        .merge(sensors::routes(door.clone()))
        .merge(segment::routes(door.clone()))
        .merge(webhook::routes(door.clone()))
        .layer(from_fn(cors::permit))
}

impl Door {
    pub fn new(
        ingest: Arc<Ingest>,
        govern: Govern,
        hooks: Arc<Hooks>,
        ciphers: Arc<Ciphers>,
        options: CollectOptions,
    ) -> Door {
        let admission = Arc::new(Admission::new(options, Arc::clone(ingest.clock())));
        Door { ingest, govern, hooks, ciphers, admission }
    }

    /// The source of the first key that is known and may send now.
    async fn source(&self, keys: &[&str]) -> Result<Option<Source>> {
        for key in keys {
            let Some(source) = self.govern.source(key).await? else { continue };
            if !self.admission.key(source.key) {
                return Err(Error::new(ErrorCode::RateLimited, "this key sends too often")
                    .with("retry_after_seconds", RETRY_AFTER_SECONDS));
            }
            return Ok(Some(source));
        }
        Ok(None)
    }

    /// The error of a door that speaks our own envelope.
    fn untaken(&self, why: &Untaken) -> Error {
        let options = self.admission.options();
        match why {
            Untaken::TooLarge(_) => Error::new(ErrorCode::TooLarge, "the body is too large")
                .with("limit_bytes", options.body_bytes_max.to_string()),
            Untaken::TooSlow => Error::new(ErrorCode::Overloaded, "the body did not end in time")
                .with("limit_seconds", options.body_seconds_max.to_string())
                .with("retry_after_seconds", RETRY_AFTER_SECONDS),
            Untaken::Busy => Error::new(ErrorCode::Overloaded, "too many requests are under way")
                .with("retry_after_seconds", RETRY_AFTER_SECONDS),
            Untaken::Broken => Error::new(ErrorCode::MalformedBody, "the body ended early"),
        }
    }

    /// Makes the frame durable in the project, or keeps it aside if nobody knows its
    /// key; [`ErrorCode::InvalidKey`] if such are to be refused.
    async fn accept_or_keep(&self, source: Option<Source>, frame: &Frame<'_>, key: &str) -> Result<()> {
        match source {
            Some(source) => {
                let frame = Frame { source: &source.name, terms: terms(&source), ..*frame };
                // What cannot be opened now is set aside as it is.
                let opened = match frame.protocol {
                    ProtocolId::Sensors => {
                        self.ciphers.opened(source.project, Some(source.key), &frame).await?
                    }
                    _ => None,
                };
                let frame = Frame { body: opened.as_deref().unwrap_or(frame.body), ..frame };
                self.ingest.accept(source.project, &frame).await.map(|_| ())
            }
            None if self.admission.options().unknown_key == UnknownKey::Refuse => {
                Err(Error::new(ErrorCode::InvalidKey, "the write key is not known"))
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
