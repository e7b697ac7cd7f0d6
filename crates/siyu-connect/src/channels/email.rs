//! E-mail over SMTP: settings, a few kept connections, and the classification
//! of what can go wrong before, at and after the end of the data.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use lettre::Address;
use lettre::message::Mailbox;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use siyu_types::error::{Error, Result};

use super::email_compose::{Composed, compose};
use super::email_session::Session;
use super::{Channel, Content, Environment, Kind, Message, Outcome, Timeouts};
use crate::returned::return_path;

/// Connections kept open between messages, and messages sent over one before it
/// is renewed (servers cut long sessions).
const IDLE_MAX: usize = 8;
const MESSAGES_PER_CONNECTION: u32 = 100;

pub const KIND: Kind = Kind {
    id: "email",
    title: "channel.email",
    secrets: &["password"],
    schema: || serde_json::to_value(schemars::schema_for!(EmailSettings)).unwrap_or_default(),
    example: || {
        json!({
            "host": "smtp.example.com", "port": 587, "security": "starttls",
            "username": "news@example.com", "password": "secret",
            "from": "示例品牌 <news@example.com>", "reply_to": "care@example.com",
            "bounce_domain": "bounces.example.com"
        })
    },
    validate: |settings| EmailSettings::parse(settings).map(|_| ()),
    open: |settings, environment| Ok(Arc::new(Email::open(settings, environment)?)),
};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// Clear text; only for a relay on the same machine or network.
    None,
    /// Clear text first, then encrypted; refuses servers that cannot.
    Starttls,
    /// Encrypted from the first byte.
    Tls,
}

#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailSettings {
    pub host: String,
    pub port: u16,
    pub security: Security,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// `Name <address>` or an address.
    pub from: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Returns go to `bounce+<send id>@` this domain, whose mail server hands them
    /// to siyu. Without it they go to `from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounce_domain: Option<String>,
}

/// Settings whose addresses are known to be well-formed.
#[derive(Clone)]
pub(super) struct Parsed {
    pub settings: EmailSettings,
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
}

impl EmailSettings {
    pub(super) fn parse(json: &Json) -> Result<Parsed> {
        let settings: EmailSettings =
            serde_json::from_value(json.clone()).map_err(|e| Error::invalid("settings", e.to_string()))?;
        let plain = |text: &str| !text.is_empty() && !text.chars().any(|c| c.is_control() || c == ' ');
        if !plain(&settings.host) {
            return Err(Error::invalid("host", "must be a host name or address"));
        }
        if settings.port == 0 {
            return Err(Error::invalid("port", "must be 1 to 65535"));
        }
        if settings.username.is_some() != settings.password.is_some() {
            return Err(Error::invalid("password", "user name and password go together"));
        }
        let mailbox = |field: &str, text: &str| {
            text.parse::<Mailbox>().map_err(|_| Error::invalid(field, "must be an e-mail address"))
        };
        let from = mailbox("from", &settings.from)?;
        let reply_to = settings.reply_to.as_deref().filter(|text| !text.is_empty());
        let reply_to = reply_to.map(|text| mailbox("reply_to", text)).transpose()?;
        if let Some(domain) = &settings.bounce_domain
            && return_path("0", domain).parse::<Address>().is_err()
        {
            return Err(Error::invalid("bounce_domain", "must be a domain"));
        }
        Ok(Parsed { settings, from, reply_to })
    }
}

/// The SMTP channel.
pub struct Email {
    parsed: Parsed,
    timeouts: Timeouts,
    idle: Mutex<Vec<Session>>,
}

impl Email {
    fn open(settings: &Json, environment: &Environment) -> Result<Email> {
        let parsed = EmailSettings::parse(settings)?;
        Ok(Email { parsed, timeouts: environment.timeouts, idle: Mutex::new(Vec::new()) })
    }

    fn take_idle(&self) -> Option<Session> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn keep(&self, session: Session) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX && session.messages < MESSAGES_PER_CONNECTION {
            idle.push(session);
        }
    }

    /// Hands over one composed message. A kept connection may have been closed
    /// by the server meanwhile; nothing was sent then, so a new one is opened.
    async fn hand_over(&self, composed: &Composed) -> Outcome {
        if let Some(mut session) = self.take_idle() {
            let tried = session.deliver(composed, &self.timeouts).await;
            if !tried.stale {
                if tried.reusable {
                    self.keep(session);
                }
                return tried.outcome;
            }
        }
        let mut session = match Session::open(&self.parsed.settings, &self.timeouts).await {
            Ok(session) => session,
            Err(failure) => return failure.nothing_sent(),
        };
        let tried = session.deliver(composed, &self.timeouts).await;
        if tried.reusable {
            self.keep(session);
        }
        tried.outcome
    }
}

#[async_trait]
impl Channel for Email {
    fn id(&self) -> &'static str {
        KIND.id
    }

    /// SMTP servers do not drop a repeated Message-ID.
    fn repeatable(&self) -> bool {
        false
    }

    async fn send(&self, message: &Message) -> Outcome {
        let Content::Email(content) = &message.content else {
            return Outcome::Refused { permanent: false, reason: "not an e-mail".to_owned() };
        };
        let Ok(to) = content.to.parse::<Address>() else {
            return Outcome::Refused { permanent: true, reason: "not an e-mail address".to_owned() };
        };
        match compose(&self.parsed, message, content, to) {
            Ok(composed) => self.hand_over(&composed).await,
            Err(why) => Outcome::Refused { permanent: false, reason: super::reason(&why, &content.to) },
        }
    }
}
