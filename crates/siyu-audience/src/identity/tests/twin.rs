//! The same rules over sets and plain searches, beside the graph, on long random
//! histories: every record goes to the same person, and the people are the same.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use siyu_types::Identifier;
use siyu_types::identity::{Class, Namespace};
use siyu_types::record::Evidence::{self, Strong, Weak};

use super::super::{Graph, rules};

const DAY: i64 = 24 * 3_600_000;

/// An identifier in one of its lives: a former value may come to somebody else.
type Name = (Identifier, u32);

#[derive(Default)]
struct Twin {
    lives: BTreeMap<Identifier, u32>,
    seen: BTreeMap<Name, i64>,
    former: BTreeSet<Name>,
    /// Active, strong.
    edges: BTreeMap<(Name, Name), (bool, bool)>,
    users: BTreeMap<Name, Vec<(Name, i64, bool)>>,
    shared: BTreeSet<Name>,
}

fn pair(a: &Name, b: &Name) -> (Name, Name) {
    (a.clone().min(b.clone()), a.clone().max(b.clone()))
}

fn rule(name: &Name) -> &'static Namespace {
    rules::DEFAULT.namespaces.iter().find(|n| n.name == name.0.namespace).expect("declared")
}

fn is_device(name: &Name) -> bool {
    rule(name).class == Class::Device
}

fn rank(id: &Identifier) -> usize {
    rules::DEFAULT.namespaces.iter().position(|n| n.name == id.namespace).expect("declared")
}

impl Twin {
    fn name(&self, id: &Identifier) -> Name {
        (id.clone(), self.lives.get(id).copied().unwrap_or(0))
    }

    fn known(&self, name: &Name) -> bool {
        self.seen.contains_key(name)
    }

    fn person(&self, start: &Name) -> BTreeSet<Name> {
        let mut found = BTreeSet::from([start.clone()]);
        let mut left = vec![start.clone()];
        while let Some(at) = left.pop() {
            for ((a, b), (active, _)) in &self.edges {
                if *active && (*a == at || *b == at) {
                    let other = if *a == at { b } else { a };
                    if found.insert(other.clone()) {
                        left.push(other.clone());
                    }
                }
            }
        }
        found
    }

    fn present(&self, person: &BTreeSet<Name>) -> Vec<Name> {
        person.iter().filter(|name| !self.former.contains(name)).cloned().collect()
    }

    fn counts(&self, names: &[Name], at: i64) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for name in names {
            let days = i64::from(rule(name).per_person_days);
            let recent = self.seen.get(name).is_none_or(|seen| seen / 1000 + days * DAY / 1000 >= at / 1000);
            if days == 0 || recent {
                *counts.entry(name.0.namespace.clone()).or_default() += 1;
            }
        }
        counts
    }

    fn two_values(&self, names: &[Name], at: i64) -> Vec<String> {
        let counts = self.counts(names, at).into_iter();
        let cap = |name: &str| rules::DEFAULT.namespaces.iter().find(|n| n.name == name).expect("declared");
        counts.filter(|(name, count)| *count > 1 && cap(name).per_person == 1).map(|(name, _)| name).collect()
    }

    fn over_cap(&self, names: &[Name], at: i64) -> bool {
        let cap = |name: &str| rules::DEFAULT.namespaces.iter().find(|n| n.name == name).expect("declared");
        self.counts(names, at).iter().any(|(name, count)| *count > usize::from(cap(name).per_person))
    }

    fn unlink(&mut self, first: &Identifier, second: &Identifier) {
        let (first, second) = (self.name(first), self.name(second));
        if !self.known(&first) || !self.known(&second) || first == second {
            return;
        }
        if !self.person(&first).contains(&second) {
            return;
        }
        self.edges.entry(pair(&first, &second)).or_insert((true, false)).0 = false;
        if self.person(&first).contains(&second) {
            self.isolate(&second);
        }
    }

    fn isolate(&mut self, name: &Name) {
        for ((a, b), (active, _)) in &mut self.edges {
            if a == name || b == name {
                *active = false;
            }
        }
    }

    fn mark_shared(&mut self, names: &[Name], at: i64) {
        if is_device(&names[0]) {
            return;
        }
        let own = self.person(&names[0]);
        for name in &names[1..] {
            let most = usize::from(rule(name).people_max);
            if most == 0 || !self.known(name) || self.shared.contains(name) {
                continue;
            }
            let days = i64::from(rule(name).people_days);
            let users = self.users.get(name).into_iter().flatten();
            let recent = users.filter(|(_, last, _)| (last - at).abs() <= days * DAY);
            let people: BTreeSet<Name> = recent
                .map(|(user, ..)| self.person(user).first().expect("holds itself").clone())
                .filter(|first| !(self.known(&names[0]) && own.contains(first)))
                .collect();
            if people.len() >= most {
                self.shared.insert(name.clone());
                self.isolate(name);
            }
        }
    }

    /// Answers the name that the record is attributed to.
    fn resolve(&mut self, ids: &[Identifier], evidence: Evidence, at: i64) -> Name {
        let mut names: Vec<Name> = Vec::new();
        for id in ids {
            let name = self.name(id);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.sort_by_key(|name| (self.shared.contains(name), rank(&name.0)));
        if names.len() > 1 && !self.nothing_new(&names, evidence) {
            self.mark_shared(&names, at);
            self.link(&names, evidence, at);
        } else {
            names.iter().for_each(|name| self.touch(name, at));
            self.note_users(&names, &names.clone(), at);
        }
        names[0].clone()
    }

    fn nothing_new(&self, names: &[Name], evidence: Evidence) -> bool {
        self.known(&names[0])
            && names[1..].iter().all(|name| {
                let edge = self.edges.get(&pair(&names[0], name));
                edge.is_some_and(|(active, strong)| *active && (*strong || evidence == Weak))
            })
    }

    fn touch(&mut self, name: &Name, at: i64) {
        let seen = self.seen.entry(name.clone()).or_insert(at);
        *seen = (*seen).max(at);
    }

    fn link(&mut self, names: &[Name], evidence: Evidence, at: i64) {
        let owners: Vec<Option<BTreeSet<Name>>> =
            names.iter().map(|name| self.known(name).then(|| self.person(name))).collect();
        let knows = |person: &BTreeSet<Name>| self.present(person).iter().any(|name| !is_device(name));
        let known_owners: BTreeSet<_> = owners.iter().flatten().filter(|person| knows(person)).collect();
        let known_owners = known_owners.len();
        let mut draft: Vec<Name> = Vec::new();
        let mut root: Option<BTreeSet<Name>> = None;
        let mut linked = Vec::new();
        let mut leaving = Vec::new();
        for (index, name) in names.iter().enumerate() {
            if index > 0 && (self.shared.contains(name) || self.shared.contains(&names[0])) {
                continue;
            }
            let owner = owners[index].clone();
            let joining = match &owner {
                Some(person) => self.present(person),
                None => vec![name.clone()],
            };
            let inside = draft.contains(name);
            let mut all = draft.clone();
            all.extend(joining.iter().filter(|name| !draft.contains(name)).cloned());
            let two = self.two_values(&all, at);
            let verdict = if inside || index == 0 {
                true
            } else if !two.is_empty() {
                let gives_way = evidence == Strong
                    && rule(name).replaces
                    && two == [name.0.namespace.clone()]
                    && names[0].0.namespace != name.0.namespace
                    && linked.iter().all(|held: &Name| held.0.namespace != name.0.namespace);
                if gives_way {
                    let older: Vec<Name> =
                        draft.iter().filter(|held| held.0.namespace == name.0.namespace).cloned().collect();
                    draft.retain(|held| !older.contains(held));
                    leaving.extend(older);
                }
                gives_way
            } else if let Some(person) = &owner {
                evidence == Strong || {
                    let apart = self.edges.get(&pair(&names[0], name)).is_some_and(|(active, _)| !active);
                    let draft_known = draft.iter().any(|name| !is_device(name));
                    let kind = (knows(person), draft_known);
                    let another = self.users.get(name).is_some_and(|users| {
                        users.iter().any(|(user, _, owner)| {
                            *owner && !root.as_ref().is_some_and(|root| root.contains(user))
                        })
                    });
                    !apart
                        && !self.over_cap(&all, at)
                        && match kind {
                            (true, _) if root.is_none() && !is_device(name) => true,
                            (true, true) if is_device(name) => false,
                            (false, true) if another => false,
                            (false, true) if known_owners <= 1 => true,
                            (_, false) if root.is_none() => true,
                            _ => false,
                        }
                }
            } else {
                // Whoever belongs to nobody only has to fit among its kind.
                let kind = |held: &&Name| held.0.namespace == name.0.namespace;
                let alike: Vec<Name> = all.iter().filter(kind).cloned().collect();
                !self.over_cap(&alike, at)
            };
            if verdict {
                let joining = joining.into_iter().filter(|held| !leaving.contains(held));
                for name in joining {
                    if !draft.contains(&name) {
                        draft.push(name);
                    }
                }
                root = root.or(owner);
                if index > 0 {
                    linked.push(name.clone());
                }
            }
        }
        for name in leaving {
            *self.lives.entry(name.0.clone()).or_default() += 1;
            self.users.remove(&name);
            self.former.insert(name);
        }
        for name in &linked {
            let edge = self.edges.entry(pair(&names[0], name)).or_insert((true, false));
            if evidence == Strong {
                *edge = (true, true);
            }
        }
        for (index, name) in names.iter().enumerate() {
            if index == 0 || linked.contains(name) || owners[index].is_some() {
                self.touch(name, at);
            }
        }
        self.note_users(names, &linked, at);
    }

    fn note_users(&mut self, names: &[Name], linked: &[Name], at: i64) {
        if is_device(&names[0]) {
            return;
        }
        let own = self.person(&names[0]);
        for name in &names[1..] {
            let most = usize::from(rule(name).people_max);
            if most == 0 || self.shared.contains(name) || !self.known(name) {
                continue;
            }
            let owner = linked.contains(name);
            let users = self.users.entry(name.clone()).or_default();
            if let Some(user) = users.iter_mut().find(|(user, ..)| own.contains(user)) {
                user.1 = user.1.max(at);
                user.2 |= owner;
                continue;
            }
            if users.len() >= most + 5 {
                let oldest =
                    users.iter().enumerate().min_by_key(|(_, user)| (user.2, user.1)).expect("some").0;
                users.swap_remove(oldest);
            }
            users.push((names[0].clone(), at, owner));
        }
    }

    fn people(&self) -> BTreeSet<BTreeSet<Identifier>> {
        let present = |name: &Name| self.present(&self.person(name)).into_iter().map(|name| name.0).collect();
        self.seen.keys().filter(|name| !self.former.contains(name)).map(present).collect()
    }
}

/// `count` operations in worlds of a few people each; the twin looks at every edge.
fn run(seed: u64, worlds: usize, count: usize) {
    let mut random = StdRng::seed_from_u64(seed);
    for world in 0..worlds {
        let (mut graph, mut twin) = (Graph::default(), Twin::default());
        let mut at = 0;
        for step in 0..count {
            at += random.random_range(0..3 * DAY / 2);
            let ids: Vec<Identifier> =
                (0..random.random_range(1..4)).map(|_| any_identifier(&mut random)).collect();
            let said = format!("world {world} of seed {seed}, step {step}: {ids:?}");
            if random.random_range(0..12) == 0 && ids.len() > 1 {
                graph.unlink(&ids[..2], "test", at);
                twin.unlink(&ids[0], &ids[1]);
            } else {
                let evidence = if random.random_range(0..2) == 0 { Strong } else { Weak };
                let atom = graph.resolve(&ids, evidence, "test", at).expect("usable").atom.0;
                let whose = twin.resolve(&ids, evidence, at);
                let expected: BTreeSet<Identifier> =
                    twin.present(&twin.person(&whose)).into_iter().map(|name| name.0).collect();
                let got: BTreeSet<Identifier> =
                    graph.identifiers(graph.remap().person(atom)).into_iter().collect();
                assert_eq!(got, expected, "{said} {evidence:?}");
            }
            super::check_consistency(&graph);
        }
        let got: BTreeSet<BTreeSet<Identifier>> =
            super::components(&graph).into_iter().filter(|person| !person.is_empty()).collect();
        assert_eq!(got, twin.people(), "world {world} of seed {seed}");
    }
}

fn any_identifier(random: &mut StdRng) -> Identifier {
    let which = random.random_range(0..7);
    match random.random_range(0..5) {
        0 | 1 => Identifier::new("login", format!("user{which}")),
        2 => Identifier::new("phone", format!("+861380013800{which}")),
        3 => Identifier::new("email", format!("a{which}@x.cn")),
        _ => Identifier::new("device", format!("d{}x", which % 4)),
    }
}

/// More than 10^5 operations.
#[test]
fn the_graph_equals_its_twin() {
    run(1, 2_500, 40);
    run(2, 20, 200);
}
