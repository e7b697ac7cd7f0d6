//! Finding people by what is known of them.

use roaring::RoaringBitmap;
use siyu_analytics::AttributeColumn;
use siyu_events::block::TEXT_MISSING;
use siyu_types::{Identifier, PersonNo};

use super::People;
use crate::profiles::NAME_ATTRIBUTE;

/// Digits that make a phone tail.
const TAIL_DIGITS: std::ops::RangeInclusive<usize> = 4..=11;
/// Longest query, in characters.
pub const QUERY_CHARS_MAX: usize = 100;

impl People {
    /// People with exactly this identifier, a phone number that ends so, a log-in
    /// that starts so, a name that holds it, or `#` and this number.
    pub fn search(&self, query: &str) -> RoaringBitmap {
        let query = query.trim();
        let mut found = RoaringBitmap::new();
        if query.is_empty() || query.chars().count() > QUERY_CHARS_MAX {
            return found;
        }
        if let Some(number) = query.strip_prefix('#').and_then(|number| number.parse().ok()) {
            found.insert(self.person_of(PersonNo(number)).0);
        }
        for namespace in self.graph.namespaces() {
            found.extend(self.lookup(&Identifier::new(&namespace, query)).map(|person| person.0));
        }
        if TAIL_DIGITS.contains(&query.len()) && query.bytes().all(|byte| byte.is_ascii_digit()) {
            self.add_matching("phone", &mut found, |phone| phone.ends_with(query));
        }
        self.add_matching("login", &mut found, |login| login.starts_with(query));
        self.add_named(query, &mut found);
        found & self.universe()
    }

    fn add_matching(&self, namespace: &str, found: &mut RoaringBitmap, matches: impl Fn(&str) -> bool) {
        let atoms = self.graph.all_of(namespace).filter(|(value, _)| matches(value));
        found.extend(atoms.map(|(_, atom)| self.remap().person(atom)));
    }

    fn add_named(&self, query: &str, found: &mut RoaringBitmap) {
        let Some(AttributeColumn::Text { codes, dictionary }) = self.profiles.column(NAME_ATTRIBUTE) else {
            return;
        };
        // Most scripts have no case, and most names need no conversion.
        let cased = query.chars().any(|c| c.is_lowercase() || c.is_uppercase());
        let query = if cased { query.to_lowercase() } else { query.to_owned() };
        let holds =
            |text: &str| if cased { text.to_lowercase().contains(&query) } else { text.contains(&query) };
        let matching: RoaringBitmap =
            (0u32..).zip(dictionary).filter(|(_, text)| holds(text)).map(|(code, _)| code).collect();
        if matching.is_empty() {
            return;
        }
        let named =
            codes.iter().enumerate().filter(|(_, code)| **code != TEXT_MISSING && matching.contains(**code));
        found.extend(named.map(|(person, _)| person as u32));
    }
}
