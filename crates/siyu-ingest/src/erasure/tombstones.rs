//! Who was erased when, by keyed hashes of their identifiers. State of the pipeline: changed
//! by the log only, saved with its checkpoint.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use siyu_audience::People;
use siyu_audience::identity::{Admission, Graph};
use siyu_govern::sealing::{PSEUDONYM_BYTES, Pseudonym, Pseudonyms};
use siyu_types::clock::Millis;
use siyu_types::erasure::Erased;
use siyu_types::record::Body;
use siyu_types::{Error, Identifier, Record, Result};

use crate::safe::Safe;

const VERSION: u32 = 1;
/// What the file is tied to if it is sealed.
const PART: &str = "erased";
/// Shorter words are not looked up in free text: every other word is as short.
const WORD_CHARS_MIN: usize = 4;
/// Longer ones are no identifier.
const WORD_BYTES_MAX: usize = 255;

/// Named in the manifest.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct TombstonesState {
    /// Absent while nobody was erased.
    pub file: Option<String>,
    pub next_file: u64,
}

/// One erased person.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Stone {
    erased: Erased,
    /// Namespace, with its scope, and the pseudonym as hexadecimal digits.
    names: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    stones: Vec<Stone>,
    unclean: BTreeMap<u64, BTreeSet<usize>>,
}

/// What is to become of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Nobody who was erased is named.
    Clear,
    /// It is another person's, and names somebody who was erased by then.
    Names,
    /// It is about somebody who was erased after it happened.
    Theirs,
}

#[derive(Clone)]
pub struct Tombstones {
    pseudonyms: Pseudonyms,
    stones: Vec<Stone>,
    /// Places of stones, with the namespace, by pseudonym.
    index: FxHashMap<Pseudonym, Vec<(u32, String)>>,
    /// Frames of the log, and items in them, that came in later and are to be taken out.
    unclean: BTreeMap<u64, BTreeSet<usize>>,
    file: Option<String>,
    next_file: u64,
    changed: bool,
}

impl Tombstones {
    pub fn load(
        dir: &Path,
        state: &TombstonesState,
        safe: &Safe,
        pseudonyms: Pseudonyms,
    ) -> Result<Tombstones> {
        let mut tombstones = Tombstones {
            pseudonyms,
            stones: Vec::new(),
            index: FxHashMap::default(),
            unclean: BTreeMap::new(),
            file: state.file.clone(),
            next_file: state.next_file,
            changed: false,
        };
        if let Some(file) = &state.file {
            let saved: Saved =
                serde_json::from_slice(&safe.read(&dir.join(file), PART)?).map_err(Error::internal)?;
            if saved.version != VERSION {
                let message = format!("{file} has version {}, this program knows {VERSION}", saved.version);
                return Err(Error::internal(message));
            }
            (tombstones.stones, tombstones.unclean) = (saved.stones, saved.unclean);
            for stone in 0..tombstones.stones.len() {
                tombstones.enter(stone);
            }
        }
        Ok(tombstones)
    }

    /// The next snapshot writes them anew, whether they changed or not.
    pub fn renew(&mut self) {
        self.changed = !self.stones.is_empty() || !self.unclean.is_empty();
    }

    pub fn snapshot(&mut self, dir: &Path, safe: &Safe) -> Result<TombstonesState> {
        if self.changed {
            std::fs::create_dir_all(dir)?;
            self.next_file += 1;
            let name = format!("{:012}.erased", self.next_file);
            let saved =
                Saved { version: VERSION, stones: self.stones.clone(), unclean: self.unclean.clone() };
            let json = serde_json::to_vec(&saved).map_err(Error::internal)?;
            safe.write(&dir.join(&name), PART, json)?;
            self.file = Some(name);
            self.changed = false;
        }
        Ok(TombstonesState { file: self.file.clone(), next_file: self.next_file })
    }

    fn enter(&mut self, stone: usize) {
        for (namespace, hex) in &self.stones[stone].names {
            if let Some(pseudonym) = unhex(hex) {
                let held = self.index.entry(pseudonym).or_default();
                held.push((stone as u32, namespace.clone()));
            }
        }
    }

    /// Whether an order was obeyed already.
    pub fn knows(&self, erasure: i64) -> bool {
        self.stones.iter().any(|stone| stone.erased.erasure == erasure)
    }

    pub fn erased(&self, erasure: i64) -> Option<Erased> {
        self.stones.iter().find(|stone| stone.erased.erasure == erasure).map(|stone| stone.erased.clone())
    }

    /// Nobody was ever erased.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Writes down who was erased: identifiers in the form in which they are compared.
    pub fn entomb(&mut self, erasure: i64, at: Millis, numbers: Vec<u32>, identifiers: &[Identifier]) {
        let mut names: Vec<(String, String)> = identifiers
            .iter()
            .map(|id| (id.namespace.clone(), hex(&self.pseudonyms.of(&id.value))))
            .collect();
        names.sort_unstable();
        let mut hasher = Sha256::new();
        for (namespace, name) in &names {
            hasher.update(format!("{namespace}={name}\n"));
        }
        let digest = hex(&hasher.finalize());
        let erased = Erased { erasure, at, numbers, identifiers: names.len() as u64, digest };
        self.stones.push(Stone { erased, names });
        self.enter(self.stones.len() - 1);
        self.changed = true;
    }

    /// Whether an identifier, in the form in which it is compared, was that of somebody who
    /// was erased at this time or later.
    pub fn covers(&self, id: &Identifier, time: Millis) -> bool {
        !self.index.is_empty() && self.stones_of(id).any(|stone| stone.erased.at >= time)
    }

    fn stones_of(&self, id: &Identifier) -> impl Iterator<Item = &Stone> {
        let held = self.pseudonyms.all(&id.value).filter_map(|pseudonym| self.index.get(&pseudonym));
        let held: Vec<&(u32, String)> =
            held.flatten().filter(|(_, namespace)| *namespace == id.namespace).collect();
        held.into_iter().filter_map(|(stone, _)| self.stones.get(*stone as usize))
    }

    /// What is to become of a record of this time.
    pub fn verdict(&self, graph: &Graph, ids: &[Identifier], time: Millis) -> Verdict {
        if self.index.is_empty() || ids.is_empty() {
            return Verdict::Clear;
        }
        let ids = graph.normalised(ids);
        let covered = |id: &Vec<Identifier>| id.iter().any(|reading| self.covers(reading, time));
        match ids.iter().position(covered) {
            // Whose it is says the most trusted one.
            Some(0) => Verdict::Theirs,
            Some(_) => Verdict::Names,
            None => Verdict::Clear,
        }
    }

    /// What is to become of a record of this time. One that ties somebody to a person who was
    /// erased is as much about that person.
    pub fn verdict_of(&self, graph: &Graph, record: &Record, time: Millis) -> Verdict {
        if let Body::Relation(statement) = &record.body
            && self.verdict(graph, statement.other(), time) != Verdict::Clear
        {
            return Verdict::Theirs;
        }
        self.verdict(graph, &record.ids, time)
    }

    /// Takes the identifiers of those who were erased by then off a record.
    pub fn strip(&self, admission: Admission<'_>, record: &mut Record, time: Millis) {
        if let Some(left) = self.without(admission, &record.ids, time) {
            record.ids = left;
        }
    }

    /// The ids without those of people who were erased at `time` or later; `None` if there
    /// are none.
    pub fn without(
        &self,
        admission: Admission<'_>,
        ids: &[Identifier],
        time: Millis,
    ) -> Option<Vec<Identifier>> {
        let covered = |id: &Identifier| {
            admission.readings_of(id).into_iter().any(|reading| self.covers(&reading, time))
        };
        let left: Vec<Identifier> = ids.iter().filter(|id| !covered(id)).cloned().collect();
        (left.len() < ids.len()).then_some(left)
    }

    /// Whether a text names somebody who was erased, as a whole or with one of its words. Of
    /// one erasure only, if it is given.
    pub fn names(&self, people: &People, text: &str, erasure: Option<i64>) -> bool {
        if self.index.is_empty() {
            return false;
        }
        let meant = |stone: u32| {
            let stone = self.stones.get(stone as usize);
            stone.is_some_and(|stone| erasure.is_none_or(|erasure| stone.erased.erasure == erasure))
        };
        let known = |word: &str| {
            word.chars().count() >= WORD_CHARS_MIN
                && word.len() <= WORD_BYTES_MAX
                && people.graph().readings(word).iter().any(|reading| {
                    let held = self.pseudonyms.all(reading).filter_map(|name| self.index.get(&name));
                    held.flatten().any(|(stone, _)| meant(*stone))
                })
        };
        if known(text.trim()) {
            return true;
        }
        let of_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+' | ':');
        let mut seen = rustc_hash::FxHashSet::default();
        text.split(|c| !of_word(c)).any(|word| {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '+');
            seen.insert(word) && (known(word) || (bare != word && known(bare)))
        })
    }

    /// An item of a frame is to be taken out of the log when it is safe to.
    pub fn soil(&mut self, position: u64, item: usize) {
        self.unclean.entry(position).or_default().insert(item);
        self.changed = true;
    }

    /// Frames before `before` that are to be cleaned, with the items in them.
    pub fn unclean(&self, before: u64) -> BTreeMap<u64, BTreeSet<usize>> {
        self.unclean.range(..before).map(|(position, items)| (*position, items.clone())).collect()
    }

    /// These frames were cleaned.
    pub fn cleaned(&mut self, frames: &BTreeMap<u64, BTreeSet<usize>>) {
        for position in frames.keys() {
            self.changed |= self.unclean.remove(position).is_some();
        }
    }
}

/// Numbers as the event store takes them.
pub fn bitmap(numbers: &[u32]) -> RoaringBitmap {
    numbers.iter().copied().collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |text, byte| text + &format!("{byte:02x}"))
}

fn unhex(text: &str) -> Option<Pseudonym> {
    let mut bytes = [0; PSEUDONYM_BYTES];
    if text.len() != 2 * PSEUDONYM_BYTES || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}
