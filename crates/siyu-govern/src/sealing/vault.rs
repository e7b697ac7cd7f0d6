//! The vault: whole pieces of files, such as frames of the log, encrypted with keys
//! that are derived from those of the key file.
//!
//! A sealed piece is `MAGIC`, cipher, key id, nonce, ciphertext, tag. The place it
//! belongs to is authenticated with it. Pieces without `MAGIC` were written before
//! there was a vault, or while it sealed nothing, and are answered as they are.

use std::sync::atomic::{AtomicU64, Ordering};

use rand::RngCore;
use rand::rngs::StdRng;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use sha2::{Digest, Sha256};
use siyu_types::error::{Error, ErrorCode, Result};
use siyu_types::ports::Vault;
use sm4::Sm4;
use sm4::cipher::{Block, BlockCipherEncrypt, KeyInit};

use super::{Keyring, broken};
use crate::secrets::hex;

/// No frame, snapshot or text begins so.
const MAGIC: [u8; 4] = [0xF9, b's', b'v', 1];
/// Of the hash of a key's id.
const ID_BYTES: usize = 8;
const BLOCK_BYTES: usize = 16;
const TAG_BYTES: usize = 32;
const MARK_BYTES: usize = 16;
const HEAD_BYTES: usize = MAGIC.len() + 1 + ID_BYTES + NONCE_LEN;

/// What pieces are sealed with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SealWith {
    /// They are written as they are; sealed ones still open.
    Nothing,
    Aes256Gcm,
    /// SM4 in counter mode with HMAC-SHA-256 (GB/T 32907, RFC 2104), for those who have
    /// to use the national cipher.
    Sm4,
}

/// The keys of one key of the file.
struct Keys {
    id: [u8; ID_BYTES],
    aes: LessSafeKey,
    sm4: Sm4,
    sm4_tag: hmac::Key,
    marks: hmac::Key,
}

/// See the module. A nonce is four random bytes of the process and a count that begins
/// at a random place, so that no two processes come near one another.
pub struct FileVault {
    keys: Vec<Keys>,
    with: SealWith,
    nonce_start: [u8; 4],
    nonce_next: AtomicU64,
}

impl FileVault {
    pub fn new(keyring: &Keyring, with: SealWith, mut rng: StdRng) -> Result<FileVault> {
        let keys =
            keyring.masters.iter().map(|key| Keys::derive(&key.id, &key.bytes)).collect::<Result<_>>()?;
        let mut nonce_start = [0; 4];
        rng.fill_bytes(&mut nonce_start);
        let nonce_next = AtomicU64::new(rng.next_u64());
        Ok(FileVault { keys, with, nonce_start, nonce_next })
    }

    fn nonce(&self) -> [u8; NONCE_LEN] {
        let count = self.nonce_next.fetch_add(1, Ordering::Relaxed);
        let mut nonce = [0; NONCE_LEN];
        nonce[..4].copy_from_slice(&self.nonce_start);
        nonce[4..].copy_from_slice(&count.to_le_bytes());
        nonce
    }
}

impl Keys {
    fn derive(id: &str, master: &[u8]) -> Result<Keys> {
        let derived = |purpose: &str| {
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, master), purpose.as_bytes());
            tag.as_ref().to_vec()
        };
        let aes =
            UnboundKey::new(&AES_256_GCM, &derived("siyu vault 1 aes-256-gcm")).map_err(|_| broken())?;
        let sm4 = Sm4::new_from_slice(&derived("siyu vault 1 sm4")[..BLOCK_BYTES]).map_err(|_| broken())?;
        let sm4_tag = hmac::Key::new(hmac::HMAC_SHA256, &derived("siyu vault 1 sm4 tag"));
        let id = Sha256::digest(id.as_bytes())[..ID_BYTES].try_into().map_err(|_| broken())?;
        let marks = hmac::Key::new(hmac::HMAC_SHA256, &derived("siyu vault 1 marks"));
        Ok(Keys { id, aes: LessSafeKey::new(aes), sm4, sm4_tag, marks })
    }

    /// XORs the key stream of SM4 in counter mode: nonce, then a 32-bit block number.
    fn sm4_stream(&self, nonce: &[u8; NONCE_LEN], text: &mut [u8]) {
        for (number, piece) in text.chunks_mut(BLOCK_BYTES).enumerate() {
            let mut block = Block::<Sm4>::default();
            block[..NONCE_LEN].copy_from_slice(nonce);
            // No piece has 2³² blocks: frames and parts are below 4 GiB.
            block[NONCE_LEN..].copy_from_slice(&(number as u32).to_be_bytes());
            self.sm4.encrypt_block(&mut block);
            piece.iter_mut().zip(block.iter()).for_each(|(byte, key)| *byte ^= key);
        }
    }

    fn sm4_tag(&self, place: &str, sealed: &[u8]) -> hmac::Context {
        let mut context = hmac::Context::with_key(&self.sm4_tag);
        context.update(&(place.len() as u64).to_le_bytes());
        context.update(place.as_bytes());
        context.update(sealed);
        context
    }
}

impl std::fmt::Debug for FileVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileVault").field("with", &self.with).finish_non_exhaustive()
    }
}

impl Vault for FileVault {
    fn seals(&self) -> bool {
        self.with != SealWith::Nothing
    }

    fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let cipher = match self.with {
            SealWith::Nothing => return Ok(plain.to_vec()),
            SealWith::Aes256Gcm => 1,
            SealWith::Sm4 => 2,
        };
        let keys = self.keys.first().ok_or_else(broken)?;
        let nonce = self.nonce();
        let mut sealed = Vec::with_capacity(HEAD_BYTES + plain.len() + TAG_BYTES);
        sealed.extend_from_slice(&MAGIC);
        sealed.push(cipher);
        sealed.extend_from_slice(&keys.id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let text = &mut sealed[HEAD_BYTES..];
        if self.with == SealWith::Aes256Gcm {
            let nonce = Nonce::assume_unique_for_key(nonce);
            let tag = keys.aes.seal_in_place_separate_tag(nonce, Aad::from(place.as_bytes()), text);
            sealed.extend_from_slice(tag.map_err(|_| broken())?.as_ref());
        } else {
            keys.sm4_stream(&nonce, text);
            let tag = keys.sm4_tag(place, &sealed).sign();
            sealed.extend_from_slice(tag.as_ref());
        }
        Ok(sealed)
    }

    fn marks(&self, place: &str, plain: &str) -> Vec<String> {
        let mark = |keys: &Keys| {
            let mut context = hmac::Context::with_key(&keys.marks);
            context.update(&(place.len() as u64).to_le_bytes());
            context.update(place.as_bytes());
            context.update(plain.as_bytes());
            hex(&context.sign().as_ref()[..MARK_BYTES])
        };
        self.keys.iter().map(mark).collect()
    }

    fn is_sealed(&self, stored: &[u8]) -> bool {
        stored.starts_with(&MAGIC)
    }

    fn open(&self, place: &str, stored: &[u8]) -> Result<Option<Vec<u8>>> {
        if !self.is_sealed(stored) {
            return Ok(None);
        }
        let unreadable =
            || Error::new(ErrorCode::SecretUnreadable, format!("no key opens what is sealed in {place}"));
        self.opened(place, stored).map(Some).ok_or_else(unreadable)
    }
}

impl FileVault {
    fn opened(&self, place: &str, stored: &[u8]) -> Option<Vec<u8>> {
        let (head, text) = stored.split_at_checked(HEAD_BYTES)?;
        let (cipher, rest) = head[MAGIC.len()..].split_first()?;
        let (id, nonce) = rest.split_at(ID_BYTES);
        let nonce: [u8; NONCE_LEN] = nonce.try_into().ok()?;
        let keys = self.keys.iter().find(|keys| keys.id == id)?;
        match cipher {
            1 => {
                let mut text = text.to_vec();
                let nonce = Nonce::assume_unique_for_key(nonce);
                let length =
                    keys.aes.open_in_place(nonce, Aad::from(place.as_bytes()), &mut text).ok()?.len();
                text.truncate(length);
                Some(text)
            }
            2 => {
                let (text, tag) = text.split_at_checked(text.len().checked_sub(TAG_BYTES)?)?;
                let signed = &stored[..HEAD_BYTES + text.len()];
                let mut message = (place.len() as u64).to_le_bytes().to_vec();
                message.extend_from_slice(place.as_bytes());
                message.extend_from_slice(signed);
                hmac::verify(&keys.sm4_tag, &message, tag).ok()?;
                let mut text = text.to_vec();
                keys.sm4_stream(&nonce, &mut text);
                Some(text)
            }
            _ => None,
        }
    }
}
