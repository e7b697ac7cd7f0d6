//! Identity as tables and properties: normalisers, the shared tablet, order
//! independence, undo.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use siyu_types::Identifier;
use siyu_types::record::Evidence::{self, Strong, Weak};

use super::admit::{Refusal, admit};
use super::rules::DEFAULT;
use super::{ConflictKind, Graph};

mod decisions;
mod hashing;
mod past;
mod storage;
mod twin;

/// `login:a phone:13800138000` → identifiers.
fn ids(text: &str) -> Vec<Identifier> {
    text.split_whitespace()
        .map(|word| {
            let (namespace, value) = word.split_once(':').expect("namespace:value");
            Identifier::new(namespace, value)
        })
        .collect()
}

fn resolve(graph: &mut Graph, text: &str, evidence: Evidence, at: i64) -> u32 {
    graph.resolve(&ids(text), evidence, "test", at).expect("usable").atom.0
}

fn person(graph: &Graph, text: &str) -> u32 {
    graph.remap().person(graph.atom_of(&ids(text)[0]).expect("known").0)
}

#[test]
fn identifiers_are_normalised_or_refused() {
    let ok = |value: &str| Ok(value.to_owned());
    let cases = [
        ("login", " alice ", ok("alice")),
        ("login", "7", ok("7")),
        ("login", "Alice", ok("Alice")),
        ("login", "anonymous", Err(Refusal::Blocked)),
        ("login", "NULL", Err(Refusal::Blocked)),
        ("login", "[object Object]", Err(Refusal::Blocked)),
        ("login", "000000", Err(Refusal::Blocked)),
        ("login", "88888888", Err(Refusal::Blocked)),
        ("login", "未登录", Err(Refusal::Blocked)),
        ("login", "  ", Err(Refusal::Blocked)),
        ("phone", "13800138000", ok("+8613800138000")),
        ("phone", "138 0013-8000", ok("+8613800138000")),
        ("phone", "＋８６ １３８００１３８０００", ok("+8613800138000")),
        ("phone", "8613800138000", ok("+8613800138000")),
        ("phone", "008613800138000", ok("+8613800138000")),
        ("phone", "+1 (415) 555-2671", ok("+14155552671")),
        ("phone", "010-62345678", ok("+861062345678")),
        ("phone", "138****8000", Err(Refusal::Malformed)),
        ("phone", "12800138000", Err(Refusal::Malformed)),
        ("phone", "11111111111", Err(Refusal::Malformed)),
        ("phone", "62345678", Err(Refusal::Malformed)),
        ("email", " Alice@Example.COM ", ok("alice@example.com")),
        ("email", "ａ＠ｂ．ｃｎ", ok("a@b.cn")),
        ("email", "alice", Err(Refusal::Malformed)),
        ("email", "a@b@c", Err(Refusal::Malformed)),
        ("email", "null@example.com", Err(Refusal::Malformed)),
        ("device", "8f14e45f-ceea-467f", ok("8f14e45f-ceea-467f")),
        ("device", "d1", ok("d1")),
        ("device", "anonymousId", Err(Refusal::Blocked)),
        ("device", "02:00:00:00:00:00", Err(Refusal::Blocked)),
        ("device", "00000000-0000-0000-0000-000000000000", Err(Refusal::Blocked)),
        ("device", "ffffffff-ffff", Err(Refusal::Blocked)),
        ("device", "1234567890", Err(Refusal::Blocked)),
        ("device", "abababababab", Err(Refusal::Blocked)),
        ("openid", "o6_bmjrPTlm6_2sgVt7hMZOPfL2M", ok("o6_bmjrPTlm6_2sgVt7hMZOPfL2M")),
        ("openid:wx12", "o6_bmjrPTlm6_2sgVt7hMZOPfL2M", ok("o6_bmjrPTlm6_2sgVt7hMZOPfL2M")),
        ("login:x", "alice", Err(Refusal::UnknownNamespace)),
        ("weibo", "alice", Err(Refusal::UnknownNamespace)),
    ];
    for (namespace, value, expected) in cases {
        let got = admit(&DEFAULT, &Identifier::new(namespace, value)).map(|admitted| admitted.value);
        assert_eq!(got, expected, "{namespace} {value:?}");
    }
}

#[test]
fn a_record_without_a_usable_identifier_belongs_to_nobody() {
    let mut graph = Graph::default();
    assert!(graph.resolve(&ids("login:null weibo:x device:anonymousId"), Strong, "test", 0).is_none());
    assert_eq!(graph.quarantined().get("weibo"), Some(&1));
    assert_eq!(graph.counters().blocked, 2);
    assert_eq!(graph.atom_count(), 0);
}

#[test]
fn an_unknown_namespace_is_set_aside_and_the_record_kept() {
    let mut graph = Graph::default();
    let atom = resolve(&mut graph, "weibo:x login:a", Weak, 0);
    assert_eq!(graph.identifiers(atom), ids("login:a"));
}

/// One shop tablet, two members (reference/01 §3.3).
#[test]
fn the_shared_tablet() {
    let mut graph = Graph::default();
    // (record, evidence, whose the record is)
    let steps = [
        ("device:tablet", Weak, "device:tablet"),
        ("login:A device:tablet", Strong, "login:A"),
        ("login:A device:tablet", Weak, "login:A"),
        ("device:tablet", Weak, "login:A"),
        ("login:B device:tablet", Strong, "login:B"),
        ("login:B device:tablet", Weak, "login:B"),
        ("device:tablet", Weak, "login:A"),
    ];
    for (step, (record, evidence, owner)) in steps.into_iter().enumerate() {
        let atom = resolve(&mut graph, record, evidence, step as i64);
        assert_eq!(graph.remap().person(atom), person(&graph, owner), "step {step}: {record}");
    }
    assert_ne!(person(&graph, "login:A"), person(&graph, "login:B"));
    let kinds: Vec<_> = graph.conflicts().list().iter().map(|c| (c.kind, c.count)).collect();
    assert_eq!(kinds, [(ConflictKind::TwoValues, 2)]);
}

#[test]
fn a_device_in_many_hands_stops_linking() {
    let mut graph = Graph::default();
    let before = resolve(&mut graph, "device:pos", Weak, 0);
    for member in 0..50 {
        let record = format!("login:m{member} device:pos");
        let atom = resolve(&mut graph, &record, Strong, member);
        assert_eq!(graph.identifiers(atom)[0].value, format!("m{member}"));
    }
    assert!(graph.is_shared(&ids("device:pos")[0]));
    // The device is its own again, with what it did before anybody logged in.
    assert_eq!(person(&graph, "device:pos"), before);
    let people: BTreeSet<u32> = (0..50).map(|m| person(&graph, &format!("login:m{m}"))).collect();
    assert_eq!(people.len(), 50);
    assert!(!people.contains(&before));
    assert_eq!(resolve(&mut graph, "device:pos", Weak, 100), before);
}

#[test]
fn three_people_in_a_month_is_a_family_four_over_a_year_too() {
    let mut graph = Graph::default();
    let day = 24 * 3_600_000;
    for (member, at) in [(1, 0), (2, day), (3, 2 * day), (4, 100 * day), (5, 200 * day)] {
        resolve(&mut graph, &format!("login:m{member} device:tv"), Strong, at);
    }
    assert!(!graph.is_shared(&ids("device:tv")[0]));
    assert_eq!(person(&graph, "device:tv"), person(&graph, "login:m1"));
}

#[test]
fn what_links_and_what_does_not() {
    // (records before, with evidence; the record; expected: same person?; conflict)
    type Case<'a> = (&'a str, &'a [(&'a str, Evidence)], (&'a str, &'a str), bool, Option<ConflictKind>);
    let cases: &[Case<'_>] = &[
        (
            "anonymous, then logged in",
            &[("device:d1", Weak), ("login:a device:d1", Weak)],
            ("device:d1", "login:a"),
            true,
            None,
        ),
        (
            "known, seen on a device that was anonymous",
            &[("login:a", Weak), ("device:d1", Weak), ("login:a device:d1", Weak)],
            ("device:d1", "login:a"),
            true,
            None,
        ),
        (
            "weak evidence does not join two known people",
            &[("login:a", Weak), ("email:a@b.cn", Weak), ("login:a email:a@b.cn", Weak)],
            ("login:a", "email:a@b.cn"),
            false,
            Some(ConflictKind::WeakEvidence),
        ),
        (
            "strong evidence does",
            &[("login:a", Weak), ("email:a@b.cn", Weak), ("login:a email:a@b.cn", Strong)],
            ("login:a", "email:a@b.cn"),
            true,
            None,
        ),
        (
            "but never two log-ins",
            &[
                ("login:a email:a@b.cn", Strong),
                ("login:b phone:13800138000", Strong),
                ("phone:13800138000 email:a@b.cn", Strong),
            ],
            ("login:a", "login:b"),
            false,
            Some(ConflictKind::TwoValues),
        ),
        (
            "a phone number seen on somebody's tablet is not theirs",
            &[("login:a device:d1", Strong), ("phone:13800138000 device:d1", Weak)],
            ("login:a", "phone:13800138000"),
            false,
            Some(ConflictKind::DeviceOfAnother),
        ),
        (
            "a new e-mail beside a log-in is",
            &[("login:a", Weak), ("login:a email:a@b.cn", Weak)],
            ("login:a", "email:a@b.cn"),
            true,
            None,
        ),
        (
            "two anonymous devices on one record stay two",
            &[("device:d1", Weak), ("device:d2", Weak), ("device:d1 device:d2", Weak)],
            ("device:d1", "device:d2"),
            false,
            Some(ConflictKind::WeakEvidence),
        ),
    ];
    for (name, records, (left, right), together, conflict) in cases {
        let mut graph = Graph::default();
        for (at, (record, evidence)) in records.iter().enumerate() {
            resolve(&mut graph, record, *evidence, at as i64);
        }
        assert_eq!(person(&graph, left) == person(&graph, right), *together, "{name}");
        let kinds: Vec<_> = graph.conflicts().list().iter().map(|c| c.kind).collect();
        assert_eq!(kinds, conflict.iter().copied().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn a_link_taken_apart_stays_apart_until_bound_again() {
    let mut graph = Graph::default();
    resolve(&mut graph, "device:d1", Weak, 0);
    resolve(&mut graph, "login:a device:d1", Strong, 1);
    assert_eq!(person(&graph, "device:d1"), person(&graph, "login:a"));
    graph.unlink(&ids("login:a device:d1"), "test", 2);
    let apart = (person(&graph, "device:d1"), person(&graph, "login:a"));
    assert_eq!(apart, (0, 1), "each has its own number and events again");
    resolve(&mut graph, "login:a device:d1", Weak, 3);
    assert_eq!((person(&graph, "device:d1"), person(&graph, "login:a")), apart);
    assert_eq!(graph.conflicts().list()[0].kind, ConflictKind::TakenApart);
    resolve(&mut graph, "login:a device:d1", Strong, 4);
    assert_eq!(person(&graph, "device:d1"), person(&graph, "login:a"));
}

#[test]
fn what_was_first_seen_together_can_be_taken_apart_too() {
    let mut graph = Graph::default();
    let both = resolve(&mut graph, "login:a device:d1", Weak, 0);
    graph.unlink(&ids("login:a device:d1"), "test", 1);
    assert_eq!(person(&graph, "login:a"), both);
    assert_ne!(person(&graph, "device:d1"), both);
    // And a device that was somebody's does not join the next one by coincidence.
    resolve(&mut graph, "login:b", Weak, 2);
    resolve(&mut graph, "login:b device:d1", Weak, 3);
    assert_ne!(person(&graph, "device:d1"), person(&graph, "login:b"));
}

/// Identifiers of one of four invented people, each with at most one log-in and phone.
fn identifier_of(owner: usize, which: usize) -> Identifier {
    match which {
        0 => Identifier::new("login", format!("user{owner}")),
        1 => Identifier::new("phone", format!("+861380013800{owner}")),
        n => Identifier::new(if n % 2 == 0 { "email" } else { "device" }, format!("n{n}of{owner}@x.cn")),
    }
}

fn components(graph: &Graph) -> BTreeSet<BTreeSet<Identifier>> {
    let people: BTreeSet<u32> = (0..graph.atom_count()).map(|atom| graph.remap().person(atom)).collect();
    people.into_iter().map(|person| graph.identifiers(person).into_iter().collect()).collect()
}

/// The same by the plainest possible means.
fn naive(binds: &[(usize, usize, usize)]) -> BTreeSet<BTreeSet<Identifier>> {
    let mut groups: Vec<BTreeSet<Identifier>> = Vec::new();
    for (owner, a, b) in binds {
        let mut group: BTreeSet<Identifier> =
            [identifier_of(*owner, *a), identifier_of(*owner, *b)].into_iter().collect();
        groups.retain(|other| {
            let apart = other.is_disjoint(&group);
            if !apart {
                group.extend(other.iter().cloned());
            }
            apart
        });
        groups.push(group);
    }
    groups.into_iter().collect()
}

fn check_consistency(graph: &Graph) {
    let remap = graph.remap();
    let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for atom in 0..graph.atom_count() {
        members.entry(remap.person(atom)).or_default().push(atom);
    }
    for (person, numbers) in members {
        assert_eq!(numbers[0], person, "the smallest number names the person");
        assert_eq!(remap.numbers(person), numbers);
    }
}

proptest! {
    /// Strong binds in any order, any number of times, make the same people.
    #[test]
    fn order_does_not_matter(
        binds in prop::collection::vec((0..4usize, 0..6usize, 0..6usize), 1..40),
        seed in any::<u64>(),
    ) {
        let run = |binds: &[(usize, usize, usize)]| {
            let mut graph = Graph::default();
            for (owner, a, b) in binds {
                let ids = [identifier_of(*owner, *a), identifier_of(*owner, *b)];
                graph.resolve(&ids, Strong, "test", 0);
            }
            check_consistency(&graph);
            components(&graph)
        };
        let expected = naive(&binds);
        prop_assert_eq!(&run(&binds), &expected);
        let mut other = binds.clone();
        let mut state = seed | 1;
        for index in (1..other.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            other.swap(index, (state >> 33) as usize % (index + 1));
        }
        other.extend_from_slice(&binds);
        prop_assert_eq!(&run(&other), &expected);
    }

    /// Nobody ever has two log-ins or two phones, whatever is thrown at the graph,
    /// and the people always partition the numbers.
    #[test]
    fn caps_hold_under_anything(
        records in prop::collection::vec(
            (prop::collection::vec((0..4usize, 0..6usize), 1..4), any::<bool>(), 0..10u8), 1..60),
    ) {
        let mut graph = Graph::default();
        for (at, (record, strong, action)) in records.iter().enumerate() {
            let ids: Vec<_> = record.iter().map(|(owner, which)| identifier_of(*owner, *which)).collect();
            if *action == 0 {
                graph.unlink(&ids, "test", at as i64);
            } else {
                graph.resolve(&ids, if *strong { Strong } else { Weak }, "test", at as i64);
            }
            check_consistency(&graph);
        }
        for group in components(&graph) {
            for namespace in ["login", "phone"] {
                prop_assert!(group.iter().filter(|id| id.namespace == namespace).count() <= 1, "{group:?}");
            }
        }
    }

    /// Binding two people and taking them apart again is as if nothing had been.
    #[test]
    fn bind_and_unbind_is_the_identity(
        binds in prop::collection::vec((0..2usize, 2..6usize, 2..6usize), 0..12),
        pair in (0..6usize, 2..6usize),
    ) {
        let mut graph = Graph::default();
        for (owner, a, b) in &binds {
            graph.resolve(&[identifier_of(*owner, *a), identifier_of(*owner, *b)], Strong, "test", 0);
        }
        let (left, right) = (identifier_of(0, pair.0), identifier_of(1, pair.1));
        for id in [&left, &right] {
            graph.resolve(std::slice::from_ref(id), Strong, "test", 0);
        }
        let before = (components(&graph), graph.remap().people().to_vec());
        graph.resolve(&[left.clone(), right.clone()], Strong, "test", 1);
        prop_assert_eq!(graph.remap().person(graph.atom_of(&left).unwrap().0),
            graph.remap().person(graph.atom_of(&right).unwrap().0));
        graph.unlink(&[left, right], "test", 2);
        prop_assert_eq!((components(&graph), graph.remap().people().to_vec()), before);
    }
}
