//! The frames by which the plan changes: they stand in the log, between the
//! records, so that a replay decides by the plan that was in force there.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use siyu_types::{Error, Record, Result};

use super::model::Policy;
use crate::frame::{Frame, ProtocolId, Terms};
use crate::protocols::INFLATED_BYTES_MAX;

const LEVEL: i32 = 3;
/// Who writes these frames.
const SOURCE: &str = "siyu";

/// One change.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decree {
    Policy(Policy),
    Returns(Vec<Return>),
}

/// What becomes of an entry of the quarantine: with neither record nor frame it is
/// discarded.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Return {
    pub entry: u64,
    /// As it is to be applied.
    pub record: Option<Record>,
    /// Base64 of a frame, to be read again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<String>,
    /// Somebody has looked at the record's time and means it.
    #[serde(default)]
    pub time_accepted: bool,
}

/// The frames that are to be read again, taken out of a decree, each with its entry.
pub fn take_frames(decree: &mut Decree) -> Vec<(u64, Vec<u8>)> {
    let Decree::Returns(returns) = decree else { return Vec::new() };
    let bytes = |one: &Return| Some((one.entry, STANDARD.decode(one.frame.as_ref()?).ok()?));
    let frames = returns.iter().filter_map(bytes).collect();
    returns.retain(|one| one.frame.is_none());
    frames
}

/// The frame to append.
pub fn encode(decree: &Decree, received_at: Millis) -> Result<bytes::Bytes> {
    let json = serde_json::to_vec(decree).map_err(Error::internal)?;
    if json.len() > INFLATED_BYTES_MAX {
        return Err(Error::internal("a change of the plan is too large for one frame"));
    }
    let body = zstd::bulk::compress(&json, LEVEL)?;
    let frame = Frame {
        protocol: ProtocolId::Plan,
        terms: Terms::default(),
        received_at,
        source: SOURCE,
        route: "",
        query: "",
        body: &body,
    };
    Ok(frame.encode())
}

/// What a frame of the plan says; `None` for all others.
pub fn decree(frame: &Frame<'_>) -> Result<Option<Decree>> {
    if frame.protocol != ProtocolId::Plan {
        return Ok(None);
    }
    let json = zstd::bulk::decompress(frame.body, INFLATED_BYTES_MAX)?;
    serde_json::from_slice(&json).map(Some).map_err(Error::internal)
}
