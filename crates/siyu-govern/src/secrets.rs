//! Random secrets and how they are compared and kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore;
use sha2::{Digest, Sha256};

use crate::Govern;

const SECRET_BYTES: usize = 32;

impl Govern {
    /// 256 random bits as text that fits into a header or a URL.
    pub(crate) fn secret(&self) -> String {
        let mut bytes = [0; SECRET_BYTES];
        self.inner.rng.lock().fill_bytes(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    pub(crate) fn salt(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.inner.rng.lock().fill_bytes(&mut bytes);
        bytes
    }
}

/// How a random secret is kept. It has too many bits to be guessed, so a fast
/// hash without salt is enough, and it can be looked up.
pub(crate) fn fingerprint(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares without telling by its duration where the difference is.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}
