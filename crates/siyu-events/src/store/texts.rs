//! Texts as codes into a list of different words.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use crate::block::TEXT_MISSING;

/// Different texts, numbered in order of appearance.
#[derive(Default)]
pub(crate) struct Words {
    list: Vec<Box<str>>,
    /// By hash, so that every word is held once.
    index: FxHashMap<u64, u32>,
    /// Words whose hash was taken by another.
    collided: FxHashMap<Box<str>, u32>,
}

impl Words {
    pub fn code(&mut self, word: &str) -> u32 {
        self.code_hashed(word, xxh3_64(word.as_bytes()))
    }

    fn code_hashed(&mut self, word: &str, hash: u64) -> u32 {
        let next = self.list.len() as u32;
        match self.index.entry(hash) {
            Entry::Vacant(entry) => {
                entry.insert(next);
            }
            Entry::Occupied(entry) if *self.list[*entry.get() as usize] == *word => return *entry.get(),
            Entry::Occupied(_) => {
                if let Some(&code) = self.collided.get(word) {
                    return code;
                }
                self.collided.insert(word.into(), next);
            }
        }
        self.list.push(word.into());
        next
    }

    pub fn list(&self) -> &[Box<str>] {
        &self.list
    }

    pub fn into_list(self) -> Vec<Box<str>> {
        self.list
    }
}

/// A column of texts; [`TEXT_MISSING`] where there is none.
#[derive(Default)]
pub(crate) struct Texts {
    pub codes: Vec<u32>,
    pub words: Words,
}

impl Texts {
    pub fn push(&mut self, word: Option<&str>) {
        let code = word.map_or(TEXT_MISSING, |word| self.words.code(word));
        self.codes.push(code);
    }

    pub fn set(&mut self, row: usize, word: Option<&str>) {
        self.codes[row] = word.map_or(TEXT_MISSING, |word| self.words.code(word));
    }

    pub fn get(&self, row: usize) -> Option<&str> {
        let code = *self.codes.get(row)?;
        self.words.list.get(code as usize).map(|word| &**word)
    }

    /// Appends rows of another column; `known` remembers how its codes translate.
    pub fn extend(&mut self, other: &Texts, rows: std::ops::Range<usize>, known: &mut Vec<u32>) {
        known.resize(other.words.list.len(), TEXT_MISSING);
        for row in rows {
            let code = other.codes.get(row).copied().unwrap_or(TEXT_MISSING);
            let Some(translated) = known.get_mut(code as usize) else {
                self.codes.push(TEXT_MISSING);
                continue;
            };
            if *translated == TEXT_MISSING {
                *translated = self.words.code(&other.words.list[code as usize]);
            }
            self.codes.push(*translated);
        }
    }

    pub fn bytes(&self) -> usize {
        let words: usize = self.words.list.iter().map(|word| word.len() + 48).sum();
        self.codes.len() * 4 + words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_equal_hash_stay_apart() {
        let mut words = Words::default();
        let codes = ["a", "b", "a", "c", "b", "c"].map(|word| words.code_hashed(word, 7));
        assert_eq!(codes, [0, 1, 0, 2, 1, 2]);
        assert_eq!(words.list(), ["a".into(), "b".into(), "c".into()]);
    }
}
