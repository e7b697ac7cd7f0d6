//! Who is related with whom at an instant: a pure function of the ties and of which
//! numbers are one person. So merging people and taking them apart again changes nothing
//! that is kept.
//!
//! A merge may bring together what would have been refused one by one. Then a tie of a
//! person with themselves is none; of several holders the first, or for kinds that hand
//! over the latest, holds; and of ties that close a circle the latest is void.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};
use siyu_events::Remap;
use siyu_types::clock::Millis;
use siyu_types::relation::{Holders, RelationSide};

use super::model::{Relations, Tie};

/// Another person, and the tie by which they are related.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Related {
    pub other: u32,
    pub tie: u32,
}

impl Relations {
    /// The others that a person is related with, by number; `side` is the person's end.
    /// Of a group all members, whichever way they hang together.
    pub(crate) fn others(
        &self,
        kind: u16,
        side: RelationSide,
        person: u32,
        at: Millis,
        remap: &Remap,
    ) -> Vec<Related> {
        if self.kind(kind).is_group() {
            return self.group(kind, person, at, remap);
        }
        if self.kind(kind).is_single() && side == RelationSide::To {
            return self.holder(kind, person, at, remap).into_iter().collect();
        }
        let mut found: BTreeMap<u32, u32> = BTreeMap::new();
        for tie in self.ties_of(kind, side, person, remap) {
            let other = remap.person(self.ties[tie as usize].number(side.opposite()));
            if other == person || !self.ties[tie as usize].holds(at) || found.contains_key(&other) {
                continue;
            }
            let single = self.kind(kind).is_single();
            let holds =
                !single || self.holder(kind, other, at, remap).is_some_and(|holder| holder.other == person);
            if holds {
                found.insert(other, tie);
            }
        }
        found.into_iter().map(|(other, tie)| Related { other, tie }).collect()
    }

    /// The one who stands at `from` of a person, of kinds where there is one at a time.
    pub(crate) fn holder(&self, kind: u16, person: u32, at: Millis, remap: &Remap) -> Option<Related> {
        let holder = self.winner(kind, person, at, remap)?;
        if !self.kind(kind).kind.no_circles {
            return Some(holder);
        }
        let mut latest = self.place(holder.tie);
        let mut seen = FxHashSet::default();
        let mut above = holder.other;
        while above != person {
            // A circle further up has nothing to do with this person.
            if !seen.insert(above) {
                return Some(holder);
            }
            let Some(next) = self.winner(kind, above, at, remap) else { return Some(holder) };
            latest = latest.max(self.place(next.tie));
            above = next.other;
        }
        (latest != self.place(holder.tie)).then_some(holder)
    }

    /// Ties in the order in which they began.
    fn place(&self, tie: u32) -> (Millis, u32) {
        (self.ties[tie as usize].since, tie)
    }

    fn winner(&self, kind: u16, person: u32, at: Millis, remap: &Remap) -> Option<Related> {
        let holding = self.ties_of(kind, RelationSide::To, person, remap).filter(|tie| {
            let tie = &self.ties[*tie as usize];
            tie.holds(at) && remap.person(tie.from) != person
        });
        let tie = match self.kind(kind).kind.holders {
            Holders::Latest => holding.max_by_key(|tie| self.place(*tie)),
            Holders::First | Holders::Many => holding.min_by_key(|tie| self.place(*tie)),
        }?;
        Some(Related { other: remap.person(self.ties[tie as usize].from), tie })
    }

    fn group(&self, kind: u16, person: u32, at: Millis, remap: &Remap) -> Vec<Related> {
        let mut found: BTreeMap<u32, u32> = BTreeMap::new();
        let mut open = vec![person];
        while let Some(next) = open.pop() {
            for side in [RelationSide::From, RelationSide::To] {
                for index in self.ties_of(kind, side, next, remap) {
                    let tie = &self.ties[index as usize];
                    let other = remap.person(tie.number(side.opposite()));
                    if tie.holds(at) && other != person && !found.contains_key(&other) {
                        found.insert(other, index);
                        open.push(other);
                    }
                }
            }
        }
        found.into_iter().map(|(other, tie)| Related { other, tie }).collect()
    }

    /// Everybody with those they are related with, `side` being their end: the same as
    /// [`Relations::others`] of each, in one pass. Sorted, each pair once.
    pub(crate) fn pairs(&self, kind: u16, side: RelationSide, at: Millis, remap: &Remap) -> Vec<(u32, u32)> {
        let holding = (0u32..).zip(&self.ties).filter(|(_, tie)| tie.kind == kind && tie.holds(at));
        let people = holding.map(|(index, tie)| (index, remap.person(tie.from), remap.person(tie.to)));
        let people = people.filter(|(_, from, to)| from != to);
        let mut pairs: Vec<(u32, u32)> = if self.kind(kind).is_group() {
            grouped(people.map(|(_, from, to)| (from, to)))
        } else if self.kind(kind).is_single() {
            self.holders(kind, people)
        } else {
            people.map(|(_, from, to)| (from, to)).collect()
        };
        if side == RelationSide::To {
            pairs.iter_mut().for_each(|pair| *pair = (pair.1, pair.0));
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Who holds whom, of kinds with one holder at a time.
    fn holders(&self, kind: u16, people: impl Iterator<Item = (u32, u32, u32)>) -> Vec<(u32, u32)> {
        let rules = &self.kind(kind).kind;
        let mut winners: FxHashMap<u32, (u32, u32)> = FxHashMap::default();
        for (tie, from, to) in people {
            let held = winners.entry(to).or_insert((tie, from));
            let later = self.place(tie) > self.place(held.0);
            if later == (rules.holders == Holders::Latest) {
                *held = (tie, from);
            }
        }
        if rules.no_circles {
            for person in self.closing(&winners) {
                winners.remove(&person);
            }
        }
        winners.into_iter().map(|(to, (_, from))| (from, to)).collect()
    }

    /// Those whose tie is the latest of a circle.
    fn closing(&self, winners: &FxHashMap<u32, (u32, u32)>) -> Vec<u32> {
        let mut done: FxHashSet<u32> = FxHashSet::default();
        let mut closing = Vec::new();
        for start in winners.keys() {
            let mut way: Vec<u32> = Vec::new();
            let mut on_way: FxHashMap<u32, usize> = FxHashMap::default();
            let mut at = *start;
            while !done.contains(&at) {
                if let Some(first) = on_way.get(&at) {
                    closing.extend(way[*first..].iter().max_by_key(|person| self.place(winners[person].0)));
                    break;
                }
                let Some((_, above)) = winners.get(&at) else { break };
                on_way.insert(at, way.len());
                way.push(at);
                at = *above;
            }
            done.extend(way);
        }
        closing
    }

    /// Every tie a person has or had, with the end at which they stand, in the order
    /// they were said. Ties of a person with themselves are left out.
    pub(crate) fn all_of(&self, person: u32, remap: &Remap) -> Vec<(RelationSide, u32)> {
        let mut found: BTreeSet<(u32, bool)> = BTreeSet::new();
        for number in remap.numbers(person) {
            for side in [RelationSide::From, RelationSide::To] {
                let ties = self.at(side, number).iter().copied();
                let apart = |tie: &Tie| remap.person(tie.number(side.opposite())) != person;
                found.extend(
                    ties.filter(|tie| apart(&self.ties[*tie as usize]))
                        .map(|tie| (tie, side == RelationSide::From)),
                );
            }
        }
        let side = |from: bool| if from { RelationSide::From } else { RelationSide::To };
        found.into_iter().map(|(tie, from)| (side(from), tie)).collect()
    }
}

/// Everybody with everybody they hang together with, both ways.
fn grouped(pairs: impl Iterator<Item = (u32, u32)>) -> Vec<(u32, u32)> {
    let mut near: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (one, other) in pairs {
        near.entry(one).or_default().push(other);
        near.entry(other).or_default().push(one);
    }
    let mut found = Vec::new();
    let mut seen: FxHashSet<u32> = FxHashSet::default();
    for start in near.keys() {
        if !seen.insert(*start) {
            continue;
        }
        let mut group = vec![*start];
        let mut next = 0;
        while next < group.len() {
            let fresh: Vec<u32> =
                near[&group[next]].iter().copied().filter(|one| seen.insert(*one)).collect();
            group.extend(fresh);
            next += 1;
        }
        for one in &group {
            found.extend(group.iter().filter(|other| *other != one).map(|other| (*one, *other)));
        }
    }
    found
}
