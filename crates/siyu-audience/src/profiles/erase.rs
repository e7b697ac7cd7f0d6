//! Taking what was said of somebody out of profiles.

use roaring::RoaringBitmap;
use siyu_events::block::TEXT_MISSING;

use super::cell::{Body, Cell, Stored};
use super::rows::{Profiles, Row};

impl Profiles {
    /// Takes away everything that was said of these numbers. Answers how many attributes.
    pub fn forget(&mut self, numbers: &[u32]) -> u64 {
        let mut attributes = 0;
        for number in numbers {
            let Some(row) = self.rows.get_mut(*number as usize) else { continue };
            attributes += std::mem::take(row).cells.len() as u64;
        }
        for property in &mut self.properties {
            for number in numbers {
                property.column.put(*number, None, &mut property.dictionary);
            }
        }
        attributes
    }

    /// Takes away the texts of values that nobody has any more. Looks at everything that was
    /// said of everybody. Answers how many texts.
    pub fn blank_texts(&mut self) -> u64 {
        let mut used: Vec<RoaringBitmap> = vec![RoaringBitmap::new(); self.properties.len()];
        for cell in self.rows.iter().flat_map(|row: &Row| &row.cells) {
            let used = &mut used[usize::from(cell.property)];
            each_text(cell, |code| {
                used.insert(code);
            });
        }
        let mut blanked = 0;
        for (property, mut used) in self.properties.iter_mut().zip(used) {
            property.column.each_text(|code| {
                used.insert(code);
            });
            used.remove(TEXT_MISSING);
            blanked += property.dictionary.blank_unused(&used);
        }
        blanked
    }
}

fn each_text(cell: &Cell, mut see: impl FnMut(u32)) {
    let mut stored = |value: &Stored| match value {
        Stored::Text(code) => see(*code),
        Stored::List(codes) => codes.iter().for_each(|code| see(*code)),
        Stored::Number(_) | Stored::Bool(_) => {}
    };
    let full = match &cell.body {
        Body::Set(_, value) => return stored(value),
        Body::Full(full) => full,
    };
    full.set.iter().for_each(|(_, value)| stored(value));
    full.earlier.list().iter().for_each(|(_, value)| stored(value));
    if let Some(more) = &full.more {
        more.once.iter().for_each(|(_, value)| stored(value));
        more.appended.iter().for_each(|(_, code)| stored(&Stored::Text(*code)));
    }
}
