//! Signed tokens of tracking links.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use siyu_types::ProjectId;
use siyu_types::clock::Millis;

use crate::content::Tracking;
use crate::secrets::{Secret, hex, unhex};

const VERSION: u8 = 1;
const OPEN: u8 = 1;
const CLICK: u8 = 2;
const UNSUBSCRIBE: u8 = 3;
/// To the preferences of who got a message.
const PREFERENCES: u8 = 4;
/// To the preferences of a person, for a time.
const PERSON: u8 = 5;
/// Bytes of the signature in a token.
const MAC: usize = 16;
const SEND_ID: usize = 16;
/// Characters of a token that is looked at at all.
const TOKEN_MAX: usize = 8_192;

/// What a link stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Token {
    Open { send_id: String },
    Click { send_id: String, url: String },
    Unsubscribe { send_id: String },
    Preferences { send_id: String },
    Person { project: ProjectId, person: u32, until: Millis },
}

/// Makes and reads links. Cheap to clone.
#[derive(Clone)]
pub struct Links {
    secret: Secret,
    base: Arc<str>,
}

impl Links {
    /// `base`: where people reach this server, `https://cdp.example.com`.
    pub fn new(secret: Secret, base: &str) -> Links {
        Links { secret, base: base.trim_end_matches('/').into() }
    }

    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The links of one mail.
    pub fn of(&self, send_id: &str) -> Tracking {
        let (links, id) = (self.clone(), send_id.to_owned());
        Tracking {
            unsubscribe: Some(self.unsubscribe(send_id)),
            preferences: Some(self.preferences(send_id)),
            pixel: Some(self.open(send_id)),
            click: Some(Arc::new(move |url: &str| links.click(&id, url))),
        }
    }

    pub fn open(&self, send_id: &str) -> String {
        format!("{}/t/o/{}", self.base, self.token(OPEN, send_id, ""))
    }

    pub fn click(&self, send_id: &str, url: &str) -> String {
        format!("{}/t/c/{}", self.base, self.token(CLICK, send_id, url))
    }

    pub fn unsubscribe(&self, send_id: &str) -> String {
        format!("{}/u/{}", self.base, self.token(UNSUBSCRIBE, send_id, ""))
    }

    pub fn preferences(&self, send_id: &str) -> String {
        format!("{}/preferences/{}", self.base, self.token(PREFERENCES, send_id, ""))
    }

    /// A link to somebody's preferences that does not come from a message.
    pub fn preferences_of(&self, project: ProjectId, person: u32, until: Millis) -> String {
        let mut id = project.0.to_be_bytes().to_vec();
        id.extend(u64::from(person).to_be_bytes());
        format!("{}/preferences/{}", self.base, self.signed(PERSON, id, &until.to_string()))
    }

    fn token(&self, kind: u8, send_id: &str, rest: &str) -> String {
        // Send ids are 32 hexadecimal digits; test sends have others and carry none.
        let id = unhex(send_id).filter(|id| id.len() == SEND_ID).unwrap_or_else(|| vec![0; SEND_ID]);
        self.signed(kind, id, rest)
    }

    fn signed(&self, kind: u8, id: Vec<u8>, rest: &str) -> String {
        let mut bytes = vec![VERSION, kind];
        bytes.extend(id);
        bytes.extend_from_slice(rest.as_bytes());
        let mac = self.secret.sign("link", &[&bytes]);
        bytes.extend_from_slice(&mac[..MAC]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// `None` for everything that we did not sign.
    pub fn read(&self, token: &str) -> Option<Token> {
        if token.len() > TOKEN_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (signed, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC)?)?;
        if !same(&self.secret.sign("link", &[signed])[..MAC], mac) {
            return None;
        }
        let [VERSION, kind, rest @ ..] = signed else { return None };
        let (id, rest) = rest.split_at_checked(SEND_ID)?;
        let send_id = hex(id);
        match *kind {
            OPEN => Some(Token::Open { send_id }),
            CLICK => Some(Token::Click { send_id, url: String::from_utf8(rest.to_vec()).ok()? }),
            UNSUBSCRIBE => Some(Token::Unsubscribe { send_id }),
            PREFERENCES => Some(Token::Preferences { send_id }),
            PERSON => {
                let (project, person) = id.split_first_chunk::<8>()?;
                let person = u64::from_be_bytes(person.try_into().ok()?);
                Some(Token::Person {
                    project: ProjectId(i64::from_be_bytes(*project)),
                    person: u32::try_from(person).ok()?,
                    until: std::str::from_utf8(rest).ok()?.parse().ok()?,
                })
            }
            _ => None,
        }
    }
}

/// Compares without telling by its duration where the difference is.
fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// Whether a request looks like a scanner or prefetcher rather than a person.
/// Only plain signs count; the report says that opens are an estimate.
pub fn is_automatic(method: &str, headers: &[(&str, &str)]) -> bool {
    if method != "GET" {
        return true;
    }
    headers.iter().any(|(name, value)| {
        let value = value.to_ascii_lowercase();
        match name.to_ascii_lowercase().as_str() {
            "purpose" | "sec-purpose" | "x-moz" => value.contains("prefetch") || value.contains("preview"),
            "user-agent" => {
                value.is_empty()
                    || ["bot", "crawler", "spider", "scanner", "curl/", "python-requests", "go-http-client"]
                        .iter()
                        .any(|word| value.contains(word))
            }
            _ => false,
        }
    })
}
