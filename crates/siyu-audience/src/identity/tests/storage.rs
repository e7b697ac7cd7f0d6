//! What a number means, that it never changes, and how many identifiers one person has.

use siyu_types::record::Evidence::{Strong, Weak};

use super::super::ConflictKind;
use super::super::Graph;
use super::super::rules::DEFAULT;
use super::{ids, person, resolve};

#[test]
fn a_number_belongs_to_the_identifier_that_stood_first() {
    let mut graph = Graph::default();
    let member = resolve(&mut graph, "login:a phone:13800138000 device:d1", Strong, 0);
    assert_eq!(graph.owner_of(member), Some(ids("login:a").remove(0)));
    assert_eq!(graph.atom_count(), 1, "who never stood first needs no number");
    // What the device does alone is counted apart, so that it can be taken away.
    let alone = resolve(&mut graph, "device:d1", Weak, 1);
    assert_ne!(alone, member);
    assert_eq!(graph.remap().person(alone), member);
    assert_eq!(graph.owner_of(alone), Some(ids("device:d1").remove(0)));
    assert_eq!(resolve(&mut graph, "device:d1", Weak, 2), alone);
    graph.unlink(&ids("login:a device:d1"), "test", 3);
    assert_eq!((person(&graph, "login:a"), person(&graph, "device:d1")), (member, alone));
}

#[test]
fn moves_are_told_once() {
    let mut graph = Graph::default();
    let anonymous = resolve(&mut graph, "device:d1", Weak, 0);
    assert!(graph.take_moves().is_empty(), "somebody new is no merge");
    resolve(&mut graph, "login:a device:d1", Strong, 1);
    assert!(graph.take_moves().is_empty(), "recognising somebody is none either");
    let other = resolve(&mut graph, "email:a@b.cn", Weak, 2);
    resolve(&mut graph, "login:a email:a@b.cn", Strong, 3);
    let moves = graph.take_moves();
    assert_eq!((moves.len(), moves[0].person, moves[0].merged), (1, anonymous, true));
    assert_eq!(moves[0].others, [other]);
    graph.unlink(&ids("login:a email:a@b.cn"), "test", 4);
    let moves = graph.take_moves();
    assert_eq!(
        (moves[0].person, moves[0].others.as_slice(), moves[0].merged),
        (anonymous, &[other][..], false)
    );
    assert!(graph.take_moves().is_empty());
}

#[test]
fn a_person_of_too_many_identifiers_stops_growing() {
    let mut graph = Graph::default();
    // Strong links between device-only people have no cap but the whole one.
    for device in 0..300 {
        resolve(&mut graph, &format!("device:x{device}q"), Weak, device);
        resolve(&mut graph, &format!("device:x0q device:x{device}q"), Strong, device);
    }
    let size = graph.identifiers(person(&graph, "device:x0q")).len();
    assert_eq!(size, usize::from(DEFAULT.identifiers_max));
    assert!(graph.conflicts().list().iter().all(|c| c.kind == ConflictKind::Frozen));
}

#[test]
fn more_than_five_addresses_are_not_attached() {
    let mut graph = Graph::default();
    for number in 0..7 {
        resolve(&mut graph, &format!("login:a email:a{number}@b.cn"), Strong, number);
    }
    let emails = graph.identifiers(person(&graph, "login:a")).into_iter().filter(|i| i.namespace == "email");
    assert_eq!(emails.count(), 5);
}

#[test]
fn self_alias_changes_nothing() {
    let mut graph = Graph::default();
    let first = resolve(&mut graph, "login:a", Weak, 0);
    let again = resolve(&mut graph, "login:a login:a", Strong, 1);
    assert_eq!((first, graph.atom_count(), graph.counters().merges), (again, 1, 0));
    assert_eq!(graph.conflicts().total(), 0);
}
