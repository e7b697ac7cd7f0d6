//! Projects from before there was one quarantine kept what they set aside in a file of
//! its own; it moves in when they are opened.

use std::path::Path;

use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use siyu_types::record::key_of;
use siyu_types::{Error, Record, Result};

use crate::plan::{AsideRaw, Quarantine, Raw, Why};
use crate::protocols::ReasonCode;

const DIR: &str = "rejects";
/// What such a file holds at most.
const BYTES_MAX: usize = 64 << 20;

/// In the manifests of such projects.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct RejectsState {
    file: Option<String>,
}

#[derive(Deserialize)]
struct Reject {
    received_at: Millis,
    protocol: String,
    source: String,
    code: ReasonCode,
    field: String,
    message: String,
    excerpt: String,
    released_at: Option<Millis>,
}

/// Until a checkpoint without them is committed, a restart moves them in again, from the
/// same state.
pub fn move_in(dir: &Path, state: &RejectsState, quarantine: &mut Quarantine) -> Result<()> {
    let Some(file) = &state.file else { return Ok(()) };
    let bytes = std::fs::read(dir.join(DIR).join(file))?;
    let json = zstd::bulk::decompress(&bytes, BYTES_MAX).map_err(Error::internal)?;
    let rejects: Vec<Reject> = serde_json::from_slice(&json).map_err(Error::internal)?;
    for reject in rejects.into_iter().filter(|reject| reject.released_at.is_none()) {
        let Reject { received_at, protocol, source, code, field, message, excerpt, .. } = reject;
        let why = Why { reason: code.into(), field, message };
        // What was held back for its time was kept whole.
        match serde_json::from_str::<Record>(&excerpt) {
            Ok(record) if why.reason.is_time() => {
                // Its own key is remembered as if it had been stored.
                let key = key_of(&[b"released", &record.key.to_le_bytes()]);
                quarantine.push_former(why, &protocol, &Record { key, ..record })?;
            }
            _ => {
                let (raw, source) = (Raw { excerpt, frame: None }, source.as_str());
                quarantine.push_raw(AsideRaw { why, protocol: &protocol, source, received_at, raw })?;
            }
        }
    }
    quarantine.flush()
}

/// Removes the folder once it is no longer named.
pub fn retire(dir: &Path) -> Result<()> {
    match std::fs::remove_dir_all(dir.join(DIR)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::{Entry, QuarantineState};
    use crate::safe::Safe;

    #[test]
    fn what_was_kept_moves_in() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let record = json!({"key": 7, "time": 9, "received_at": 1, "ids": [], "evidence": "weak",
            "body": {"event": {"name": "paid", "props": {}}}, "source": "web"});
        let reject = |code: &str, excerpt: &str, released_at: Option<i64>| {
            json!({"seq": 0, "received_at": 1, "protocol": "own", "source": "web", "code": code, "field": "time",
                "message": "m", "excerpt": excerpt, "released_at": released_at})
        };
        let ring = json!([
            reject("not_json", "{", None),
            reject("future_time", &record.to_string(), None),
            reject("past_time", &record.to_string(), Some(5)),
        ]);
        std::fs::create_dir_all(dir.path().join(DIR)).expect("made");
        let bytes = zstd::bulk::compress(ring.to_string().as_bytes(), 3).expect("memory");
        std::fs::write(dir.path().join(DIR).join("1.rejects"), bytes).expect("written");
        let mut quarantine =
            Quarantine::open(&dir.path().join("quarantine"), &QuarantineState::default(), Safe::default())
                .expect("empty");
        let state: RejectsState =
            serde_json::from_value(json!({"file": "1.rejects", "next": 3, "total": 3})).expect("as it was");
        move_in(dir.path(), &state, &mut quarantine).expect("moved");
        let found: Vec<_> =
            quarantine.entries().iter().map(|entry: &Entry| (entry.reason.as_str(), entry.raw)).collect();
        assert_eq!(found, [("not_json", true), ("future_time", false)]);
        retire(dir.path()).expect("removed");
        retire(dir.path()).expect("and again");
    }
}
