//! What arrived with a key that nobody knows: kept aside, bounded, so that a
//! mistyped key in an app that was already shipped does not cost the data.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use siyu_types::ports::{NamesErased, Vault};
use siyu_types::sealed::open_whole;
use siyu_types::{Error, Result};

use crate::frame::{Frame, ProtocolId, Terms, cut};

/// Two files of this size at most; the older one is replaced.
const FILE_BYTES_MAX: u64 = 32 << 20;
/// A single larger body is noted without its bytes.
const BODY_BYTES_MAX: usize = 256 * 1024;
const KEY_SHOWN_CHARS: usize = 6;

/// One request with an unknown key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Stray {
    pub received_at: Millis,
    pub protocol: String,
    /// The first characters of the key, to recognise it by.
    pub key_hint: String,
    pub route: String,
    pub query: String,
    pub bytes: usize,
    /// Base64 of the body; absent if it was too large to keep.
    pub body: Option<String>,
}

impl Stray {
    /// The body, if it was kept.
    pub fn bytes_kept(&self) -> Option<Vec<u8>> {
        STANDARD.decode(self.body.as_ref()?).ok()
    }

    fn names(&self, names: &NamesErased) -> bool {
        let Some(body) = self.bytes_kept() else { return names(&self.query) };
        let decoded = self.frame(&body).map(|frame| crate::protocols::decode(&frame)).unwrap_or_default();
        let of_record = |id: &siyu_types::Identifier| names(&id.value);
        names(&self.query)
            || names(&String::from_utf8_lossy(&body))
            || decoded.records.iter().flat_map(|(_, record)| &record.ids).any(of_record)
    }

    /// The request as the frame it would have become.
    pub fn frame<'a>(&'a self, body: &'a [u8]) -> Option<Frame<'a>> {
        let protocol = ProtocolId::ALL.iter().copied().find(|id| id.as_str() == self.protocol)?;
        let (terms, received_at) = (Terms::default(), self.received_at);
        Some(Frame { protocol, terms, received_at, source: "", route: &self.route, query: &self.query, body })
    }
}

/// What sealed lines are tied to.
const PLACE: &str = "unassigned";

pub struct Unassigned {
    dir: PathBuf,
    vault: Option<Arc<dyn Vault>>,
    file: Mutex<Option<(File, u64)>>,
}

impl Unassigned {
    pub fn open(dir: &Path, vault: Option<Arc<dyn Vault>>) -> Unassigned {
        Unassigned { dir: dir.to_owned(), vault, file: Mutex::new(None) }
    }

    /// A line as it is kept: JSON, or what the vault made of it, as text.
    fn line(&self, stray: &Stray) -> Result<String> {
        let json = serde_json::to_string(stray).map_err(Error::internal)?;
        match self.vault.as_ref().filter(|vault| vault.seals()) {
            Some(vault) => Ok(STANDARD.encode(vault.seal(PLACE, json.as_bytes())?)),
            None => Ok(json),
        }
    }

    /// `None` for what is not a line of ours, such as a torn last one after a crash.
    fn stray(&self, line: &str) -> Result<Option<Stray>> {
        if line.starts_with('{') {
            return Ok(serde_json::from_str(line).ok());
        }
        let Ok(sealed) = STANDARD.decode(line) else { return Ok(None) };
        let json = open_whole(self.vault.as_ref(), PLACE, sealed)?;
        Ok(serde_json::from_slice(&json).ok())
    }

    pub fn put(&self, frame: &Frame<'_>, key: &str) -> Result<()> {
        let stray = Stray {
            received_at: frame.received_at,
            protocol: frame.protocol.as_str().to_owned(),
            key_hint: key.chars().take(KEY_SHOWN_CHARS).collect(),
            route: frame.route.to_owned(),
            query: cut(frame.query, BODY_BYTES_MAX).to_owned(),
            bytes: frame.body.len(),
            body: (frame.body.len() <= BODY_BYTES_MAX).then(|| STANDARD.encode(frame.body)),
        };
        let line = self.line(&stray)? + "\n";
        let mut slot = self.file.lock();
        if slot.as_ref().is_some_and(|(_, length)| *length >= FILE_BYTES_MAX) {
            *slot = None;
            std::fs::rename(self.current(), self.previous())?;
        }
        let (mut file, length) = match slot.take() {
            Some(open) => open,
            None => {
                std::fs::create_dir_all(&self.dir)?;
                let file = OpenOptions::new().create(true).append(true).open(self.current())?;
                let length = file.metadata()?.len();
                (file, length)
            }
        };
        file.write_all(line.as_bytes())?;
        *slot = Some((file, length + line.len() as u64));
        Ok(())
    }

    /// The latest ones, newest first.
    pub fn latest(&self, limit: usize) -> Result<Vec<Stray>> {
        let mut all = Vec::new();
        for path in [self.previous(), self.current()] {
            let Ok(file) = File::open(path) else { continue };
            for line in BufReader::new(file).lines() {
                all.extend(self.stray(&line?)?);
                if all.len() > 2 * limit {
                    all.drain(..limit);
                }
            }
        }
        all.reverse();
        all.truncate(limit);
        Ok(all)
    }

    /// Takes requests away that name somebody: what they hold is looked at as records and, if
    /// it is none, as text. Answers how many. Requests wait meanwhile.
    pub fn forget(&self, names: &NamesErased) -> Result<u64> {
        self.rewrite(|stray| !stray.names(names))
    }

    /// Writes everything anew, as lines are kept now.
    pub fn renew(&self) -> Result<()> {
        self.rewrite(|_| true).map(drop)
    }

    /// Keeps what fits, written anew. Answers how many went. Requests wait meanwhile.
    fn rewrite(&self, fits: impl Fn(&Stray) -> bool) -> Result<u64> {
        let mut slot = self.file.lock();
        // Opened anew by the next request.
        *slot = None;
        let mut gone = 0;
        for path in [self.previous(), self.current()] {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let mut kept = String::with_capacity(text.len());
            for line in text.lines() {
                match self.stray(line)?.filter(&fits) {
                    Some(stray) => kept += &(self.line(&stray)? + "\n"),
                    None => gone += 1,
                }
            }
            if kept != text {
                let temporary = path.with_extension("new");
                std::fs::write(&temporary, kept)?;
                File::open(&temporary)?.sync_all()?;
                std::fs::rename(&temporary, &path)?;
                File::open(&self.dir)?.sync_all()?;
            }
        }
        Ok(gone)
    }

    fn current(&self) -> PathBuf {
        self.dir.join("current.ndjson")
    }

    fn previous(&self) -> PathBuf {
        self.dir.join("previous.ndjson")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strays_are_kept_in_order() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let unassigned = Unassigned::open(dir.path(), None);
        for at in 1..=30 {
            let frame = Frame {
                protocol: ProtocolId::Sensors,
                terms: Terms::default(),
                received_at: at,
                source: "",
                route: "",
                query: "project=x",
                body: b"data=1",
            };
            unassigned.put(&frame, "wk_unknown").expect("kept");
        }
        let latest = Unassigned::open(dir.path(), None).latest(3).expect("readable");
        let times: Vec<_> = latest.iter().map(|stray| stray.received_at).collect();
        assert_eq!((times, latest[0].key_hint.as_str(), latest[0].bytes), (vec![30, 29, 28], "wk_unk", 6));
    }
}
