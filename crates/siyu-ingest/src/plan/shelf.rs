//! Reading what was set aside, without holding the quarantine.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use siyu_types::{Error, Result};

use super::entry::{Entry, Held};
use crate::safe::Safe;

/// What the index is tied to if it is sealed; contents to their number as well.
pub(super) const PART: &str = "quarantine";

/// Where contents are read, without holding the quarantine.
#[derive(Clone, Debug)]
pub struct Shelf {
    pub(super) dir: PathBuf,
    pub(super) safe: Safe,
}

/// The content of an entry; `None` if it had to make room meanwhile. Needs no lock.
pub fn read(shelf: &Shelf, entry: &Entry) -> Result<Option<Held>> {
    let file = match File::open(data_path(&shelf.dir, entry.file)) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut line = vec![0; entry.bytes as usize];
    file.read_exact_at(&mut line, entry.at)?;
    if line.trim_ascii().is_empty() {
        // Its person was erased, and the index does not know yet.
        return Ok(None);
    }
    let line = shelf.safe.open(&part(entry.seq), line)?;
    serde_json::from_slice(&line).map(Some).map_err(Error::internal)
}

/// What the content of an entry is tied to if it is sealed.
pub(super) fn part(seq: u64) -> String {
    format!("{PART}/{seq}")
}

pub(super) fn data_path(dir: &Path, file: u64) -> PathBuf {
    dir.join(format!("{file:012}.records"))
}
