//! The latest events of a project, kept in memory to be watched as they arrive, and
//! with the checkpoint, so that a restart does not empty the view.

use std::collections::VecDeque;
use std::path::Path;

use serde::{Deserialize, Serialize};
use siyu_events::EventRow;
use siyu_types::clock::Millis;
use siyu_types::{Error, Identifier, PersonNo, Props, Result};

use crate::safe::Safe;

pub const LIVE_MAX: usize = 500;
/// What the file is tied to if it is sealed.
const PART: &str = "live";
const LEVEL: i32 = 1;
const BYTES_MAX: usize = 256 << 20;

#[derive(Default)]
pub struct Live {
    ring: VecDeque<EventRow>,
    next_file: u64,
    saved: Option<String>,
}

/// Names the file in the manifest.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct LiveState {
    pub file: Option<String>,
    pub next_file: u64,
}

/// A row as it is saved.
#[derive(Serialize, Deserialize)]
struct Saved {
    person: PersonNo,
    time: Millis,
    seq: u64,
    name: String,
    props: Props,
    ids: Vec<Identifier>,
    source: String,
    received_at: Millis,
}

impl Live {
    /// Takes copies of the last of these rows.
    pub fn push(&mut self, rows: &[EventRow]) {
        for row in &rows[rows.len().saturating_sub(LIVE_MAX)..] {
            if self.ring.len() == LIVE_MAX {
                self.ring.pop_front();
            }
            self.ring.push_back(row.clone());
            self.saved = None;
        }
    }

    /// The newest rows that match, newest first.
    pub fn newest(&self, limit: usize, matches: impl Fn(&EventRow) -> bool) -> Vec<EventRow> {
        self.ring.iter().rev().filter(|row| matches(row)).take(limit).cloned().collect()
    }

    /// Takes away the rows of these numbers, and from the others the identifiers that go.
    pub fn forget(
        &mut self,
        numbers: &[u32],
        without: impl Fn(&[Identifier], Millis) -> Option<Vec<Identifier>>,
    ) {
        self.ring.retain(|row| !numbers.contains(&row.person.0));
        for row in &mut self.ring {
            if let Some(left) = without(&row.ids, row.time) {
                row.ids = left;
            }
        }
        self.saved = None;
    }

    /// Brings what rows are identified by into another form, where there is one.
    pub fn keep(&mut self, keep: impl Fn(&mut [Identifier]) -> bool) {
        for row in &mut self.ring {
            if keep(&mut row.ids) {
                self.saved = None;
            }
        }
    }

    /// The next snapshot writes it anew, whether it changed or not.
    pub fn renew(&mut self) {
        self.saved = None;
    }

    pub fn snapshot(&mut self, dir: &Path, safe: &Safe) -> Result<LiveState> {
        if self.saved.is_none() && !self.ring.is_empty() {
            std::fs::create_dir_all(dir)?;
            self.next_file += 1;
            let name = format!("{:012}.live", self.next_file);
            let rows: Vec<Saved> = self.ring.iter().cloned().map(Saved::from).collect();
            let json = serde_json::to_vec(&rows).map_err(Error::internal)?;
            let bytes = zstd::bulk::compress(&json, LEVEL).map_err(Error::internal)?;
            safe.write(&dir.join(&name), PART, bytes)?;
            self.saved = Some(name);
        }
        Ok(LiveState { file: self.saved.clone(), next_file: self.next_file })
    }

    pub fn load(dir: &Path, state: &LiveState, safe: &Safe) -> Result<Live> {
        let mut live = Live { ring: VecDeque::new(), next_file: state.next_file, saved: state.file.clone() };
        if let Some(file) = &state.file {
            let bytes = safe.read(&dir.join(file), PART)?;
            let json = zstd::bulk::decompress(&bytes, BYTES_MAX).map_err(Error::internal)?;
            let rows: Vec<Saved> = serde_json::from_slice(&json).map_err(Error::internal)?;
            live.ring = rows.into_iter().map(EventRow::from).collect();
        }
        Ok(live)
    }
}

impl From<EventRow> for Saved {
    fn from(row: EventRow) -> Saved {
        let EventRow { person, time, seq, name, props, ids, source, received_at } = row;
        Saved { person, time, seq, name, props, ids, source, received_at }
    }
}

impl From<Saved> for EventRow {
    fn from(row: Saved) -> EventRow {
        let Saved { person, time, seq, name, props, ids, source, received_at } = row;
        EventRow { person, time, seq, name, props, ids, source, received_at }
    }
}
