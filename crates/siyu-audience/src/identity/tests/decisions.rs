//! The case files, and decisions by hand: what they do, and that undoing them is exact.

use proptest::prelude::*;
use siyu_types::Identifier;
use siyu_types::identity::{IdentityChange, IdentityDecision};
use siyu_types::record::Evidence::{Strong, Weak};

use super::super::cases::{CASES, parse, play};
use super::super::journal::{Obstacle, Outcome};
use super::super::{Graph, rules};
use super::{check_consistency, components, identifier_of, ids, person, resolve};

#[test]
fn the_cases_hold_under_the_rules_we_ship() {
    for (name, text) in CASES {
        let case = parse(text);
        assert!(
            !case.title_zh.is_empty() && !case.title_en.is_empty(),
            "{name} has a title in both languages"
        );
        assert!(!case.why_zh.is_empty() && !case.why_en.is_empty(), "{name} says what it is about");
        let played = play(&case, &rules::DEFAULT);
        assert!(played.iter().any(|line| line.holds.is_some()), "{name} expects something");
        for line in played {
            assert_ne!(line.holds, Some(false), "{name}: {}: {:?}", line.text, line.whose);
        }
    }
}

fn decide(graph: &mut Graph, change: IdentityChange) -> Outcome {
    let decision = IdentityDecision { change, by: "kim".to_owned(), reason: "a test".to_owned() };
    graph.decide(&decision, 1_000);
    check_consistency(graph);
    graph.journal().entries().last().expect("written down").outcome
}

fn merge(graph: &mut Graph, one: &str, other: &str, former: &str) -> Outcome {
    let (one, other) = (person(graph, one), person(graph, other));
    decide(graph, IdentityChange::Merge { one, other, former: ids(former) })
}

#[test]
fn a_merge_with_two_values_needs_to_be_told_which_is_past() {
    let mut graph = Graph::default();
    resolve(&mut graph, "login:a phone:13800138000", Strong, 0);
    resolve(&mut graph, "email:a@b.cn phone:13900139000", Strong, 0);
    let refused = merge(&mut graph, "login:a", "email:a@b.cn", "");
    assert_eq!(refused, Outcome::Refused(Obstacle::TwoValues));
    let (one, other) = (person(&graph, "login:a"), person(&graph, "email:a@b.cn"));
    let against = graph.contradicting(one, other, 0);
    assert_eq!(against, ids("phone:+8613800138000 phone:+8613900139000"));
    assert_eq!(merge(&mut graph, "login:a", "email:a@b.cn", "phone:13800138000"), Outcome::Done);
    assert_eq!(graph.identifiers(one), ids("login:a phone:+8613900139000 email:a@b.cn"));
    assert_eq!(merge(&mut graph, "login:a", "email:a@b.cn", ""), Outcome::Refused(Obstacle::AlreadyOne));
    let merged = graph.journal().entries().iter().position(|entry| entry.outcome == Outcome::Done);
    let change = merged.expect("done") as u32;
    assert_eq!(decide(&mut graph, IdentityChange::Undo { change }), Outcome::Done);
    assert_eq!(graph.identifiers(one), ids("login:a phone:+8613800138000"));
    assert_eq!(graph.identifiers(other), ids("phone:+8613900139000 email:a@b.cn"));
    let again = decide(&mut graph, IdentityChange::Undo { change });
    assert_eq!(again, Outcome::Refused(Obstacle::NotUndoable));
}

#[test]
fn what_came_in_since_holds_people_together_after_an_undo() {
    let mut graph = Graph::default();
    resolve(&mut graph, "login:a", Weak, 0);
    resolve(&mut graph, "email:a@b.cn", Weak, 0);
    merge(&mut graph, "login:a", "email:a@b.cn", "");
    resolve(&mut graph, "login:a email:a@b.cn", Strong, 1);
    assert_eq!(decide(&mut graph, IdentityChange::Undo { change: 0 }), Outcome::Done);
    let mut graph = Graph::default();
    resolve(&mut graph, "login:a", Weak, 0);
    resolve(&mut graph, "email:a@b.cn device:d1", Strong, 0);
    merge(&mut graph, "login:a", "email:a@b.cn", "");
    resolve(&mut graph, "login:a device:d1", Strong, 1);
    assert_eq!(decide(&mut graph, IdentityChange::Undo { change: 0 }), Outcome::StillTogether);
}

#[test]
fn other_rules_can_be_tried_and_then_put_in_force() {
    let mut graph = Graph::default();
    for member in 0..3 {
        resolve(&mut graph, &format!("login:m{member} device:d{member}"), Strong, member);
    }
    resolve(&mut graph, "login:m0 email:a@b.cn", Strong, 5);
    resolve(&mut graph, "login:m0 email:b@b.cn", Strong, 6);
    let mut other = graph.rules().clone();
    let email = other.namespaces.iter_mut().find(|n| n.name == "email").expect("declared");
    email.per_person = 1;
    let tried = graph.rehearse(&other);
    assert_eq!((tried.people_before, tried.people_after, tried.affected), (3, 4, 1));
    assert_eq!(tried.sample[0].groups, [ids("login:m0 email:a@b.cn device:d0"), ids("email:b@b.cn")]);
    assert_eq!(graph.rehearse(graph.rules()).affected, 0, "the rules in force change nothing");
    let change = IdentityChange::Rules { rules: other, redecide: true };
    assert_eq!(decide(&mut graph, change), Outcome::Done);
    assert_ne!(person(&graph, "login:m0"), person(&graph, "email:b@b.cn"));
    assert_eq!(person(&graph, "login:m0"), person(&graph, "email:a@b.cn"));
    // And back again: what was refused by the rules is proposed anew.
    let change = IdentityChange::Rules { rules: rules::DEFAULT.clone(), redecide: true };
    assert_eq!(decide(&mut graph, change), Outcome::Done);
    assert_eq!(person(&graph, "login:m0"), person(&graph, "email:b@b.cn"));
}

#[test]
fn rules_that_contradict_themselves_are_refused() {
    let mut graph = Graph::default();
    let mut rules = graph.rules().clone();
    rules.namespaces[1].name = "login".to_owned();
    let refused = decide(&mut graph, IdentityChange::Rules { rules, redecide: false });
    assert_eq!(refused, Outcome::Refused(Obstacle::BadRules));
    assert_eq!(graph.rules(), &*rules::DEFAULT);
}

proptest! {
    /// Whatever two people are made of: merged by hand and undone, or split and
    /// undone, everybody has exactly what they had, numbers included.
    #[test]
    fn merge_and_split_are_undone_exactly(
        binds in prop::collection::vec((0..3usize, 0..6usize, 0..6usize, any::<bool>()), 1..30),
        chosen in prop::collection::vec(0..1_000usize, 3),
    ) {
        let mut graph = Graph::default();
        for (owner, a, b, strong) in &binds {
            let pair = [identifier_of(*owner, *a), identifier_of(*owner, *b)];
            graph.resolve(&pair, if *strong { Strong } else { Weak }, "test", 0);
        }
        let people: Vec<u32> = {
            let remap = graph.remap();
            (0..graph.atom_count()).filter(|number| remap.person(*number) == *number).collect()
        };
        let before = (components(&graph), graph.remap().people().to_vec());
        let (one, other) = (people[chosen[0] % people.len()], people[chosen[1] % people.len()]);
        let done = decide(&mut graph, IdentityChange::Merge { one, other, former: Vec::new() });
        if done == Outcome::Done {
            prop_assert_eq!(graph.remap().person(one), graph.remap().person(other));
            let change = graph.journal().entries().len() as u32 - 1;
            prop_assert_eq!(decide(&mut graph, IdentityChange::Undo { change }), Outcome::Done);
            prop_assert_eq!(&(components(&graph), graph.remap().people().to_vec()), &before);
        }
        let all = graph.identifiers(one);
        let identifiers: Vec<Identifier> =
            all.iter().enumerate().filter(|(at, _)| chosen[2] >> at & 1 == 1).map(|(_, id)| id.clone()).collect();
        let leaving = identifiers.len();
        let done = decide(&mut graph, IdentityChange::Split { person: one, identifiers: identifiers.clone() });
        prop_assert_eq!(done == Outcome::Done, leaving > 0 && leaving < all.len());
        if done == Outcome::Done {
            let gone = graph.remap().person(graph.atom_of(&identifiers[0]).expect("known").0);
            prop_assert_eq!(graph.identifiers(gone).len(), leaving, "one other person has them all");
            let change = graph.journal().entries().len() as u32 - 1;
            prop_assert_eq!(decide(&mut graph, IdentityChange::Undo { change }), Outcome::Done);
            prop_assert_eq!(components(&graph), before.0);
        }
    }
}
