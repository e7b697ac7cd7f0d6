//! What is advised, by what is known.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use siyu_events::EventRow;
use siyu_types::PersonNo;
use siyu_types::clock::Millis;

use super::{AdviceKind, Facts, advise};
use crate::orders;

const DAY: Millis = 24 * 3_600_000;
const NOW: Millis = 1_000 * DAY;

/// An event of so many days ago.
fn event(name: &str, days: i64, props: &Json) -> EventRow {
    EventRow {
        person: PersonNo(1),
        time: NOW - days * DAY,
        seq: 0,
        name: name.to_owned(),
        props: serde_json::from_value::<BTreeMap<_, _>>(props.clone()).expect("properties"),
        ids: Vec::new(),
        source: String::new(),
        received_at: 0,
    }
}

fn paid(days: i64) -> (&'static str, i64, Json) {
    ("order_paid", days, json!({"order_id": format!("o{days}"), "amount_minor": 100}))
}

#[test]
fn the_most_pressing_comes_first() {
    use AdviceKind::{Birthday, Contact, Due, Refunded, SecondOrder, Unpaid, WinBack};
    let placed = |days: i64| ("order_placed", days, json!({"order_id": "new", "amount_minor": 100}));
    let refund = |days: i64| ("order_refunded", days, json!({"order_id": "o40", "amount_minor": 50}));
    let phone: &[&str] = &["device", "phone"];
    // Days since first seen; events; birthday; kinds of identifiers; what is advised, and its days.
    type Case<'a> = (
        &'a str,
        i64,
        Vec<(&'a str, i64, Json)>,
        Option<&'a str>,
        &'a [&'a str],
        Vec<(AdviceKind, Option<i64>)>,
    );
    let cases: Vec<Case<'_>> = vec![
        ("nothing presses", 400, vec![paid(40), paid(2)], None, phone, vec![]),
        ("never bought", 400, vec![], None, phone, vec![]),
        ("only a device is known", 400, vec![], None, &["device"], vec![(Contact, None)]),
        ("placed yesterday", 400, vec![paid(40), placed(1)], None, phone, vec![(Unpaid, Some(1))]),
        ("placed, and bought something else since", 400, vec![placed(2), paid(1)], None, phone, vec![]),
        ("placed long ago", 400, vec![paid(40), placed(3)], None, phone, vec![]),
        ("got money back", 400, vec![paid(40), refund(13)], None, phone, vec![(Refunded, Some(13))]),
        ("got it back long ago", 400, vec![paid(40), refund(14)], None, phone, vec![]),
        ("bought once, lately", 20, vec![paid(5)], None, phone, vec![(SecondOrder, Some(5))]),
        (
            "every ten days, and thirteen ago",
            400,
            vec![paid(33), paid(23), paid(13)],
            None,
            phone,
            vec![(Due, Some(13))],
        ),
        ("every ten days, and twelve ago", 400, vec![paid(32), paid(22), paid(12)], None, phone, vec![]),
        ("two orders are no rhythm", 400, vec![paid(59), paid(58)], None, phone, vec![]),
        ("gone", 400, vec![paid(100)], None, phone, vec![(WinBack, Some(100))]),
        // The thousandth day after 1 January 1970 is 27 September 1972.
        ("today", 400, vec![], Some("1990-09-27"), phone, vec![(Birthday, Some(0))]),
        ("in a week", 400, vec![], Some("10-04"), phone, vec![(Birthday, Some(7))]),
        ("in eight days", 400, vec![], Some("10-05"), phone, vec![]),
        ("yesterday", 400, vec![], Some("1990-09-26"), phone, vec![]),
        ("masked", 400, vec![], Some("1990-**-**"), phone, vec![]),
        ("no day at all", 400, vec![], Some("spring"), phone, vec![]),
        (
            "at most three",
            400,
            vec![paid(100), placed(0), refund(1)],
            Some("09-28"),
            &[],
            vec![(Unpaid, Some(0)), (Refunded, Some(1)), (Birthday, Some(1))],
        ),
    ];
    for (name, first, events, birthday, namespaces, expected) in cases {
        let events = events.iter().map(|(name, days, props)| event(name, *days, props));
        let orders = orders::put_together(events.collect());
        let value = orders::value(&orders, NOW);
        let lifecycle = orders::lifecycle(Some(NOW - first * DAY), Some(NOW), &value, NOW);
        let today = jiff::civil::date(1972, 9, 27);
        let facts = Facts {
            orders: &orders,
            value: &value,
            lifecycle: lifecycle.as_ref(),
            birthday,
            namespaces,
            today,
            now: NOW,
        };
        let found = advise(&facts);
        assert_eq!(found.iter().map(|one| (one.kind, one.days)).collect::<Vec<_>>(), expected, "{name}");
        for one in found {
            let about_order = matches!(one.kind, Unpaid | Refunded);
            assert_eq!(
                (one.order_id.is_some(), one.every.is_some()),
                (about_order, one.kind == Due),
                "{name}"
            );
        }
    }
}

/// Whoever was born on 29 February has a birthday every year.
#[test]
fn a_leap_day_is_a_day_of_every_year() {
    let value = orders::value(&[], NOW);
    for (today, birthday, days) in [
        (jiff::civil::date(2026, 2, 27), "2000-02-29", Some(1)),
        (jiff::civil::date(2028, 2, 27), "2000-02-29", Some(2)),
        (jiff::civil::date(2026, 12, 30), "01-02", Some(3)),
    ] {
        let facts = Facts {
            orders: &[],
            value: &value,
            lifecycle: None,
            birthday: Some(birthday),
            namespaces: &["phone"],
            today,
            now: NOW,
        };
        assert_eq!(advise(&facts).first().and_then(|one| one.days), days, "{today} {birthday}");
    }
}
