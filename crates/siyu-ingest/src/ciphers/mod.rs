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

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use rsa::PrivateKey;
use rustc_hash::FxHashMap;
use serde_json::{Value as Json, json};
use siyu_db::{Db, db_error};
use siyu_govern::audit;
use siyu_govern::sealing::{Keyring, is_sealed};
use siyu_types::{Clock, Error, ProjectId, Result, Viewer};

pub use api::routes;
use model::Cipher;
pub use model::Envelope;

use crate::frame::Frame;
use crate::hooks::key_name;
use crate::protocols::{INFLATED_BYTES_MAX, sensors_envelopes};

/// Private keys of one project.
const CIPHERS_MAX: usize = 100;
/// What one body may hold encrypted apart. A phone sends up to 50 records at once, each of
/// them perhaps from another start of the app; an unknown key costs milliseconds.
const ENVELOPES_MAX: usize = 100;
/// Symmetric keys that are remembered; a client makes one per start.
const SECRETS_MAX: usize = 10_000;

/// A private key ready for use.
struct Opener {
    /// Of the registration.
    id: i64,
    /// The write key of the source.
    key: i64,
    private: PrivateKey,
}

type Openers = Arc<Vec<Opener>>;

/// Of each project that was asked for.
#[derive(Default)]
struct Known {
    /// Counts what was registered and removed.
    changes: u64,
    openers: FxHashMap<ProjectId, Openers>,
}

/// The feature.
pub struct Ciphers {
    db: Db,
    clock: Arc<dyn Clock>,
    keyring: Arc<Keyring>,
    known: Mutex<Known>,
    /// By the private key that opened them and the text they were encrypted to, so that what
    /// one project can read, another cannot.
    secrets: Mutex<BTreeMap<(i64, String), Vec<u8>>>,
}

impl Ciphers {
    pub(crate) fn new(db: Db, clock: Arc<dyn Clock>, keyring: Arc<Keyring>) -> Arc<Ciphers> {
        Arc::new(Ciphers { db, clock, keyring, known: Mutex::default(), secrets: Mutex::default() })
    }

    /// The feature, with what is stored sealed by the current key.
    pub async fn open(db: Db, clock: Arc<dyn Clock>, keyring: Arc<Keyring>) -> Result<Arc<Ciphers>> {
        let ciphers = Ciphers::new(db, clock, keyring);
        ciphers.seal_again().await?;
        Ok(ciphers)
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
        self.changed();
        Ok((cipher, name))
    }

    async fn remove(&self, viewer: &Viewer, id: i64) -> Result<()> {
        let mut tx = self.db.begin().await?;
        store::remove(&mut tx, viewer.project, id).await?;
        audit(&mut tx, viewer, "ciphers.remove", &format!("cipher:{id}"), json!({}), self.clock.now())
            .await?;
        tx.commit().await.map_err(db_error)?;
        self.changed();
        self.secrets.lock().retain(|(by, _), _| *by != id);
        Ok(())
    }

    fn changed(&self) {
        let mut known = self.known.lock();
        known.changes += 1;
        known.openers.clear();
    }

    /// Seals anew what is not sealed with the current key; one that no key opens stays.
    async fn seal_again(&self) -> Result<()> {
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

    /// The body of a frame in the clear, if it is encrypted and the private keys open it
    /// entirely: those of one source, or all of the project where the source is not known.
    pub async fn opened(
        self: &Arc<Self>,
        project: ProjectId,
        source: Option<i64>,
        frame: &Frame<'_>,
    ) -> Result<Option<Vec<u8>>> {
        let Some(envelopes) = sensors_envelopes(frame) else { return Ok(None) };
        let openers = self.openers(project).await?;
        let fits = move |opener: &&Opener| source.is_none_or(|key| key == opener.key);
        if envelopes.len() > ENVELOPES_MAX || !openers.iter().any(|opener| fits(&opener)) {
            return Ok(None);
        }
        let this = Arc::clone(self);
        let work = move || {
            let openers: Vec<&Opener> = openers.iter().filter(fits).collect();
            let (mut records, mut left) = (Vec::new(), INFLATED_BYTES_MAX);
            for envelope in &envelopes {
                let Some(found) = this.open_one(&openers, envelope, &mut left) else { return Ok(None) };
                records.extend(found);
            }
            serde_json::to_vec(&records).map(Some).map_err(Error::internal)
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }

    fn open_one(&self, openers: &[&Opener], envelope: &Envelope, left: &mut usize) -> Option<Vec<Json>> {
        for opener in openers {
            let name = (opener.id, envelope.key.clone());
            let known = self.secrets.lock().get(&name).cloned();
            let candidates = match known {
                Some(secret) => vec![secret],
                None => rules::symmetric(&opener.private, envelope),
            };
            for secret in candidates {
                if let Some(records) = rules::open(envelope, &secret, left) {
                    self.remember(name, secret);
                    return Some(records);
                }
            }
        }
        None
    }

    fn remember(&self, name: (i64, String), secret: Vec<u8>) {
        let mut secrets = self.secrets.lock();
        if secrets.len() >= SECRETS_MAX {
            secrets.clear();
        }
        secrets.insert(name, secret);
    }

    async fn openers(&self, project: ProjectId) -> Result<Openers> {
        let changes = {
            let known = self.known.lock();
            if let Some(openers) = known.openers.get(&project) {
                return Ok(Arc::clone(openers));
            }
            known.changes
        };
        let mut openers = Vec::new();
        for (Cipher { id, key, fingerprint, sealed, .. }, _) in self.list(project).await? {
            let text = self.keyring.unseal(&place(project, &fingerprint), &sealed);
            match text.and_then(|text| rules::parse(&text)) {
                Ok(private) => openers.push(Opener { id, key, private }),
                // What it would have opened is set aside, and can be given back.
                Err(error) => tracing::error!(project = project.0, cipher = id, %error, "unreadable"),
            }
        }
        let openers = Arc::new(openers);
        let mut known = self.known.lock();
        // What was read before a key came or went is used this once.
        if known.changes == changes {
            known.openers.insert(project, Arc::clone(&openers));
        }
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
