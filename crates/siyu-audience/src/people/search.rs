//! Finding people by what is known of them.

use roaring::RoaringBitmap;
use siyu_analytics::AttributeColumn;
use siyu_events::block::TEXT_MISSING;
use siyu_types::identity::is_hashed;
use siyu_types::{Exposure, FieldKind, Identifier, PersonNo, Viewer};

use super::People;
use crate::profiles::NAME_ATTRIBUTE;

/// Digits that make a phone tail.
const TAIL_DIGITS: std::ops::RangeInclusive<usize> = 4..=11;
/// As many as the mask leaves.
const TAIL_MASKED: std::ops::RangeInclusive<usize> = 4..=4;
/// Longest query, in characters.
pub const QUERY_CHARS_MAX: usize = 100;

impl People {
    /// People with exactly this identifier, a phone number that ends so, a log-in
    /// that starts so, a name that holds it, or `#` and this number.
    ///
    /// Who sees a value masked finds it whole or by what the mask leaves: by longer
    /// parts it could be guessed, digit by digit.
    pub fn search(&self, viewer: &Viewer, query: &str) -> RoaringBitmap {
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
        let exposure = |kind, name| viewer.exposure(kind, name);
        let tail = match exposure(FieldKind::Identifier, "phone") {
            Exposure::Clear => TAIL_DIGITS,
            Exposure::Masked => TAIL_MASKED,
            Exposure::Hidden => 0..=0,
        };
        if tail.contains(&query.len()) && query.bytes().all(|byte| byte.is_ascii_digit()) {
            self.add_matching("phone", &mut found, |phone| phone.ends_with(query));
        }
        if exposure(FieldKind::Identifier, "login") == Exposure::Clear {
            self.add_matching("login", &mut found, |login| login.starts_with(query));
        }
        match exposure(FieldKind::Attribute, NAME_ATTRIBUTE) {
            Exposure::Clear => self.add_named(query, &mut found, false),
            Exposure::Masked => self.add_named(query, &mut found, true),
            Exposure::Hidden => {}
        }
        found & self.universe()
    }

    fn add_matching(&self, namespace: &str, found: &mut RoaringBitmap, matches: impl Fn(&str) -> bool) {
        let atoms = self.graph.all_of(namespace).filter(|(value, _)| !is_hashed(value) && matches(value));
        found.extend(atoms.map(|(_, atom)| self.remap().person(atom)));
    }

    fn add_named(&self, query: &str, found: &mut RoaringBitmap, whole: bool) {
        let Some(AttributeColumn::Text { codes, dictionary }) = self.profiles.column(NAME_ATTRIBUTE) else {
            return;
        };
        // Most scripts have no case, and most names need no conversion.
        let cased = query.chars().any(|c| c.is_lowercase() || c.is_uppercase());
        let query = if cased { query.to_lowercase() } else { query.to_owned() };
        let fits = |text: &str| if whole { text == query } else { text.contains(&query) };
        let holds = |text: &str| if cased { fits(&text.to_lowercase()) } else { fits(text) };
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
