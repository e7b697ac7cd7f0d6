//! What has arrived, per subject and property: learned beside storing, in bounded
//! memory, and part of the checkpoint. Depends on the log alone.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use siyu_types::{Props, Value};

use super::model::{PlanType, SubjectKind};
use super::rules::Rules;
use super::shape::{Shape, example};

/// Events, and types of items, that are told apart.
pub const SUBJECTS_MAX: usize = 5_000;
/// Properties of one of them.
pub const PROPERTIES_MAX: usize = 500;
/// Properties of all of them together, about 150 bytes each.
pub const PAIRS_MAX: usize = 200_000;
/// Kinds of drift kept of one property.
const DRIFTS_MAX: usize = 12;
/// A run of this many digits, or of letters of a hash, is no part of a name.
const JUNK_DIGITS: usize = 6;
const JUNK_HEX: usize = 12;
/// Where clients say which program sent the record, most telling first.
const LIBRARIES: &[(&str, &str)] = &[("$lib", "$lib_version"), ("sdk", "sdk_version")];

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SeenSubject {
    pub kind: SubjectKind,
    /// With `*` for parts that look made up, such as a uuid, if `pattern` is set.
    pub name: String,
    pub pattern: bool,
    pub count: u64,
    /// Times of receipt.
    pub first: Millis,
    pub last: Millis,
    /// By name.
    pub properties: Vec<SeenProperty>,
    /// Values of properties beyond the limit, counted only.
    pub overflow: u64,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SeenProperty {
    pub name: Box<str>,
    pub pattern: bool,
    pub count: u64,
    pub first: Millis,
    pub last: Millis,
    /// How often each of [`Shape::ALL`].
    pub shapes: [u64; Shape::ALL.len()],
    /// Declared, or else of the first value.
    pub expected: Option<PlanType>,
    pub declared: bool,
    /// Another name of the subject that differs only in case.
    pub variant_of: Option<Box<str>>,
    /// Values that are not of the expected type.
    pub drift: Vec<Drift>,
}

/// Values of another type, from one source and program.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Drift {
    pub shape: Shape,
    pub source: String,
    /// Name and version, as far as the record says.
    pub library: String,
    pub count: u64,
    pub first: Millis,
    pub last: Millis,
    /// What the first one looked like: letters and digits replaced.
    pub example: String,
}

/// Everything seen.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Seen {
    pub subjects: Vec<SeenSubject>,
    /// Records of events beyond the limit, counted only.
    pub overflow: u64,
    pairs: usize,
    #[serde(skip)]
    index: FxHashMap<SubjectKind, FxHashMap<Box<str>, u32>>,
}

/// Where a record came from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    pub source: &'a str,
    pub received_at: Millis,
}

impl Seen {
    /// After loading.
    pub fn reindex(&mut self) {
        self.index.clear();
        for (at, subject) in self.subjects.iter().enumerate() {
            self.index.entry(subject.kind).or_default().insert(subject.name.as_str().into(), at as u32);
        }
    }

    /// Notes a record that is about to be applied.
    pub fn note(&mut self, kind: SubjectKind, name: &str, props: &Props, origin: Origin<'_>, rules: &Rules) {
        let known = self.index.get(&kind).and_then(|names| names.get(name)).copied();
        let Some(at) = known.or_else(|| self.learn(kind, name, origin.received_at)) else {
            self.overflow += 1;
            return;
        };
        let subject = &mut self.subjects[at as usize];
        subject.count += 1;
        subject.last = subject.last.max(origin.received_at);
        let mut cursor = 0;
        for (name, value) in props {
            // Both are in name order, and records of an event mostly have the same properties.
            cursor = match subject.properties.get(cursor) {
                Some(property) if *property.name == **name => cursor,
                _ => match subject.place(cursor, name, origin.received_at, &mut self.pairs, rules) {
                    Some(at) => at,
                    None => continue,
                },
            };
            let property = &mut subject.properties[cursor];
            property.note(value, props, origin);
            // A pattern stands elsewhere in the order than the name it was made of.
            cursor = if property.pattern { 0 } else { cursor + 1 };
        }
    }

    fn learn(&mut self, kind: SubjectKind, name: &str, at: Millis) -> Option<u32> {
        let names = self.index.entry(kind).or_default();
        let pattern = pattern(name);
        let stored = pattern.as_deref().unwrap_or(name);
        if let Some(&known) = names.get(stored) {
            return Some(known);
        }
        if self.subjects.len() >= SUBJECTS_MAX {
            return None;
        }
        let number = self.subjects.len() as u32;
        names.insert(stored.into(), number);
        self.subjects.push(SeenSubject {
            kind,
            name: stored.to_owned(),
            pattern: pattern.is_some(),
            count: 0,
            first: at,
            last: at,
            properties: Vec::new(),
            overflow: 0,
        });
        Some(number)
    }

    pub fn get(&self, kind: SubjectKind, name: &str) -> Option<&SeenSubject> {
        let at = self.index.get(&kind)?.get(name)?;
        self.subjects.get(*at as usize)
    }

    /// Measures everything by a new policy. What drifted by the old one stays noted.
    pub fn enact(&mut self, rules: &Rules) {
        for subject in &mut self.subjects {
            let rule = rules.rule(subject.kind, &subject.name);
            for property in &mut subject.properties {
                let declared = rule.and_then(|rule| rule.value_type(&property.name));
                if let Some(value_type) = declared {
                    property.expected = Some(value_type);
                    // What the declaration allows was no drift after all.
                    property.drift.retain(|drift| !value_type.fits(drift.shape));
                }
                property.declared = declared.is_some();
            }
        }
    }
}

impl SeenSubject {
    /// Where a property stands, giving it a place if there is room.
    fn place(
        &mut self,
        from: usize,
        name: &str,
        at: Millis,
        pairs: &mut usize,
        rules: &Rules,
    ) -> Option<usize> {
        let tail = self.properties.get(from..).unwrap_or_default();
        if let Ok(found) = tail.binary_search_by(|property| (*property.name).cmp(name)) {
            return Some(from + found);
        }
        let pattern = pattern(name);
        let stored = pattern.as_deref().unwrap_or(name);
        let slot = match self.properties.binary_search_by(|property| (*property.name).cmp(stored)) {
            Ok(found) => return Some(found),
            Err(slot) => slot,
        };
        if self.properties.len() >= PROPERTIES_MAX || *pairs >= PAIRS_MAX {
            self.overflow += 1;
            return None;
        }
        *pairs += 1;
        let lower = stored.to_lowercase();
        let variant = self.properties.iter().find(|property| property.name.to_lowercase() == lower);
        let declared = rules.rule(self.kind, &self.name).and_then(|rule| rule.value_type(stored));
        let property = SeenProperty {
            name: stored.into(),
            pattern: pattern.is_some(),
            count: 0,
            first: at,
            last: at,
            shapes: Default::default(),
            expected: declared,
            declared: declared.is_some(),
            variant_of: variant.map(|other| other.name.clone()),
            drift: Vec::new(),
        };
        self.properties.insert(slot, property);
        Some(slot)
    }
}

impl SeenProperty {
    fn note(&mut self, value: &Value, props: &Props, origin: Origin<'_>) {
        let shape = Shape::of(value);
        self.count += 1;
        self.last = self.last.max(origin.received_at);
        self.shapes[shape as usize] += 1;
        match self.expected {
            Some(expected) if expected.fits(shape) => {}
            None => self.expected = shape.inferred(&self.name),
            Some(_) if self.widens(shape) => self.expected = Some(PlanType::Text),
            Some(_) => self.drifted(shape, value, props, origin),
        }
    }

    /// A text that once looked like a time is a text.
    fn widens(&self, shape: Shape) -> bool {
        !self.declared
            && matches!(self.expected, Some(PlanType::Time | PlanType::Date))
            && matches!(shape, Shape::Text | Shape::Time | Shape::Date)
    }

    fn drifted(&mut self, shape: Shape, value: &Value, props: &Props, origin: Origin<'_>) {
        let library = library(props);
        let same = |drift: &&mut Drift| {
            drift.shape == shape && drift.source == origin.source && drift.library == library
        };
        if let Some(drift) = self.drift.iter_mut().find(same) {
            drift.count += 1;
            drift.last = drift.last.max(origin.received_at);
        } else if self.drift.len() < DRIFTS_MAX {
            self.drift.push(Drift {
                shape,
                source: origin.source.to_owned(),
                library,
                count: 1,
                first: origin.received_at,
                last: origin.received_at,
                example: example(value),
            });
        }
    }

    /// Values that are not of the expected type, of all sources.
    pub fn drifting(&self) -> u64 {
        let Some(expected) = self.expected else { return 0 };
        let counts = Shape::ALL.iter().zip(&self.shapes);
        counts.filter(|(shape, _)| !expected.fits(**shape)).map(|(_, count)| count).sum()
    }
}

fn library(props: &Props) -> String {
    let text = |name: &str| props.get(name).and_then(Value::as_text);
    let said = LIBRARIES.iter().find_map(|(name, version)| Some((text(name)?, text(version)?)));
    said.map_or_else(String::new, |(name, version)| format!("{name} {version}").chars().take(60).collect())
}

/// The name with `*` for what looks made up by a program: uuids, hashes, long
/// numbers. `None` for ordinary names.
pub fn pattern(name: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = name;
    let mut found = false;
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|c: char| !(c.is_ascii_hexdigit() || c == '-')).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(run);
        if run > 0 && is_junk(head) {
            out.push('*');
            found = true;
            rest = tail;
            continue;
        }
        // A word is taken whole, so that its last letters are not taken for a hash.
        let word = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let taken = if word == 0 { first.len_utf8() } else { word };
        let (head, tail) = rest.split_at(taken);
        match trailing_digits(head) {
            Some(at) => {
                out.push_str(&head[..at]);
                out.push('*');
                found = true;
            }
            None => out.push_str(head),
        }
        rest = tail;
    }
    found.then_some(out)
}

fn is_junk(run: &str) -> bool {
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    let hex = run.bytes().filter(u8::is_ascii_hexdigit).count();
    let only_digits = digits == hex;
    (only_digits && digits >= JUNK_DIGITS) || (hex >= JUNK_HEX && digits >= 2)
}

fn trailing_digits(word: &str) -> Option<usize> {
    let digits = word.bytes().rev().take_while(u8::is_ascii_digit).count();
    (digits >= JUNK_DIGITS).then(|| word.len() - digits)
}
