//! Keys: API keys act with a role, write keys only send records. A secret is shown
//! once, when the key is made; the database holds its hash.

mod api;
mod cache;
mod store;

pub(crate) use api::routes;
pub(crate) use cache::KeyCache;

use serde_json::json;
use siyu_types::{Error, ProjectId, Result, Role, Viewer};

use crate::accounts;
use crate::govern::commit;
use crate::secrets::fingerprint;
use crate::{Govern, audit};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyKind {
    /// `sk_…`, for programs that use the API with a role.
    Api,
    /// `wk_…`, for sites and apps that send records. Visible to their visitors.
    Write,
}

impl KeyKind {
    pub fn as_str(self) -> &'static str {
        match self {
            KeyKind::Api => "api",
            KeyKind::Write => "write",
        }
    }

    pub fn parse(text: &str) -> Option<KeyKind> {
        [KeyKind::Api, KeyKind::Write].into_iter().find(|kind| kind.as_str() == text)
    }

    pub(crate) fn prefix(self) -> &'static str {
        match self {
            KeyKind::Api => "sk_",
            KeyKind::Write => "wk_",
        }
    }
}

/// A key without its secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key {
    pub id: i64,
    pub project: ProjectId,
    pub kind: KeyKind,
    pub name: String,
    /// Of API keys.
    pub role: Option<Role>,
    /// The secret's first characters, to tell keys apart.
    pub hint: String,
    pub created_at: i64,
    pub revoked_at: Option<i64>,
    /// Of write keys: the times it sends are taken as they stand, because it fills in
    /// the past on purpose. Otherwise clearly wrong clocks are corrected.
    pub trust_time: bool,
    /// Of write keys: records older than this are held back; `None` is the default.
    pub oldest_days: Option<i64>,
    /// The project's setting, how long a record is known again.
    pub dedupe_hours: i64,
}

/// Where records come from: a write key and what is set for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    pub project: ProjectId,
    /// Of the key.
    pub key: i64,
    pub name: String,
    pub trust_time: bool,
    pub oldest_days: Option<i64>,
    pub dedupe_hours: i64,
}

/// What may be set for a source, together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SourceChange {
    pub trust_time: bool,
    /// 1 to [`OLDEST_DAYS_MAX`].
    pub oldest_days: Option<i64>,
}

pub const OLDEST_DAYS_MAX: i64 = 36_500;

impl Govern {
    /// The project and the source's name of a valid write key.
    pub async fn write_key(&self, secret: &str) -> Result<Option<(ProjectId, String)>> {
        Ok(self.source(secret).await?.map(|source| (source.project, source.name)))
    }

    /// The source behind a valid write key.
    pub async fn source(&self, secret: &str) -> Result<Option<Source>> {
        let key = self.key_of(secret, KeyKind::Write).await?;
        Ok(key.map(|key| Source {
            project: key.project,
            key: key.id,
            name: key.name.clone(),
            trust_time: key.trust_time,
            oldest_days: key.oldest_days,
            dedupe_hours: key.dedupe_hours,
        }))
    }

    /// Sets how the times of a write key are taken.
    pub async fn change_source(&self, viewer: &Viewer, id: i64, change: SourceChange) -> Result<Key> {
        if change.oldest_days.is_some_and(|days| !(1..=OLDEST_DAYS_MAX).contains(&days)) {
            return Err(Error::invalid("oldest_days", "must be 1 to 36500"));
        }
        let mut tx = self.begin().await?;
        let key = store::change(&mut tx, viewer.project, id, change).await?;
        let detail = json!({ "trust_time": change.trust_time, "oldest_days": change.oldest_days });
        audit(&mut tx, viewer, "keys.change", &format!("key:{id}"), detail, self.now()).await?;
        commit(tx).await?;
        self.inner.keys.forget();
        Ok(key)
    }

    /// A valid key of this kind by its secret, from the cache if it is fresh.
    pub(crate) async fn key_of(&self, secret: &str, kind: KeyKind) -> Result<Option<std::sync::Arc<Key>>> {
        const SECRET_BYTES_MAX: usize = 100;
        if !secret.starts_with(kind.prefix()) || secret.len() > SECRET_BYTES_MAX {
            return Ok(None);
        }
        let hash = fingerprint(secret);
        let found = match self.inner.keys.get(&hash, self.now()) {
            Some(found) => found,
            None => {
                let generation = self.inner.keys.generation();
                let found = store::by_hash(self.db(), &hash).await?.map(std::sync::Arc::new);
                self.inner.keys.put(hash, found.clone(), self.now(), generation);
                found
            }
        };
        Ok(found.filter(|key| key.kind == kind && key.revoked_at.is_none()))
    }

    /// Makes a key; the second value is its secret, which nothing can show again.
    pub async fn create_key(
        &self,
        viewer: &Viewer,
        kind: KeyKind,
        name: &str,
        role: Option<Role>,
    ) -> Result<(Key, String)> {
        let role = match (kind, role) {
            (KeyKind::Api, None) => return Err(Error::invalid("role", "an API key needs a role")),
            (KeyKind::Write, Some(_)) => return Err(Error::invalid("role", "a write key has none")),
            (_, role) => role,
        };
        let secret = format!("{}{}", kind.prefix(), self.secret());
        let key = Key {
            id: 0,
            project: viewer.project,
            kind,
            name: accounts::name(name)?,
            role,
            hint: secret.chars().take(9).collect(),
            created_at: self.now(),
            revoked_at: None,
            trust_time: false,
            oldest_days: None,
            dedupe_hours: crate::projects::DEDUPE_HOURS_DEFAULT,
        };
        let mut tx = self.begin().await?;
        let key = store::insert(&mut tx, key, &fingerprint(&secret)).await?;
        let detail = json!({ "kind": kind.as_str(), "name": key.name, "role": role.map(Role::as_str) });
        audit(&mut tx, viewer, "keys.create", &format!("key:{}", key.id), detail, self.now()).await?;
        commit(tx).await?;
        self.inner.keys.forget();
        Ok((key, secret))
    }

    pub async fn revoke_key(&self, viewer: &Viewer, id: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        store::revoke(&mut tx, viewer.project, id, self.now()).await?;
        audit(&mut tx, viewer, "keys.revoke", &format!("key:{id}"), json!({}), self.now()).await?;
        commit(tx).await?;
        self.inner.keys.forget();
        Ok(())
    }
}
