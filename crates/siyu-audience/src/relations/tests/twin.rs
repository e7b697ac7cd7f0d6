//! Random histories of statements, merges and splits: what is kept and what is read
//! must be what a plain reading of the definitions says.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use siyu_events::Remap;
use siyu_types::clock::Millis;
use siyu_types::relation::{Holders, RelationKind, RelationSide};

use super::{SAID, team};
use crate::relations::kinds::BUILT_IN;
use crate::relations::model::{OPEN, Obstacle, Relations};
use crate::relations::rules::Ends;

const NUMBERS: u32 = 8;
const TIMES: Millis = 8;

#[derive(Clone, Debug)]
enum Step {
    Begin {
        kind: usize,
        from: u32,
        to: u32,
        since: Millis,
        lasts: Option<Millis>,
    },
    End {
        kind: usize,
        from: u32,
        to: u32,
        at: Millis,
    },
    Merge {
        one: u32,
        other: u32,
    },
    /// Everybody apart again, as before the latest merge that still stands.
    Split,
}

#[derive(Clone, Debug)]
struct Tie {
    kind: usize,
    from: u32,
    to: u32,
    since: Millis,
    until: Millis,
}

/// Everything by looping over everything.
struct Twin {
    kinds: Vec<RelationKind>,
    ties: Vec<Tie>,
    /// The person of each number.
    person: Vec<u32>,
}

fn overlap(a: (Millis, Millis), b: (Millis, Millis)) -> bool {
    (0..TIMES * 3).any(|at| a.0 <= at && at < a.1 && b.0 <= at && at < b.1)
}

impl Twin {
    fn of(&self, number: u32) -> u32 {
        self.person[number as usize]
    }

    fn pair(&self, tie: &Tie) -> (u32, u32) {
        (self.of(tie.from), self.of(tie.to))
    }

    /// People who hang together with `person` over pairs.
    fn together(person: u32, pairs: &[(u32, u32)]) -> BTreeSet<u32> {
        let mut group = BTreeSet::from([person]);
        for _ in 0..NUMBERS {
            for (a, b) in pairs {
                if group.contains(a) || group.contains(b) {
                    group.extend([*a, *b]);
                }
            }
        }
        group
    }

    fn begin(&mut self, kind: usize, ends: (u32, u32), since: Millis, until: Option<Millis>) -> bool {
        let rules = self.kinds[kind].clone();
        let people = (self.of(ends.0), self.of(ends.1));
        if people.0 == people.1 {
            return false;
        }
        let group = rules.group_max > 0;
        let same = |tie: &Tie| {
            let pair = self.pair(tie);
            pair == people || (group && pair == (people.1, people.0))
        };
        let asked = (since, until.unwrap_or(OPEN));
        let known = self
            .ties
            .iter()
            .position(|tie| tie.kind == kind && same(tie) && overlap((tie.since, tie.until), asked));
        let (since, mut until) = match known.map(|at| self.ties[at].clone()) {
            None => asked,
            Some(tie) => (since.min(tie.since), if tie.until == OPEN { asked.1 } else { tie.until }),
        };
        if let Some(at) = known
            && (self.ties[at].since, self.ties[at].until) == (since, until)
        {
            return true;
        }
        let meeting: Vec<(u32, u32)> = self
            .ties
            .iter()
            .filter(|tie| tie.kind == kind && overlap((tie.since, tie.until), (since, until)))
            .map(|tie| self.pair(tie))
            .collect();
        if group {
            let all: Vec<_> = meeting.iter().copied().chain([people]).collect();
            if Twin::together(people.0, &all).len() > usize::from(rules.group_max) {
                return false;
            }
        }
        if rules.no_circles {
            let mut above = BTreeSet::from([people.0]);
            for _ in 0..NUMBERS {
                let more: Vec<u32> =
                    meeting.iter().filter(|(_, to)| above.contains(to)).map(|(from, _)| *from).collect();
                above.extend(more);
            }
            if above.contains(&people.1) {
                return false;
            }
        }
        if rules.holders == Holders::First
            && meeting.iter().any(|(from, to)| *to == people.1 && *from != people.0 && from != to)
        {
            return false;
        }
        if rules.holders == Holders::Latest {
            for at in 0..self.ties.len() {
                let (from, to) = self.pair(&self.ties[at]);
                let tie = &mut self.ties[at];
                let empty = tie.since >= tie.until;
                if tie.kind != kind || to != people.1 || from == people.0 || from == to || empty {
                    continue;
                }
                if tie.since > since {
                    until = until.min(tie.since);
                } else {
                    tie.until = tie.until.min(since);
                }
            }
        }
        match known {
            Some(at) => (self.ties[at].since, self.ties[at].until) = (since, until),
            None => self.ties.push(Tie { kind, from: ends.0, to: ends.1, since, until }),
        }
        true
    }

    fn end(&mut self, kind: usize, ends: (u32, u32), at: Millis) -> bool {
        let people = (self.of(ends.0), self.of(ends.1));
        let group = self.kinds[kind].group_max > 0;
        let mut found = false;
        for index in 0..self.ties.len() {
            let pair = self.pair(&self.ties[index]);
            let tie = &mut self.ties[index];
            if tie.kind == kind && (pair == people || (group && pair == (people.1, people.0))) {
                found |= tie.until == at;
                if tie.since <= at && at < tie.until {
                    (tie.until, found) = (at, true);
                }
            }
        }
        found
    }

    /// Every pair `(from, to)` in force.
    fn pairs(&self, kind: usize, at: Millis) -> BTreeSet<(u32, u32)> {
        let rules = &self.kinds[kind];
        let holding: Vec<(usize, (u32, u32))> = self
            .ties
            .iter()
            .enumerate()
            .filter(|(_, tie)| tie.kind == kind && tie.since <= at && at < tie.until)
            .map(|(index, tie)| (index, self.pair(tie)))
            .filter(|(_, (from, to))| from != to)
            .collect();
        let pairs: Vec<(u32, u32)> = holding.iter().map(|(_, pair)| *pair).collect();
        if rules.group_max > 0 {
            let all = (0..NUMBERS).flat_map(|one| {
                Twin::together(one, &pairs)
                    .into_iter()
                    .filter(move |other| *other != one)
                    .map(move |o| (one, o))
            });
            return all.collect();
        }
        if rules.holders == Holders::Many {
            return pairs.into_iter().collect();
        }
        let mut above: BTreeMap<u32, (Millis, usize, u32)> = BTreeMap::new();
        for (index, (from, to)) in holding {
            let place = (self.ties[index].since, index, from);
            let best = above.entry(to).or_insert(place);
            let first = rules.holders == Holders::First;
            if (first && place < *best) || (!first && place > *best) {
                *best = place;
            }
        }
        let on_latest_of_circle = |person: u32| {
            let mut latest = above[&person];
            let mut next = latest.2;
            for _ in 0..NUMBERS {
                if next == person {
                    return latest == above[&person];
                }
                let Some(place) = above.get(&next) else { return false };
                latest = latest.max(*place);
                next = place.2;
            }
            false
        };
        above
            .iter()
            .filter(|(to, _)| !(rules.no_circles && on_latest_of_circle(**to)))
            .map(|(to, (_, _, from))| (*from, *to))
            .collect()
    }
}

fn step() -> impl Strategy<Value = Step> {
    let number = || 0..NUMBERS;
    let times = || 0..TIMES;
    let kind = || 0..BUILT_IN.len() + 1;
    prop_oneof![
        6 => (kind(), number(), number(), times(), prop::option::weighted(0.2, 1..TIMES))
            .prop_map(|(kind, from, to, since, lasts)| Step::Begin { kind, from, to, since, lasts }),
        2 => (kind(), number(), number(), times())
            .prop_map(|(kind, from, to, at)| Step::End { kind, from, to, at }),
        2 => (number(), number()).prop_map(|(one, other)| Step::Merge { one, other }),
        1 => Just(Step::Split),
    ]
}

fn remap_of(person: &[u32]) -> Remap {
    let groups: BTreeMap<u32, Vec<u32>> = (0u32..).zip(person).fold(BTreeMap::new(), |mut groups, (n, p)| {
        groups.entry(*p).or_default().push(n);
        groups
    });
    let groups: Vec<&[u32]> = groups.values().map(Vec::as_slice).collect();
    super::remap(NUMBERS, &groups)
}

fn others(
    relations: &Relations,
    (kind, side): (usize, RelationSide),
    person: u32,
    at: Millis,
    remap: &Remap,
) -> Vec<u32> {
    let found = relations.others(kind as u16, side, person, at, remap);
    found.into_iter().map(|related| related.other).collect()
}

fn assert_same(relations: &Relations, twin: &Twin, remap: &Remap) -> Result<(), TestCaseError> {
    for kind in 0..twin.kinds.len() {
        for at in [0, TIMES / 2, TIMES * 2] {
            let expected = twin.pairs(kind, at);
            for side in [RelationSide::From, RelationSide::To] {
                let turned: BTreeSet<(u32, u32)> = match side {
                    RelationSide::From => expected.clone(),
                    RelationSide::To => expected.iter().map(|(from, to)| (*to, *from)).collect(),
                };
                let pairs = relations.pairs(kind as u16, side, at, remap);
                prop_assert_eq!(&pairs, &turned.iter().copied().collect::<Vec<_>>(), "kind {} {}", kind, at);
                for person in (0..NUMBERS).filter(|number| remap.person(*number) == *number) {
                    let mine: Vec<u32> =
                        turned.iter().filter(|pair| pair.0 == person).map(|pair| pair.1).collect();
                    let found = others(relations, (kind, side), person, at, remap);
                    prop_assert_eq!(found, mine, "kind {} of {} at {}", kind, person, at);
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]
    #[test]
    fn statements_merges_and_splits_in_any_order(steps in prop::collection::vec(step(), 0..40)) {
        let mut relations = Relations::default();
        relations.declare(&[team()]);
        let kinds = relations.kinds.iter().map(|known| known.kind.clone()).collect();
        let mut twin = Twin { kinds, ties: Vec::new(), person: (0..NUMBERS).collect() };
        let mut before: Vec<Vec<u32>> = Vec::new();
        let mut remap = remap_of(&twin.person);
        for step in steps {
            match step {
                Step::Begin { kind, from, to, since, lasts } => {
                    let until = lasts.map(|lasts| since + lasts);
                    let ends = Ends { from, to };
                    let done = relations.begin(kind as u16, ends, (since, until), SAID, &remap);
                    prop_assert_eq!(done.is_ok(), twin.begin(kind, (from, to), since, until), "{:?}", done);
                }
                Step::End { kind, from, to, at } => {
                    let done = relations.end(kind as u16, Ends { from, to }, at, u32::MAX, &remap);
                    prop_assert_eq!(done.is_ok(), twin.end(kind, (from, to), at));
                    prop_assert!(done.is_ok() || done == Err(Obstacle::NotRelated));
                }
                Step::Merge { one, other } => {
                    before.push(twin.person.clone());
                    let people = [twin.of(one), twin.of(other)];
                    let least = people[0].min(people[1]);
                    twin.person.iter_mut().filter(|p| people.contains(p)).for_each(|p| *p = least);
                }
                Step::Split => twin.person = before.pop().unwrap_or(twin.person),
            }
            remap = remap_of(&twin.person);
            assert_same(&relations, &twin, &remap)?;
        }
    }
}
