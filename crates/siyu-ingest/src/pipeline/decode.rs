//! The first stage: reads the log and decodes ahead of the stage that applies,
//! on a thread of its own. Order is kept: there is one such thread per project.

use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;

use bytes::Bytes;
use siyu_events::{Log, LogPosition};
use siyu_types::clock::Millis;
use siyu_types::{Error, Result};

use super::dedupe::Memory;
use super::known::Known;
use super::{Shared, Work};
use crate::frame::{Frame, ProtocolId, Terms};
use crate::plan::{self, Decree};
use crate::protocols::{BODY_KEPT_BYTES_MAX, Decoded, ROUTE_TOO_LARGE, RefusalOf, decode};

/// Read from the log at once. Imported frames grow tenfold when decoded.
const READ_BYTES: usize = 512 * 1024;
/// A batch is handed on when it holds this many records.
const BATCH_RECORDS: usize = 8_000;

/// Decoded frames in log order.
#[derive(Default)]
pub struct Batch {
    pub frames: Vec<DecodedFrame>,
    /// The position after the last of them.
    pub next: LogPosition,
    /// Bytes of the frames as they stand in the log.
    pub bytes: usize,
}

pub struct DecodedFrame {
    pub position: u64,
    pub protocol: ProtocolId,
    pub terms: Terms,
    pub source: String,
    pub received_at: Millis,
    /// The entry of the quarantine that this frame was, and when it was given back.
    pub entry: Option<(u64, Millis)>,
    /// The frame itself, if nothing of its body could be read and it is to be kept.
    pub bytes: Option<Bytes>,
    pub route: String,
    pub query: String,
    pub memory: Memory,
    pub decoded: Decoded,
    pub decree: Option<Decree>,
}

/// Runs until it is told to stop or nobody listens any more.
pub fn run(log: &Log, from: LogPosition, shared: &Shared, work: &SyncSender<Work>) -> Result<()> {
    let (stop, known) = (&shared.stop, &shared.known);
    let mut next = from;
    while log.wait_for(next, stop) {
        let mut batch = Batch::default();
        let mut records = 0;
        for (position, bytes) in log.read(next, READ_BYTES)? {
            if position != next {
                return Err(Error::internal(format!("the log jumps from {} to {}", next.0, position.0)));
            }
            next = position.next();
            batch.bytes += bytes.len();
            batch.next = next;
            let decoded = decode_frame(position.0, bytes, known)?;
            records += decoded.iter().map(|frame| frame.decoded.records.len()).sum::<usize>();
            batch.frames.extend(decoded);
            if records >= BATCH_RECORDS {
                records = 0;
                if work.send(Work::Batch(std::mem::take(&mut batch))).is_err() {
                    return Ok(());
                }
            }
            if stop.load(Ordering::Acquire) {
                return Ok(());
            }
        }
        if !batch.frames.is_empty() && work.send(Work::Batch(batch)).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// A frame; after a decree those that it says are to be read again.
fn decode_frame(position: u64, bytes: Bytes, known: &Known) -> Result<Vec<DecodedFrame>> {
    let frame = Frame::decode(&bytes)?;
    let Some(mut decree) = plan::decree(&frame)? else {
        let decoded = known.take(&bytes).unwrap_or_else(|| decode(&frame));
        return Ok(vec![DecodedFrame::of(position, &frame, &bytes, decoded)]);
    };
    let again = plan::take_frames(&mut decree);
    let mut frames = vec![DecodedFrame {
        decree: Some(decree),
        ..DecodedFrame::of(position, &frame, &bytes, Decoded::default())
    }];
    for (entry, bytes) in again {
        let (bytes, settled_at) = (Bytes::from(bytes), frame.received_at);
        let inner = Frame::decode(&bytes)?;
        let decoded = DecodedFrame::of(position, &inner, &bytes, decode(&inner));
        // Remembered as long as files are: it may be given back long after it came.
        frames.push(DecodedFrame { entry: Some((entry, settled_at)), memory: Memory::Imports, ..decoded });
    }
    Ok(frames)
}

impl DecodedFrame {
    fn of(position: u64, frame: &Frame<'_>, bytes: &Bytes, decoded: Decoded) -> DecodedFrame {
        let of_body = decoded.refusals.iter().any(|refusal| refusal.of == RefusalOf::Body);
        let kept = of_body && frame.body.len() <= BODY_KEPT_BYTES_MAX && frame.route != ROUTE_TOO_LARGE;
        DecodedFrame {
            position,
            protocol: frame.protocol,
            terms: frame.terms,
            entry: None,
            bytes: kept.then(|| bytes.clone()),
            route: frame.route.to_owned(),
            query: frame.query.to_owned(),
            source: frame.source.to_owned(),
            received_at: frame.received_at,
            memory: memory_of(frame.protocol),
            decoded,
            decree: None,
        }
    }

    /// The frame that holds what was refused, if it was kept.
    pub fn again(&self, of: &RefusalOf) -> Option<Bytes> {
        match of {
            RefusalOf::Body => self.bytes.clone(),
            RefusalOf::Item(Some(body)) => Some(
                Frame {
                    protocol: self.protocol,
                    terms: self.terms,
                    received_at: self.received_at,
                    source: &self.source,
                    route: &self.route,
                    query: &self.query,
                    body: body.as_bytes(),
                }
                .encode(),
            ),
            RefusalOf::Item(None) | RefusalOf::Record(_) => None,
        }
    }
}

fn memory_of(protocol: ProtocolId) -> Memory {
    match protocol {
        ProtocolId::Import | ProtocolId::Plan => Memory::Imports,
        ProtocolId::Own
        | ProtocolId::Sensors
        | ProtocolId::Segment
        | ProtocolId::Internal
        | ProtocolId::Webhook
        | ProtocolId::Rewritten => Memory::Window,
    }
}
