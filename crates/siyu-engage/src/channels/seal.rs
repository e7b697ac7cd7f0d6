//! Secrets of channels are sealed where they are stored.

use serde_json::Value as Json;
use siyu_connect::channels::{Kind, kind};
use siyu_db::{Db, db_error};
use siyu_govern::sealing::Keyring;
use siyu_types::ProjectId;
use siyu_types::error::{Error, Result};

use super::store;

fn place(project: ProjectId, kind: &Kind, field: &str) -> String {
    format!("channel_settings/{}/{}/{field}", project.0, kind.id)
}

/// Replaces sealed secrets by what they are.
pub(super) fn open(keyring: &Keyring, project: ProjectId, kind: &Kind, settings: &mut Json) -> Result<()> {
    for field in kind.secrets {
        if let Some(Json::String(secret)) = settings.get_mut(*field) {
            // The message names the place; whoever reads it needs the field.
            *secret = keyring.unseal(&place(project, kind, field), secret).map_err(|e| e.at(*field))?;
        }
    }
    Ok(())
}

/// Seals the secrets.
pub(super) fn close(keyring: &Keyring, project: ProjectId, kind: &Kind, settings: &mut Json) -> Result<()> {
    for field in kind.secrets {
        if let Some(Json::String(secret)) = settings.get_mut(*field) {
            *secret = keyring.seal(&place(project, kind, field), secret)?;
        }
    }
    Ok(())
}

/// Seals every secret that is not sealed with the current key; one that no key
/// opens stays as it is. Answers how many settings changed.
pub(super) async fn again(db: &Db, keyring: &Keyring) -> Result<u64> {
    let mut tx = db.begin().await?;
    let mut changed = 0;
    for (project, channel, mut settings) in store::all_in(&mut tx).await? {
        let kind = kind(&channel)?;
        let mut secrets = kind.secrets.iter().filter_map(|field| settings.get(*field)?.as_str());
        if secrets.all(|secret| keyring.is_current(secret)) {
            continue;
        }
        if open(keyring, project, kind, &mut settings).is_err() {
            tracing::error!(
                project = project.0,
                channel,
                "a stored secret cannot be read: its key is missing"
            );
            continue;
        }
        close(keyring, project, kind, &mut settings)?;
        store::replace(&mut tx, project, kind.id, &settings).await?;
        changed += 1;
    }
    tx.commit().await.map_err(db_error)?;
    Ok(changed)
}

/// Where secrets are stored that no key opens; for `siyu doctor`.
pub async fn unreadable(db: &Db, keyring: Option<&Keyring>) -> Result<Vec<String>> {
    let mut tx = db.begin().await?;
    let mut found = Vec::new();
    for (project, channel, settings) in store::all_in(&mut tx).await? {
        let kind = kind(&channel)?;
        for field in kind.secrets {
            let Some(stored) = settings.get(*field).and_then(Json::as_str) else { continue };
            let place = place(project, kind, field);
            let opens = match keyring {
                Some(keyring) => keyring.unseal(&place, stored).map(|_| ()),
                None if siyu_govern::sealing::is_sealed(stored) => Err(Error::internal("no key file")),
                None => Ok(()),
            };
            if opens.is_err() {
                found.push(place);
            }
        }
    }
    Ok(found)
}
