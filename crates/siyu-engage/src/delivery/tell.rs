//! Writes the events of ended sends. The rows say which are still to be written;
//! the keys make writing one twice harmless.

use std::collections::{BTreeSet, HashMap};

use fail::fail_point;
use siyu_db::db_error;
use siyu_types::clock::Millis;
use siyu_types::error::Result;
use siyu_types::record::{Body, Evidence, Record, key_of, names};
use siyu_types::value::{Props, Value};
use siyu_types::{Identifier, ProjectId};

use super::model::{Bounce, SendRow, SendState};
use super::store;
use super::worker::DeliveryParts;

/// Events written at a time.
const BATCH: i64 = 2_000;
/// Source of all events that siyu writes itself.
pub(crate) const SOURCE: &str = "siyu";

/// Writes the events of one batch of ended sends; answers how many sends that were.
pub(super) async fn tell(parts: &DeliveryParts) -> Result<usize> {
    let rows = store::untold(&parts.db, BATCH).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    for group in rows.chunk_by(|a, b| a.project == b.project) {
        let project = group[0].project;
        let people: Vec<u32> = group.iter().map(|row| row.person).collect();
        let views = parts.audience.people(project, &people)?;
        let now = parts.clock.now();
        let mut records = Vec::new();
        let mut channels: HashMap<i64, String> = HashMap::new();
        let campaigns: BTreeSet<i64> = group.iter().map(|row| row.campaign).collect();
        for campaign in campaigns {
            channels.insert(campaign, crate::campaigns::channel_of(&parts.db, project, campaign).await?);
        }
        for (row, view) in group.iter().zip(&views) {
            // Nobody is left to whom an event of an erased person could belong.
            let Some(id) = view.as_ref().and_then(|view| best(&view.identifiers)) else { continue };
            let channel = channels.get(&row.campaign).map_or("", String::as_str);
            records.extend(events(row, channel, id, now));
        }
        parts.sink.emit(project, records).await?;
    }
    fail_point!("delivery-told", |_| Err(siyu_types::Error::internal("fail point")));
    let mut tx = parts.db.begin().await?;
    store::mark_told(&mut tx, &rows).await?;
    tx.commit().await.map_err(db_error)?;
    Ok(rows.len())
}

/// The identifier that names a person most surely.
pub(crate) fn best(identifiers: &[Identifier]) -> Option<Identifier> {
    let order = ["login", "phone", "email", "device"];
    let rank = |id: &Identifier| order.iter().position(|known| *known == id.namespace).unwrap_or(order.len());
    identifiers.iter().min_by_key(|id| rank(id)).cloned()
}

fn events(row: &SendRow, channel: &str, id: Identifier, now: Millis) -> Vec<Record> {
    let time = row.finished_at.unwrap_or(now);
    let mut found = Vec::new();
    let mut say = |name: &str, more: Option<(&str, &str)>| {
        found.push(message_event(name, row, channel, more, id.clone(), time, now));
    };
    match row.state {
        SendState::Sent => say(names::MESSAGE_SENT, None),
        SendState::Unknown => say(names::MESSAGE_UNKNOWN, None),
        SendState::Withheld => say(names::MESSAGE_WITHHELD, None),
        SendState::Suppressed => {
            say(names::MESSAGE_SUPPRESSED, Some(("reason", row.reason.as_deref().unwrap_or_default())));
        }
        SendState::Failed => {
            let reason = Some(("reason", row.error.as_deref().unwrap_or_default()));
            say(
                if row.bounce == Bounce::Hard { names::MESSAGE_BOUNCED } else { names::MESSAGE_FAILED },
                reason,
            );
        }
        SendState::Pending | SendState::Attempting | SendState::Cancelled => {}
    }
    found
}

/// One event about a message. Its key is made of what it says, so that saying it
/// again has no effect.
pub(crate) fn message_event(
    name: &str,
    row: &SendRow,
    channel: &str,
    more: Option<(&str, &str)>,
    id: Identifier,
    time: Millis,
    now: Millis,
) -> Record {
    let ProjectId(project) = row.project;
    let mut props = Props::from([
        ("campaign_id".to_owned(), Value::Number(row.campaign as f64)),
        ("send_id".to_owned(), Value::Text(row.send_id.clone())),
        ("channel".to_owned(), Value::Text(channel.to_owned())),
    ]);
    let more_bytes = more.map_or("", |(_, value)| value).as_bytes();
    if let Some((name, value)) = more {
        props.insert(name.to_owned(), Value::Text(value.to_owned()));
    }
    Record {
        key: key_of(&[
            b"message",
            name.as_bytes(),
            &project.to_le_bytes(),
            row.send_id.as_bytes(),
            &time.to_le_bytes(),
            more_bytes,
        ]),
        time,
        received_at: now,
        ids: vec![id],
        evidence: Evidence::Weak,
        body: Body::Event { name: name.to_owned(), props },
        source: SOURCE.to_owned(),
    }
}
