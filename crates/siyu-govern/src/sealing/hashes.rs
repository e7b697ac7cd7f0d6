//! Keyed hashes that stand for identifiers whose values are not kept. HMAC-SHA-256, cut to
//! 128 bits, by a key that is derived from one of the installation's. Which one is for the
//! project's rules to say: another key would make strangers of everybody.

use std::sync::Arc;

use rand::rngs::StdRng;
use ring::hmac;
use siyu_types::identity::{HASH_DIGITS, HASHED};
use siyu_types::{ProjectId, Result};

use super::KeyText;
use crate::secrets::hex;

/// What the derived key is for; another word makes another key.
const PURPOSE: &[u8] = b"siyu hashes of identifiers 1";

/// Makes the hashes of one project; cheap to clone.
#[derive(Clone)]
pub struct IdentifierHashes {
    /// By the ids of the keys they are derived from, the present one first.
    keys: Arc<[(String, hmac::Key)]>,
    project: i64,
}

impl std::fmt::Debug for IdentifierHashes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdentifierHashes").field("project", &self.project).finish_non_exhaustive()
    }
}

impl IdentifierHashes {
    pub(super) fn of_keys(keys: &[KeyText]) -> IdentifierHashes {
        let derived = |key: &KeyText| {
            let master = hmac::Key::new(hmac::HMAC_SHA256, &key.bytes);
            let derived = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&master, PURPOSE).as_ref());
            (key.id.clone(), derived)
        };
        IdentifierHashes { keys: keys.iter().map(derived).collect(), project: 0 }
    }

    /// Of a key that is kept nowhere, for tests and measurements.
    pub fn unkept(rng: StdRng) -> Result<IdentifierHashes> {
        Ok(super::Keyring::unkept(rng)?.identifier_hashes())
    }

    /// The same value has another hash in every project.
    #[must_use]
    pub fn of_project(&self, project: ProjectId) -> IdentifierHashes {
        IdentifierHashes { keys: Arc::clone(&self.keys), project: project.0 }
    }

    /// The id of the key that a project which begins to hash uses from then on.
    pub fn present(&self) -> &str {
        self.keys.first().map_or("", |(id, _)| id)
    }

    pub fn knows(&self, key: &str) -> bool {
        self.keys.iter().any(|(id, _)| id == key)
    }

    /// What stands for a value of a kind, in the form in which values are compared; `None` if
    /// there is no such key.
    pub fn of(&self, key: &str, kind: &str, value: &str) -> Option<String> {
        let (_, key) = self.keys.iter().find(|(id, _)| id == key)?;
        let mut context = hmac::Context::with_key(key);
        context.update(&self.project.to_le_bytes());
        context.update(&(kind.len() as u64).to_le_bytes());
        context.update(kind.as_bytes());
        context.update(value.as_bytes());
        let digits = hex(context.sign().as_ref());
        Some(format!("{HASHED}{}", &digits[..HASH_DIGITS]))
    }
}
