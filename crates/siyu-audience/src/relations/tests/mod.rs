//! Rules as tables; random histories against a naive twin; the API.

mod http;
mod twin;

use siyu_events::Remap;
use siyu_types::clock::Millis;
use siyu_types::relation::{Holders, RelationKind, RelationSide};

use super::conflicts::Conflict;
use super::model::{Obstacle, Relations};
use super::rules::{Ends, Said};

const SAID: Said = Said { source: 0, word: super::model::NO_WORD };

/// The mapping in which these sets of numbers are one person each.
pub(super) fn remap(count: u32, merged: &[&[u32]]) -> Remap {
    let mut remap = Remap::alone(count);
    for numbers in merged {
        let mut numbers = numbers.to_vec();
        numbers.sort_unstable();
        remap.join(&numbers);
    }
    remap
}

pub(super) fn team() -> RelationKind {
    RelationKind {
        name: "team".to_owned(),
        from_title: "队员".to_owned(),
        to_title: "队员".to_owned(),
        holders: Holders::Many,
        no_circles: false,
        group_max: 3,
    }
}

struct World {
    relations: Relations,
    remap: Remap,
}

impl World {
    fn new() -> World {
        let mut relations = Relations::default();
        relations.declare(&[team()]);
        World { relations, remap: remap(12, &[]) }
    }

    fn begin(&mut self, kind: &str, from: u32, to: u32, since: Millis) -> Result<u32, Obstacle> {
        let code = self.relations.kind_code(kind).expect("a kind");
        self.relations.begin(code, Ends { from, to }, (since, None), SAID, &self.remap)
    }

    fn end(&mut self, kind: &str, from: u32, to: u32, at: Millis) -> Result<(), Obstacle> {
        let code = self.relations.kind_code(kind).expect("a kind");
        self.relations.end(code, Ends { from, to }, at, super::model::NO_WORD, &self.remap)
    }

    fn others(&self, kind: &str, side: RelationSide, person: u32, at: Millis) -> Vec<u32> {
        let code = self.relations.kind_code(kind).expect("a kind");
        let found = self.relations.others(code, side, person, at, &self.remap);
        found.into_iter().map(|related| related.other).collect()
    }
}

use RelationSide::{From, To};

#[test]
fn the_first_inviter_stays_and_nobody_stands_above_themselves() {
    let mut world = World::new();
    assert_eq!(world.begin("inviter", 1, 2, 10), Ok(0));
    assert_eq!(world.begin("inviter", 1, 2, 20), Ok(0), "told twice");
    assert_eq!(world.begin("inviter", 3, 2, 5), Err(Obstacle::Taken), "also of earlier");
    assert_eq!(world.begin("inviter", 2, 2, 5), Err(Obstacle::ToItself));
    assert_eq!(world.begin("inviter", 2, 4, 11), Ok(1));
    assert_eq!(world.begin("inviter", 4, 1, 12), Err(Obstacle::Circle), "over others");
    assert_eq!(world.others("inviter", From, 1, 15), [2]);
    assert_eq!(world.others("inviter", To, 4, 15), [2]);
    assert_eq!(world.others("inviter", To, 4, 10), [0u32; 0], "not yet");
    let inviter = world.relations.kind_code("inviter").expect("a kind");
    let below = world.relations.below(inviter, 1, (15, 10, 100), &world.remap);
    assert_eq!((below.levels, below.total, below.cut), (vec![1, 1], 2, false));
    let below = world.relations.below(inviter, 1, (15, 1, 100), &world.remap);
    assert_eq!((below.levels, below.cut), (vec![1], true));
    // Once it was wrong and has ended, somebody else may be it.
    assert_eq!(world.end("inviter", 1, 2, 10), Ok(()));
    assert_eq!(world.begin("inviter", 3, 2, 10), Ok(2));
    assert_eq!(world.others("inviter", To, 2, 15), [3]);
}

#[test]
fn several_serve_and_one_is_responsible() {
    let mut world = World::new();
    for staff in [1, 2] {
        world.begin("staff", staff, 5, 10).expect("several may");
    }
    assert_eq!(world.others("staff", To, 5, 10), [1, 2]);
    world.begin("responsible", 1, 5, 10).expect("the first");
    world.begin("responsible", 2, 5, 20).expect("takes over");
    assert_eq!(world.others("responsible", To, 5, 19), [1]);
    assert_eq!(world.others("responsible", To, 5, 20), [2]);
    assert_eq!(world.others("responsible", From, 1, 20), [0u32; 0]);
    // Told late: it was so until the one who is known came.
    world.begin("responsible", 3, 5, 15).expect("late");
    let by = |at| world.others("responsible", To, 5, at);
    assert_eq!((by(14), by(15), by(19), by(20)), (vec![1], vec![3], vec![3], vec![2]));
    assert_eq!(world.end("responsible", 2, 5, 30), Ok(()));
    assert_eq!(world.end("responsible", 2, 5, 30), Ok(()), "told twice");
    assert_eq!(world.end("responsible", 2, 5, 31), Err(Obstacle::NotRelated));
    assert_eq!(world.others("responsible", To, 5, 30), [0u32; 0]);
}

#[test]
fn a_group_has_no_direction_and_a_size() {
    let mut world = World::new();
    world.begin("team", 1, 2, 1).expect("two");
    assert_eq!(world.begin("team", 2, 1, 1), Ok(0), "the same the other way round");
    world.begin("team", 3, 2, 1).expect("three");
    assert_eq!(world.begin("team", 4, 1, 1), Err(Obstacle::GroupFull));
    for (one, others) in [(1, [2, 3]), (2, [1, 3]), (3, [1, 2])] {
        assert_eq!(world.others("team", To, one, 1), others);
        assert_eq!(world.others("team", From, one, 1), others);
    }
    world.end("team", 2, 1, 5).expect("either way round");
    world.begin("team", 4, 1, 5).expect("there is room");
    assert_eq!(world.others("team", To, 1, 5), [4]);
}

#[test]
fn a_merge_hides_and_a_split_brings_back() {
    let mut world = World::new();
    world.begin("inviter", 1, 2, 10).expect("one");
    world.begin("inviter", 3, 4, 5).expect("another");
    world.begin("inviter", 2, 6, 20).expect("below");
    let apart = world.remap.clone();
    let before = world.others("inviter", To, 2, 30);
    // 2 and 4 are one: they have two inviters, and the earlier holds.
    world.remap = remap(12, &[&[2, 4]]);
    assert_eq!(world.others("inviter", To, 2, 30), [3]);
    assert_eq!(world.others("inviter", From, 1, 30), [0u32; 0]);
    // 1 and 6 are one: a circle, whose latest tie is void.
    world.remap = remap(12, &[&[1, 6]]);
    assert_eq!(world.others("inviter", From, 1, 30), [2]);
    assert_eq!(world.others("inviter", From, 2, 30), [0u32; 0]);
    assert_eq!(world.others("inviter", To, 1, 30), [0u32; 0]);
    // 1 and 2 are one: nobody invites themselves.
    world.remap = remap(12, &[&[1, 2]]);
    assert_eq!(world.others("inviter", To, 1, 30), [0u32; 0]);
    assert_eq!(world.others("inviter", From, 1, 30), [6]);
    world.remap = apart;
    assert_eq!(world.others("inviter", To, 2, 30), before);
}

#[test]
fn kinds_that_contradict_themselves_are_refused() {
    let relations = World::new().relations;
    assert_eq!(relations.validate(&[team()]), Ok(()), "declared before");
    let base = RelationKind { name: "doctor".to_owned(), group_max: 0, ..team() };
    assert_eq!(relations.validate(std::slice::from_ref(&base)), Ok(()));
    let bad = [
        ("kinds[0].name", RelationKind { name: "Doctor".to_owned(), ..base.clone() }),
        ("kinds[0].name", RelationKind { name: "inviter".to_owned(), ..base.clone() }),
        ("kinds[0].from_title", RelationKind { from_title: " ".to_owned(), ..base.clone() }),
        ("kinds[0].group_max", RelationKind { group_max: 1, ..base.clone() }),
        ("kinds[0].group_max", RelationKind { group_max: 5, holders: Holders::First, ..base.clone() }),
        ("kinds[0].no_circles", RelationKind { no_circles: true, ..base.clone() }),
    ];
    for (field, kind) in bad {
        let error = relations.validate(&[kind]).expect_err(field);
        assert_eq!(error.field.as_deref(), Some(field));
    }
    assert!(relations.validate(&[base.clone(), base]).is_err(), "twice");
}

#[test]
fn an_erased_person_is_related_with_nobody() {
    let mut world = World::new();
    let said = |word| Said { source: 0, word };
    let code = world.relations.kind_code("staff").expect("a kind");
    for (from, to, reason) in [(1, 2, "of theirs"), (3, 2, "of others"), (3, 1, "of theirs too")] {
        let word = world.relations.word_code("林一", reason);
        let begun = world.relations.begin(code, Ends { from, to }, (10, None), said(word), &world.remap);
        begun.expect("begins");
    }
    world.relations.conflicts.note(conflict(1, 4));
    world.relations.conflicts.note(conflict(4, 5));
    world.relations.forget(&[1]);
    assert_eq!(world.others("staff", RelationSide::To, 2, 20), [3], "the others stay related");
    assert_eq!(world.others("staff", RelationSide::From, 3, 20), [2]);
    assert_eq!(world.others("staff", RelationSide::From, 1, 20), [] as [u32; 0]);
    assert!(world.relations.at(RelationSide::To, 1).is_empty());
    let reasons: Vec<&str> = world.relations.words.iter().map(|word| word.reason.as_str()).collect();
    assert_eq!(reasons, ["", "of others", ""]);
    assert_eq!(world.relations.words[world.relations.ties[0].word as usize].reason, "of others");
    let left: Vec<(u32, u32)> =
        world.relations.conflicts.list().iter().map(|one| (one.from, one.to)).collect();
    assert_eq!((left, world.relations.conflicts.total()), (vec![(4, 5)], 2));
    // Said again of others, nothing is said twice.
    world.begin("staff", 3, 2, 10).expect("known");
    assert_eq!(world.relations.len(), 1);
}

fn conflict(from: u32, to: u32) -> Conflict {
    let (kind, source) = ("staff".to_owned(), "web".to_owned());
    Conflict { kind, obstacle: Obstacle::Taken, from, to, source, first: 1, last: 1, count: 1 }
}
