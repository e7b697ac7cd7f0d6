//! Opening what Sensors' clients encrypt (reference/01 §2a.2): the symmetric key with the
//! private RSA key, then each payload, AES in CBC mode with the nonce in front, gzip inside.

use aes::{Aes128, Aes256};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, KeyInit, KeyIvInit};
use rsa::PrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey};
use rsa::traits::PublicKeyParts;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use siyu_types::{Error, Result};

use super::model::Envelope;
use crate::protocols::{Text, base64_decoded, inflate};

const BITS: std::ops::RangeInclusive<usize> = 1024..=4096;
/// Digits of a fingerprint.
const FINGERPRINT_DIGITS: usize = 16;
const NONCE_BYTES: usize = 16;

/// A private key from PEM, PKCS#8 or PKCS#1, or from the base64 of either alone.
pub fn parse(text: &str) -> Result<PrivateKey> {
    let text = text.trim();
    let bare = || STANDARD.decode(text.split_whitespace().collect::<String>()).ok();
    let key = PrivateKey::from_pkcs8_pem(text)
        .ok()
        .or_else(|| PrivateKey::from_pkcs1_pem(text).ok())
        .or_else(|| PrivateKey::from_pkcs8_der(&bare()?).ok())
        .or_else(|| PrivateKey::from_pkcs1_der(&bare()?).ok());
    let key = key.ok_or_else(|| {
        Error::invalid("private_key", "is not a private RSA key in PEM or base64 without a password")
    })?;
    if !BITS.contains(&bits(&key)) {
        return Err(Error::invalid("private_key", "must have 1024 to 4096 bits"));
    }
    Ok(key)
}

pub fn bits(key: &PrivateKey) -> usize {
    key.size() * 8
}

/// Of the public key in DER, as `openssl pkey -pubout -outform DER | sha256sum` begins.
pub fn fingerprint(key: &PrivateKey) -> Result<String> {
    let der = key.to_public_key().to_public_key_der().map_err(Error::internal)?;
    let digits: String = Sha256::digest(der.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(digits[..FINGERPRINT_DIGITS].to_owned())
}

/// The symmetric keys that the private key may have found.
///
/// Wrong padding is not told from right padding: `rsa` blinds and rejects implicitly, so
/// that of another key's envelope or of a forged one it finds something too, always the
/// same, which then opens nothing.
pub fn symmetric(key: &PrivateKey, envelope: &Envelope) -> Vec<Vec<u8>> {
    let found =
        base64_decoded(envelope.key.as_bytes()).ok().and_then(|sealed| key.pkcs1v15_decrypt(&sealed).ok());
    let Some(found) = found else { return Vec::new() };
    // Some clients encrypt the key, some its base64.
    let text = base64_decoded(&found).ok();
    let mut keys: Vec<Vec<u8>> = text.into_iter().chain([found]).collect();
    keys.retain(|key| matches!(key.len(), 16 | 32));
    keys
}

/// The records of an envelope; `None` if this is not its key, or if they are larger than what
/// is left, which becomes less by them.
pub fn open(envelope: &Envelope, key: &[u8], left: &mut usize) -> Option<Vec<Json>> {
    let (mut records, mut rest) = (Vec::new(), *left);
    for payload in &envelope.payloads {
        let text = inflate(decrypt(key, &base64_decoded(payload.as_bytes()).ok()?)?).ok()?;
        rest = rest.checked_sub(text.len())?;
        match Text::of(text).parse().ok()?.value() {
            Json::Array(items) => records.extend(items),
            one @ Json::Object(_) => records.push(one),
            _ => return None,
        }
    }
    for record in &mut records {
        if let (Json::Object(map), Some(sent)) = (record, &envelope.flush_time) {
            map.entry("_flush_time").or_insert_with(|| sent.clone());
        }
    }
    *left = rest;
    Some(records)
}

fn decrypt(key: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, rest) = sealed.split_at_checked(NONCE_BYTES)?;
    match key.len() {
        16 => unpadded::<Aes128>(key, nonce, rest),
        32 => unpadded::<Aes256>(key, nonce, rest),
        _ => None,
    }
}

fn unpadded<C: BlockCipherDecrypt + KeyInit>(key: &[u8], nonce: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = sealed.to_vec();
    let cipher = Decryptor::<C>::new_from_slices(key, nonce).ok()?;
    Some(cipher.decrypt_padded::<Pkcs7>(&mut bytes).ok()?.to_vec())
}
