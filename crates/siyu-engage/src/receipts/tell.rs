//! Writes the events of receipts, until it is known that they were written; the
//! keys make writing one twice harmless.

use siyu_db::db_error;
use siyu_types::error::Result;
use siyu_types::record::names;

use super::model::Said;
use super::store;
use crate::delivery::{DeliveryParts, best, message_event};

/// Events written at a time.
const BATCH: i64 = 1_000;

/// Writes the events of one batch of receipts; answers how many receipts that were.
pub(crate) async fn tell(parts: &DeliveryParts) -> Result<usize> {
    let receipts = store::untold(&parts.db, BATCH).await?;
    if receipts.is_empty() {
        return Ok(0);
    }
    for group in receipts.chunk_by(|a, b| a.send.project == b.send.project) {
        let project = group[0].send.project;
        let people: Vec<u32> = group.iter().map(|one| one.send.person).collect();
        let views = parts.audience.people(project, &people)?;
        let now = parts.clock.now();
        let mut records = Vec::new();
        for (one, view) in group.iter().zip(&views) {
            // Nobody is left to whom an event of an erased person could belong.
            let Some(id) = view.as_ref().and_then(|view| best(&view.identifiers)) else { continue };
            let Some(name) = event(one.said) else { continue };
            let channel = crate::campaigns::channel_of(&parts.db, project, one.send.campaign).await?;
            let more = (one.said != Said::Delivered).then_some(("reason", one.reason.as_str()));
            records.push(message_event(name, &one.send, &channel, more, id, one.at, now));
        }
        parts.sink.emit(project, records).await?;
    }
    let mut tx = parts.db.begin().await?;
    store::mark_told(&mut tx, &receipts).await?;
    tx.commit().await.map_err(db_error)?;
    Ok(receipts.len())
}

/// The event of a receipt. A failure is told by the state of the send, a delay not at all.
pub(super) fn event(said: Said) -> Option<&'static str> {
    match said {
        Said::Delivered => Some(names::MESSAGE_DELIVERED),
        Said::Dead | Said::Returned => Some(names::MESSAGE_BOUNCED),
        Said::Complained => Some(names::MESSAGE_COMPLAINED),
        Said::Failed | Said::Delayed => None,
    }
}
