//! What a door has decoded already, to answer its client: kept until the first stage comes to
//! the same bytes in the log, which then need not be decoded a second time. A frame decodes
//! alike whenever it is decoded, so what is not found here is merely slower.

use bytes::Bytes;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use crate::protocols::Decoded;

/// Records kept; when applying falls behind, the rest is decoded from the log.
const RECORDS_MAX: usize = 16_000;
/// Bytes of their frames, by which they are known again.
const BYTES_MAX: usize = 16 << 20;

#[derive(Default)]
pub struct Known(Mutex<Held>);

#[derive(Default)]
struct Held {
    frames: FxHashMap<u64, (Bytes, Decoded)>,
    records: usize,
    bytes: usize,
}

impl Known {
    /// Keeps what a frame decodes to, if there is room.
    pub fn keep(&self, frame: &Bytes, decoded: Decoded) {
        let mut held = self.0.lock();
        let (records, bytes) = (held.records + decoded.records.len(), held.bytes + frame.len());
        let hash = xxh3_64(frame);
        if records > RECORDS_MAX || bytes > BYTES_MAX || held.frames.contains_key(&hash) {
            return;
        }
        (held.records, held.bytes) = (records, bytes);
        held.frames.insert(hash, (frame.clone(), decoded));
    }

    /// Hands out what is kept for exactly these bytes.
    pub fn take(&self, frame: &[u8]) -> Option<Decoded> {
        let mut held = self.0.lock();
        if held.frames.is_empty() {
            return None;
        }
        let hash = xxh3_64(frame);
        if held.frames.get(&hash)?.0 != frame {
            return None;
        }
        let (bytes, decoded) = held.frames.remove(&hash)?;
        held.records -= decoded.records.len();
        held.bytes -= bytes.len();
        Some(decoded)
    }
}

#[cfg(test)]
mod tests {
    use siyu_types::record::{Body, Evidence};
    use siyu_types::{Identifier, Record};

    use super::*;

    fn decoded(records: usize) -> Decoded {
        let record = Record {
            key: 1,
            time: 0,
            received_at: 0,
            ids: vec![Identifier::new("login", "u")],
            evidence: Evidence::Weak,
            body: Body::Link,
            source: String::new(),
        };
        Decoded { items: records, records: vec![(0, record); records], ..Decoded::default() }
    }

    #[test]
    fn it_is_handed_out_once_and_for_the_same_bytes_only() {
        let known = Known::default();
        known.keep(&Bytes::from_static(b"one"), decoded(1));
        known.keep(&Bytes::from_static(b"two"), decoded(2));
        assert_eq!(known.take(b"three"), None);
        assert_eq!(known.take(b"one"), Some(decoded(1)));
        assert_eq!(known.take(b"one"), None);
        assert_eq!(known.take(b"two"), Some(decoded(2)));
    }

    #[test]
    fn what_finds_no_room_is_not_kept_and_room_comes_back() {
        let known = Known::default();
        known.keep(&Bytes::from_static(b"one"), decoded(RECORDS_MAX));
        known.keep(&Bytes::from_static(b"two"), decoded(1));
        assert_eq!(known.take(b"two"), None);
        assert!(known.take(b"one").is_some());
        known.keep(&Bytes::from_static(b"two"), decoded(1));
        assert_eq!(known.take(b"two"), Some(decoded(1)));
        known.keep(&Bytes::from(vec![0; BYTES_MAX + 1]), decoded(1));
        assert_eq!(known.take(&vec![0; BYTES_MAX + 1]), None);
    }
}
