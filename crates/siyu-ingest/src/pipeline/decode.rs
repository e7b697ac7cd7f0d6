//! The first stage: reads the log and decodes ahead of the stage that applies,
//! on a thread of its own. Order is kept: there is one such thread per project.

use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;

use siyu_events::{Log, LogPosition};
use siyu_types::clock::Millis;
use siyu_types::{Error, Result};

use super::dedupe::Memory;
use super::{Shared, Work, release};
use crate::frame::{Frame, ProtocolId, Terms};
use crate::plan::{self, Decree};
use crate::protocols::{Decoded, decode};

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
    pub protocol: ProtocolId,
    pub terms: Terms,
    pub source: String,
    pub received_at: Millis,
    /// Numbers of held-back records that this frame lets in.
    pub releases: Vec<u64>,
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
            let frame = Frame::decode(&bytes)?;
            let decree = plan::decree(&frame)?;
            let decoded = match (&decree, known.take(&bytes)) {
                (Some(_), _) => Decoded::default(),
                (None, Some(decoded)) => decoded,
                (None, None) => decode(&frame),
            };
            records += decoded.records.len();
            batch.bytes += bytes.len();
            batch.next = next;
            batch.frames.push(DecodedFrame {
                protocol: frame.protocol,
                terms: frame.terms,
                releases: release::numbers(&frame),
                source: frame.source.to_owned(),
                received_at: frame.received_at,
                memory: memory_of(frame.protocol),
                decoded,
                decree,
            });
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

fn memory_of(protocol: ProtocolId) -> Memory {
    match protocol {
        ProtocolId::Import | ProtocolId::Plan => Memory::Imports,
        ProtocolId::Own
        | ProtocolId::Sensors
        | ProtocolId::Segment
        | ProtocolId::Internal
        | ProtocolId::Webhook => Memory::Window,
    }
}
