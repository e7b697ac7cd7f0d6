//! The handle that the features share.

use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use siyu_db::{Db, TextColumn, Tx, db_error};
use siyu_types::clock::Millis;
use siyu_types::ports::Vault;
use siyu_types::{Clock, Result};

use crate::access::RateLimits;
use crate::keys::KeyCache;
use crate::projects::Project;

/// Told of every project that was made or changed by this process.
pub type ProjectListener = dyn Fn(&Project) + Send + Sync;

/// What the configuration decides.
pub struct GovernOptions {
    /// Cookies only over HTTPS.
    pub secure_cookies: bool,
    /// The console's own origin, `https://cdp.example.com`.
    pub origin: String,
    /// API requests per second and caller, on average; bursts of ten times that pass.
    pub requests_per_second: u32,
    /// Take the caller's address from the last entry of `x-forwarded-for`; only
    /// behind a proxy that sets it.
    pub behind_proxy: bool,
    /// Folder of the copies that people get of their data.
    pub copies: PathBuf,
    /// Seals copies, and what people wrote in the database.
    pub vault: Option<Arc<dyn Vault>>,
    pub rng: StdRng,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Govern {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Mutex<StdRng>,
    pub(crate) limits: RateLimits,
    pub(crate) keys: KeyCache,
    pub(crate) listeners: Mutex<Vec<Arc<ProjectListener>>>,
    pub(crate) personal: crate::personal::Known,
    pub(crate) looks: crate::personal::Recorder,
    pub(crate) origin: String,
    pub(crate) secure_cookies: bool,
    pub(crate) behind_proxy: bool,
    pub(crate) copies: PathBuf,
    pub(crate) vault: Option<Arc<dyn Vault>>,
    /// Password hashing takes much memory on purpose; this bounds how much.
    pub(crate) hashing: tokio::sync::Semaphore,
}

/// Passwords hashed at the same time, each with about 19 MB.
const HASHING_MAX: usize = 4;

impl Govern {
    pub fn new(db: Db, clock: Arc<dyn Clock>, options: GovernOptions) -> Govern {
        let limits = RateLimits::new(Arc::clone(&clock), options.requests_per_second);
        let inner = Inner {
            db,
            clock,
            rng: Mutex::new(options.rng),
            limits,
            keys: KeyCache::default(),
            listeners: Mutex::default(),
            personal: crate::personal::Known::default(),
            looks: crate::personal::Recorder::default(),
            origin: options.origin.trim_end_matches('/').to_owned(),
            secure_cookies: options.secure_cookies,
            behind_proxy: options.behind_proxy,
            copies: options.copies,
            vault: options.vault,
            hashing: tokio::sync::Semaphore::new(HASHING_MAX),
        };
        Govern { inner: Arc::new(inner) }
    }

    pub fn db(&self) -> &Db {
        &self.inner.db
    }

    pub fn now(&self) -> Millis {
        self.inner.clock.now()
    }

    /// Registers somebody who keeps the projects' settings in memory.
    pub fn on_project_change(&self, listener: Arc<ProjectListener>) {
        self.inner.listeners.lock().push(listener);
    }

    /// How often a page without a log-in may be asked by one who is told apart like this.
    pub fn admit_visitor(&self, visitor: &str) -> Result<()> {
        self.inner.limits.link(visitor)
    }

    /// Columns of this crate's tables that are sealed.
    pub fn sealed_texts() -> Vec<TextColumn> {
        let rights = crate::rights::sealed_texts().into_iter();
        let others = [crate::personal::LOOK_REASON, crate::audit::DETAIL];
        rights.chain(crate::consent::sealed_texts()).chain(others).collect()
    }

    pub(crate) fn tell(&self, project: &Project) {
        let listeners = self.inner.listeners.lock().clone();
        listeners.iter().for_each(|listener| listener(project));
    }

    pub(crate) async fn begin(&self) -> Result<Tx> {
        self.inner.db.begin().await
    }
}

pub(crate) async fn commit(tx: Tx) -> Result<()> {
    tx.commit().await.map_err(db_error)
}
