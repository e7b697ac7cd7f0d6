//! Webhooks: signed JSON to an address of the user's choice, with a key by which
//! the receiver recognises repetitions. Never follows redirects, never calls
//! private networks.

use std::sync::Arc;

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, Method, StatusCode, redirect};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sha2::Sha256;
use siyu_types::error::{Error, Result};
use url::Url;

use super::{Cause, Channel, Content, Environment, Kind, Message, Outcome, WebhookContent, reason};
use crate::addresses::{AllowList, GuardedResolver, ResolveError, check_url};

/// `t=<milliseconds>,v1=<hex HMAC-SHA256 of "t.body">`.
pub const SIGNATURE_HEADER: &str = "x-siyu-signature";
pub const IDEMPOTENCY_HEADER: &str = "idempotency-key";
const SECRET_MIN: usize = 16;

pub const KIND: Kind = Kind {
    id: "webhook",
    title: "channel.webhook",
    secrets: &["secret"],
    schema: || serde_json::to_value(schemars::schema_for!(WebhookSettings)).unwrap_or_default(),
    example: || json!({ "secret": "at least sixteen characters" }),
    validate: |settings| WebhookSettings::parse(settings).map(|_| ()),
    open: |settings, environment| Ok(Arc::new(Webhook::open(settings, environment)?)),
};

#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    /// Both sides sign with it.
    pub secret: String,
}

impl WebhookSettings {
    fn parse(json: &Json) -> Result<WebhookSettings> {
        let settings: WebhookSettings =
            serde_json::from_value(json.clone()).map_err(|e| Error::invalid("settings", e.to_string()))?;
        if settings.secret.len() < SECRET_MIN {
            return Err(Error::invalid("secret", format!("needs at least {SECRET_MIN} characters")));
        }
        Ok(settings)
    }
}

/// The webhook channel.
pub struct Webhook {
    client: Client,
    secret: String,
    allowed: AllowList,
}

impl Webhook {
    fn open(settings: &Json, environment: &Environment) -> Result<Webhook> {
        let settings = WebhookSettings::parse(settings)?;
        // Fails only when a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let timeouts = environment.timeouts;
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(GuardedResolver::new(environment.allowed.clone())))
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.connect + timeouts.command)
            .user_agent("siyu-webhook/1")
            .build()
            .map_err(Error::internal)?;
        Ok(Webhook { client, secret: settings.secret, allowed: environment.allowed.clone() })
    }

    async fn call(&self, message: &Message, content: &WebhookContent) -> Outcome {
        let never = |reason: String| Outcome::Refused { permanent: false, reason };
        let url = match Url::parse(&content.url) {
            Ok(url) => url,
            Err(error) => return never(error.to_string()),
        };
        if let Err(error) = check_url(&url, &self.allowed) {
            return never(error.message);
        }
        let method = match content.method.as_str() {
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            _ => return never("the method must be POST or PUT".to_owned()),
        };
        let sent = self
            .client
            .request(method, url)
            .header("content-type", "application/json; charset=utf-8")
            .header(IDEMPOTENCY_HEADER, &message.send_id)
            .header(SIGNATURE_HEADER, sign(&self.secret, message.at, &content.body))
            .body(content.body.clone())
            .send()
            .await;
        match sent {
            Ok(response) => classify(response.status()),
            Err(error) => classify_error(&error),
        }
    }
}

#[async_trait]
impl Channel for Webhook {
    fn id(&self) -> &'static str {
        KIND.id
    }

    /// The receiver has the idempotency key.
    fn repeatable(&self) -> bool {
        true
    }

    async fn send(&self, message: &Message) -> Outcome {
        match &message.content {
            Content::Webhook(content) => self.call(message, content).await,
            Content::Email(_) => Outcome::Refused { permanent: false, reason: "not a webhook".to_owned() },
        }
    }
}

/// The signature header's value.
pub fn sign(secret: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of every length");
    mac.update(format!("{at}.").as_bytes());
    mac.update(body.as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={at},v1={hex}")
}

fn classify(status: StatusCode) -> Outcome {
    let reason = format!("the receiver answered {}", status.as_u16());
    match status.as_u16() {
        200..=299 => Outcome::Accepted { provider_id: None },
        408 | 425 | 429 | 503 => Outcome::Transient { cause: Cause::Answered, reason },
        // The receiver may have acted before it failed.
        500..=599 => Outcome::Unknown { reason },
        _ => Outcome::Refused { permanent: false, reason },
    }
}

fn classify_error(error: &reqwest::Error) -> Outcome {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(ResolveError::Private) = cause.downcast_ref::<ResolveError>() {
            return Outcome::Refused { permanent: false, reason: ResolveError::Private.to_string() };
        }
        source = cause.source();
    }
    // The URL may hold a token, so only the kind of failure is told.
    if error.is_connect() {
        let (cause, words) = match error.is_timeout() {
            true => (Cause::Timeout, "time ran out while connecting"),
            false => (Cause::Unreachable, "the receiver cannot be reached"),
        };
        return Outcome::Transient { cause, reason: reason(words, "") };
    }
    if error.is_builder() {
        return Outcome::Refused { permanent: false, reason: "the request cannot be built".to_owned() };
    }
    let words = if error.is_timeout() { "time ran out" } else { "the connection broke" };
    Outcome::Unknown { reason: words.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_classified() {
        let word = |status: u16| match classify(StatusCode::from_u16(status).expect("valid")) {
            Outcome::Accepted { .. } => "accepted",
            Outcome::Refused { .. } => "refused",
            Outcome::Transient { .. } => "transient",
            Outcome::Unknown { .. } => "unknown",
        };
        let cases = [
            (200, "accepted"),
            (204, "accepted"),
            (301, "refused"),
            (404, "refused"),
            (410, "refused"),
            (429, "transient"),
            (500, "unknown"),
            (502, "unknown"),
            (503, "transient"),
        ];
        for (status, expected) in cases {
            assert_eq!(word(status), expected, "{status}");
        }
    }

    #[test]
    fn the_signature_is_plain_hmac() {
        // openssl: printf '1700000000000.{"a":1}' | openssl dgst -sha256 -hmac 'sixteen-letters!'
        let expected = "t=1700000000000,v1=d9a9bd03044690e76f8ecf640cc2314a94459fdf7ea2941ca8b92ce80ffba7e0";
        assert_eq!(sign("sixteen-letters!", 1_700_000_000_000, r#"{"a":1}"#), expected);
    }
}
