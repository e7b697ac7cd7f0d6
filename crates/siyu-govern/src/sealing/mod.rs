//! Sealing: values that must be readable again, such as a mail server's password,
//! are encrypted where they are stored. The keys are in a file beside the database
//! and never in it, so that a copy of the database alone tells nothing.
//!
//! A sealed value is `sealed:1:<key id>:<base64 of nonce, ciphertext, tag>`,
//! ChaCha20-Poly1305 (RFC 8439). The place it belongs to is authenticated with it: a
//! sealed value that was moved to another row or field does not open.

mod file;
mod hashes;
mod pseudonyms;
mod stored;
#[cfg(test)]
mod tests;
mod vault;

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use parking_lot::Mutex;
use rand::RngCore;
use rand::rngs::StdRng;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use siyu_types::error::{Error, ErrorCode, Result};

pub use file::{FileState, look};
pub use hashes::IdentifierHashes;
pub use pseudonyms::{PSEUDONYM_BYTES, Pseudonym, Pseudonyms};
pub use stored::{Appender, StoredFile};
pub use vault::{FileVault, SealWith};

const PREFIX: &str = "sealed:1:";
/// Bytes of a key, and of the id that names it.
pub(crate) const KEY_BYTES: usize = 32;
const ID_BYTES: usize = 4;

/// One key as the file holds it.
pub(crate) struct KeyText {
    pub id: String,
    pub bytes: [u8; KEY_BYTES],
}

/// The keys of an installation. The first seals; all of them open.
pub struct Keyring {
    keys: Vec<(String, LessSafeKey)>,
    pseudonyms: Pseudonyms,
    identifier_hashes: IdentifierHashes,
    /// As the file holds them, in its order.
    masters: Vec<KeyText>,
    rng: Mutex<StdRng>,
}

impl Keyring {
    /// Reads the key file, or makes one with a fresh key: readable by its owner only.
    pub fn open(path: &Path, mut rng: StdRng) -> Result<Keyring> {
        let keys = match file::read(path)? {
            Some(keys) => keys,
            None => {
                let fresh = fresh(&mut rng);
                file::create(path, &fresh)?;
                tracing::info!(path = %path.display(), "made the key for stored secrets; back it up apart from the data");
                vec![fresh]
            }
        };
        Keyring::of(keys, rng)
    }

    /// As [`Keyring::open`], but makes nothing: `None` where there is no file.
    pub fn read(path: &Path, rng: StdRng) -> Result<Option<Keyring>> {
        file::read(path)?.map(|keys| Keyring::of(keys, rng)).transpose()
    }

    /// A keyring that is kept nowhere, for tests.
    pub fn unkept(mut rng: StdRng) -> Result<Keyring> {
        let fresh = fresh(&mut rng);
        Keyring::of(vec![fresh], rng)
    }

    fn of(masters: Vec<KeyText>, rng: StdRng) -> Result<Keyring> {
        let pseudonyms = Pseudonyms::of_keys(&masters);
        let identifier_hashes = IdentifierHashes::of_keys(&masters);
        let usable = |key: &KeyText| {
            let unbound = UnboundKey::new(&CHACHA20_POLY1305, &key.bytes);
            unbound.map(|unbound| (key.id.clone(), LessSafeKey::new(unbound))).map_err(|_| broken())
        };
        let keys = masters.iter().map(usable).collect::<Result<Vec<_>>>()?;
        if keys.is_empty() {
            return Err(Error::internal("the key file holds no key"));
        }
        Ok(Keyring { keys, pseudonyms, identifier_hashes, masters, rng: Mutex::new(rng) })
    }

    /// Recognises identifiers without keeping them.
    pub fn pseudonyms(&self) -> Pseudonyms {
        self.pseudonyms.clone()
    }

    /// Makes what stands for identifiers whose values are not kept.
    pub fn identifier_hashes(&self) -> IdentifierHashes {
        self.identifier_hashes.clone()
    }

    /// Encrypts a value for the one place it is kept at, such as
    /// `channel_settings/1/email/password`.
    pub fn seal(&self, place: &str, plain: &str) -> Result<String> {
        let (id, key) = &self.keys[0];
        let mut nonce = [0; NONCE_LEN];
        self.rng.lock().fill_bytes(&mut nonce);
        let mut sealed = plain.as_bytes().to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(id, place), &mut sealed)
            .map_err(|_| broken())?;
        let bytes = [nonce.as_slice(), &sealed].concat();
        Ok(format!("{PREFIX}{id}:{}", STANDARD_NO_PAD.encode(bytes)))
    }

    /// The value again. One that was stored before there was sealing is answered as
    /// it is. `secret_unreadable` where its key is missing or it was changed.
    pub fn unseal(&self, place: &str, stored: &str) -> Result<String> {
        let Some(sealed) = stored.strip_prefix(PREFIX) else { return Ok(stored.to_owned()) };
        let plain = sealed.split_once(':').and_then(|(id, text)| {
            let (_, key) = self.keys.iter().find(|(known, _)| known == id)?;
            let bytes = STANDARD_NO_PAD.decode(text).ok()?;
            let (nonce, rest) = bytes.split_at_checked(NONCE_LEN)?;
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let mut rest = rest.to_vec();
            let plain = key.open_in_place(nonce, aad(id, place), &mut rest).ok()?;
            String::from_utf8(plain.to_vec()).ok()
        });
        plain.ok_or_else(|| {
            Error::new(ErrorCode::SecretUnreadable, format!("no key opens the stored secret at {place}"))
        })
    }

    /// Whether the value is stored as it would be stored now.
    pub fn is_current(&self, stored: &str) -> bool {
        let id = stored.strip_prefix(PREFIX).and_then(|sealed| sealed.split(':').next());
        id == Some(self.keys[0].0.as_str())
    }
}

/// Whether a stored value is a sealed one.
pub fn is_sealed(stored: &str) -> bool {
    stored.starts_with(PREFIX)
}

fn aad(id: &str, place: &str) -> Aad<Vec<u8>> {
    Aad::from(format!("{PREFIX}{id}:{place}").into_bytes())
}

fn fresh(rng: &mut StdRng) -> KeyText {
    let (mut id, mut bytes) = ([0; ID_BYTES], [0; KEY_BYTES]);
    rng.fill_bytes(&mut id);
    rng.fill_bytes(&mut bytes);
    KeyText { id: crate::secrets::hex(&id), bytes }
}

fn broken() -> Error {
    Error::internal("a secret cannot be sealed")
}
