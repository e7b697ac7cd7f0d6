//! Texts as codes into a list of different words.

use rustc_hash::FxHashMap;

use crate::block::TEXT_MISSING;

/// Different texts, numbered in order of appearance.
#[derive(Default)]
pub(crate) struct Words {
    list: Vec<Box<str>>,
    index: FxHashMap<Box<str>, u32>,
}

impl Words {
    pub fn code(&mut self, word: &str) -> u32 {
        if let Some(&code) = self.index.get(word) {
            return code;
        }
        let code = self.list.len() as u32;
        self.list.push(word.into());
        self.index.insert(word.into(), code);
        code
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
        // A word stands in the list and in the index.
        let words: usize = self.words.list.iter().map(|word| 2 * word.len() + 48).sum();
        self.codes.len() * 4 + words
    }
}
