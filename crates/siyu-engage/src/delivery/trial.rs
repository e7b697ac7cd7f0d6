//! Test sends: one message to one address that somebody typed in. Noted in the
//! audit, counted nowhere, and never part of a campaign's outbox.

use siyu_connect::{Content, Message, Outcome};
use siyu_db::db_error;
use siyu_types::Viewer;
use siyu_types::error::{Error, ErrorCode, Result};
use siyu_types::record::key_of;

use super::Delivery;

impl Delivery {
    /// Sends now and answers the provider's id, or what went wrong.
    pub async fn trial(
        &self,
        viewer: &Viewer,
        channel: &str,
        content: Content,
        object: &str,
    ) -> Result<Option<String>> {
        let parts = self.parts();
        let channel = parts.channels.open(viewer.project, channel).await?;
        let now = parts.clock.now();
        let key = key_of(&[b"trial", object.as_bytes(), &now.to_le_bytes(), &viewer.project.0.to_le_bytes()]);
        let message = Message { send_id: format!("test-{key:032x}"), at: now, content };
        let mut tx = parts.db.begin().await?;
        let detail = serde_json::json!({ "channel": channel.id() });
        siyu_govern::audit(&mut tx, viewer, "messages.test", object, detail, now).await?;
        tx.commit().await.map_err(db_error)?;
        let failed = |code, reason: String| Err(Error::new(code, reason.clone()).with("reason", reason));
        match channel.send(&message).await {
            Outcome::Accepted { provider_id } => Ok(provider_id),
            Outcome::Refused { reason, .. } => failed(ErrorCode::ProviderRefused, reason),
            Outcome::Transient { cause, reason } => failed(cause.code(), reason),
            Outcome::Unknown { reason } => failed(ErrorCode::ProviderTimeout, reason),
        }
    }
}
