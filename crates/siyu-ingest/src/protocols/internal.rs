//! Records that siyu itself makes, as compressed JSON: what it sends and what
//! comes back, and the rows of imported files.

use siyu_types::{Error, Record, Result};

use super::{Decoded, INFLATED_BYTES_MAX, Protocol, Reason, ReasonCode};
use crate::frame::{Frame, ProtocolId};

/// Fast enough to be free, and a tenth of the bytes on disk.
const LEVEL: i32 = 1;

pub struct Internal;
pub struct Import;

impl Protocol for Internal {
    fn id(&self) -> ProtocolId {
        ProtocolId::Internal
    }

    fn decode(&self, frame: &Frame<'_>) -> Decoded {
        decode(frame)
    }
}

impl Protocol for Import {
    fn id(&self) -> ProtocolId {
        ProtocolId::Import
    }

    fn decode(&self, frame: &Frame<'_>) -> Decoded {
        decode(frame)
    }
}

/// The body of a frame that holds these records.
pub fn encode(records: &[Record]) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(records).map_err(Error::internal)?;
    if json.len() > INFLATED_BYTES_MAX {
        return Err(Error::internal("a batch of records is too large for one frame"));
    }
    zstd::bulk::compress(&json, LEVEL).map_err(Error::internal)
}

/// The time of receipt is the frame's, so that a replay sees what the first run saw.
fn decode(frame: &Frame<'_>) -> Decoded {
    let records = zstd::bulk::decompress(frame.body, INFLATED_BYTES_MAX)
        .map_err(|_| Reason::new(ReasonCode::NotJson, "body", "is not compressed records"))
        .and_then(|json| {
            serde_json::from_slice::<Vec<Record>>(&json)
                .map_err(|_| Reason::new(ReasonCode::NotJson, "body", "is not a list of records"))
        });
    match records {
        Ok(records) => Decoded {
            items: records.len(),
            records: records
                .into_iter()
                .map(|record| Record { received_at: frame.received_at, ..record })
                .enumerate()
                .collect(),
            ..Decoded::default()
        },
        Err(reason) => Decoded::refused(&[], reason),
    }
}
