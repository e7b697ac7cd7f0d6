//! Secrets that the machine makes for itself and keeps in its database.

mod store;

use hmac::{Hmac, KeyInit, Mac};
use rand::RngCore;
use sha2::Sha256;
use siyu_db::{Db, TextColumn, db_error};
use siyu_types::error::{Error, Result};

/// The key behind tracking links and address hashes. Cheap to clone.
#[derive(Clone)]
pub struct Secret {
    key: [u8; 32],
}

impl Secret {
    pub fn new(key: [u8; 32]) -> Secret {
        Secret { key }
    }

    /// HMAC-SHA256, over a purpose so that one use can never stand in for another.
    pub fn sign(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of every length");
        mac.update(purpose.as_bytes());
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Recognises an address again without telling it.
    pub fn address_hash(&self, channel: &str, address: &str) -> String {
        let mac = self.sign("address", &[channel.as_bytes(), address.trim().to_lowercase().as_bytes()]);
        hex(&mac[..16])
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    bytes.chunks(2).map(|pair| Some((digit(pair[0])? * 16 + digit(pair[1])?) as u8)).collect()
}

const LINKS: &str = "links";
/// There is one row, so that its number says nothing.
const VALUE: TextColumn = TextColumn::new("engage_secrets", "value");

/// Reads the secret, or makes it on the first start.
pub async fn load(db: &Db, rng: &mut (dyn RngCore + Send)) -> Result<Secret> {
    let mut fresh = [0; 32];
    rng.fill_bytes(&mut fresh);
    let mut tx = db.begin().await?;
    let fresh = tx.texts().seal(&VALUE, 0, &hex(&fresh))?;
    let stored = store::keep(&mut tx, LINKS, &fresh).await?;
    let text = tx.texts().open(&VALUE, 0, stored.clone())?;
    if stored == text && tx.texts().seals() {
        // It was made before anything was sealed. Beside the hashes of addresses it would tell them.
        let sealed = tx.texts().seal(&VALUE, 0, &text)?;
        store::replace(&mut tx, LINKS, &sealed).await?;
    }
    tx.commit().await.map_err(db_error)?;
    let key = unhex(&text).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    key.map(Secret::new).ok_or_else(|| Error::internal("the stored secret is damaged"))
}
