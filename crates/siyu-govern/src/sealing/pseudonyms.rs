//! Keyed hashes of identifiers: they recognise one that is seen again and tell nobody which
//! it was. HMAC-SHA-256, cut to 128 bits, by a key that is derived from the installation's.

use rand::rngs::StdRng;
use ring::hmac;
use siyu_types::error::Result;

use super::KeyText;

/// What the derived key is for; another word makes another key.
const PURPOSE: &[u8] = b"siyu pseudonyms of erased identifiers 1";
pub const PSEUDONYM_BYTES: usize = 16;

pub type Pseudonym = [u8; PSEUDONYM_BYTES];

/// Makes pseudonyms; cheap to clone.
#[derive(Clone)]
pub struct Pseudonyms {
    /// The first makes new ones; all of them recognise.
    keys: Vec<hmac::Key>,
}

impl Pseudonyms {
    pub(super) fn of_keys(keys: &[KeyText]) -> Pseudonyms {
        let derived = |key: &KeyText| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &key.bytes);
            hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, PURPOSE).as_ref())
        };
        Pseudonyms { keys: keys.iter().map(derived).collect() }
    }

    /// Of a key that is kept nowhere, for tests and measurements.
    pub fn unkept(rng: StdRng) -> Result<Pseudonyms> {
        Ok(super::Keyring::unkept(rng)?.pseudonyms())
    }

    /// The pseudonym under the present key.
    pub fn of(&self, value: &str) -> Pseudonym {
        self.keys.first().map_or([0; PSEUDONYM_BYTES], |key| sign(key, value))
    }

    /// The pseudonyms under all keys, the present one first.
    pub fn all<'a>(&'a self, value: &'a str) -> impl Iterator<Item = Pseudonym> + 'a {
        self.keys.iter().map(move |key| sign(key, value))
    }
}

fn sign(key: &hmac::Key, value: &str) -> Pseudonym {
    let tag = hmac::sign(key, value.as_bytes());
    let mut pseudonym = [0; PSEUDONYM_BYTES];
    pseudonym.copy_from_slice(&tag.as_ref()[..PSEUDONYM_BYTES]);
    pseudonym
}
