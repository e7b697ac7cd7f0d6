//! Everything that was set aside, whole and replayable: what the plan does not admit,
//! what has an unlikely time or names nobody, what could not be read. An index in memory
//! and the contents in files, both part of the checkpoint. The oldest make room.
//!
//! Setting aside cannot fail: the records of a batch wait in memory until
//! [`Quarantine::flush`] has written them, which is tried again while the disk is full.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use siyu_types::{Error, Record, Result};

use super::entry::{Aside, AsideRaw, Entry, EntryState, Held, Place, Why};
use super::model::SubjectKind;
use super::rules::subject;
use super::shelf::{PART, Shelf, data_path, part, read};
use crate::safe::Safe;

/// Kept of one project; beyond either the oldest file goes, and what it held is counted.
pub const ENTRIES_MAX: usize = 200_000;
pub const BYTES_MAX: u64 = 256 << 20;
/// A file is closed at this size.
const FILE_BYTES: u64 = 8 << 20;
const LEVEL: i32 = 3;

/// Named in the manifest.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct QuarantineState {
    /// Absent while there is nothing.
    pub index: Option<String>,
    /// Bytes of the last file that count.
    pub file: u64,
    pub length: u64,
    pub next: u64,
    pub dropped: u64,
}

/// A line that is not in its file yet.
struct Waiting {
    file: u64,
    at: u64,
    line: Vec<u8>,
}

pub struct Quarantine {
    dir: PathBuf,
    safe: Safe,
    entries: VecDeque<Entry>,
    /// Keys of whole records that are open.
    keys: FxHashSet<u128>,
    next: u64,
    /// Open entries that had to make room, of all time.
    dropped: u64,
    /// The file that is filled, and its length when all that waits is written.
    file: u64,
    length: u64,
    waiting: VecDeque<Waiting>,
    /// The file that is written to, and which it is.
    writer: Option<(u64, File)>,
    bytes: u64,
    changed: bool,
    index: Option<String>,
    snapshots: u64,
}

impl Quarantine {
    pub fn open(dir: &Path, state: &QuarantineState, safe: Safe) -> Result<Quarantine> {
        let mut entries = VecDeque::new();
        if let Some(index) = &state.index {
            let bytes = safe.read(&dir.join(index), PART)?;
            let json = zstd::stream::decode_all(&bytes[..])?;
            entries = serde_json::from_slice(&json).map_err(Error::internal)?;
            // Whatever was written after the checkpoint is written again by the replay.
            if state.length > 0 {
                let file = OpenOptions::new().write(true).open(data_path(dir, state.file))?;
                file.set_len(state.length)?;
            }
        }
        let open = |entry: &&Entry| entry.state == EntryState::Open && entry.whole && !entry.raw;
        let number = state.index.as_deref().and_then(|name| name.split('.').next()?.parse().ok());
        Ok(Quarantine {
            dir: dir.to_owned(),
            safe,
            keys: entries.iter().filter(open).map(|entry: &Entry| entry.key).collect(),
            bytes: entries.iter().map(|entry: &Entry| u64::from(entry.bytes)).sum(),
            entries,
            next: state.next,
            dropped: state.dropped,
            file: state.file,
            length: state.length,
            waiting: VecDeque::new(),
            writer: None,
            changed: false,
            index: state.index.clone(),
            snapshots: number.unwrap_or(0),
        })
    }

    /// The record of this key is here already, open.
    pub fn knows(&self, key: u128) -> bool {
        self.keys.contains(&key)
    }

    pub fn push(&mut self, aside: Aside<'_>) -> Result<()> {
        let Aside { why, protocol, record, event, whole } = aside;
        let held = Held { record: Some(record.clone()), raw: None };
        if whole {
            self.keys.insert(record.key);
        }
        let (kind, name) = named(record);
        self.add(&held, |place| Entry {
            kind,
            subject: name.to_owned(),
            time: record.time,
            received_at: record.received_at,
            source: record.source.clone(),
            key: record.key,
            whole,
            event,
            ..Entry::new(why, protocol, place)
        })
    }

    /// Keeps a record that an older program had set aside.
    pub fn push_former(&mut self, why: Why, protocol: &str, record: &Record) -> Result<()> {
        self.push(Aside { why, protocol, record, event: None, whole: true })
    }

    /// Keeps what did not become a record.
    pub fn push_raw(&mut self, aside: AsideRaw<'_>) -> Result<()> {
        let AsideRaw { why, protocol, source, received_at, raw } = aside;
        let held = Held { record: None, raw: Some(raw) };
        self.add(&held, |place| Entry {
            time: received_at,
            received_at,
            source: source.to_owned(),
            raw: true,
            ..Entry::new(why, protocol, place)
        })
    }

    fn add(&mut self, held: &Held, entry: impl FnOnce(Place) -> Entry) -> Result<()> {
        let line = self.line(self.next, held)?;
        if self.length >= FILE_BYTES {
            (self.file, self.length) = (self.file + 1, 0);
        }
        let (at, bytes) = (self.length, line.len() as u64);
        self.waiting.push_back(Waiting { file: self.file, at, line });
        self.length += bytes;
        self.bytes += bytes;
        // A record is far smaller than 4 GB.
        let place = Place { seq: self.next, file: self.file, at, bytes: bytes as u32 };
        self.entries.push_back(entry(place));
        self.next += 1;
        self.changed = true;
        self.make_room(ENTRIES_MAX, BYTES_MAX);
        Ok(())
    }

    /// What stands in a file of an entry.
    fn line(&self, seq: u64, held: &Held) -> Result<Vec<u8>> {
        let mut line = serde_json::to_vec(held).map_err(Error::internal)?;
        line.push(b'\n');
        self.safe.seal(&part(seq), line)
    }

    /// Writes everything anew into files of its own, as contents are sealed now and as `keep`
    /// changes them. Counts with the next snapshot; until then the old files are as they were.
    pub fn renew(&mut self, mut keep: impl FnMut(&mut Held) -> bool) -> Result<()> {
        self.flush()?;
        let shelf = self.shelf();
        (self.file, self.length, self.bytes) = (self.file + 1, 0, 0);
        for at in 0..self.entries.len() {
            // What had to make room meanwhile has no content, here neither.
            let line = match read(&shelf, &self.entries[at])? {
                Some(mut held) => {
                    keep(&mut held);
                    self.line(self.entries[at].seq, &held)?
                }
                None => Vec::new(),
            };
            if self.length >= FILE_BYTES {
                (self.file, self.length) = (self.file + 1, 0);
            }
            let entry = &mut self.entries[at];
            (entry.file, entry.at, entry.bytes) = (self.file, self.length, line.len() as u32);
            self.waiting.push_back(Waiting { file: self.file, at: self.length, line });
            self.length += u64::from(entry.bytes);
            self.bytes += u64::from(entry.bytes);
            self.flush()?;
        }
        self.changed |= self.index.is_some() || !self.entries.is_empty();
        Ok(())
    }

    /// Writes what waits. After an error the rest still waits, to be tried again.
    pub fn flush(&mut self) -> Result<()> {
        while let Some(next) = self.waiting.front() {
            let (file, at) = (next.file, next.at);
            if self.writer.as_ref().is_none_or(|(open, _)| *open != file) {
                self.sync()?;
                self.writer = Some((file, open_at(&self.dir, file, at)?));
            }
            if let (Some((_, file)), Some(next)) = (&self.writer, self.waiting.front()) {
                file.write_all_at(&next.line, at)?;
            }
            self.waiting.pop_front();
        }
        Ok(())
    }

    /// The next line goes to a file that is opened anew.
    #[cfg(test)]
    pub fn cut_writer(&mut self) {
        self.writer = None;
    }

    /// Entries from here on are not in their files yet.
    pub fn unwritten(&self) -> u64 {
        self.next - self.waiting.len() as u64
    }

    /// Drops whole files from the front; never the one that is filled.
    pub fn make_room(&mut self, entries_max: usize, bytes_max: u64) {
        while self.entries.len() > entries_max || self.bytes > bytes_max {
            let Some(oldest) = self.entries.front().map(|entry| entry.file) else { break };
            if oldest == self.file {
                // All of it is in one file: small records. The next ones go to another.
                (self.file, self.length) = (self.file + 1, 0);
            }
            while let Some(entry) = self.entries.pop_front_if(|entry| entry.file == oldest) {
                self.bytes -= u64::from(entry.bytes);
                if entry.state == EntryState::Open {
                    self.dropped += 1;
                    if entry.whole {
                        self.keys.remove(&entry.key);
                    }
                }
            }
            self.waiting.retain(|waiting| waiting.file != oldest);
        }
    }

    fn sync(&self) -> Result<()> {
        if let Some((_, file)) = &self.writer {
            file.sync_all()?;
        }
        Ok(())
    }

    pub fn entry(&self, seq: u64) -> Option<&Entry> {
        let at = self.entries.binary_search_by_key(&seq, |entry| entry.seq).ok()?;
        self.entries.get(at)
    }

    /// Ends an open entry; false if there is none.
    pub fn settle(&mut self, seq: u64, state: EntryState, at: Millis) -> bool {
        let Ok(place) = self.entries.binary_search_by_key(&seq, |entry| entry.seq) else { return false };
        let Some(entry) = self.entries.get_mut(place).filter(|entry| entry.state == EntryState::Open) else {
            return false;
        };
        (entry.state, entry.settled_at) = (state, Some(at));
        if entry.whole {
            self.keys.remove(&entry.key);
        }
        self.changed = true;
        true
    }

    /// An open entry was tried again and is refused for another reason now.
    pub fn refuse_again(&mut self, seq: u64, why: Why) {
        if let Ok(at) = self.entries.binary_search_by_key(&seq, |entry| entry.seq) {
            let entry = &mut self.entries[at];
            (entry.reason, entry.field, entry.message) = (why.reason, why.field, why.message);
            self.changed = true;
        }
    }

    /// Takes entries away for good: out of the index, and their contents out of the files,
    /// where blanks take their place. They do not count as dropped.
    pub fn erase(&mut self, seqs: &[u64]) -> Result<()> {
        self.flush()?;
        for seq in seqs {
            let Ok(place) = self.entries.binary_search_by_key(seq, |entry| entry.seq) else { continue };
            let entry = &self.entries[place];
            let path = data_path(&self.dir, entry.file);
            if path.exists() {
                let file = OpenOptions::new().write(true).open(path)?;
                file.write_all_at(&blank(entry.bytes), entry.at)?;
                file.sync_all()?;
            }
            if let Some(entry) = self.entries.remove(place) {
                self.bytes -= u64::from(entry.bytes);
                self.keys.remove(&entry.key);
            }
            self.changed = true;
        }
        Ok(())
    }

    pub fn entries(&self) -> &VecDeque<Entry> {
        &self.entries
    }

    /// Entries of all time.
    pub fn total(&self) -> u64 {
        self.next
    }

    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn shelf(&self) -> Shelf {
        Shelf { dir: self.dir.clone(), safe: self.safe.clone() }
    }

    pub fn snapshot(&mut self) -> Result<QuarantineState> {
        if self.changed {
            self.flush()?;
            self.sync()?;
            self.snapshots += 1;
            let name = format!("{:012}.index", self.snapshots);
            let json = serde_json::to_vec(&self.entries).map_err(Error::internal)?;
            self.safe.write(&self.dir.join(&name), PART, zstd::bulk::compress(&json, LEVEL)?)?;
            self.index = Some(name);
            self.changed = false;
        }
        Ok(QuarantineState {
            index: self.index.clone(),
            file: self.file,
            length: self.length,
            next: self.next,
            dropped: self.dropped,
        })
    }

    /// Removes the files that the committed state does not need.
    pub fn retire(&self, state: &QuarantineState) -> Result<()> {
        if !self.dir.exists() {
            return Ok(());
        }
        let oldest = self.entries.front().map_or(self.file, |entry| entry.file);
        for entry in std::fs::read_dir(&self.dir)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let needed = match name.strip_suffix(".records").map(str::parse::<u64>) {
                Some(Ok(file)) => file >= oldest,
                _ => state.index.as_deref() == Some(name),
            };
            if !needed {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

fn named(record: &Record) -> (SubjectKind, &str) {
    subject(&record.body).map_or((SubjectKind::Event, ""), |(kind, name, _)| (kind, name))
}

/// The file, cut to this length: what a crash left behind the checkpoint goes.
fn open_at(dir: &Path, file: u64, length: u64) -> Result<File> {
    std::fs::create_dir_all(dir)?;
    let file = OpenOptions::new().create(true).write(true).truncate(false).open(data_path(dir, file))?;
    file.set_len(length)?;
    Ok(file)
}

/// As long as a line, and nothing in it.
fn blank(bytes: u32) -> Vec<u8> {
    let mut line = vec![b' '; bytes as usize];
    if let Some(last) = line.last_mut() {
        *last = b'\n';
    }
    line
}
