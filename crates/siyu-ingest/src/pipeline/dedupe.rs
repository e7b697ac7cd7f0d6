//! Which keys have been applied. Keys are kept in generations by time of
//! receipt; a generation older than the window is dropped whole. Keys of imported
//! files are kept apart and without end of time, so that a file read again a week
//! later still changes nothing.
//!
//! Time here is the time of receipt in the log, never the clock, so that a
//! replay decides as the first run did.

use std::collections::VecDeque;
use std::hash::{BuildHasherDefault, Hasher};
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use siyu_types::{Error, Result};

const HOUR: Millis = 60 * 60 * 1000;
/// A key is known for at least this long after its first receipt.
pub const WINDOW: Millis = 48 * HOUR;
/// A generation is closed when it is this old, or holds this many keys.
const GENERATION_SPAN: Millis = 6 * HOUR;
const GENERATION_KEYS_MAX: usize = 1 << 20;
/// Bounds of memory, about 25 bytes per key. Beyond it the oldest keys are
/// forgotten before the window ends, which `horizon` then says.
const GENERATIONS_MAX: usize = 24;
const IMPORT_GENERATIONS_MAX: usize = 24;

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

#[derive(Default)]
pub struct Dedupe {
    window: VecDeque<Generation>,
    imports: VecDeque<Generation>,
    next_file: u64,
    forgotten: Option<Millis>,
}

/// Which memory a key belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Memory {
    Window,
    Imports,
}

impl Dedupe {
    /// Remembers a key; false if it was known.
    pub fn insert(&mut self, memory: Memory, key: u128, received_at: Millis) -> bool {
        let (generations, most) = match memory {
            Memory::Window => (&mut self.window, GENERATIONS_MAX),
            Memory::Imports => (&mut self.imports, IMPORT_GENERATIONS_MAX),
        };
        if generations.iter().rev().any(|generation| generation.keys.contains(&key)) {
            return false;
        }
        let full = generations.back().is_none_or(|last| {
            let old = memory == Memory::Window && received_at - last.first >= GENERATION_SPAN;
            last.closed || old || last.keys.len() >= GENERATION_KEYS_MAX
        });
        if full {
            if let Some(last) = generations.back_mut() {
                last.closed = true;
            }
            generations.push_back(Generation::new(received_at));
        }
        if let Some(last) = generations.back_mut() {
            last.keys.insert(key);
            last.last = last.last.max(received_at);
            // Until it is closed a generation's file is out of date with every key.
            last.file = None;
        }
        if full {
            self.forget(memory, received_at, most);
        }
        true
    }

    /// Whether a key is remembered, in whichever memory.
    pub fn knows(&self, key: u128) -> bool {
        self.window.iter().chain(&self.imports).any(|generation| generation.keys.contains(&key))
    }

    fn forget(&mut self, memory: Memory, now: Millis, most: usize) {
        if memory == Memory::Window {
            while self.window.front().is_some_and(|oldest| oldest.last < now - WINDOW) {
                self.window.pop_front();
            }
        }
        let generations = if memory == Memory::Window { &mut self.window } else { &mut self.imports };
        while generations.len() > most {
            let early = generations.pop_front().map(|generation| generation.last);
            if memory == Memory::Window {
                self.forgotten = self.forgotten.max(early);
            }
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.window.iter().chain(&self.imports).map(|generation| generation.keys.len()).sum()
    }

    /// Writes what is not yet on disk and answers what makes up the state now.
    pub fn snapshot(&mut self, dir: &Path) -> Result<DedupeState> {
        std::fs::create_dir_all(dir)?;
        let next = &mut self.next_file;
        let mut written = |generations: &mut VecDeque<Generation>| -> Result<Vec<GenerationState>> {
            generations.iter_mut().map(|generation| write(generation, dir, next)).collect()
        };
        let window = written(&mut self.window)?;
        let imports = written(&mut self.imports)?;
        Ok(DedupeState { window, imports, next_file: self.next_file, forgotten: self.forgotten })
    }

    pub fn load(dir: &Path, state: &DedupeState) -> Result<Dedupe> {
        let read = |states: &[GenerationState]| -> Result<VecDeque<Generation>> {
            states.iter().map(|state| read(dir, state)).collect()
        };
        Ok(Dedupe {
            window: read(&state.window)?,
            imports: read(&state.imports)?,
            next_file: state.next_file,
            forgotten: state.forgotten,
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_are_known_for_the_window_and_imports_for_good() {
        let mut dedupe = Dedupe::default();
        assert!(dedupe.insert(Memory::Window, 1, 0));
        assert!(dedupe.insert(Memory::Imports, 2, 0));
        for hour in 1..=200 {
            assert!(dedupe.insert(Memory::Window, 1000 + hour as u128, hour * HOUR));
            if hour <= 48 {
                assert!(!dedupe.insert(Memory::Window, 1, hour * HOUR), "hour {hour}");
            }
        }
        assert!(dedupe.insert(Memory::Window, 1, 200 * HOUR), "forgotten after the window");
        assert!(!dedupe.insert(Memory::Imports, 2, 200 * HOUR));
        assert!(dedupe.len() < 70, "old generations are dropped: {}", dedupe.len());
        assert!(dedupe.insert(Memory::Imports, 1, 0), "the memories are apart");
    }

    #[test]
    fn closed_generations_are_written_once() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let mut dedupe = Dedupe::default();
        dedupe.insert(Memory::Window, 1, 0);
        dedupe.insert(Memory::Window, 2, 7 * HOUR);
        let first = dedupe.snapshot(dir.path()).expect("written");
        dedupe.insert(Memory::Window, 3, 7 * HOUR);
        let second = dedupe.snapshot(dir.path()).expect("written");
        assert_eq!(first.window[0], second.window[0]);
        assert_ne!(first.window[1].file, second.window[1].file);
        Dedupe::retire(dir.path(), &second).expect("removed");
        assert_eq!(std::fs::read_dir(dir.path()).expect("folder").count(), 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        /// A twin that saves and loads between inserts decides alike.
        #[test]
        fn a_reopened_memory_decides_alike(steps in proptest::collection::vec((0..40_u128, 0..5 * HOUR, any::<bool>(), any::<bool>()), 1..120)) {
            let dir = tempfile::tempdir().expect("temporary folder");
            let (mut plain, mut saved, mut now) = (Dedupe::default(), Dedupe::default(), 0);
            for (key, later, import, reopen) in steps {
                now += later;
                let memory = if import { Memory::Imports } else { Memory::Window };
                prop_assert_eq!(plain.insert(memory, key, now), saved.insert(memory, key, now));
                if reopen {
                    let state = saved.snapshot(dir.path()).expect("written");
                    Dedupe::retire(dir.path(), &state).expect("removed");
                    saved = Dedupe::load(dir.path(), &state).expect("read");
                }
            }
        }
    }
}
