//! Private keys of sources whose Sensors clients encrypt what they send.
//!
//! A body is opened when it is received, and stands in the log in the clear as those of
//! other protocols do: a replay needs no key, and losing one costs nothing that was
//! received with it. What no key opens is set aside as it came, with the reason `no_key`,
//! and is opened when it is given back.

mod api;
mod model;
mod rules;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use parking_lot::Mutex;
use rsa::PrivateKey;
use rustc_hash::FxHashMap;
use serde_json::json;
use siyu_db::{Db, db_error};
use siyu_govern::audit;
use siyu_govern::sealing::{Keyring, is_sealed};
use siyu_types::{Clock, Error, ProjectId, Result, Viewer};

pub use api::routes;
use model::Cipher;
pub use model::Envelope;

use crate::frame::Frame;
use crate::hooks::key_name;
use crate::protocols::sensors_envelopes;

/// Private keys of one project.
const CIPHERS_MAX: usize = 100;
/// Symmetric keys that are remembered; a client makes one per start.
const SECRETS_MAX: usize = 10_000;

type Openers = Arc<Vec<PrivateKey>>;

/// The feature.
pub struct Ciphers {
    db: Db,
    clock: Arc<dyn Clock>,
    keyring: Arc<Keyring>,
    /// Of each project, opened.
    known: Mutex<FxHashMap<ProjectId, Openers>>,
    /// By the text they were encrypted to.
    secrets: Mutex<FxHashMap<String, Vec<u8>>>,
}

impl Ciphers {
    pub fn new(db: Db, clock: Arc<dyn Clock>, keyring: Arc<Keyring>) -> Arc<Ciphers> {
        Arc::new(Ciphers { db, clock, keyring, known: Mutex::default(), secrets: Mutex::default() })
    }

    async fn list(&self, project: ProjectId) -> Result<Vec<(Cipher, String)>> {
        store::list(&self.db, project).await
    }

    async fn register(&self, viewer: &Viewer, key: i64, text: &str) -> Result<(Cipher, String)> {
        let private = rules::parse(text)?;
        let (fingerprint, bits) = (rules::fingerprint(&private)?, rules::bits(&private) as i64);
        let listed = self.list(viewer.project).await?;
        if listed.len() >= CIPHERS_MAX {
            return Err(Error::invalid("private_key", "there are as many as there may be"));
        }
        if listed.iter().any(|(known, _)| known.key == key && known.fingerprint == fingerprint) {
            return Err(Error::invalid("private_key", "is registered already"));
        }
        let sealed = self.keyring.seal(&place(viewer.project, &fingerprint), text.trim())?;
        let created_at = self.clock.now();
        let mut tx = self.db.begin().await?;
        let name = key_name(&mut tx, viewer.project, key).await?;
        let cipher = Cipher { id: 0, key, fingerprint, bits, sealed, created_at };
        let cipher = store::insert(&mut tx, viewer.project, cipher).await?;
        let detail = json!({"fingerprint": cipher.fingerprint, "bits": bits});
        audit(&mut tx, viewer, "ciphers.register", &format!("key:{key}"), detail, created_at).await?;
        tx.commit().await.map_err(db_error)?;
        self.known.lock().clear();
        Ok((cipher, name))
    }

    async fn remove(&self, viewer: &Viewer, id: i64) -> Result<()> {
        let mut tx = self.db.begin().await?;
        store::remove(&mut tx, viewer.project, id).await?;
        audit(&mut tx, viewer, "ciphers.remove", &format!("cipher:{id}"), json!({}), self.clock.now())
            .await?;
        tx.commit().await.map_err(db_error)?;
        self.known.lock().clear();
        self.secrets.lock().clear();
        Ok(())
    }

    /// Seals anew what is not sealed with the current key; one that no key opens stays.
    pub async fn seal_again(&self) -> Result<()> {
        let mut tx = self.db.begin().await?;
        for (project, cipher) in store::all(&self.db).await? {
            let place = place(project, &cipher.fingerprint);
            if !self.keyring.is_current(&cipher.sealed)
                && let Ok(text) = self.keyring.unseal(&place, &cipher.sealed)
            {
                store::reseal(&mut tx, cipher.id, &self.keyring.seal(&place, &text)?).await?;
            }
        }
        tx.commit().await.map_err(db_error)
    }

    /// The body of a frame in the clear, if it is encrypted and a key of the project opens
    /// it entirely.
    pub async fn opened(self: &Arc<Self>, project: ProjectId, frame: &Frame<'_>) -> Result<Option<Vec<u8>>> {
        let Some(envelopes) = sensors_envelopes(frame) else { return Ok(None) };
        let openers = self.openers(project).await?;
        if openers.is_empty() {
            return Ok(None);
        }
        let this = Arc::clone(self);
        // Milliseconds per symmetric key that is not known yet.
        let work = move || {
            let parts: Option<Vec<_>> =
                envelopes.iter().map(|envelope| this.open(&openers, envelope)).collect();
            parts.map(|parts| serde_json::to_vec(&parts.concat()).map_err(Error::internal)).transpose()
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }

    fn open(&self, openers: &Openers, envelope: &Envelope) -> Option<Vec<serde_json::Value>> {
        let known = self.secrets.lock().get(&envelope.key).cloned();
        if let Some(records) = known.and_then(|secret| rules::open(envelope, &secret)) {
            return Some(records);
        }
        for secret in openers.iter().flat_map(|opener| rules::symmetric(opener, envelope)) {
            if let Some(records) = rules::open(envelope, &secret) {
                let mut secrets = self.secrets.lock();
                if secrets.len() >= SECRETS_MAX {
                    secrets.clear();
                }
                secrets.insert(envelope.key.clone(), secret);
                return Some(records);
            }
        }
        None
    }

    async fn openers(&self, project: ProjectId) -> Result<Openers> {
        if let Some(known) = self.known.lock().get(&project) {
            return Ok(Arc::clone(known));
        }
        let mut openers = Vec::new();
        for (cipher, _) in self.list(project).await? {
            let text = self.keyring.unseal(&place(project, &cipher.fingerprint), &cipher.sealed);
            match text.and_then(|text| rules::parse(&text)) {
                Ok(opener) => openers.push(opener),
                // What it would have opened is set aside, and can be given back.
                Err(error) => tracing::error!(project = project.0, cipher = cipher.id, %error, "unreadable"),
            }
        }
        let openers = Arc::new(openers);
        self.known.lock().insert(project, Arc::clone(&openers));
        Ok(openers)
    }
}

/// Where private keys are stored that no key opens; for `siyu doctor`.
pub async fn unreadable(db: &Db, keyring: Option<&Keyring>) -> Result<Vec<String>> {
    let places = store::all(db).await?.into_iter().map(|(project, cipher)| {
        let place = place(project, &cipher.fingerprint);
        let opens = match keyring {
            Some(keyring) => keyring.unseal(&place, &cipher.sealed).is_ok(),
            None => !is_sealed(&cipher.sealed),
        };
        (!opens).then_some(place)
    });
    Ok(places.flatten().collect())
}

fn place(project: ProjectId, fingerprint: &str) -> String {
    format!("ciphers/{}/{fingerprint}", project.0)
}
