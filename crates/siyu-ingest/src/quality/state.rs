//! The counters in the checkpoint: one compressed file, written when they changed.

use std::path::Path;

use serde::{Deserialize, Serialize};
use siyu_types::{Error, Result};

use super::counters::Counters;
use crate::safe::Safe;

const LEVEL: i32 = 1;
/// What the file is tied to if it is sealed.
const PART: &str = "quality";
/// A saved state is never larger than this when unpacked; the bounds of the counters
/// keep it far below.
const BYTES_MAX: usize = 256 << 20;

#[derive(Default)]
pub struct Quality {
    pub counters: Counters,
    saved: Option<String>,
    next_file: u64,
}

/// Names the file in the manifest.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct QualityState {
    pub file: Option<String>,
    pub next_file: u64,
}

impl Quality {
    /// The counters, to be changed.
    pub fn change(&mut self) -> &mut Counters {
        self.saved = None;
        &mut self.counters
    }

    /// The next snapshot writes them anew, whether they changed or not.
    pub fn renew(&mut self) {
        self.saved = None;
    }

    pub fn snapshot(&mut self, dir: &Path, safe: &Safe) -> Result<QualityState> {
        if self.saved.is_none() && !self.counters.sources.is_empty() {
            std::fs::create_dir_all(dir)?;
            self.next_file += 1;
            let name = format!("{:012}.quality", self.next_file);
            let json = serde_json::to_vec(&self.counters).map_err(Error::internal)?;
            let bytes = zstd::bulk::compress(&json, LEVEL).map_err(Error::internal)?;
            safe.write(&dir.join(&name), PART, bytes)?;
            self.saved = Some(name);
        }
        Ok(QualityState { file: self.saved.clone(), next_file: self.next_file })
    }

    pub fn load(dir: &Path, state: &QualityState, safe: &Safe) -> Result<Quality> {
        let mut quality =
            Quality { saved: state.file.clone(), next_file: state.next_file, ..Quality::default() };
        if let Some(file) = &state.file {
            let bytes = safe.read(&dir.join(file), PART)?;
            let json = zstd::bulk::decompress(&bytes, BYTES_MAX).map_err(Error::internal)?;
            quality.counters = serde_json::from_slice(&json).map_err(Error::internal)?;
            quality.counters.index();
        }
        Ok(quality)
    }
}
