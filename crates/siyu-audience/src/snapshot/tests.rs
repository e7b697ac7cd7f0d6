//! What is written is what is read; damage is told from data.

use proptest::prelude::*;
use siyu_analytics::PersonColumns;
use siyu_types::record::{Correction, CorrectionChange, Evidence, ItemChange, ProfileChange};
use siyu_types::relation::{Parties, RelationChange, RelationSide, RelationStatement};
use siyu_types::{Identifier, PersonNo, Props, Value};

use super::{PeopleState, VERSION};
use crate::people::{People, value_at};
use crate::relations::Told;

fn filled(seed: u64, steps: usize) -> People {
    let mut people = People::default();
    let mut state = seed;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for step in 0..steps as i64 {
        let who = next(20);
        let mut ids = vec![Identifier::new("login", format!("user{who}"))];
        match next(4) {
            0 => ids.push(Identifier::new("device", format!("tablet{}", next(3)))),
            1 => ids.push(Identifier::new("email", format!("a{who}@b.cn"))),
            2 => ids = vec![Identifier::new("device", format!("phone{who}x"))],
            _ => {}
        }
        let evidence = if next(2) == 0 { Evidence::Strong } else { Evidence::Weak };
        let atom = people.identify(&ids, evidence, "web", step).expect("usable");
        let props: Props = [
            ("age".to_owned(), Value::Number(next(90) as f64)),
            ("city".to_owned(), Value::Text(format!("c{}", next(5)))),
            ("likes".to_owned(), Value::List(vec![format!("l{}", next(5))])),
            (format!("p{}", next(3)), Value::Bool(next(2) == 0)),
        ]
        .into();
        let change = match next(8) {
            0 => ProfileChange::SetOnce(props),
            1 => ProfileChange::Increment([("points".to_owned(), Value::Number(1.5))].into()),
            2 => ProfileChange::Append(props),
            3 => ProfileChange::Unset(vec!["city".to_owned()]),
            4 if next(10) == 0 => ProfileChange::Delete,
            _ => ProfileChange::Set(props),
        };
        people.apply_profile(atom, &change, next(1_000) as i64, ["web", "app"][next(2) as usize]);
        people.note_event(atom, step, "web");
        if next(3) == 0 {
            let kind = ["inviter", "staff", "responsible", "household", "unheard_of"][next(5) as usize];
            let other = vec![Identifier::new("login", format!("user{}", next(20)))];
            let parties = Parties::Identifiers { side: RelationSide::To, other };
            let kind = kind.to_owned();
            let change = match next(4) {
                0 => RelationChange::End { kind, parties },
                _ => RelationChange::Begin { kind, parties, until: None },
            };
            let (by, reason) = if next(2) == 0 { ("林一", "说过") } else { ("", "") };
            let statement = RelationStatement { change, by: by.to_owned(), reason: reason.to_owned() };
            people.relate(&ids, &statement, Told { time: step, received_at: step, source: "web" });
        }
        let change = match next(6) {
            0 => ItemChange::Delete,
            1 => ItemChange::Unset(vec!["amount_minor".to_owned()]),
            2 => {
                ItemChange::Tag { add: vec![format!("t{}", next(3))], remove: vec![format!("t{}", next(3))] }
            }
            _ => ItemChange::Set([("amount_minor".to_owned(), Value::Number(100.0))].into()),
        };
        people.change_item(["sku", "store"][next(2) as usize], &format!("s{}", next(4)), &change, step);
        if next(6) == 0 {
            let change = match next(3) {
                0 => CorrectionChange::Clear,
                1 => CorrectionChange::Lift(next(1_000) as i64),
                _ => CorrectionChange::Set(Value::Text(format!("c{}", next(5)))),
            };
            let correction = Correction { number: atom, attribute: "city".to_owned(), change };
            people.correct(&correction, next(1_000) as i64);
        }
        if next(15) == 0 {
            people.unlink(&[ids[0].clone(), Identifier::new("device", "tablet0")], "web", step);
        }
    }
    people
}

fn assert_same(left: &People, right: &People) {
    assert_eq!(left.universe(), right.universe());
    assert_eq!(left.remap(), right.remap());
    assert_eq!(left.graph().conflicts().list(), right.graph().conflicts().list());
    assert_eq!(left.graph().counters(), right.graph().counters());
    for at in [10, 50, 100] {
        assert_eq!(left.graph().as_of(at), right.graph().as_of(at));
    }
    let (there, here) = (left.relations(), right.relations());
    assert_eq!((&there.ties, &there.kinds, &there.words), (&here.ties, &here.kinds, &here.words));
    assert_eq!((there.conflicts(), &there.sources), (here.conflicts(), &here.sources));
    for person in left.universe() {
        let person = PersonNo(person);
        assert_eq!(left.identifiers(person), right.identifiers(person));
        assert_eq!(left.provenance(person), right.provenance(person));
        for name in left.attributes(person).keys() {
            assert_eq!(left.history(person, name), right.history(person, name));
        }
        assert_eq!(left.activity(person), right.activity(person));
    }
    for (item_type, table) in &left.items.types {
        let other = &right.items.types[item_type];
        assert_eq!(table.living(), other.living());
        for row in 0..table.rows.len() {
            let found = other.find(table.id(row)).expect("known");
            assert_eq!((found, &table.rows[row].deleted), (row, &other.rows[row].deleted));
            assert_eq!(table.values(row), other.values(found));
            assert_eq!(table.tags_of(row), other.tags_of(found));
            assert_eq!(
                table.cells(row).count(),
                other.cells(found).count(),
                "what was taken away stays known"
            );
        }
    }
    // Columns kept up to date step by step hold what columns made at once hold.
    for property in left.properties() {
        let shown = |people: &People, person: u32| {
            let column = people.attribute(&property.name).expect("a column");
            value_at(column, person).map(|value| value.display())
        };
        for number in 0..left.graph().atom_count() {
            assert_eq!(shown(left, number), shown(right, number), "{} of {number}", property.name);
            let living = left.universe().contains(number);
            let value = left.value(PersonNo(number), &property.name).map(|value| value.display());
            assert_eq!(shown(left, number), value.filter(|_| living), "{} of {number}", property.name);
        }
    }
    let kinds =
        |people: &People| people.properties().into_iter().map(|p| (p.name, p.people)).collect::<Vec<_>>();
    assert_eq!(kinds(left), kinds(right));
    assert_eq!(left.item("sku", "s0"), right.item("sku", "s0"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_snapshot_holds_everything(seed in any::<u64>(), steps in 0..150usize) {
        let dir = tempfile::tempdir().expect("folder");
        let people = filled(seed, steps);
        let state = people.snapshot(dir.path()).expect("writes");
        assert_same(&people, &People::load(dir.path(), &state).expect("reads"));
    }
}

#[test]
fn unchanged_parts_are_not_written_again_and_replaced_ones_go() {
    let dir = tempfile::tempdir().expect("folder");
    let mut people = filled(7, 100);
    let first = people.snapshot(dir.path()).expect("writes");
    assert_eq!(people.snapshot(dir.path()).expect("writes"), first);
    people.change_item("sku", "new", &ItemChange::Set([("a".to_owned(), Value::Bool(true))].into()), 1);
    let second = people.snapshot(dir.path()).expect("writes");
    let changed: Vec<&String> = second.files.iter().filter(|name| !first.files.contains(name)).collect();
    assert!(changed.len() == 1 && changed[0].starts_with("itemrows.0.0-"), "{changed:?}");
    std::fs::write(dir.path().join("rows.9-0.zst.part"), b"torn").expect("writes");
    People::retire(dir.path(), &second).expect("retires");
    let left = std::fs::read_dir(dir.path()).expect("lists").count();
    assert_eq!(left, second.files.len());
    People::load(dir.path(), &second).expect("still whole");
}

#[test]
fn damage_is_noticed() {
    let dir = tempfile::tempdir().expect("folder");
    let state = filled(3, 50).snapshot(dir.path()).expect("writes");
    for name in &state.files {
        let path = dir.path().join(name);
        let whole = std::fs::read(&path).expect("reads");
        for at in [0, whole.len() / 2, whole.len() - 1] {
            let mut torn = whole.clone();
            torn[at] ^= 0x55;
            std::fs::write(&path, &torn).expect("writes");
            assert!(People::load(dir.path(), &state).is_err(), "{name} with byte {at} changed");
        }
        std::fs::write(&path, &whole).expect("writes");
    }
    let later = PeopleState { version: VERSION + 1, ..state };
    assert!(People::load(dir.path(), &later).is_err());
}

#[test]
fn versions_without_relations_stay_readable() {
    let dir = tempfile::tempdir().expect("folder");
    let people = filled(11, 80);
    let mut state = people.snapshot(dir.path()).expect("writes");
    assert!(!people.relations().is_empty(), "there are some, or this shows nothing");
    // What was written before there were relations: the same, without their parts.
    state.files.retain(|name| !name.starts_with("relations-") && !name.starts_with("ties."));
    let read = People::load(dir.path(), &state).expect("reads");
    assert_eq!((read.relations().len(), read.universe()), (0, people.universe()));
    for number in read.universe() {
        assert_eq!(read.identifiers(PersonNo(number)), people.identifiers(PersonNo(number)));
        assert_eq!(read.attributes(PersonNo(number)), people.attributes(PersonNo(number)));
    }
}

/// A person as version 1 knew them.
#[derive(serde::Deserialize)]
struct Known {
    person: u32,
    attributes: Props,
    /// First and last time, events; orders and amount, which are no longer counted here.
    activity: [i64; 5],
}

#[test]
fn the_first_version_stays_readable() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/people/v1");
    let read = |name: &str| std::fs::read(dir.join(name)).expect("a sample");
    let state: PeopleState = serde_json::from_slice(&read("state.json")).expect("a state");
    assert_eq!(state.version, 1);
    let people = People::load(&dir, &state).expect("reads");
    let expected: Vec<Known> = serde_json::from_slice(&read("expected.json")).expect("people");
    assert_eq!(people.universe().len(), expected.len() as u64);
    for known in expected {
        let person = PersonNo(known.person);
        let activity = people.activity(person);
        assert_eq!(people.attributes(person), known.attributes);
        let seen = [activity.first, activity.last, activity.events as i64];
        assert_eq!(seen, known.activity[..3]);
        assert!(people.provenance(person).iter().all(|origin| origin.source.is_empty()), "nobody knew it");
    }
    // Written again it is of this version, and says the same.
    let folder = tempfile::tempdir().expect("folder");
    let state = people.snapshot(folder.path()).expect("writes");
    assert_same(&people, &People::load(folder.path(), &state).expect("reads"));
}
