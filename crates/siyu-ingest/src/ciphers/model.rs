//! What is known of a private key, and what clients seal.

use siyu_types::clock::Millis;

/// A registered private key; what it says itself stays sealed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cipher {
    pub id: i64,
    /// The write key of the source.
    pub key: i64,
    /// Of the public key, to compare with the client's: the first digits of its SHA-256.
    pub fingerprint: String,
    pub bits: i64,
    pub sealed: String,
    pub created_at: Millis,
}

/// What a client encrypted together.
#[derive(Clone, PartialEq, Debug)]
pub struct Envelope {
    /// The symmetric key, encrypted with the public key; base64.
    pub key: String,
    /// Each a nonce and records; base64.
    pub payloads: Vec<String>,
    /// When the client sent it, in place of a time in each record.
    pub flush_time: Option<serde_json::Value>,
}
