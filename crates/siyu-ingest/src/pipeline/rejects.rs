//! Records that were set aside, with the reason: the most recent ones, bounded.
//! They are part of the checkpoint, so that a replay neither loses nor repeats one.

use std::collections::VecDeque;
use std::path::Path;

use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use siyu_types::{Error, Result};

use crate::protocols::ReasonCode;

/// The oldest ones make room.
pub const REJECTS_MAX: usize = 10_000;
pub const REJECTS_BYTES_MAX: usize = 16 << 20;
const LEVEL: i32 = 3;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Reject {
    /// Ascending; never reused.
    pub seq: u64,
    pub received_at: Millis,
    pub protocol: String,
    pub source: String,
    pub code: ReasonCode,
    pub field: String,
    pub message: String,
    /// The item as it arrived, cut; whole if it can be let in later. May hold
    /// personal data.
    pub excerpt: String,
    /// When somebody let it in after all.
    #[serde(default)]
    pub released_at: Option<Millis>,
}

#[derive(Default)]
pub struct Rejects {
    ring: VecDeque<Reject>,
    bytes: usize,
    next: u64,
    /// Of all time.
    total: u64,
    saved: Option<(u64, String)>,
    /// Files written, so that no name is used for two states.
    files: u64,
}

#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct RejectsState {
    /// Absent while there is none.
    pub file: Option<String>,
    pub next: u64,
    pub total: u64,
    #[serde(default)]
    pub files: u64,
}

/// A page of rejects, newest first.
#[derive(Clone, Default, Debug)]
pub struct RejectsPage {
    pub before: Option<u64>,
    pub limit: usize,
    pub code: Option<ReasonCode>,
    pub source: Option<String>,
    pub query: String,
}

impl Rejects {
    pub fn push(&mut self, mut reject: Reject) {
        reject.seq = self.next;
        self.next += 1;
        self.total += 1;
        self.bytes += weight(&reject);
        self.ring.push_back(reject);
        while self.ring.len() > REJECTS_MAX || self.bytes > REJECTS_BYTES_MAX {
            let Some(oldest) = self.ring.pop_front() else { break };
            self.bytes -= weight(&oldest);
        }
    }

    pub fn total(&self) -> u64 {
        self.total
    }

    /// Notes that these were let in.
    pub fn release(&mut self, numbers: &[u64], at: Millis) {
        for reject in self.ring.iter_mut().filter(|reject| numbers.contains(&reject.seq)) {
            reject.released_at.get_or_insert(at);
            self.saved = None;
        }
    }

    /// Those with these numbers that are still kept.
    pub fn with_numbers(&self, numbers: &[u64]) -> Vec<Reject> {
        self.ring.iter().filter(|reject| numbers.contains(&reject.seq)).cloned().collect()
    }

    pub fn page(&self, page: &RejectsPage) -> Vec<Reject> {
        let matches = |reject: &&Reject| {
            page.before.is_none_or(|before| reject.seq < before)
                && page.code.is_none_or(|code| reject.code == code)
                && page.source.as_ref().is_none_or(|source| reject.source == *source)
                && (page.query.is_empty()
                    || [&reject.excerpt, &reject.field, &reject.source]
                        .iter()
                        .any(|text| text.contains(&page.query)))
        };
        self.ring.iter().rev().filter(matches).take(page.limit).cloned().collect()
    }

    pub fn snapshot(&mut self, dir: &Path) -> Result<RejectsState> {
        let mut state = RejectsState { file: None, next: self.next, total: self.total, files: self.files };
        if self.ring.is_empty() {
            return Ok(state);
        }
        if let Some((next, file)) = &self.saved
            && *next == self.next
        {
            state.file = Some(file.clone());
            return Ok(state);
        }
        std::fs::create_dir_all(dir)?;
        self.files += 1;
        let name = format!("{:012}.{:06}.rejects", self.next, self.files);
        let json = serde_json::to_vec(&self.ring).map_err(Error::internal)?;
        let bytes = zstd::bulk::compress(&json, LEVEL).map_err(Error::internal)?;
        let path = dir.join(&name);
        std::fs::write(&path, bytes)?;
        std::fs::File::open(&path)?.sync_all()?;
        self.saved = Some((self.next, name.clone()));
        (state.file, state.files) = (Some(name), self.files);
        Ok(state)
    }

    pub fn load(dir: &Path, state: &RejectsState) -> Result<Rejects> {
        let Some(file) = &state.file else {
            return Ok(Rejects {
                next: state.next,
                total: state.total,
                files: state.files,
                ..Rejects::default()
            });
        };
        let bytes = std::fs::read(dir.join(file))?;
        let json = zstd::bulk::decompress(&bytes, 4 * REJECTS_BYTES_MAX).map_err(Error::internal)?;
        let ring: VecDeque<Reject> = serde_json::from_slice(&json).map_err(Error::internal)?;
        let bytes = ring.iter().map(weight).sum();
        let saved = Some((state.next, file.clone()));
        Ok(Rejects { ring, bytes, next: state.next, total: state.total, saved, files: state.files })
    }

    /// Removes the files that the committed state does not name.
    pub fn retire(dir: &Path, state: &RejectsState) -> Result<()> {
        if !dir.exists() {
            return Ok(());
        }
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            if state.file.as_deref() != Some(entry.file_name().to_string_lossy().as_ref()) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

fn weight(reject: &Reject) -> usize {
    reject.excerpt.len() + reject.message.len() + reject.source.len() + 160
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reject(excerpt: &str) -> Reject {
        Reject {
            seq: 0,
            received_at: 1,
            protocol: "own".into(),
            source: "web".into(),
            code: ReasonCode::NotJson,
            field: "body".into(),
            message: "not JSON".into(),
            excerpt: excerpt.into(),
            released_at: None,
        }
    }

    #[test]
    fn the_ring_is_bounded_and_survives() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let mut rejects = Rejects::default();
        for index in 0..REJECTS_MAX + 5 {
            rejects.push(reject(&format!("item {index}")));
        }
        let page = RejectsPage { limit: 2, ..RejectsPage::default() };
        let seqs = |rejects: &Rejects, page: &RejectsPage| {
            rejects.page(page).into_iter().map(|reject| reject.seq).collect::<Vec<_>>()
        };
        assert_eq!(seqs(&rejects, &page), [10_004, 10_003]);
        let state = rejects.snapshot(dir.path()).expect("written");
        let mut back = Rejects::load(dir.path(), &state).expect("read");
        assert_eq!(seqs(&back, &page), [10_004, 10_003]);
        assert_eq!(seqs(&back, &RejectsPage { before: Some(6), ..page.clone() }), [5]);
        assert_eq!(
            seqs(&back, &RejectsPage { query: "item 77".into(), limit: 500, ..page.clone() }).len(),
            111
        );
        assert_eq!(back.snapshot(dir.path()).expect("unchanged"), state);
        back.push(reject("one more"));
        let next = back.snapshot(dir.path()).expect("written");
        assert_ne!(next.file, state.file);
        Rejects::retire(dir.path(), &next).expect("removed");
        assert_eq!((back.total(), std::fs::read_dir(dir.path()).expect("folder").count()), (10_006, 1));
    }
}
