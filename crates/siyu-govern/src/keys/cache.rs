//! Keys that were looked up lately, and secrets that were found to be no key.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use siyu_types::clock::Millis;

use super::Key;

/// After this long another process's change is seen.
const FRESH_MILLIS: Millis = 10_000;
const ENTRIES_MAX: usize = 10_000;

#[derive(Default)]
pub(crate) struct KeyCache(RwLock<Entries>);

#[derive(Default)]
struct Entries {
    /// Counts `forget`s, so that a read that began before one is not kept.
    generation: u64,
    by_hash: HashMap<String, (Option<Arc<Key>>, Millis)>,
}

impl KeyCache {
    /// The outer option: whether anything fresh is known.
    pub(super) fn get(&self, hash: &str, now: Millis) -> Option<Option<Arc<Key>>> {
        let entries = self.0.read();
        let (key, read_at) = entries.by_hash.get(hash)?;
        (now.abs_diff(*read_at) < FRESH_MILLIS.unsigned_abs()).then(|| key.clone())
    }

    pub(super) fn generation(&self) -> u64 {
        self.0.read().generation
    }

    pub(super) fn put(&self, hash: String, key: Option<Arc<Key>>, now: Millis, generation: u64) {
        let mut entries = self.0.write();
        if entries.generation != generation {
            return;
        }
        if entries.by_hash.len() >= ENTRIES_MAX {
            entries.by_hash.clear();
        }
        entries.by_hash.insert(hash, (key, now));
    }

    /// After a change everything is read again.
    pub(crate) fn forget(&self) {
        let mut entries = self.0.write();
        entries.generation += 1;
        entries.by_hash.clear();
    }
}
