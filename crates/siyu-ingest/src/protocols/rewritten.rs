//! Frames that were rewritten because somebody was erased: what is left of them, as records
//! and, where it could be cut out, as it was sent. Compressed JSON.

use serde::{Deserialize, Serialize};
use siyu_types::{Error, Record, Result};

use super::{Decoded, INFLATED_BYTES_MAX, Protocol, Reason, ReasonCode};
use crate::frame::{Frame, ProtocolId};

const LEVEL: i32 = 1;

/// One record that stays.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    /// The number of its item, as before.
    pub index: usize,
    pub record: Record,
    /// As it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<serde_json::Value>,
}

pub struct Rewritten;

impl Protocol for Rewritten {
    fn id(&self) -> ProtocolId {
        ProtocolId::Rewritten
    }

    fn decode(&self, frame: &Frame<'_>) -> Decoded {
        match read(frame) {
            Ok(kept) => Decoded {
                items: kept.iter().map(|one| one.index + 1).max().unwrap_or(0),
                records: kept.into_iter().map(|one| (one.index, one.record)).collect(),
                ..Decoded::default()
            },
            Err(reason) => Decoded::refused(&[], reason),
        }
    }

    fn items(&self, frame: &Frame<'_>) -> Vec<serde_json::Value> {
        let mut items = Vec::new();
        for one in read(frame).unwrap_or_default() {
            if items.len() <= one.index {
                items.resize(one.index + 1, serde_json::Value::Null);
            }
            items[one.index] = one.item.unwrap_or_default();
        }
        items
    }
}

fn read(frame: &Frame<'_>) -> Result<Vec<Kept>, Reason> {
    let unreadable = |_| Reason::new(ReasonCode::NotJson, "body", "is not compressed records");
    let json = zstd::bulk::decompress(frame.body, INFLATED_BYTES_MAX).map_err(unreadable)?;
    serde_json::from_slice(&json).map_err(|_| Reason::new(ReasonCode::NotJson, "body", "is not records"))
}

/// The body of a frame that holds these.
pub fn encode(kept: &[Kept]) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(kept).map_err(Error::internal)?;
    if json.len() > INFLATED_BYTES_MAX {
        return Err(Error::internal("what is left of a frame is too large for one"));
    }
    zstd::bulk::compress(&json, LEVEL).map_err(Error::internal)
}
