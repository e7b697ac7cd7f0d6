//! Which statements become ties, and which are refused. Decided by what is known when
//! the record's turn comes in the log, so a replay decides alike.

use std::collections::BTreeSet;

use siyu_events::Remap;
use siyu_types::clock::Millis;
use siyu_types::relation::{Holders, RelationKind, RelationSide};
use siyu_types::{Error, Result};

use super::model::{
    CHAIN_MAX, GIVEN_MAX, HELD_MAX, KnownKind, OPEN, OWN_KINDS_MAX, Obstacle, Relations, TIES_MAX, Tie,
};

const NAME_BYTES_MAX: usize = 40;
const TITLE_CHARS_MAX: usize = 40;
/// The largest group that a kind may allow.
pub const GROUP_MAX: u16 = 200;

/// Both ends of a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ends {
    pub from: u32,
    pub to: u32,
}

/// What a tie is to hold besides its ends and its time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    pub source: u16,
    pub word: u32,
}

impl Relations {
    /// Says that a tie holds from `since` on, until `until` if that is known. What was
    /// said before is not said twice; its time grows where it has to.
    pub(crate) fn begin(
        &mut self,
        kind: u16,
        ends: Ends,
        (since, until): (Millis, Option<Millis>),
        said: Said,
        remap: &Remap,
    ) -> std::result::Result<u32, Obstacle> {
        if !self.kind(kind).active {
            return Err(Obstacle::UnknownKind);
        }
        if until.is_some_and(|until| until <= since) {
            return Err(Obstacle::EndsFirst);
        }
        let (from, to) = (remap.person(ends.from), remap.person(ends.to));
        if from == to {
            return Err(Obstacle::ToItself);
        }
        let known = self.between(kind, (from, to), remap).into_iter().find(|tie| {
            let tie = &self.ties[*tie as usize];
            tie.meets(since, until.unwrap_or(OPEN))
        });
        let (since, until) = match known.map(|tie| self.ties[tie as usize]) {
            // An end that is known stays.
            Some(tie) if tie.until == OPEN => (since.min(tie.since), until.unwrap_or(OPEN)),
            Some(tie) => (since.min(tie.since), tie.until),
            None => (since, until.unwrap_or(OPEN)),
        };
        if let Some(index) = known {
            let tie = self.ties[index as usize];
            if (since, until) == (tie.since, tie.until) {
                return Ok(index);
            }
        }
        let until = self.admit(kind, ends, (since, until), remap, known.is_none())?;
        if let Some(index) = known {
            let tie = &mut self.ties[index as usize];
            (tie.since, tie.until) = (since, until);
            return Ok(index);
        }
        let Said { source, word } = said;
        let Ends { from, to } = ends;
        Ok(self.add(Tie { kind, source, from, to, since, until, word, last_word: super::model::NO_WORD }))
    }

    /// Checks the rules of the kind; makes the former one hand over where only the
    /// latest holds. Answers when the tie ends.
    fn admit(
        &mut self,
        kind: u16,
        ends: Ends,
        (since, until): (Millis, Millis),
        remap: &Remap,
        fresh: bool,
    ) -> std::result::Result<Millis, Obstacle> {
        let (from, to) = (remap.person(ends.from), remap.person(ends.to));
        let full = self.ties.len() >= TIES_MAX
            || self.at(RelationSide::To, ends.to).len() >= HELD_MAX
            || self.at(RelationSide::From, ends.from).len() >= GIVEN_MAX;
        if fresh && full {
            return Err(Obstacle::TooMany);
        }
        let known = self.kind(kind);
        if known.is_group() && self.group_with(kind, (from, to), (since, until), remap).is_none() {
            return Err(Obstacle::GroupFull);
        }
        let holders = known.kind.holders;
        if known.kind.no_circles {
            self.check_circle(kind, (from, to), (since, until), remap)?;
        }
        let others: Vec<u32> = match holders {
            Holders::Many => return Ok(until),
            Holders::First | Holders::Latest => self
                .ties_of(kind, RelationSide::To, to, remap)
                .filter(|tie| {
                    let tie = &self.ties[*tie as usize];
                    let holder = remap.person(tie.from);
                    holder != from && holder != to && tie.since < tie.until
                })
                .collect(),
        };
        if holders == Holders::First {
            let taken = others.iter().any(|tie| self.ties[*tie as usize].meets(since, until));
            return if taken { Err(Obstacle::Taken) } else { Ok(until) };
        }
        let mut until = until;
        for other in others {
            let other = &mut self.ties[other as usize];
            if other.since > since {
                until = until.min(other.since);
            } else {
                other.until = other.until.min(since);
            }
        }
        Ok(until)
    }

    /// Says that what holds between two people ended.
    pub(crate) fn end(
        &mut self,
        kind: u16,
        ends: Ends,
        at: Millis,
        word: u32,
        remap: &Remap,
    ) -> std::result::Result<(), Obstacle> {
        let people = (remap.person(ends.from), remap.person(ends.to));
        let mut found = false;
        for tie in self.between(kind, people, remap) {
            let tie = &mut self.ties[tie as usize];
            // Told twice is told once.
            found |= tie.until == at;
            if tie.holds(at) {
                (tie.until, tie.last_word, found) = (at, word, true);
            }
        }
        if found { Ok(()) } else { Err(Obstacle::NotRelated) }
    }

    /// The ties of a kind with a person at this end.
    pub(crate) fn ties_of<'a>(
        &'a self,
        kind: u16,
        side: RelationSide,
        person: u32,
        remap: &Remap,
    ) -> impl Iterator<Item = u32> + use<'a> {
        let numbers = remap.numbers(person);
        let all = numbers.into_iter().flat_map(move |number| self.at(side, number).iter().copied());
        all.filter(move |tie| self.ties[*tie as usize].kind == kind)
    }

    /// The ties of a kind between two people; of a group in either direction.
    pub(crate) fn between(&self, kind: u16, (from, to): (u32, u32), remap: &Remap) -> Vec<u32> {
        // A member of the staff has many customers, a customer few of the staff.
        let directed = |from: u32, to: u32| {
            self.ties_of(kind, RelationSide::To, to, remap)
                .filter(move |tie| remap.person(self.ties[*tie as usize].from) == from)
        };
        let mut found: Vec<u32> = directed(from, to).collect();
        if self.kind(kind).is_group() {
            found.extend(directed(to, from));
        }
        found.sort_unstable();
        found
    }

    /// Whoever would hang together with these two, if the kind allows so many.
    fn group_with(
        &self,
        kind: u16,
        (one, other): (u32, u32),
        (since, until): (Millis, Millis),
        remap: &Remap,
    ) -> Option<BTreeSet<u32>> {
        let most = usize::from(self.kind(kind).kind.group_max);
        let mut group = BTreeSet::from([one, other]);
        let mut open = vec![one, other];
        while let Some(person) = open.pop() {
            for side in [RelationSide::From, RelationSide::To] {
                for tie in self.ties_of(kind, side, person, remap) {
                    let tie = &self.ties[tie as usize];
                    let next = remap.person(tie.number(side.opposite()));
                    if tie.meets(since, until) && group.insert(next) {
                        open.push(next);
                    }
                }
            }
            if group.len() > most {
                return None;
            }
        }
        Some(group)
    }

    /// Whether `to` stands above `from` while the tie would hold.
    fn check_circle(
        &self,
        kind: u16,
        (from, to): (u32, u32),
        (since, until): (Millis, Millis),
        remap: &Remap,
    ) -> std::result::Result<(), Obstacle> {
        let mut seen = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(person) = open.pop() {
            for tie in self.ties_of(kind, RelationSide::To, person, remap) {
                let tie = &self.ties[tie as usize];
                let above = remap.person(tie.from);
                if !tie.meets(since, until) {
                    continue;
                }
                if above == to {
                    return Err(Obstacle::Circle);
                }
                if seen.insert(above) {
                    open.push(above);
                }
            }
            if seen.len() > CHAIN_MAX {
                return Err(Obstacle::TooDeep);
            }
        }
        Ok(())
    }

    /// Puts the project's own kinds in force. Those left out keep their ties and take
    /// no new ones.
    pub(crate) fn declare(&mut self, kinds: &[RelationKind]) {
        self.kinds.iter_mut().filter(|known| known.own).for_each(|known| known.active = false);
        for kind in kinds {
            match self.kind_code(&kind.name).map(usize::from) {
                Some(code) if self.kinds[code].own => {
                    self.kinds[code] = KnownKind { kind: kind.clone(), own: true, active: true };
                }
                Some(_) => {}
                None if self.own_kinds() < OWN_KINDS_MAX => {
                    self.kinds.push(KnownKind { kind: kind.clone(), own: true, active: true });
                }
                None => {}
            }
        }
    }

    fn own_kinds(&self) -> usize {
        self.kinds.iter().filter(|known| known.own).count()
    }

    /// Refuses kinds that contradict themselves or what there is.
    pub(crate) fn validate(&self, kinds: &[RelationKind]) -> Result<()> {
        let mut names = BTreeSet::new();
        for (index, kind) in kinds.iter().enumerate() {
            check(kind).map_err(|(field, text)| Error::invalid(format!("kinds[{index}].{field}"), text))?;
            let built_in = self.kinds.iter().any(|known| !known.own && known.kind.name == kind.name);
            if built_in || !names.insert(&kind.name) {
                return Err(Error::invalid(format!("kinds[{index}].name"), "stands there already"));
            }
        }
        let fresh = names.iter().filter(|name| self.kind_code(name).is_none()).count();
        if self.own_kinds() + fresh > OWN_KINDS_MAX {
            let text = format!("at most {OWN_KINDS_MAX} kinds, those of the past included");
            return Err(Error::invalid("kinds", text));
        }
        Ok(())
    }
}

fn check(kind: &RelationKind) -> std::result::Result<(), (&'static str, String)> {
    let letters = kind.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if kind.name.is_empty() || kind.name.len() > NAME_BYTES_MAX || !letters {
        let text = format!("needs 1 to {NAME_BYTES_MAX} lower case letters, digits or underscores");
        return Err(("name", text));
    }
    for (field, title) in [("from_title", &kind.from_title), ("to_title", &kind.to_title)] {
        let length = title.trim().chars().count();
        if length == 0 || length > TITLE_CHARS_MAX {
            return Err((field, format!("needs 1 to {TITLE_CHARS_MAX} characters")));
        }
    }
    if kind.group_max == 1 || kind.group_max > GROUP_MAX {
        return Err(("group_max", format!("0, or 2 to {GROUP_MAX}")));
    }
    if kind.group_max > 0 && (kind.holders != Holders::Many || kind.no_circles) {
        return Err(("group_max", "a group has no direction: `many` holders, and circles".to_owned()));
    }
    if kind.no_circles && kind.holders == Holders::Many {
        return Err(("no_circles", "only where there is one holder at a time".to_owned()));
    }
    Ok(())
}
