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

    fn mentions(&self, frame: &Frame<'_>, text: &str) -> bool {
        mentions(frame, text)
    }
}

impl Protocol for Import {
    fn id(&self) -> ProtocolId {
        ProtocolId::Import
    }

    fn decode(&self, frame: &Frame<'_>) -> Decoded {
        decode(frame)
    }

    fn mentions(&self, frame: &Frame<'_>, text: &str) -> bool {
        mentions(frame, text)
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

/// Looked for as it was encoded above, which is many times faster than reading the records.
fn mentions(frame: &Frame<'_>, text: &str) -> bool {
    let Ok(json) = zstd::bulk::decompress(frame.body, INFLATED_BYTES_MAX) else { return true };
    let Ok(quoted) = serde_json::to_string(text) else { return true };
    memchr::memmem::find(&json, quoted.as_bytes()).is_some()
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

#[cfg(test)]
mod tests {
    use siyu_types::Identifier;
    use siyu_types::record::{Body, Evidence};

    use super::*;
    use crate::frame::Terms;

    #[test]
    fn a_frame_says_whom_it_mentions() {
        let record = |login: &str| Record {
            key: 1,
            time: 1,
            received_at: 1,
            ids: vec![Identifier::new("login", login)],
            evidence: Evidence::Weak,
            body: Body::Link,
            source: "a.csv".to_owned(),
        };
        let body = encode(&[record("林\"一"), record("u_1")]).expect("encodes");
        let frame = Frame {
            protocol: ProtocolId::Import,
            terms: Terms::default(),
            received_at: 1,
            source: "a.csv",
            route: "",
            query: "",
            body: &body,
        };
        for (text, there) in [("林\"一", true), ("u_1", true), ("u_", false), ("u_2", false)] {
            assert_eq!(Import.mentions(&frame, text), there, "{text}");
        }
        assert!(Import.mentions(&Frame { body: b"damaged", ..frame }, "u_1"), "nobody can say");
    }
}
