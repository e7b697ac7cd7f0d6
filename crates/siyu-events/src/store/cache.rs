//! Decoded segments, within a limit of bytes; what was used longest ago goes first.

use std::sync::Arc;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use siyu_types::Result;

use super::read::Segment;
use super::source::{Source, Wanted, column_bytes, to_column};
use crate::block::Column;

pub(crate) struct Cache {
    limit: usize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    entries: FxHashMap<u64, Entry>,
    bytes: usize,
    tick: u64,
}

struct Entry {
    source: Source,
    /// When each column was last asked for, also those the segment does not have.
    columns: FxHashMap<String, u64>,
    used: u64,
}

impl Cache {
    pub fn new(limit: usize) -> Cache {
        Cache { limit, held: Mutex::default() }
    }

    /// The segment with at least the given columns; decodes what is missing.
    pub fn source(&self, segment: &Segment, columns: &[Wanted]) -> Result<Source> {
        let file = segment.state.file;
        let (known, missing) = {
            let held = self.held.lock();
            let entry = held.entries.get(&file);
            let has = |name: &String| entry.is_some_and(|entry| entry.columns.contains_key(name));
            let missing: Vec<&Wanted> = columns.iter().filter(|column| !has(&column.name)).collect();
            (entry.is_some(), missing)
        };
        // Decoding happens outside the lock; two readers may decode the same, which
        // wastes time but is right.
        let source = if known { None } else { Some(Source::of_segment(segment)?) };
        let mut decoded = Vec::new();
        for column in missing {
            decoded.push((column.name.clone(), segment.column(column.code, column.kind)?.map(to_column)));
        }
        if let Some(answer) = self.held.lock().admit(file, source, decoded, columns, self.limit) {
            return Ok(answer);
        }
        // Evicted between the two locks: decode afresh, once, without caching.
        let mut source = Source::of_segment(segment)?;
        let block = Arc::make_mut(&mut source.block);
        for column in columns {
            if let Some(values) = segment.column(column.code, column.kind)? {
                block.columns.insert(column.name.clone(), to_column(values));
            }
        }
        Ok(source)
    }

    pub fn forget(&self, file: u64) {
        self.held.lock().remove(file);
    }

    pub fn bytes(&self) -> usize {
        self.held.lock().bytes
    }
}

impl Held {
    fn admit(
        &mut self,
        file: u64,
        source: Option<Source>,
        decoded: Vec<(String, Option<Column>)>,
        asked: &[Wanted],
        limit: usize,
    ) -> Option<Source> {
        self.tick += 1;
        let tick = self.tick;
        if let Some(source) = source
            && !self.entries.contains_key(&file)
        {
            self.bytes += source.bytes();
            self.entries.insert(file, Entry { source, columns: FxHashMap::default(), used: tick });
        }
        let entry = self.entries.get_mut(&file)?;
        entry.used = tick;
        for (name, column) in decoded {
            if entry.columns.insert(name.clone(), tick).is_none()
                && let Some(column) = column
            {
                self.bytes += column_bytes(&column);
                Arc::make_mut(&mut entry.source.block).columns.insert(name, column);
            }
        }
        for column in asked {
            // A column evicted between the two locks is missing here.
            *entry.columns.get_mut(&column.name)? = tick;
        }
        let answer = entry.source.clone();
        self.evict(limit, tick);
        Some(answer)
    }

    fn evict(&mut self, limit: usize, tick: u64) {
        while self.bytes > limit {
            let columns = self.entries.iter().flat_map(|(&file, entry)| {
                entry.columns.iter().map(move |(name, &used)| (used, file, Some(name)))
            });
            let whole = self.entries.iter().map(|(&file, entry)| (entry.used, file, None));
            // A column is never younger than its entry, so columns go first on a tie.
            let oldest = columns.chain(whole).min_by_key(|&(used, _, name)| (used, name.is_none()));
            match oldest.map(|(used, file, name)| (used, file, name.cloned())) {
                Some((used, ..)) if used == tick => return,
                Some((_, file, Some(name))) => self.remove_column(file, &name),
                Some((_, file, None)) => self.remove(file),
                None => return,
            }
        }
    }

    fn remove_column(&mut self, file: u64, name: &str) {
        let Some(entry) = self.entries.get_mut(&file) else { return };
        entry.columns.remove(name);
        if !entry.source.block.columns.contains_key(name) {
            return;
        }
        // A block in use elsewhere would have to be copied: then it goes entirely,
        // and the user keeps it for as long as needed.
        match Arc::get_mut(&mut entry.source.block) {
            Some(block) => {
                let column = block.columns.remove(name);
                self.bytes -= column.as_ref().map_or(0, column_bytes);
            }
            None => self.remove(file),
        }
    }

    fn remove(&mut self, file: u64) {
        if let Some(entry) = self.entries.remove(&file) {
            let columns: usize = entry.source.block.columns.values().map(column_bytes).sum();
            self.bytes -= entry.source.bytes() + columns;
        }
    }
}
