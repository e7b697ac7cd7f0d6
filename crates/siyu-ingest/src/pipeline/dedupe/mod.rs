//! Which keys have been applied. Keys are kept in generations by time of
//! receipt; a generation older than the window is dropped whole. Keys of imported
//! files are kept apart and without end of time, so that a file read again a week
//! later still changes nothing.
//!
//! Time here is the time of receipt in the log, never the clock, so that a
//! replay decides as the first run did.

mod sieve;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::hash::{BuildHasherDefault, Hasher};
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use siyu_types::{Error, Result};

use sieve::Sieve;

const HOUR: Millis = 60 * 60 * 1000;
/// A key is known for at least this long after its first receipt, unless the project
/// says otherwise.
const WINDOW_HOURS: u16 = 48;
/// A set of 128-bit keys: 16 bytes and one of its own per slot, of which seven in
/// eight are used at most and half of that just after it has grown.
const SLOT_BYTES: u64 = 17;
/// A generation is closed when it is this old, or holds this many keys.
const GENERATION_SPAN: Millis = 6 * HOUR;
/// As many as fill a table of 2^20 slots to its bound: one key more would double the
/// table, from 19 to 34 bytes per key.
const GENERATION_KEYS_MAX: usize = (1 << 20) / 8 * 7;
/// Bounds of memory: about 25 million keys in 480 MB each, and up to 50 MB for the sieve
/// before them. Beyond it the oldest keys are forgotten before the window ends, which
/// `horizon` then says.
const GENERATIONS_MAX: usize = 27;
const IMPORT_GENERATIONS_MAX: usize = 27;

/// Keys are hashes already; half of one is a hash of it.
#[derive(Default, Clone, Copy)]
pub struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u128(&mut self, key: u128) {
        self.0 = key as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

type KeySet = std::collections::HashSet<u128, BuildHasherDefault<KeyHasher>>;

/// Names a generation in the manifest. Closed generations never change, so their
/// file is written once.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct GenerationState {
    pub file: String,
    pub keys: u64,
    pub first: Millis,
    pub last: Millis,
    pub closed: bool,
}

#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct DedupeState {
    pub window: Vec<GenerationState>,
    pub imports: Vec<GenerationState>,
    /// Number the next file will have.
    pub next_file: u64,
    /// Latest receipt that was forgotten before its time.
    pub forgotten: Option<Millis>,
    /// As the project says; 0 in states from before it could.
    #[serde(default)]
    pub window_hours: u16,
}

/// What the memory holds and how far it reaches.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct DedupeFigures {
    pub window_hours: u16,
    pub keys: u64,
    /// Keys of imported files, kept for good.
    pub import_keys: u64,
    pub bytes: u64,
    /// Everything received after this is known; it is later than the window says when
    /// keys had to be forgotten early. `None` if nothing was.
    pub horizon: Option<Millis>,
}

struct Generation {
    keys: KeySet,
    first: Millis,
    last: Millis,
    closed: bool,
    /// The file it stands in, if that file is complete.
    file: Option<String>,
}

impl Generation {
    fn new(at: Millis) -> Generation {
        Generation { keys: KeySet::default(), first: at, last: at, closed: false, file: None }
    }
}

/// Generations of one memory, oldest first.
#[derive(Default)]
struct Generations {
    all: VecDeque<Generation>,
    /// Of their keys, and of some that have been forgotten.
    sieve: Sieve,
}

impl Generations {
    fn knows(&self, key: u128) -> bool {
        self.sieve.perhaps(key) && self.all.iter().rev().any(|generation| generation.keys.contains(&key))
    }

    /// Puts a new key into the last generation.
    fn remember(&mut self, key: u128, received_at: Millis) {
        if let Some(last) = self.all.back_mut() {
            last.keys.insert(key);
            last.last = last.last.max(received_at);
            // Until it is closed a generation's file is out of date with every key.
            last.file = None;
        }
        match self.sieve.full() {
            true => self.sift(),
            false => self.sieve.note(key),
        }
    }

    /// Makes the sieve anew, of the keys that are held now.
    fn sift(&mut self) {
        self.sieve =
            Sieve::of(self.all.iter().flat_map(|generation| generation.keys.iter().copied()), self.keys());
    }

    fn keys(&self) -> usize {
        self.all.iter().map(|generation| generation.keys.len()).sum()
    }

    fn bytes(&self) -> u64 {
        let slots = self.all.iter().map(|generation| (generation.keys.capacity() as u64 * 8).div_ceil(7));
        slots.map(|slots| slots * SLOT_BYTES).sum::<u64>() + self.sieve.bytes()
    }
}

pub struct Dedupe {
    window: Generations,
    imports: Generations,
    next_file: u64,
    forgotten: Option<Millis>,
    window_hours: u16,
}

impl Default for Dedupe {
    fn default() -> Dedupe {
        let (window, imports) = (Generations::default(), Generations::default());
        Dedupe { window, imports, next_file: 0, forgotten: None, window_hours: WINDOW_HOURS }
    }
}

/// Which memory a key belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Memory {
    Window,
    Imports,
}

impl Dedupe {
    /// What the project says from this frame of the log on. A longer time cannot bring
    /// back what is forgotten.
    pub fn remember_for(&mut self, hours: u16) {
        self.window_hours = hours;
    }

    pub fn figures(&self) -> DedupeFigures {
        DedupeFigures {
            window_hours: self.window_hours,
            keys: self.window.keys() as u64,
            import_keys: self.imports.keys() as u64,
            bytes: self.window.bytes() + self.imports.bytes(),
            horizon: self.forgotten,
        }
    }

    /// Remembers a key; false if it was known.
    pub fn insert(&mut self, memory: Memory, key: u128, received_at: Millis) -> bool {
        let (generations, most) = match memory {
            Memory::Window => (&mut self.window, GENERATIONS_MAX),
            Memory::Imports => (&mut self.imports, IMPORT_GENERATIONS_MAX),
        };
        if generations.knows(key) {
            return false;
        }
        let full = generations.all.back().is_none_or(|last| {
            let span = GENERATION_SPAN.max(Millis::from(self.window_hours) * HOUR / 12);
            let old = memory == Memory::Window && received_at - last.first >= span;
            last.closed || old || last.keys.len() >= GENERATION_KEYS_MAX
        });
        if full {
            if let Some(last) = generations.all.back_mut() {
                last.closed = true;
            }
            generations.all.push_back(Generation::new(received_at));
        }
        generations.remember(key, received_at);
        if full {
            self.forget(memory, received_at, most);
        }
        true
    }

    /// Whether a key is remembered, in whichever memory.
    pub fn knows(&self, key: u128) -> bool {
        self.window.knows(key) || self.imports.knows(key)
    }

    fn forget(&mut self, memory: Memory, now: Millis, most: usize) {
        if memory == Memory::Window {
            let window = Millis::from(self.window_hours) * HOUR;
            while self.window.all.front().is_some_and(|oldest| oldest.last < now - window) {
                self.window.all.pop_front();
            }
        }
        let generations = if memory == Memory::Window { &mut self.window } else { &mut self.imports };
        while generations.all.len() > most {
            let early = generations.all.pop_front().map(|generation| generation.last);
            if memory == Memory::Window {
                self.forgotten = self.forgotten.max(early);
            }
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.window.keys() + self.imports.keys()
    }

    /// Writes what is not yet on disk and answers what makes up the state now.
    pub fn snapshot(&mut self, dir: &Path) -> Result<DedupeState> {
        std::fs::create_dir_all(dir)?;
        let next = &mut self.next_file;
        let mut written = |generations: &mut Generations| -> Result<Vec<GenerationState>> {
            generations.all.iter_mut().map(|generation| write(generation, dir, next)).collect()
        };
        let window = written(&mut self.window)?;
        let imports = written(&mut self.imports)?;
        let (next_file, forgotten, window_hours) = (self.next_file, self.forgotten, self.window_hours);
        Ok(DedupeState { window, imports, next_file, forgotten, window_hours })
    }

    pub fn load(dir: &Path, state: &DedupeState) -> Result<Dedupe> {
        let read = |states: &[GenerationState]| -> Result<Generations> {
            let all = states.iter().map(|state| read(dir, state)).collect::<Result<_>>()?;
            let mut generations = Generations { all, sieve: Sieve::default() };
            generations.sift();
            Ok(generations)
        };
        Ok(Dedupe {
            window: read(&state.window)?,
            imports: read(&state.imports)?,
            next_file: state.next_file,
            forgotten: state.forgotten,
            window_hours: if state.window_hours == 0 { WINDOW_HOURS } else { state.window_hours },
        })
    }

    /// Removes the files that the committed state does not name.
    pub fn retire(dir: &Path, state: &DedupeState) -> Result<()> {
        let names: std::collections::HashSet<&str> =
            state.window.iter().chain(&state.imports).map(|generation| generation.file.as_str()).collect();
        if !dir.exists() {
            return Ok(());
        }
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            if !names.contains(entry.file_name().to_string_lossy().as_ref()) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

fn write(generation: &mut Generation, dir: &Path, next: &mut u64) -> Result<GenerationState> {
    let file = match &generation.file {
        Some(file) => file.clone(),
        None => {
            *next += 1;
            let name = format!("{:08}.keys", *next);
            let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(dir.join(&name))?);
            for key in &generation.keys {
                out.write_all(&key.to_le_bytes())?;
            }
            let file = out.into_inner().map_err(|error| Error::from(error.into_error()))?;
            file.sync_all()?;
            generation.file = Some(name.clone());
            name
        }
    };
    Ok(GenerationState {
        file,
        keys: generation.keys.len() as u64,
        first: generation.first,
        last: generation.last,
        closed: generation.closed,
    })
}

fn read(dir: &Path, state: &GenerationState) -> Result<Generation> {
    let mut bytes = Vec::with_capacity(state.keys as usize * 16);
    std::fs::File::open(dir.join(&state.file))?.read_to_end(&mut bytes)?;
    let (keys, rest) = bytes.as_chunks::<16>();
    if keys.len() as u64 != state.keys || !rest.is_empty() {
        return Err(Error::internal(format!("key file {} is damaged", state.file)));
    }
    Ok(Generation {
        keys: keys.iter().map(|key| u128::from_le_bytes(*key)).collect(),
        first: state.first,
        last: state.last,
        closed: state.closed,
        file: Some(state.file.clone()),
    })
}
