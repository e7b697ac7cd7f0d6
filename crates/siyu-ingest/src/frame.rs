//! One record of the durable log: a small versioned header and the body exactly
//! as it arrived. Everything decoding needs is in here, so that replaying a
//! frame gives the same records at any later time.

use bytes::{BufMut, Bytes, BytesMut};
use siyu_types::{Error, Result};

use siyu_types::clock::Millis;

/// Written first in every frame; a reader refuses what it does not know. Version 1
/// had no [`Terms`] and is read as if it had the plain ones.
const VERSION: u8 = 2;
const VERSION_WITHOUT_TERMS: u8 = 1;
const TRUST_TIME: u8 = 1;
const TIME_ACCEPTED: u8 = 2;
/// Header fields are short texts; longer ones are cut by the receivers.
pub const SOURCE_BYTES_MAX: usize = 255;
pub const QUERY_BYTES_MAX: usize = 64 * 1024;

/// Which decoder a body belongs to. The numbers are stored: never renumber.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ProtocolId {
    Own,
    Sensors,
    Segment,
    /// Records written by siyu itself (sends, reactions).
    Internal,
    /// Records made from the rows of a file.
    Import,
    /// Any JSON, with the mapping that reads it in the place of the query.
    Webhook,
    /// Changes of the plan: they stand in the log so that a replay decides the same.
    Plan,
    /// What is left of a frame of any other kind since somebody was erased.
    Rewritten,
}

impl ProtocolId {
    pub const ALL: &[ProtocolId] = &[
        ProtocolId::Own,
        ProtocolId::Sensors,
        ProtocolId::Segment,
        ProtocolId::Internal,
        ProtocolId::Import,
        ProtocolId::Webhook,
        ProtocolId::Plan,
        ProtocolId::Rewritten,
    ];

    fn number(self) -> u8 {
        match self {
            ProtocolId::Own => 1,
            ProtocolId::Sensors => 2,
            ProtocolId::Segment => 3,
            ProtocolId::Internal => 4,
            ProtocolId::Import => 5,
            ProtocolId::Webhook => 6,
            // Numbers between are for protocols of clients.
            ProtocolId::Plan => 64,
            ProtocolId::Rewritten => 65,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            ProtocolId::Own => "own",
            ProtocolId::Sensors => "sensors",
            ProtocolId::Segment => "segment",
            ProtocolId::Internal => "internal",
            ProtocolId::Import => "import",
            ProtocolId::Webhook => "webhook",
            ProtocolId::Plan => "plan",
            ProtocolId::Rewritten => "rewritten",
        }
    }
}

/// What was set for the source and its project when a frame was received. It stands
/// in the frame, so that a replay decides as the first run did, whatever the
/// settings have become since.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Terms {
    /// Client times are taken as they stand: a back-fill (reference/01 §2b.4).
    pub trust_time: bool,
    /// Somebody looked at the time and accepted it: it is not held back again.
    pub time_accepted: bool,
    /// Records that are older than this at receipt are held back; 0 means of any age.
    pub oldest_hours: u32,
    /// Keys are remembered at least this long; 0 says nothing about it.
    pub dedupe_hours: u16,
}

impl Terms {
    const BYTES: usize = 7;

    fn encode(self) -> [u8; Terms::BYTES] {
        let flags =
            if self.trust_time { TRUST_TIME } else { 0 } | if self.time_accepted { TIME_ACCEPTED } else { 0 };
        let [a, b, c, d] = self.oldest_hours.to_le_bytes();
        let [e, f] = self.dedupe_hours.to_le_bytes();
        [flags, a, b, c, d, e, f]
    }

    fn decode([flags, a, b, c, d, e, f]: [u8; Terms::BYTES]) -> Terms {
        Terms {
            trust_time: flags & TRUST_TIME != 0,
            time_accepted: flags & TIME_ACCEPTED != 0,
            oldest_hours: u32::from_le_bytes([a, b, c, d]),
            dedupe_hours: u16::from_le_bytes([e, f]),
        }
    }
}

/// A frame, borrowed from the bytes it was read from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame<'a> {
    pub protocol: ProtocolId,
    pub terms: Terms,
    pub received_at: Millis,
    /// Name of the write key, or of the import.
    pub source: &'a str,
    /// What the path said beyond the protocol: `track`, `batch`, …; else empty.
    pub route: &'a str,
    /// The query string as received, without `?`; of webhooks the mapping in force.
    pub query: &'a str,
    pub body: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The bytes to append to the log.
    pub fn encode(&self) -> Bytes {
        let source = cut(self.source, SOURCE_BYTES_MAX);
        let route = cut(self.route, SOURCE_BYTES_MAX);
        let query = cut(self.query, QUERY_BYTES_MAX);
        let mut out =
            BytesMut::with_capacity(29 + source.len() + route.len() + query.len() + self.body.len());
        out.put_u8(VERSION);
        out.put_u8(self.protocol.number());
        out.put_slice(&self.terms.encode());
        out.put_i64_le(self.received_at);
        for text in [source, route, query] {
            // Cut above, so the length fits.
            out.put_u32_le(text.len() as u32);
            out.put_slice(text.as_bytes());
        }
        out.put_slice(self.body);
        out.freeze()
    }

    /// Reads what [`Frame::encode`] wrote.
    pub fn decode(bytes: &'a [u8]) -> Result<Frame<'a>> {
        let mut rest = bytes;
        let [version, protocol] = *take::<2>(&mut rest)?;
        if version != VERSION && version != VERSION_WITHOUT_TERMS {
            return Err(Error::internal(format!("log frame of unknown version {version}")));
        }
        let protocol = ProtocolId::ALL
            .iter()
            .copied()
            .find(|id| id.number() == protocol)
            .ok_or_else(|| Error::internal(format!("log frame of unknown protocol {protocol}")))?;
        let terms = match version {
            VERSION => Terms::decode(*take::<{ Terms::BYTES }>(&mut rest)?),
            _ => Terms::default(),
        };
        let received_at = i64::from_le_bytes(*take::<8>(&mut rest)?);
        let source = text(&mut rest)?;
        let route = text(&mut rest)?;
        let query = text(&mut rest)?;
        Ok(Frame { protocol, terms, received_at, source, route, query, body: rest })
    }
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Result<&'a [u8; N]> {
    let (head, tail) =
        rest.split_first_chunk::<N>().ok_or_else(|| Error::internal("log frame is cut short"))?;
    *rest = tail;
    Ok(head)
}

fn text<'a>(rest: &mut &'a [u8]) -> Result<&'a str> {
    let length = u32::from_le_bytes(*take::<4>(rest)?) as usize;
    let (head, tail) =
        rest.split_at_checked(length).ok_or_else(|| Error::internal("log frame is cut short"))?;
    *rest = tail;
    std::str::from_utf8(head).map_err(|_| Error::internal("log frame header is not text"))
}

/// The longest prefix of whole characters that fits.
pub fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_frame_survives_the_log(
            which in 0..ProtocolId::ALL.len(), received_at: i64, source in ".{0,40}", route in "[a-z]{0,9}",
            query in ".{0,80}", trust_time: bool, time_accepted: bool, oldest_hours: u32, dedupe_hours: u16,
            body in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let terms = Terms { trust_time, time_accepted, oldest_hours, dedupe_hours };
            let frame = Frame {
                protocol: ProtocolId::ALL[which], terms, received_at, source: &source, route: &route,
                query: &query, body: &body,
            };
            let bytes = frame.encode();
            prop_assert_eq!(Frame::decode(&bytes).expect("just written"), frame);
            for end in 0..bytes.len() - body.len() {
                prop_assert!(Frame::decode(&bytes[..end]).is_err(), "cut at {}", end);
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _either = Frame::decode(&bytes);
        }
    }

    #[test]
    fn long_headers_are_cut_between_characters() {
        let source = "名".repeat(200);
        let frame = Frame {
            protocol: ProtocolId::Own,
            terms: Terms::default(),
            received_at: 1,
            source: &source,
            route: "",
            query: "",
            body: b"x",
        };
        let bytes = frame.encode();
        let back = Frame::decode(&bytes).expect("valid");
        assert_eq!((back.source.len(), back.body), (255, b"x".as_slice()));
    }

    #[test]
    fn a_frame_of_the_first_version_is_still_read() {
        let mut bytes = vec![1, 2];
        bytes.extend(7_i64.to_le_bytes());
        for text in ["web", "", "a=b"] {
            bytes.extend((text.len() as u32).to_le_bytes());
            bytes.extend(text.as_bytes());
        }
        bytes.extend(b"body");
        let frame = Frame::decode(&bytes).expect("known");
        let expected = Frame {
            protocol: ProtocolId::Sensors,
            terms: Terms::default(),
            received_at: 7,
            source: "web",
            route: "",
            query: "a=b",
            body: b"body",
        };
        assert_eq!(frame, expected);
        bytes[0] = 3;
        assert!(Frame::decode(&bytes).is_err(), "a later version is refused");
    }
}
