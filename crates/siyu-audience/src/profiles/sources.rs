//! The names of sources, each stored once and known by a code.

use rustc_hash::FxHashMap;

/// Code 0 is "not known", as of everything kept before sources were.
#[derive(Clone, Default, Debug)]
pub struct Sources {
    names: Vec<Box<str>>,
    codes: FxHashMap<Box<str>, u16>,
}

impl Sources {
    pub fn code(&mut self, name: &str) -> u16 {
        if name.is_empty() {
            return 0;
        }
        if let Some(code) = self.codes.get(name) {
            return *code;
        }
        // A project has dozens; beyond the range they are no longer told apart.
        let Ok(code) = u16::try_from(self.names.len() + 1) else { return 0 };
        self.names.push(name.into());
        self.codes.insert(name.into(), code);
        code
    }

    /// Empty if not known.
    pub fn name(&self, code: u16) -> &str {
        code.checked_sub(1).and_then(|at| self.names.get(usize::from(at))).map_or("", |name| name)
    }

    pub fn names(&self) -> &[Box<str>] {
        &self.names
    }
}
