//! Where values come from, what they were before, and what holds after a merge.

use proptest::prelude::*;
use siyu_analytics::PersonColumns;
use siyu_types::record::{Correction, CorrectionChange, Evidence, ProfileChange};
use siyu_types::{Identifier, PersonNo, Value};

use super::{ChangeKind, EARLIER_KEPT, Past, Policy, Stored, When};
use crate::people::{People, value_at};

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn set(value: Value) -> ProfileChange {
    ProfileChange::Set([("x".to_owned(), value)].into())
}

fn somebody(people: &mut People, id: &str) -> PersonNo {
    let (namespace, value) = id.split_once(':').expect("an identifier");
    people.identify(&[Identifier::new(namespace, value)], Evidence::Weak, "test", 0).expect("usable")
}

/// Somebody known by a device first, then by a log-in: two numbers, one person.
fn two_numbers(people: &mut People) -> (PersonNo, PersonNo) {
    let device = somebody(people, "device:d1");
    let login = somebody(people, "login:a");
    (device, login)
}

fn join(people: &mut People) {
    let both = [Identifier::new("login", "a"), Identifier::new("device", "d1")];
    people.identify(&both, Evidence::Strong, "test", 100).expect("usable");
}

fn with_policy(people: &mut People, policy: Policy) {
    people.set_policies([("x".to_owned(), policy)].into());
}

#[test]
fn a_value_knows_who_said_it_and_when() {
    let mut people = People::default();
    let (device, login) = two_numbers(&mut people);
    people.apply_profile(device, &set(text("苏州")), 10_000, "web");
    people.apply_profile(login, &set(text("杭州")), 20_000, "crm");
    people.apply_profile(login, &set(text("杭州")), 95_000, "app");
    join(&mut people);
    let person = people.person_of(login);
    let origin = people.provenance(person).pop().expect("one attribute");
    assert_eq!((origin.value, origin.at, origin.since), (text("杭州"), 95_000, 20_000));
    assert_eq!((origin.source.as_str(), origin.identifier), ("app", Some(Identifier::new("login", "a"))));
    assert!(origin.has_history);
    let history = people.history(person, "x").expect("known");
    let told: Vec<_> = history.iter().map(|c| (c.at, c.source.as_str(), c.value.clone(), c.holds)).collect();
    assert_eq!(told, [(20_000, "app", Some(text("杭州")), true), (10_000, "web", Some(text("苏州")), false)]);
    assert_eq!(history[1].identifier, Some(Identifier::new("device", "d1")));
    assert_eq!(people.history(person, "y"), None);
}

#[test]
fn history_tells_every_way_of_saying() {
    let mut people = People::default();
    let person = somebody(&mut people, "login:a");
    let changes = [
        (1_000, ProfileChange::SetOnce([("x".to_owned(), Value::Number(1.0))].into())),
        (2_000, ProfileChange::Increment([("x".to_owned(), Value::Number(2.0))].into())),
        (3_000, ProfileChange::Unset(vec!["x".to_owned()])),
        (4_000, set(text("a"))),
        (5_000, ProfileChange::Append([("x".to_owned(), text("b"))].into())),
        (6_000, ProfileChange::Delete),
        (7_000, set(text("c"))),
    ];
    for (time, change) in &changes {
        people.apply_profile(person, change, *time, "app");
    }
    let history = people.history(person, "x").expect("known");
    let told: Vec<_> = history.iter().map(|c| (c.at, c.kind)).collect();
    use ChangeKind::{Append, Delete, Increment, Set, SetOnce, Unset};
    let expected = [
        (7_000, Set),
        (6_000, Delete),
        (5_000, Append),
        (4_000, Set),
        (3_000, Unset),
        (2_000, Increment),
        (1_000, SetOnce),
    ];
    assert_eq!(told, expected);
    assert_eq!(history.iter().filter(|change| change.holds).map(|c| c.at).collect::<Vec<_>>(), [7_000]);
}

#[test]
fn history_keeps_the_first_and_the_newest_values() {
    let mut people = People::default();
    let person = somebody(&mut people, "login:a");
    for n in 0..100 {
        people.apply_profile(person, &set(Value::Number(f64::from(n))), i64::from(n) * 1_000, "app");
    }
    let history = people.history(person, "x").expect("known");
    assert_eq!(history.len(), EARLIER_KEPT + 1);
    let values: Vec<_> = history.iter().filter_map(|change| change.value.as_ref()?.as_number()).collect();
    assert_eq!(
        (values[0], values[1], values[EARLIER_KEPT - 1], values[EARLIER_KEPT]),
        (99.0, 98.0, 81.0, 0.0)
    );
}

#[test]
fn late_values_take_their_place_in_history() {
    let mut people = People::default();
    let person = somebody(&mut people, "login:a");
    for (time, value) in [(50_000, "c"), (10_000, "a"), (30_000, "b"), (40_000, "c"), (20_000, "a")] {
        people.apply_profile(person, &set(text(value)), time, "app");
    }
    assert_eq!(people.value(person, "x"), Some(text("c")));
    let history = people.history(person, "x").expect("known");
    let told: Vec<_> = history.iter().map(|c| (c.at, c.value.clone().expect("a value").display())).collect();
    // Said again it is no change: the beginning counts.
    assert_eq!(told, [(40_000, "c".to_owned()), (30_000, "b".to_owned()), (10_000, "a".to_owned())]);
}

#[test]
fn policies_decide_between_identifiers() {
    use Policy::*;
    let list = |items: &[&str]| Value::List(items.iter().map(|item| (*item).to_owned()).collect());
    let number = Value::Number;
    type Case = (&'static str, Value, Value, Vec<(Policy, Value)>);
    let cases: [Case; 4] = [
        (
            "numbers, the device later",
            number(30.0),
            number(9.0),
            vec![
                (Latest, number(30.0)),
                (First, number(9.0)),
                (Largest, number(30.0)),
                (Smallest, number(9.0)),
                (Sum, number(39.0)),
                (Priority, number(9.0)),
                (Union, list(&["30", "9"])),
            ],
        ),
        (
            "texts that are no numbers",
            text("金卡"),
            text("银卡"),
            vec![
                (Largest, text("银卡")),
                (Smallest, text("金卡")),
                (Sum, text("金卡")),
                (Priority, text("银卡")),
            ],
        ),
        ("lists", list(&["茶", "咖啡"]), list(&["茶", "酒"]), vec![(Union, list(&["茶", "咖啡", "酒"]))]),
        ("dates", text("2024-01-02"), text("2025-01-01"), vec![(Smallest, text("2024-01-02"))]),
    ];
    for (name, of_device, of_login, expected) in cases {
        let mut people = People::default();
        let (device, login) = two_numbers(&mut people);
        people.apply_profile(device, &set(of_device.clone()), 9_000, "web");
        people.apply_profile(login, &set(of_login.clone()), 5_000, "crm");
        join(&mut people);
        let person = people.person_of(login);
        for (policy, value) in expected {
            with_policy(&mut people, policy);
            assert_eq!(people.value(person, "x"), Some(value.clone()), "{name}, {policy:?}");
            let column = people.attribute("x").and_then(|column| value_at(column, person.0));
            assert_eq!(
                column.map(|v| v.display()),
                Some(value.display()),
                "{name}, {policy:?}, in the column"
            );
        }
        // Taken apart, everybody has what their own identifier said.
        with_policy(&mut people, Largest);
        people.unlink(&[Identifier::new("login", "a"), Identifier::new("device", "d1")], "test", 200);
        assert_eq!(people.value(device, "x"), Some(of_device), "{name}");
        assert_eq!(people.value(login, "x"), Some(of_login), "{name}");
    }
}

#[test]
fn a_removal_holds_in_every_policy() {
    for policy in Policy::ALL {
        let mut people = People::default();
        let (device, login) = two_numbers(&mut people);
        with_policy(&mut people, policy);
        people.apply_profile(device, &set(Value::Number(5.0)), 1_000, "web");
        people.apply_profile(login, &set(Value::Number(9.0)), 2_000, "crm");
        join(&mut people);
        people.apply_profile(login, &ProfileChange::Unset(vec!["x".to_owned()]), 3_000, "crm");
        let person = people.person_of(login);
        assert_eq!(people.value(person, "x"), None, "{policy:?}");
        people.apply_profile(device, &set(Value::Number(7.0)), 4_000, "web");
        let value = people.value(person, "x").map(|value| value.display());
        assert_eq!(value.as_deref(), Some("7"), "{policy:?}");
    }
}

#[test]
fn the_first_and_the_last_source_are_known() {
    let mut people = People::default();
    let (device, login) = two_numbers(&mut people);
    people.note_event(login, 20, "app");
    people.note_event(device, 10, "web");
    people.note_event(login, 30, "mini");
    join(&mut people);
    let activity = people.activity(people.person_of(login));
    assert_eq!((activity.first, people.source_name(activity.first_source)), (10, "web"));
    assert_eq!((activity.last, people.source_name(activity.last_source)), (30, "mini"));
}

fn stored() -> impl Strategy<Value = Stored> {
    prop_oneof![
        any::<f64>().prop_filter("comparable", |n| !n.is_nan()).prop_map(Stored::Number),
        (-1e9..1e9f64).prop_map(|n| Stored::Number(n.round())),
        any::<u32>().prop_map(Stored::Text),
        any::<bool>().prop_map(Stored::Bool),
        prop::collection::vec(any::<u32>(), 0..5).prop_map(|codes| Stored::List(Box::new(codes))),
    ]
}

proptest! {
    #[test]
    fn the_past_is_packed_without_loss(
        list in prop::collection::vec(((any::<i64>(), any::<u16>()), stored()), 0..12),
    ) {
        let list: Vec<(When, Stored)> =
            list.into_iter().map(|((time, source), value)| (When { time, source }, value)).collect();
        prop_assert_eq!(Past::of(&list).list(), list);
    }

    /// In every policy: contributions in any order of arrival make one value, and
    /// merging before or after they come changes nothing.
    #[test]
    fn policies_do_not_depend_on_arrival(
        values in prop::collection::vec((0..4u8, any::<bool>()), 1..8),
        policy in prop::sample::select(Policy::ALL.to_vec()),
        seed in any::<u64>(),
    ) {
        let run = |order: &[usize], merged_first: bool| {
            let mut people = People::default();
            let (device, login) = two_numbers(&mut people);
            with_policy(&mut people, policy);
            if merged_first {
                join(&mut people);
            }
            for at in order {
                let (value, on_device) = values[*at];
                let change = set(Value::Number(f64::from(value)));
                let number = if on_device { device } else { login };
                people.apply_profile(number, &change, (*at as i64 + 1) * 5_000, "app");
            }
            if !merged_first {
                join(&mut people);
            }
            people.value(people.person_of(login), "x")
        };
        let mut order: Vec<usize> = (0..values.len()).collect();
        let expected = run(&order, true);
        let mut state = seed | 1;
        for index in (1..order.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            order.swap(index, (state >> 33) as usize % (index + 1));
        }
        prop_assert_eq!(run(&order, true), expected.clone());
        prop_assert_eq!(run(&order, false), expected);
    }
}

fn put_right(people: &mut People, number: PersonNo, change: CorrectionChange, at: i64) {
    let correction = Correction { number, attribute: "x".to_owned(), change };
    people.correct(&correction, at);
    // A replay says it again.
    people.correct(&correction, at);
}

/// Whatever the policy, whoever says what, and when: a correction holds for the whole
/// person, stays with its number at a split, and goes when it is taken back.
#[test]
fn a_correction_holds_in_every_policy_until_it_is_lifted() {
    for policy in Policy::ALL {
        let mut people = People::default();
        let (device, login) = two_numbers(&mut people);
        with_policy(&mut people, policy);
        people.apply_profile(device, &set(Value::Number(5.0)), 10, "web");
        people.apply_profile(login, &set(Value::Number(7.0)), 20, "crm");
        join(&mut people);
        let person = people.person_of(login);
        let before = people.value(person, "x");
        put_right(&mut people, login, CorrectionChange::Set(Value::Number(1.0)), 30);
        people.apply_profile(device, &set(Value::Number(99.0)), 40, "web");
        people.apply_profile(login, &ProfileChange::Unset(vec!["x".to_owned()]), 45, "crm");
        assert_eq!(people.value(person, "x"), Some(Value::Number(1.0)), "{policy:?}");
        let column = people.attribute("x").expect("a column");
        assert_eq!(value_at(column, person.0).map(|v| v.display()), Some("1".to_owned()), "{policy:?}");
        put_right(&mut people, device, CorrectionChange::Clear, 50);
        assert_eq!(people.value(person, "x"), None, "{policy:?} the later correction");
        put_right(&mut people, device, CorrectionChange::Lift(50), 60);
        assert_eq!(people.value(person, "x"), Some(Value::Number(1.0)), "{policy:?} the one before");
        put_right(&mut people, login, CorrectionChange::Lift(30), 70);
        assert_ne!(people.value(person, "x"), Some(Value::Number(1.0)), "{policy:?} {before:?}");
        put_right(&mut people, login, CorrectionChange::Set(Value::Number(2.0)), 80);
        people.apply_profile(device, &ProfileChange::Delete, 90, "web");
        assert_eq!(people.value(person, "x"), None, "{policy:?} a deleted profile is deleted");
    }
}
