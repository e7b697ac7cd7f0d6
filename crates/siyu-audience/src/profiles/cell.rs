//! What is known about one property from one number: every contribution with its
//! time and source. Event time decides, never the order of arrival.

use siyu_types::Value;
use siyu_types::clock::Millis;

use super::dictionary::Dictionary;
use super::past::Past;

/// Elements kept of a list that is only ever appended to.
pub const LIST_MAX: usize = 1_000;
/// Increments kept apart; older ones are folded into one.
const INCREMENTS_KEPT: usize = 64;
/// Values said only for the case that there is none.
const ONCE_KEPT: usize = 16;
/// Replaced values kept: the very first one and the newest.
pub const EARLIER_KEPT: usize = 19;
/// Corrections kept of one property and number: the newest.
const CORRECTIONS_KEPT: usize = 20;
/// No such time.
pub const NEVER: Millis = Millis::MIN;

const SECOND: Millis = 1_000;

/// A value, with texts as codes of the property's dictionary.
#[derive(Clone, PartialEq, Debug)]
pub enum Stored {
    Number(f64),
    Text(u32),
    Bool(bool),
    #[expect(clippy::box_collection, reason = "keeps the common values at 16 bytes")]
    List(Box<Vec<u32>>),
}

impl Stored {
    pub fn of(value: &Value, dictionary: &mut Dictionary) -> Stored {
        match value {
            Value::Number(number) => Stored::Number(*number),
            Value::Text(text) => Stored::Text(dictionary.intern(text)),
            Value::Bool(flag) => Stored::Bool(*flag),
            Value::List(items) => Stored::List(Box::new(
                items.iter().take(LIST_MAX).map(|item| dictionary.intern(item)).collect(),
            )),
        }
    }

    pub fn value(&self, dictionary: &Dictionary) -> Value {
        match self {
            Stored::Number(number) => Value::Number(*number),
            Stored::Text(code) => Value::Text(dictionary.text(*code).to_owned()),
            Stored::Bool(flag) => Value::Bool(*flag),
            Stored::List(codes) => {
                Value::List(codes.iter().map(|code| dictionary.text(*code).to_owned()).collect())
            }
        }
    }
}

/// When something was said, and the code of who said it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct When {
    pub time: Millis,
    pub source: u16,
}

/// The contributions of one number to one property. By far the most common is one
/// value, set at one time; it takes 32 bytes.
#[derive(Clone, PartialEq, Debug)]
pub struct Cell {
    pub property: u16,
    /// Who said the latest set value.
    pub source: u16,
    /// For how many seconds before it was last said the same value had stood.
    pub held: u32,
    pub body: Body,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Body {
    Set(Millis, Stored),
    Full(Box<FullCell>),
}

#[derive(Clone, PartialEq, Default, Debug)]
pub struct FullCell {
    /// The latest.
    pub set: Option<(Millis, Stored)>,
    /// Set values that later ones replaced.
    pub earlier: Past,
    pub more: Option<Box<More>>,
}

/// What is said in other ways than by setting.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct More {
    /// By time; the earliest that no removal took away counts.
    pub once: Vec<(When, Stored)>,
    /// The latest removal; what is not later than it is gone.
    pub unset: Option<When>,
    pub increments: Vec<(When, f64)>,
    pub appended: Vec<(When, u32)>,
    /// What was put right by hand, by time; the latest that was not taken back holds,
    /// whatever else is said.
    pub corrections: Vec<Corrected>,
}

/// A value put right by hand.
#[derive(Clone, PartialEq, Debug)]
pub struct Corrected {
    pub when: When,
    /// None: that there is nothing to say.
    pub value: Option<Stored>,
    /// When it was taken back.
    pub lifted: Option<Millis>,
}

impl Cell {
    pub fn empty(property: u16) -> Cell {
        Cell { property, source: 0, held: 0, body: Body::Full(Box::default()) }
    }

    /// The latest set value and when it was last said.
    pub fn latest(&self) -> Option<(Millis, &Stored)> {
        match &self.body {
            Body::Set(time, value) => Some((*time, value)),
            Body::Full(full) => full.set.as_ref().map(|(time, value)| (*time, value)),
        }
    }

    /// Since when the latest set value stood, to the second.
    pub fn since(&self) -> Millis {
        match self.latest() {
            None => NEVER,
            Some((time, _)) if self.held == 0 => time,
            Some((time, _)) => (time.div_euclid(SECOND) - Millis::from(self.held)) * SECOND,
        }
    }

    pub fn earlier(&self) -> Vec<(When, Stored)> {
        match &self.body {
            Body::Set(..) => Vec::new(),
            Body::Full(full) => full.earlier.list(),
        }
    }

    pub fn more(&self) -> Option<&More> {
        match &self.body {
            Body::Set(..) => None,
            Body::Full(full) => full.more.as_deref(),
        }
    }

    pub fn set(&mut self, when: When, value: Stored) {
        let Some((known, old)) = self.latest() else {
            return self.put(when, 0, value);
        };
        let same = *old == value;
        if known > when.time {
            self.note_earlier(when, value);
        } else if same {
            let held = seconds_between(self.since(), when.time);
            self.put(when, held, value);
        } else {
            let replaced = (When { time: self.since(), source: self.source }, old.clone());
            self.full().earlier.insert(replaced);
            self.put(when, 0, value);
        }
    }

    /// At equal times the record that arrived later stands.
    fn put(&mut self, when: When, held: u32, value: Stored) {
        self.source = when.source;
        self.held = held;
        match &mut self.body {
            Body::Full(full) if !full.is_empty() => full.set = Some((when.time, value)),
            body => *body = Body::Set(when.time, value),
        }
    }

    /// A value that arrives after a later one: part of the history only.
    fn note_earlier(&mut self, when: When, value: Stored) {
        let earlier = self.earlier();
        let next = earlier.iter().find(|(known, _)| known.time > when.time);
        let (Some((time, latest)), since) = (self.latest(), self.since()) else { return };
        if since <= when.time && *latest == value {
            return;
        }
        if next.is_none() && *latest == value {
            self.held = seconds_between(when.time, time);
            return;
        }
        self.full().earlier.insert((when, value));
    }

    pub fn set_once(&mut self, when: When, value: Stored) {
        let once = &mut self.more_mut().once;
        let place = once.partition_point(|(known, _)| known.time <= when.time);
        once.insert(place, (when, value));
        if once.len() > ONCE_KEPT {
            // The first ones and the newest, which a removal is least likely to take away.
            once.remove(ONCE_KEPT - 1);
        }
    }

    pub fn increment(&mut self, when: When, by: f64) {
        let increments = &mut self.more_mut().increments;
        let place = increments.partition_point(|(known, _)| known.time <= when.time);
        increments.insert(place, (when, by));
        if increments.len() > INCREMENTS_KEPT {
            let folded: Vec<_> = increments.drain(..INCREMENTS_KEPT / 2).collect();
            let last = folded.last().map_or(when, |(known, _)| *known);
            increments.insert(0, (last, folded.iter().map(|(_, by)| by).sum()));
        }
    }

    pub fn append(&mut self, when: When, item: u32) {
        let appended = &mut self.more_mut().appended;
        let room = appended.len() < LIST_MAX;
        match appended.iter_mut().find(|(_, known)| *known == item) {
            // The latest time is kept, so that a removal in between does not hide it.
            Some((known, _)) if known.time <= when.time => *known = when,
            Some(_) => {}
            None if room => appended.push((when, item)),
            None => {}
        }
    }

    pub fn unset(&mut self, when: When) {
        let unset = &mut self.more_mut().unset;
        if unset.is_none_or(|known| known.time < when.time) {
            *unset = Some(when);
        }
    }

    /// A correction that is said again, as at a replay, is the same one.
    pub fn correct(&mut self, when: When, value: Option<Stored>) {
        let corrections = &mut self.more_mut().corrections;
        match corrections.binary_search_by_key(&when.time, |known| known.when.time) {
            Ok(at) => corrections[at].value = value,
            Err(at) => corrections.insert(at, Corrected { when, value, lifted: None }),
        }
        if corrections.len() > CORRECTIONS_KEPT {
            corrections.remove(0);
        }
    }

    /// Takes the correction made at `of` back.
    pub fn lift(&mut self, of: Millis, at: Millis) {
        let corrections = self.more().is_some_and(|more| !more.corrections.is_empty());
        if corrections && let Some(known) = self.more_mut().corrections.iter_mut().find(|c| c.when.time == of)
        {
            known.lifted = known.lifted.or(Some(at));
        }
    }

    /// The correction that holds.
    pub fn correction(&self) -> Option<&Corrected> {
        self.more()?.corrections.iter().rev().find(|correction| correction.lifted.is_none())
    }

    fn full(&mut self) -> &mut FullCell {
        if let Body::Set(time, value) = &self.body {
            let set = Some((*time, value.clone()));
            self.body = Body::Full(Box::new(FullCell { set, ..FullCell::default() }));
        }
        match &mut self.body {
            Body::Full(full) => full,
            Body::Set(..) => unreachable!("replaced above"),
        }
    }

    fn more_mut(&mut self) -> &mut More {
        self.full().more.get_or_insert_default()
    }
}

impl FullCell {
    fn is_empty(&self) -> bool {
        *self == FullCell::default()
    }
}

/// Of whole seconds on the clock, so that saying the same again and again does not
/// move the beginning.
fn seconds_between(from: Millis, to: Millis) -> u32 {
    u32::try_from(to.div_euclid(SECOND) - from.div_euclid(SECOND)).unwrap_or(u32::MAX)
}
