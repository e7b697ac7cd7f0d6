//! Texts of one property, each stored once and known by a code.

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

/// Codes never change and are never given twice.
#[derive(Clone, Default, Debug)]
pub struct Dictionary {
    texts: Vec<Box<str>>,
    /// By 64-bit hash, so that every text is stored once only.
    by_hash: FxHashMap<u64, u32>,
    /// Codes of texts whose hash another text already has.
    collided: Vec<u32>,
}

impl Dictionary {
    pub fn texts(&self) -> &[Box<str>] {
        &self.texts
    }

    pub fn text(&self, code: u32) -> &str {
        &self.texts[code as usize]
    }

    pub fn find(&self, text: &str) -> Option<u32> {
        let first = self.by_hash.get(&hash(text)).copied()?;
        if &*self.texts[first as usize] == text {
            return Some(first);
        }
        self.collided.iter().copied().find(|code| &*self.texts[*code as usize] == text)
    }

    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(code) = self.find(text) {
            return code;
        }
        let code = self.texts.len() as u32;
        self.texts.push(text.into());
        match self.by_hash.entry(hash(text)) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(code);
            }
            std::collections::hash_map::Entry::Occupied(_) => self.collided.push(code),
        }
        code
    }

    /// Puts a text back in the order of the codes. Those that were blanked are without
    /// letters; only the first of these is found.
    pub fn restore(&mut self, text: &str) {
        if text.is_empty() && self.find(text).is_some() {
            self.texts.push(text.into());
        } else {
            self.intern(text);
        }
    }

    /// Takes away the texts whose codes nobody uses; their codes are not given again.
    /// Answers how many there were.
    pub fn blank_unused(&mut self, used: &RoaringBitmap) -> u64 {
        let mut blanked = 0;
        for code in (0..self.texts.len() as u32).filter(|code| !used.contains(*code)) {
            let text = std::mem::take(&mut self.texts[code as usize]);
            if text.is_empty() {
                continue;
            }
            blanked += 1;
            self.collided.retain(|collided| *collided != code);
            let key = hash(&text);
            if self.by_hash.get(&key) == Some(&code) {
                let other = self.collided.iter().position(|other| hash(&self.texts[*other as usize]) == key);
                match other {
                    Some(other) => self.by_hash.insert(key, self.collided.swap_remove(other)),
                    None => self.by_hash.remove(&key),
                };
            }
        }
        blanked
    }
}

fn hash(text: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(text.as_bytes())
}
