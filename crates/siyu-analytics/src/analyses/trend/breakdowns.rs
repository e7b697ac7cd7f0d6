//! Up to three breakdowns at once: a group is then one of each.

use rustc_hash::FxHashMap;
use siyu_events::{Block, Scan};
use siyu_types::Result;
use siyu_types::analysis::{Group, TrendQuery};

use crate::groups::{FIRST, MISSING, Reader, Slots, Source, Word};
use crate::people::PersonColumns;

/// Between the parts of a name, which each begin with a sign for a value or for none.
const JOINT: char = '\u{1}';
const VALUE: char = '=';
const NONE: char = '-';

/// The breakdowns of a question.
#[derive(Clone)]
pub(super) struct Breakdowns<'q> {
    sources: Vec<Source<'q>>,
}

impl<'q> Breakdowns<'q> {
    pub(super) fn new(query: &'q TrendQuery, people: &'q dyn PersonColumns) -> Result<Breakdowns<'q>> {
        let all = query.breakdown.iter().chain(&query.then_by);
        let sources = all.map(|breakdown| Source::new(Some(breakdown), people)).collect::<Result<_>>()?;
        Ok(Breakdowns { sources })
    }

    pub(super) fn is_whole(&self) -> bool {
        self.sources.is_empty()
    }

    pub(super) fn by_person(&self) -> bool {
        !self.is_whole() && self.sources.iter().all(Source::by_person)
    }

    /// The one property that divides events.
    pub(super) fn property(&self) -> Option<&'q str> {
        match &self.sources[..] {
            [Source::Property(name)] => Some(name),
            _ => None,
        }
    }

    /// As [`Source::few`].
    pub(super) fn few(&self, scan: &Scan) -> bool {
        self.sources.len() < 2 && self.sources.iter().all(|source| source.few(scan))
    }

    /// As [`Source::divides`].
    pub(super) fn divide(&self, scan: &Scan, most: usize) -> bool {
        matches!(&self.sources[..], [source] if source.divides(scan, most))
    }

    /// Reads one block.
    pub(super) fn on(&self, block: &'q Block) -> Groups<'q> {
        match &self.sources[..] {
            [] => Groups::Whole,
            [one] => Groups::One(one.reader(block), one.by_person()),
            several => Groups::Several(Combined::new(several, block)),
        }
    }

    /// The group that a name stands for.
    pub(super) fn group(&self, name: String) -> Group {
        if self.sources.len() < 2 {
            return Group::Value { value: name };
        }
        let of = name.split(JOINT).map(|part| match part.strip_prefix(VALUE) {
            Some(value) => Group::Value { value: value.to_owned() },
            None => Group::Missing,
        });
        Group::Several { of: of.collect() }
    }

    /// The name of a group; `None` if the answer cannot have it.
    pub(super) fn name(&self, group: &Group) -> Option<String> {
        match group {
            Group::Value { value } if self.sources.len() == 1 => Some(value.clone()),
            Group::Several { of } if self.sources.len() == of.len() && of.len() > 1 => {
                let part = |group: &Group| match group {
                    Group::Value { value } => Some(format!("{VALUE}{value}")),
                    Group::Missing => Some(NONE.to_string()),
                    _ => None,
                };
                let parts: Option<Vec<String>> = of.iter().map(part).collect();
                Some(parts?.join(&JOINT.to_string()))
            }
            _ => None,
        }
    }
}

/// Finds the groups of one event after another.
pub(super) enum Groups<'a> {
    Whole,
    One(Reader<'a>, bool),
    Several(Combined<'a>),
}

impl Groups<'_> {
    /// As [`Reader::word`], where it is not the person that decides.
    pub(super) fn word(&self) -> Option<Word<'_>> {
        match self {
            Groups::Whole => Some(Word::Any),
            Groups::One(reader, false) => reader.word(),
            _ => None,
        }
    }

    /// The one group of an event, if it surely has no others and is not that of the person.
    #[inline]
    pub(super) fn one(&mut self, row: usize, slots: &mut Slots<'_>) -> Option<u32> {
        match self {
            Groups::Whole => Some(FIRST),
            Groups::One(reader, false) => reader.one(row, slots),
            _ => None,
        }
    }

    /// Fills `out` with the different groups, at least one.
    #[inline]
    pub(super) fn read(&mut self, person: u32, row: usize, slots: &mut Slots<'_>, out: &mut Vec<u32>) {
        match self {
            Groups::Whole => {
                out.clear();
                out.push(FIRST);
            }
            Groups::One(reader, by_person) => {
                reader.read(if *by_person { person as usize } else { row }, slots, out);
            }
            Groups::Several(combined) => combined.read(person, row, slots, out),
        }
    }
}

/// Several breakdowns, each with numbers of its own for its groups.
pub(super) struct Combined<'a> {
    parts: Vec<(Reader<'a>, bool, Slots<'static>)>,
    /// By the numbers of the parts.
    known: FxHashMap<Vec<u32>, u32>,
    found: Vec<Vec<u32>>,
}

impl<'a> Combined<'a> {
    fn new(sources: &[Source<'a>], block: &'a Block) -> Combined<'a> {
        let part = |source: &Source<'a>| (source.reader(block), source.by_person(), Slots::listed());
        let parts: Vec<_> = sources.iter().map(part).collect();
        let found = vec![Vec::new(); parts.len()];
        Combined { parts, known: FxHashMap::default(), found }
    }

    fn read(&mut self, person: u32, row: usize, slots: &mut Slots<'_>, out: &mut Vec<u32>) {
        for ((reader, by_person, own), found) in self.parts.iter_mut().zip(&mut self.found) {
            reader.read(if *by_person { person as usize } else { row }, own, found);
        }
        out.clear();
        let count: usize = self.found.iter().map(Vec::len).product();
        for mut number in 0..count {
            let key: Vec<u32> = self
                .found
                .iter()
                .map(|found| {
                    let own = found[number % found.len()];
                    number /= found.len();
                    own
                })
                .collect();
            let slot = match self.known.get(&key) {
                Some(slot) => *slot,
                None => {
                    let parts = key.iter().zip(&self.parts).map(|(own, (.., names))| match own {
                        &MISSING => NONE.to_string(),
                        own => format!("{VALUE}{}", names.name(*own)),
                    });
                    let slot = slots.of(&parts.collect::<Vec<_>>().join(&JOINT.to_string()));
                    self.known.insert(key, slot);
                    slot
                }
            };
            out.push(slot);
        }
        out.sort_unstable();
        out.dedup();
    }
}
