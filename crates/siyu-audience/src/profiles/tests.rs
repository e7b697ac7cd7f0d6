//! Profiles: event time decides, merges and splits are exact, types may drift.

use proptest::prelude::*;
use siyu_analytics::{AttributeColumn, PersonColumns};
use siyu_types::record::{Evidence, ProfileChange};
use siyu_types::value::ValueKind;
use siyu_types::{Identifier, PersonNo, Props, Value};

use super::LIST_MAX;
use crate::people::People;
use crate::people::value_at;

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| (*item).to_owned()).collect())
}

fn set(value: Value) -> ProfileChange {
    ProfileChange::Set([("x".to_owned(), value)].into())
}

fn once(value: Value) -> ProfileChange {
    ProfileChange::SetOnce([("x".to_owned(), value)].into())
}

fn add(by: f64) -> ProfileChange {
    ProfileChange::Increment([("x".to_owned(), Value::Number(by))].into())
}

fn append(value: Value) -> ProfileChange {
    ProfileChange::Append([("x".to_owned(), value)].into())
}

fn unset() -> ProfileChange {
    ProfileChange::Unset(vec!["x".to_owned()])
}

fn somebody(people: &mut People, login: &str) -> PersonNo {
    people.identify(&[Identifier::new("login", login)], Evidence::Weak, "test", 0).expect("usable")
}

#[test]
fn event_time_decides_and_not_arrival() {
    use ProfileChange::Delete;
    let number = Value::Number;
    type Case<'a> = (&'a str, &'a [(i64, ProfileChange)], Option<Value>);
    let cases: &[Case<'_>] = &[
        ("later wins", &[(1, set(text("a"))), (2, set(text("b")))], Some(text("b"))),
        ("later wins, arriving first", &[(2, set(text("b"))), (1, set(text("a")))], Some(text("b"))),
        ("at one instant the last to arrive", &[(1, set(text("a"))), (1, set(text("b")))], Some(text("b"))),
        ("once keeps the earliest", &[(2, once(text("b"))), (1, once(text("a")))], Some(text("a"))),
        ("once yields to set", &[(1, once(text("a"))), (2, set(text("b")))], Some(text("b"))),
        ("once after set", &[(1, set(text("a"))), (2, once(text("b")))], Some(text("a"))),
        (
            "once again after a removal",
            &[(1, once(text("a"))), (3, once(text("b"))), (2, unset())],
            Some(text("b")),
        ),
        ("counting", &[(1, add(1.0)), (2, add(2.5))], Some(number(3.5))),
        ("counting on", &[(1, set(number(10.0))), (2, add(5.0))], Some(number(15.0))),
        (
            "a set forgets counts before it",
            &[(3, add(5.0)), (1, add(1.0)), (2, set(number(10.0)))],
            Some(number(15.0)),
        ),
        ("counting a numeric text", &[(1, set(text("10"))), (2, add(5.0))], Some(number(15.0))),
        ("counting what is no number", &[(1, set(text("十"))), (2, add(5.0))], Some(text("十"))),
        ("appending", &[(1, append(text("a"))), (2, append(list(&["b", "a"])))], Some(list(&["a", "b"]))),
        ("appending to a list", &[(1, set(list(&["a"]))), (2, append(text("b")))], Some(list(&["a", "b"]))),
        ("appending to a scalar", &[(1, set(number(7.0))), (2, append(text("b")))], Some(list(&["7", "b"]))),
        (
            "a set forgets what was appended before",
            &[(1, append(text("a"))), (2, set(list(&["b"])))],
            Some(list(&["b"])),
        ),
        ("removed", &[(1, set(text("a"))), (2, unset())], None),
        ("removed before", &[(2, set(text("a"))), (1, unset())], Some(text("a"))),
        ("removed, late value", &[(3, unset()), (2, set(text("a")))], None),
        ("removed and set again", &[(1, set(text("a"))), (2, unset()), (3, set(text("b")))], Some(text("b"))),
        ("deleted", &[(1, set(text("a"))), (2, add(1.0)), (3, Delete)], None),
        ("deletion is a barrier to late values", &[(3, Delete), (2, set(text("a")))], None),
        ("deleted and set again", &[(3, Delete), (4, set(text("a")))], Some(text("a"))),
        ("an empty list is nothing", &[(1, set(list(&[])))], None),
    ];
    for (name, changes, expected) in cases {
        let mut people = People::default();
        let person = somebody(&mut people, "a");
        for (time, change) in *changes {
            people.apply_profile(person, change, *time, "test");
        }
        assert_eq!(people.value(person, "x"), *expected, "{name}");
        let column = people.attribute("x").and_then(|column| value_at(column, person.0));
        let shown = |value: Option<Value>| value.map(|value| value.display());
        assert_eq!(shown(column), shown(expected.clone()), "{name}, in the column");
    }
}

#[test]
fn merged_values_follow_time_and_splits_give_them_back() {
    let mut people = People::default();
    let device = [Identifier::new("device", "d1")];
    let both = [Identifier::new("login", "a"), Identifier::new("device", "d1")];
    let anonymous = people.identify(&device, Evidence::Weak, "test", 0).expect("usable");
    people.apply_profile(anonymous, &set(text("early")), 1, "test");
    people.apply_profile(
        anonymous,
        &ProfileChange::Increment([("n".to_owned(), Value::Number(2.0))].into()),
        1,
        "test",
    );
    people.note_event(anonymous, 1, "test");
    let known = somebody(&mut people, "a");
    people.apply_profile(known, &set(text("late")), 2, "test");
    people.apply_profile(
        known,
        &ProfileChange::Increment([("n".to_owned(), Value::Number(3.0))].into()),
        2,
        "test",
    );
    let before = (people.attributes(anonymous), people.attributes(known), people.activity(anonymous));
    people.identify(&both, Evidence::Strong, "test", 3);
    let person = people.person_of(known);
    assert_eq!(person, people.person_of(anonymous));
    assert_eq!(people.value(person, "x"), Some(text("late")));
    assert_eq!(people.value(person, "n"), Some(Value::Number(5.0)));
    assert_eq!(people.activity(person).events, 1);
    assert_eq!(people.universe().len(), 1);
    let x = people.properties().into_iter().find(|p| p.name == "x").expect("known");
    assert_eq!(x.people, 1);
    people.unlink(&both, "test", 4);
    let after = (people.attributes(anonymous), people.attributes(known), people.activity(anonymous));
    assert_eq!(after, before);
    assert_eq!(people.universe().len(), 2);
}

#[test]
fn a_property_of_several_types_becomes_text_and_then_lists() {
    let mut people = People::default();
    let values = [Value::Number(12.0), text("12元"), Value::Bool(true), Value::Number(3.0)];
    let persons: Vec<_> = (0..values.len()).map(|n| somebody(&mut people, &format!("u{n}"))).collect();
    people.apply_profile(persons[0], &set(values[0].clone()), 1, "test");
    assert_eq!(people.properties()[0].kind, ValueKind::Number);
    for (person, value) in persons.iter().zip(&values) {
        people.apply_profile(*person, &set(value.clone()), 1, "test");
        assert_eq!(people.value(*person, "x").as_ref(), Some(value), "kept as sent");
    }
    assert_eq!(people.properties()[0].kind, ValueKind::Text);
    let column = people.attribute("x").expect("known");
    let seen: Vec<_> = persons.iter().map(|p| value_at(column, p.0).expect("present").display()).collect();
    assert_eq!(seen, ["12", "12元", "true", "3"]);
    people.apply_profile(persons[1], &set(list(&["a", "b"])), 2, "test");
    assert!(matches!(people.attribute("x"), Some(AttributeColumn::List { .. })));
    let column = people.attribute("x").expect("known");
    assert_eq!(value_at(column, persons[0].0), Some(list(&["12"])));
    assert_eq!(value_at(column, persons[1].0), Some(list(&["a", "b"])));
}

#[test]
fn lists_and_properties_are_bounded() {
    let mut people = People::default();
    let person = somebody(&mut people, "a");
    for n in 0..LIST_MAX + 10 {
        people.apply_profile(person, &append(text(&n.to_string())), n as i64, "test");
    }
    assert!(matches!(people.value(person, "x"), Some(Value::List(items)) if items.len() == LIST_MAX));
    let many: Props = (0..600).map(|n| (format!("p{n:03}"), Value::Bool(true))).collect();
    people.apply_profile(person, &ProfileChange::Set(many), 1, "test");
    assert_eq!(people.properties().len(), super::PROPERTIES_MAX);
    assert_eq!(people.profiles.overflowed(), 101);
}

#[test]
fn many_increments_keep_their_sum() {
    let mut people = People::default();
    let person = somebody(&mut people, "a");
    (0..1_000).for_each(|n| people.apply_profile(person, &add(1.0), n, "test"));
    assert_eq!(people.value(person, "x"), Some(Value::Number(1_000.0)));
}

#[test]
fn the_address_is_what_the_person_said_last() {
    let mut people = People::default();
    let ids = [
        Identifier::new("login", "a"),
        Identifier::new("email", "old@b.cn"),
        Identifier::new("phone", "13800138000"),
    ];
    let person = people.identify(&ids, Evidence::Strong, "test", 0).expect("usable");
    assert_eq!(people.address(person, "email").as_deref(), Some("old@b.cn"));
    assert_eq!(people.address(person, "phone").as_deref(), Some("+8613800138000"));
    let change = ProfileChange::Set([("email".to_owned(), text("New@B.cn"))].into());
    people.apply_profile(person, &change, 1, "test");
    assert_eq!(people.address(person, "email").as_deref(), Some("new@b.cn"));
    let change = ProfileChange::Set([("email".to_owned(), text("none"))].into());
    people.apply_profile(person, &change, 2, "test");
    assert_eq!(
        people.address(person, "email").as_deref(),
        Some("old@b.cn"),
        "an unusable one does not hide it"
    );
}

fn change() -> impl Strategy<Value = ProfileChange> {
    prop_oneof![
        4 => (0..5u8).prop_map(|n| set(text(&n.to_string()))),
        2 => (0..5u8).prop_map(|n| set(Value::Number(f64::from(n)))),
        1 => (0..5u8).prop_map(|n| once(Value::Number(f64::from(n)))),
        2 => (1..5u8).prop_map(|n| add(f64::from(n))),
        2 => (0..5u8).prop_map(|n| append(text(&n.to_string()))),
        1 => Just(unset()),
        1 => Just(ProfileChange::Delete),
    ]
}

proptest! {
    /// Changes at different times give one value in any order of arrival, on one
    /// number or spread over two that belong together.
    #[test]
    fn order_of_arrival_does_not_matter(
        changes in prop::collection::vec((change(), any::<bool>()), 1..12),
        order in any::<u64>(),
    ) {
        let run = |changes: &[(i64, &ProfileChange, bool)], two: bool| {
            let mut people = People::default();
            let device = [Identifier::new("device", "d1")];
            let a = somebody(&mut people, "a");
            let d = people.identify(&device, Evidence::Weak, "test", 0).expect("usable");
            people.identify(&[Identifier::new("login", "a"), device[0].clone()], Evidence::Strong, "test", 0);
            for (time, change, other) in changes {
                people.apply_profile(if two && *other { d } else { a }, change, *time, "test");
            }
            let person = people.person_of(a);
            let value = people.value(person, "x");
            let column = people.attribute("x").and_then(|column| value_at(column, person.0));
            // The column may have become text or lists on the way.
            assert_eq!(column.is_some(), value.is_some());
            value
        };
        let mut timed: Vec<_> = changes.iter().enumerate().map(|(t, (c, o))| (t as i64, c, *o)).collect();
        let expected = run(&timed, false);
        let mut state = order | 1;
        for index in (1..timed.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            timed.swap(index, (state >> 33) as usize % (index + 1));
        }
        prop_assert_eq!(run(&timed, false), expected.clone());
        prop_assert_eq!(run(&timed, true), expected);
    }
}
