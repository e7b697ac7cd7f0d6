//! Who was one person at an earlier instant is who was one person then.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use siyu_types::Identifier;
use siyu_types::clock::Millis;
use siyu_types::identity::{IdentityChange, IdentityDecision};
use siyu_types::record::Evidence::{Strong, Weak};

use super::super::{Graph, rules};

fn any_identifier(random: &mut StdRng) -> Identifier {
    let which = random.random_range(0..6);
    match random.random_range(0..4) {
        0 | 1 => Identifier::new("login", format!("user{which}")),
        2 => Identifier::new("email", format!("a{which}@x.cn")),
        _ => Identifier::new("device", format!("d{}x", which % 3)),
    }
}

fn any_change(graph: &Graph, random: &mut StdRng) -> IdentityChange {
    let numbers = graph.atom_count();
    match random.random_range(0..5) {
        0 | 1 => {
            let (one, other) = (random.random_range(0..numbers), random.random_range(0..numbers));
            IdentityChange::Merge { one, other, former: Vec::new() }
        }
        2 => {
            let person = graph.remap().person(random.random_range(0..numbers));
            let identifiers = graph.identifiers(person).into_iter().take(1).collect();
            IdentityChange::Split { person, identifiers }
        }
        3 => {
            let decided = graph.journal().entries().len().max(1) as u32;
            IdentityChange::Undo { change: random.random_range(0..decided) }
        }
        _ => {
            let mut rules = rules::DEFAULT.clone();
            rules.namespaces[0].per_person = random.random_range(1..3);
            IdentityChange::Rules { rules, redecide: random.random_range(0..2) == 0 }
        }
    }
}

/// Asserts that the numbers of then are the same people in both.
fn assert_people(graph: &Graph, at: Millis, then: &[u32], said: &str) {
    let found = graph.as_of(at);
    for (one, person) in (0u32..).zip(then) {
        for (other, of_other) in (0u32..).zip(then) {
            let together = found.person(one) == found.person(other);
            assert_eq!(together, person == of_other, "{said}: {one} and {other} at {at}");
        }
    }
    for number in 0..then.len() as u32 {
        assert_eq!(
            found.numbers(found.person(number))[0],
            found.person(number),
            "{said}: the smallest names them"
        );
    }
}

#[test]
fn the_past_is_as_it_was() {
    for seed in 0..150 {
        let mut random = StdRng::seed_from_u64(seed);
        let mut graph = Graph::default();
        let mut history: Vec<(Millis, Vec<u32>)> = Vec::new();
        for step in 0..60 {
            let at = (step + 1) * 1_000;
            let ids: Vec<Identifier> =
                (0..random.random_range(1..4)).map(|_| any_identifier(&mut random)).collect();
            match random.random_range(0..6) {
                0 if ids.len() > 1 => drop(graph.unlink(&ids[..2], "test", at)),
                1 if graph.atom_count() > 1 => {
                    let change = any_change(&graph, &mut random);
                    let decision = IdentityDecision { change, by: "t".to_owned(), reason: "t".to_owned() };
                    graph.decide(&decision, at);
                }
                2 => drop(graph.resolve(&ids, Weak, "test", at)),
                _ => drop(graph.resolve(&ids, Strong, "test", at)),
            }
            history.push((at, graph.remap().people().to_vec()));
        }
        assert_eq!(graph.known_since(), None);
        for (at, then) in &history {
            for instant in [*at, at + 999] {
                assert_people(&graph, instant, then, &format!("seed {seed}"));
            }
        }
    }
}
