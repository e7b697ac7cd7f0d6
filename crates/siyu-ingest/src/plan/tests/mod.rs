//! The plan's rules against tables of cases.

mod pipeline;
mod quarantine;

use serde_json::{Value as Json, json};
use siyu_types::record::{Body, Evidence, Identifier};
use siyu_types::value::props_from_json;
use siyu_types::{Record, Value};

use super::model::*;
use super::rules::Rules;
use super::seen::{Origin, PROPERTIES_MAX, SUBJECTS_MAX, Seen, pattern};
use super::shape::{Shape, example};

const AT: i64 = 1_795_304_200_000;

fn value(json: Json) -> Value {
    Value::from_json(json).expect("a value")
}

fn event(name: &str, props: Json) -> Record {
    Record {
        key: 1,
        time: AT,
        received_at: AT,
        ids: vec![Identifier::new("login", "u1")],
        evidence: Evidence::Weak,
        body: Body::Event {
            name: name.into(),
            props: props_from_json(props.as_object().expect("object").clone()),
        },
        source: "web".into(),
    }
}

fn property(name: &str, status: PlanStatus, value_type: Option<PlanType>, required: bool) -> PolicyProperty {
    PolicyProperty { name: name.into(), status, value_type, required }
}

/// `paid` with a required number, an optional text and a blocked key; `gone` is blocked.
fn policy(mode: PlanMode) -> Policy {
    use PlanStatus::{Blocked, Planned, Verified};
    let subject = |name: &str, status, properties| PolicySubject {
        kind: SubjectKind::Event,
        name: name.into(),
        status,
        properties,
    };
    let paid = vec![
        property("amount", Verified, Some(PlanType::Number), true),
        property("note", Planned, Some(PlanType::Text), false),
        property("secret", Blocked, None, false),
    ];
    let subjects = vec![subject("paid", Verified, paid), subject("gone", Blocked, Vec::new())];
    Policy { revision: 1, mode, subjects }
}

#[test]
fn which_values_have_an_exact_reading() {
    use PlanType::{Bool, Date, List, Money, Number, Text, Time};
    let cases = [
        (Number, json!(12), Some(json!(12.0))),
        (Number, json!("12"), Some(json!(12.0))),
        (Number, json!(" -12.5 "), Some(json!(-12.5))),
        (Number, json!("0.5"), Some(json!(0.5))),
        (Number, json!("12元"), None),
        (Number, json!("0012"), None),
        (Number, json!("1e3"), None),
        (Number, json!("1234567890123456"), None),
        (Number, json!(""), None),
        (Number, json!(true), None),
        (Number, json!("未取到值"), Some(json!("未取到值"))),
        (Money, json!(1299), Some(json!(1299.0))),
        (Money, json!("1299"), Some(json!(1299.0))),
        (Money, json!(12.99), None),
        (Money, json!("12.99"), None),
        (Text, json!("x"), Some(json!("x"))),
        (Text, json!(12), Some(json!("12"))),
        (Text, json!(true), Some(json!("true"))),
        (Text, json!(["a"]), None),
        (Bool, json!("true"), Some(json!(true))),
        (Bool, json!("FALSE"), Some(json!(false))),
        (Bool, json!("yes"), None),
        (Bool, json!(1), None),
        (List, json!(["a", "b"]), Some(json!(["a", "b"]))),
        (List, json!("[\"a\",\"b\"]"), Some(json!(["a", "b"]))),
        (List, json!("a"), Some(json!(["a"]))),
        (List, json!(1), None),
        // Sensors leaves the zone out and writes milliseconds with any number of digits.
        (Time, json!("2026-11-21 08:00:00.006"), Some(json!("2026-11-21 08:00:00.006"))),
        (Time, json!("2026-11-21T08:00:00+08:00"), Some(json!("2026-11-21T08:00:00+08:00"))),
        (Time, json!(1_795_304_200_000_i64), Some(json!("2026-11-21T23:36:40Z"))),
        (Time, json!(12), None),
        (Time, json!("2026-13-21 08:00:00"), None),
        (Time, json!("yesterday"), None),
        (Date, json!("2026-11-21"), Some(json!("2026-11-21"))),
        (Date, json!("2026-11-21 00:00:00"), Some(json!("2026-11-21"))),
        (Date, json!("2026-11-21 08:00:00"), None),
        (Date, json!("2026-02-30"), None),
    ];
    for (value_type, sent, expected) in cases {
        let cast = value_type.cast(&value(sent.clone()));
        assert_eq!(cast, expected.map(value), "{sent} as {value_type:?}");
    }
}

#[test]
fn examples_show_shapes_and_nothing_else() {
    let cases = [
        (json!("12元"), Shape::Text, "99字"),
        (json!("zhang.san@example.com"), Shape::Text, "aaaaa.aaa@aaaaaaa.aaa"),
        (json!("13800138000"), Shape::Text, "99999999999"),
        (json!(true), Shape::Bool, "true"),
        (json!(false), Shape::Bool, "true"),
        (json!(["x", "y"]), Shape::List, "[2]"),
        (json!(-3.5), Shape::Fraction, "-9.9"),
        (
            json!("一二三四五六七八九十一二三四五六七八九十一二三四五"),
            Shape::Text,
            "字字字字字字字字字字字字字字字字字字字字字字字字…",
        ),
    ];
    for (sent, shape, expected) in cases {
        let sent = value(sent);
        assert_eq!((Shape::of(&sent), example(&sent).as_str()), (shape, expected));
    }
}

#[test]
fn what_becomes_of_a_record() {
    use PlanMode::{Lenient, Strict};
    let stored = |props: Json| Ok((props, json!({})));
    let without = |props: Json, taken: Json| Ok((props, taken));
    let aside = |reason, field: &str| Err((reason, field.to_owned()));
    let cases = [
        (Strict, "paid", json!({"amount": 1}), stored(json!({"amount": 1.0}))),
        (Strict, "paid", json!({"amount": "12"}), stored(json!({"amount": 12.0}))),
        (Strict, "paid", json!({"amount": "12元"}), aside(PlanReason::TypeMismatch, "amount")),
        (Strict, "paid", json!({"note": "x"}), aside(PlanReason::PropertyMissing, "amount")),
        (
            Strict,
            "paid",
            json!({"amount": 1, "coupon": "A"}),
            without(json!({"amount": 1.0}), json!({"coupon": "A"})),
        ),
        (
            Strict,
            "paid",
            json!({"amount": 1, "Note": "x"}),
            without(json!({"amount": 1.0}), json!({"Note": "x"})),
        ),
        (
            Strict,
            "paid",
            json!({"amount": 1, "$os": "iOS", "utm_source": "a"}),
            stored(json!({"amount": 1.0, "$os": "iOS", "utm_source": "a"})),
        ),
        (Strict, "paid", json!({"amount": "未取到值"}), stored(json!({"amount": "未取到值"}))),
        (Strict, "shown", json!({}), aside(PlanReason::EventUndeclared, "")),
        (Strict, "Paid", json!({"amount": 1}), aside(PlanReason::EventUndeclared, "")),
        (Strict, "$AppStart", json!({"$os": "iOS"}), stored(json!({"$os": "iOS"}))),
        (Strict, "page_view", json!({"url": "/"}), stored(json!({"url": "/"}))),
        (Strict, "gone", json!({}), aside(PlanReason::EventBlocked, "")),
        (Lenient, "gone", json!({}), aside(PlanReason::EventBlocked, "")),
        (
            Lenient,
            "paid",
            json!({"amount": "12元", "coupon": 1}),
            stored(json!({"amount": "12元", "coupon": 1.0})),
        ),
        (Lenient, "paid", json!({"secret": "x"}), without(json!({}), json!({"secret": "x"}))),
        (Lenient, "shown", json!({"a": true}), stored(json!({"a": true}))),
    ];
    for (mode, name, props, expected) in cases {
        let rules = Rules::new(&policy(mode));
        let mut record = event(name, props.clone());
        let found = match rules.check(&record) {
            Some(refused) => Err((refused.reason, refused.field)),
            None => {
                let taken = rules.strip(&mut record).map(|(_, taken)| taken).unwrap_or_default();
                let Body::Event { props, .. } = &record.body else { panic!("an event") };
                Ok((json!(props), json!(taken)))
            }
        };
        let expected: Result<(Json, Json), (PlanReason, String)> = expected;
        assert_eq!(found, expected, "{mode:?} {name} {props}");
    }
}

#[test]
fn made_up_names_share_a_place_and_names_are_bounded() {
    let names = [
        ("paid", None),
        ("order_2026", None),
        ("added", None),
        ("支付成功", None),
        ("view_3fa85f64-5717-4562-b3fc-2c963f66afa6", Some("view_*")),
        ("day_20261121", Some("day_*")),
        ("click12345678", Some("click*")),
        ("a/5d41402abc4b2a76b9719d911017c592/b", Some("a/*/b")),
    ];
    for (name, expected) in names {
        assert_eq!(pattern(name).as_deref(), expected, "{name}");
    }
    let (mut seen, rules) = (Seen::default(), Rules::new(&Policy::default()));
    let origin = Origin { source: "web", received_at: AT };
    let mut note = |name: &str, props: Json| {
        let props = props_from_json(props.as_object().expect("object").clone());
        seen.note(SubjectKind::Event, name, &props, origin, &rules);
    };
    for number in 0..1_000 {
        note(&format!("view_{:08}", number * 7_919), json!({format!("k{:09}", number): 1, "plain": 1}));
    }
    for number in 0..PROPERTIES_MAX + 100 {
        note("wide", json!({format!("key {}", letters(number)): 1}));
    }
    for number in 0..SUBJECTS_MAX {
        note(&format!("event {}", letters(number)), json!({}));
    }
    let view = seen.get(SubjectKind::Event, "view_*").expect("shared");
    let names: Vec<&str> = view.properties.iter().map(|property| &*property.name).collect();
    assert_eq!((view.count, names), (1_000, vec!["k*", "plain"]));
    let wide = seen.get(SubjectKind::Event, "wide").expect("known");
    assert_eq!((wide.properties.len(), wide.overflow, wide.count), (PROPERTIES_MAX, 100, 600));
    assert_eq!((seen.subjects.len(), seen.overflow), (SUBJECTS_MAX, 2));
}

/// A name without digits.
fn letters(number: usize) -> String {
    number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'g')).collect()
}

#[test]
fn drift_says_what_since_when_and_from_where() {
    let mut seen = Seen::default();
    let rules = Rules::new(&policy(PlanMode::Lenient));
    let mut note = |props: Json, source: &str, at: i64| {
        let props = props_from_json(props.as_object().expect("object").clone());
        let origin = Origin { source, received_at: at };
        seen.note(SubjectKind::Event, "paid", &props, origin, &rules);
    };
    note(json!({"amount": 1, "Amount": 2, "born": "2026-01-02"}), "web", 1);
    note(json!({"amount": "12元", "$lib": "js", "$lib_version": "1.27.4", "born": "soon"}), "web", 2);
    note(json!({"amount": "3元", "$lib": "js", "$lib_version": "1.27.4"}), "web", 5);
    note(json!({"amount": true}), "pos", 6);
    note(json!({"amount": "取值异常"}), "pos", 7);
    let paid = seen.get(SubjectKind::Event, "paid").expect("known");
    let get = |name: &str| paid.properties.iter().find(|one| *one.name == *name).expect("known");
    let amount = get("amount");
    let drift: Vec<_> = amount
        .drift
        .iter()
        .map(|d| {
            (d.shape, d.source.as_str(), d.library.as_str(), d.count, d.first, d.last, d.example.as_str())
        })
        .collect();
    assert_eq!(
        drift,
        [(Shape::Text, "web", "js 1.27.4", 2, 2, 5, "99字"), (Shape::Bool, "pos", "", 1, 6, 6, "true")]
    );
    assert_eq!((amount.count, amount.drifting()), (5, 3));
    // A text that once looked like a date is a text, and no drift.
    assert_eq!((get("born").expected, get("born").drifting()), (Some(PlanType::Text), 0));
    let variants = ["Amount", "amount"].map(|name| get(name).variant_of.as_deref());
    assert_eq!(variants, [None, Some("Amount")]);
}
