//! Webhooks: what the bodies of a source mean, kept per write key. The protocol is
//! `protocols/webhook.rs`, the door `receive/webhook.rs`.

mod api;
mod model;
mod rules;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use serde_json::json;
use siyu_db::{Db, db_error};
use siyu_govern::audit;
use siyu_types::{Clock, Error, ProjectId, Result, Viewer};

pub use api::routes;
pub use model::{Hook, HookKind, HookMapping, Read, Signature, Take};
pub use rules::{MAPPING_BYTES_MAX, signs};
pub(crate) use store::key_name;

/// Mappings in force that are kept in memory.
const KNOWN_MAX: usize = 10_000;
const LISTED_MAX: i64 = 500;

/// A hook, and its mapping as it goes into the frames.
pub(crate) type Known = Arc<(Hook, String)>;

/// The feature: mappings, and the ones in force at hand for the door.
pub struct Hooks {
    db: Db,
    clock: Arc<dyn Clock>,
    known: RwLock<FxHashMap<i64, Option<Known>>>,
}

impl Hooks {
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Arc<Hooks> {
        Arc::new(Hooks { db, clock, known: RwLock::default() })
    }

    /// What is in force for a key.
    pub(crate) async fn of(&self, project: ProjectId, key: i64) -> Result<Option<Known>> {
        if let Some(known) = self.known.read().get(&key) {
            return Ok(known.clone());
        }
        let found = match store::get(&self.db, project, key).await? {
            Some(hook) => {
                let text = serde_json::to_string(&hook.mapping).map_err(Error::internal)?;
                Some(Arc::new((hook, text)))
            }
            None => None,
        };
        let mut known = self.known.write();
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(key, found.clone());
        Ok(found)
    }

    async fn list(&self, viewer: &Viewer) -> Result<Vec<(Hook, String)>> {
        store::list(&self.db, viewer.project, LISTED_MAX).await
    }

    /// Puts a mapping in force for what arrives from now on. A signature without a
    /// secret keeps the secret it had.
    async fn put(&self, viewer: &Viewer, mut hook: Hook) -> Result<(Hook, String)> {
        let text = rules::check(&hook.mapping)?;
        if hook.answer.chars().count() > rules::ANSWER_CHARS_MAX {
            let message = format!("must not have more than {} letters", rules::ANSWER_CHARS_MAX);
            return Err(Error::invalid("answer", message));
        }
        if let Some(signature) = hook.signature.as_mut() {
            if signature.secret.is_empty() {
                let before = store::get(&self.db, viewer.project, hook.key).await?;
                let kept = before.and_then(|before| before.signature).map(|before| before.secret);
                signature.secret = kept.unwrap_or_default();
            }
            rules::check_signature(signature)?;
        }
        let mut tx = self.db.begin().await?;
        let name = store::key_name(&mut tx, viewer.project, hook.key).await?;
        hook.updated_at = self.clock.now();
        hook.version = store::put(&mut tx, viewer.project, &hook, &text).await?;
        let detail =
            json!({"version": hook.version, "signed": hook.signature.is_some(), "mapping": hook.mapping});
        let key = format!("key:{}", hook.key);
        audit(&mut tx, viewer, "hooks.set", &key, detail, hook.updated_at).await?;
        tx.commit().await.map_err(db_error)?;
        self.known.write().clear();
        Ok((hook, name))
    }

    async fn remove(&self, viewer: &Viewer, key: i64) -> Result<()> {
        let mut tx = self.db.begin().await?;
        store::remove(&mut tx, viewer.project, key).await?;
        audit(&mut tx, viewer, "hooks.remove", &format!("key:{key}"), json!({}), self.clock.now()).await?;
        tx.commit().await.map_err(db_error)?;
        self.known.write().clear();
        Ok(())
    }
}
