//! Channels of a project: their settings, and opened channels for delivery.

mod api;
mod seal;
mod store;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value as Json;
use siyu_connect::Channel;
use siyu_connect::addresses::check_url;
use siyu_connect::channels::{Environment, Kind, kind};
use siyu_db::{Db, Tx};
use siyu_govern::sealing::Keyring;
use siyu_types::ProjectId;
use siyu_types::clock::Millis;
use siyu_types::error::{Error, ErrorCode, Result};
use url::Url;

pub(crate) use api::{Tested, routes};
pub use seal::unreadable;

type Opened = HashMap<(ProjectId, &'static str), (i64, Arc<dyn Channel>)>;

/// Opens channels and keeps them open while their settings stay the same.
pub struct Channels {
    db: Db,
    keyring: Arc<Keyring>,
    environment: Environment,
    opened: Mutex<Opened>,
}

impl Channels {
    pub fn new(db: Db, keyring: Arc<Keyring>, environment: Environment) -> Channels {
        Channels { db, keyring, environment, opened: Mutex::default() }
    }

    /// Seals what was stored before there was sealing, or with an older key.
    pub async fn seal_again(&self) -> Result<u64> {
        seal::again(&self.db, &self.keyring).await
    }

    /// The channel with the project's present settings.
    pub async fn open(&self, project: ProjectId, channel: &str) -> Result<Arc<dyn Channel>> {
        let kind = kind(channel)?;
        let Some((mut settings, version)) = store::get(&self.db, project, kind.id).await? else {
            return Err(not_configured(kind.id));
        };
        if let Some((known, open)) = self.opened.lock().get(&(project, kind.id))
            && *known == version
        {
            return Ok(Arc::clone(open));
        }
        seal::open(&self.keyring, project, kind, &mut settings)?;
        let open = (kind.open)(&settings, &self.environment)?;
        self.opened.lock().insert((project, kind.id), (version, Arc::clone(&open)));
        Ok(open)
    }

    pub async fn is_configured(&self, project: ProjectId, channel: &str) -> Result<bool> {
        Ok(store::get(&self.db, project, channel).await?.is_some())
    }

    /// Checks what can be told of an address without calling it.
    pub(crate) fn check_url(&self, text: &str) -> Result<()> {
        let url = Url::parse(text).map_err(|_| Error::invalid("url", "must be an http or https address"))?;
        check_url(&url, &self.environment.allowed)
    }

    /// Settings without secrets, each of which is told only as set or not; and
    /// whether all of them can be read.
    async fn shown(&self, project: ProjectId, kind: &Kind) -> Result<Option<(Json, bool)>> {
        let Some((mut settings, _)) = store::get(&self.db, project, kind.id).await? else { return Ok(None) };
        let readable = seal::open(&self.keyring, project, kind, &mut settings.clone()).is_ok();
        if let Some(fields) = settings.as_object_mut() {
            for secret in kind.secrets {
                let set = fields.remove(*secret).is_some();
                fields.insert(format!("{secret}_set"), Json::Bool(set));
            }
        }
        Ok(Some((settings, readable)))
    }

    /// Stores settings. A secret that is left out keeps its value. Also used by the
    /// demo, which has no HTTP caller.
    pub async fn set(
        &self,
        tx: &mut Tx,
        project: ProjectId,
        channel: &str,
        settings: Json,
        at: Millis,
    ) -> Result<()> {
        let kind = kind(channel)?;
        let mut settings = settings;
        let before = store::get_in(tx, project, kind.id).await?;
        if let (Some((before, _)), Some(fields)) = (before, settings.as_object_mut()) {
            for secret in kind.secrets {
                let username_gone = *secret == "password" && !fields.contains_key("username");
                if let Some(kept) = before.get(*secret)
                    && !fields.contains_key(*secret)
                    && !username_gone
                {
                    fields.insert((*secret).to_owned(), kept.clone());
                }
            }
        }
        // What is kept may be sealed with an older key, or not at all.
        seal::open(&self.keyring, project, kind, &mut settings)?;
        (kind.validate)(&settings)?;
        seal::close(&self.keyring, project, kind, &mut settings)?;
        store::put(tx, project, kind.id, &settings, at).await
    }
}

pub(crate) fn not_configured(channel: &str) -> Error {
    Error::new(ErrorCode::ChannelNotConfigured, format!("the channel {channel} has no settings yet"))
        .with("channel", channel)
}
