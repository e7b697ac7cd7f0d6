//! Segment files: creation, listing and recovery of the last one.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use siyu_types::{Error, Result};

use super::frame::{self, HEADER_BYTES, Parsed};

/// A file of the log, named by its first sequence number.
pub(super) struct Segment {
    pub first: u64,
    pub path: PathBuf,
    pub file: File,
    /// Tells a rewritten file from the one it replaced: offsets hold in one of them only.
    pub generation: u64,
}

impl Segment {
    pub fn new(first: u64, path: PathBuf, file: File) -> Segment {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Segment { first, path, file, generation: NEXT.fetch_add(1, Ordering::Relaxed) }
    }
}

/// What recovery found.
pub(super) struct Recovered {
    pub segments: Vec<Arc<Segment>>,
    /// Bytes of the last segment that hold whole frames.
    pub length: u64,
    pub next: u64,
}

const TEMPORARY: &str = "new.tmp";
/// A segment that is being rewritten.
pub(super) const REWRITTEN: &str = "rewrite.tmp";

/// Creates a segment so that it is either there with its header or not at all.
/// Replaces an empty segment of the same name.
pub(super) fn create(dir: &Path, first: u64) -> io::Result<Segment> {
    let temporary = dir.join(TEMPORARY);
    let path = dir.join(format!("{first:020}.log"));
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&temporary)?;
    file.write_all(&frame::header(first))?;
    file.sync_all()?;
    rename(&temporary, &path)?;
    sync_dir(dir)?;
    Ok(Segment::new(first, path, file))
}

pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fail::fail_point!("log::rename", |kind| Err(crate::faults::injected(kind)));
    std::fs::rename(from, to)
}

pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Opens what is there; an empty folder becomes a log that starts at 0.
pub(super) fn recover(dir: &Path, record_bytes_max: usize) -> Result<Recovered> {
    for leftover in [TEMPORARY, REWRITTEN].map(|name| dir.join(name)) {
        if leftover.exists() {
            std::fs::remove_file(&leftover)?;
        }
    }
    let mut segments = Vec::new();
    for (first, path) in list(dir)? {
        let mut file = OpenOptions::new().read(true).write(true).open(&path)?;
        let mut header = [0; HEADER_BYTES as usize];
        let known = match file.read_exact(&mut header) {
            Ok(()) => frame::read_header(&header),
            Err(_) => Err("is shorter than a header"),
        };
        match known {
            Ok(number) if number == first => segments.push(Arc::new(Segment::new(first, path, file))),
            Ok(_) => return Err(damaged(&path, "was renamed")),
            Err(why) => return Err(damaged(&path, why)),
        }
    }
    let Some(last) = segments.last().cloned() else {
        let segment = create(dir, 0)?;
        return Ok(Recovered { segments: vec![Arc::new(segment)], length: HEADER_BYTES, next: 0 });
    };
    let (length, next) = recover_last(&last, record_bytes_max)?;
    Ok(Recovered { segments, length, next })
}

fn list(dir: &Path) -> Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(first) = name.strip_suffix(".log").and_then(|number| number.parse().ok()) {
            found.push((first, path));
        }
    }
    found.sort();
    Ok(found)
}

/// Walks the frames of the last segment and cuts what follows the last whole one.
fn recover_last(segment: &Segment, record_bytes_max: usize) -> Result<(u64, u64)> {
    let data = std::fs::read(&segment.path)?;
    let mut at = HEADER_BYTES as usize;
    let mut next = segment.first;
    while let Parsed::Frame(frame) = frame::parse(&data[at..], record_bytes_max) {
        if frame.seq != next {
            break;
        }
        at += frame.payload.end;
        next += 1;
    }
    let tail = &data[at..];
    if frame::later_group(tail, next, record_bytes_max) {
        return Err(damaged(&segment.path, &format!("is damaged at record {next}, which had been synced")));
    }
    if !tail.is_empty() {
        tracing::warn!(file = %segment.path.display(), bytes = tail.len(), "cut the torn tail of the log");
        segment.file.set_len(at as u64)?;
        segment.file.sync_all()?;
    }
    Ok((at as u64, next))
}

pub(super) fn damaged(path: &Path, why: &str) -> Error {
    Error::internal(format!("log segment {} {why}", path.display()))
}
