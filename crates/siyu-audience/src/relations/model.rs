//! Relations as they are kept: every tie that was said, by the numbers it was said of,
//! with its time. Who is related now is a reading of them (`reading.rs`).

use rustc_hash::FxHashMap;
use serde::Serialize;
use siyu_types::clock::Millis;
use siyu_types::relation::{Holders, RelationKind, RelationSide};
use utoipa::ToSchema;

use super::conflicts::Conflicts;
use super::kinds;

/// The end of a tie whose end is not known.
pub const OPEN: Millis = Millis::MAX;
/// Ties kept of a project, of all times.
pub const TIES_MAX: usize = 10_000_000;
/// Ties kept at the `to` end of one number: its inviters, staff, household.
pub const HELD_MAX: usize = 1_000;
/// Ties kept at the `from` end of one number: whom it invited, its customers.
pub const GIVEN_MAX: usize = 1_000_000;
/// Kinds of a project's own, those of the past included.
pub const OWN_KINDS_MAX: usize = 100;
/// People looked at on the way up while circles are looked for.
pub const CHAIN_MAX: usize = 1_000;
/// No word: said by a client and not by hand.
pub(crate) const NO_WORD: u32 = u32::MAX;

/// One tie between two numbers. It holds from `since` on and not at `until` any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tie {
    pub kind: u16,
    /// Index into [`Relations::sources`].
    pub source: u16,
    pub from: u32,
    pub to: u32,
    pub since: Millis,
    pub until: Millis,
    /// Index into [`Relations::words`].
    pub word: u32,
    /// Of who ended it by hand.
    pub last_word: u32,
}

impl Tie {
    pub fn holds(&self, at: Millis) -> bool {
        self.since <= at && at < self.until
    }

    /// When it ends, as far as that is known.
    pub fn end(&self) -> Option<Millis> {
        (self.until != OPEN).then_some(self.until)
    }

    /// Whether both hold at some instant.
    pub fn meets(&self, since: Millis, until: Millis) -> bool {
        self.since < self.until && self.since < until && since < self.until
    }

    pub fn number(&self, side: RelationSide) -> u32 {
        match side {
            RelationSide::From => self.from,
            RelationSide::To => self.to,
        }
    }
}

/// Who decided by hand, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Word {
    pub by: String,
    pub reason: String,
}

/// A kind, and whether it still takes new ties.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct KnownKind {
    pub kind: RelationKind,
    pub own: bool,
    pub active: bool,
}

impl KnownKind {
    pub fn is_group(&self) -> bool {
        self.kind.group_max > 0
    }

    /// Only one may stand at `from` of one person at a time.
    pub fn is_single(&self) -> bool {
        self.kind.holders != Holders::Many
    }
}

/// Why a statement did not become, or end, a tie.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RelationObstacle)]
pub enum Obstacle {
    /// Nobody declared such a kind, or it takes nothing new.
    UnknownKind,
    /// Both are one person.
    ToItself,
    /// There is one already, and the first one stays.
    Taken,
    /// Somebody would stand above themselves.
    Circle,
    /// The chain above is too long to be looked through.
    TooDeep,
    /// The group would be larger than its kind allows.
    GroupFull,
    /// One of them, or the project, has as many ties as are kept.
    TooMany,
    /// What was to end did not hold then.
    NotRelated,
    /// It would end before it begins.
    EndsFirst,
}

impl Obstacle {
    pub const ALL: [Obstacle; 9] = [
        Obstacle::UnknownKind,
        Obstacle::ToItself,
        Obstacle::Taken,
        Obstacle::Circle,
        Obstacle::TooDeep,
        Obstacle::GroupFull,
        Obstacle::TooMany,
        Obstacle::NotRelated,
        Obstacle::EndsFirst,
    ];
}

/// All ties of a project.
#[derive(Clone, Debug)]
pub struct Relations {
    pub(crate) kinds: Vec<KnownKind>,
    pub(crate) ties: Vec<Tie>,
    /// Ties by the number at either end.
    given: FxHashMap<u32, Vec<u32>>,
    held: FxHashMap<u32, Vec<u32>>,
    pub(crate) words: Vec<Word>,
    pub(crate) sources: Vec<String>,
    pub(crate) conflicts: Conflicts,
}

impl Default for Relations {
    fn default() -> Relations {
        let known = |kind: &fn() -> RelationKind| KnownKind { kind: kind(), own: false, active: true };
        Relations {
            kinds: kinds::BUILT_IN.iter().map(known).collect(),
            ties: Vec::new(),
            given: FxHashMap::default(),
            held: FxHashMap::default(),
            words: Vec::new(),
            sources: Vec::new(),
            conflicts: Conflicts::default(),
        }
    }
}

impl Relations {
    pub fn kind_code(&self, name: &str) -> Option<u16> {
        self.kinds.iter().position(|known| known.kind.name == name).map(|at| at as u16)
    }

    /// What those at an end of a kind are called, in Chinese and in English; of a kind that is
    /// not known its name.
    pub(crate) fn called<'a>(&'a self, name: &'a str, end: RelationSide) -> (&'a str, &'a str) {
        let code = self.kind_code(name);
        code.map_or((name, name), |code| kinds::called(&self.kind(code).kind, end))
    }

    pub(crate) fn kind(&self, code: u16) -> &KnownKind {
        &self.kinds[usize::from(code)]
    }

    /// Numbers of the ties with a number at this end, in the order they were said.
    pub(crate) fn at(&self, side: RelationSide, number: u32) -> &[u32] {
        let map = match side {
            RelationSide::From => &self.given,
            RelationSide::To => &self.held,
        };
        map.get(&number).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn add(&mut self, tie: Tie) -> u32 {
        let index = self.ties.len() as u32;
        self.ties.push(tie);
        self.given.entry(tie.from).or_default().push(index);
        self.held.entry(tie.to).or_default().push(index);
        index
    }

    pub(crate) fn source_code(&mut self, source: &str) -> u16 {
        if let Some(code) = self.sources.iter().position(|known| known == source) {
            return code as u16;
        }
        // A project has a handful of sources; beyond the range they share the last name.
        if self.sources.len() >= usize::from(u16::MAX) {
            return u16::MAX - 1;
        }
        self.sources.push(source.to_owned());
        (self.sources.len() - 1) as u16
    }

    pub(crate) fn word_code(&mut self, by: &str, reason: &str) -> u32 {
        if by.is_empty() {
            return NO_WORD;
        }
        // Often many in a row are decided for one reason.
        let known = self.words.last().is_some_and(|word| word.by == by && word.reason == reason);
        if !known {
            self.words.push(Word { by: by.to_owned(), reason: reason.to_owned() });
        }
        (self.words.len() - 1) as u32
    }

    /// Nobody has these numbers any more: their ties are none, what was said of them by hand
    /// is unsaid, and what was refused of them is forgotten.
    pub(crate) fn forget(&mut self, numbers: &[u32]) {
        let theirs = |tie: &Tie| numbers.contains(&tie.from) || numbers.contains(&tie.to);
        self.conflicts.forget(numbers);
        if !self.ties.iter().any(theirs) {
            return;
        }
        let ties = std::mem::take(&mut self.ties);
        (self.given, self.held) = (FxHashMap::default(), FxHashMap::default());
        let mut used = vec![false; self.words.len()];
        for tie in ties.into_iter().filter(|tie| !theirs(tie)) {
            for word in [tie.word, tie.last_word] {
                if let Some(used) = used.get_mut(word as usize) {
                    *used = true;
                }
            }
            self.add(tie);
        }
        // The places of words stay, as ties name them by their place.
        for (word, used) in self.words.iter_mut().zip(used) {
            if !used {
                *word = Word { by: String::new(), reason: String::new() };
            }
        }
    }

    pub(crate) fn tie(&self, place: u32) -> &Tie {
        &self.ties[place as usize]
    }

    /// Where a tie was said.
    pub(crate) fn source(&self, tie: &Tie) -> &str {
        self.sources.get(usize::from(tie.source)).map_or("", String::as_str)
    }

    pub fn conflicts(&self) -> &Conflicts {
        &self.conflicts
    }

    /// Ties kept, of all times.
    pub fn len(&self) -> usize {
        self.ties.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ties.is_empty()
    }
}
