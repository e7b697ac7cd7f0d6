//! Orders put together from events, value, stages; and over HTTP.

use serde_json::{Value as Json, json};
use siyu_events::EventRow;
use siyu_testkit::databases;
use siyu_types::PersonNo;
use siyu_types::Role::Viewer;
use siyu_types::value::props_from_json;

use super::model::{Stage, StageBasis};
use super::rules::{lifecycle, orders, value};
use crate::testing::Setup;

const DAY: i64 = 24 * 3_600_000;

fn event(name: &str, time: i64, props: Json) -> EventRow {
    let Json::Object(props) = props else { panic!("an object") };
    EventRow {
        person: PersonNo(0),
        time,
        seq: time as u64,
        name: name.to_owned(),
        props: props_from_json(props),
        ids: Vec::new(),
        source: "shop".to_owned(),
        received_at: time,
    }
}

#[test]
fn events_of_one_number_are_one_order() {
    use siyu_types::OrderState::{Paid, PartlyRefunded, Unknown};
    let events = vec![
        event("order_refunded", 9, json!({ "order_id": "a", "amount_minor": 300 })),
        event(
            "order_line",
            5,
            json!({ "order_id": "a", "item_id": "1", "amount_minor": 400, "quantity": 2 }),
        ),
        event(
            "order_line",
            5,
            json!({ "order_id": "a", "item_id": "2", "amount_minor": 500, "item_name": "茶" }),
        ),
        event("order_paid", 6, json!({ "order_id": "a", "amount_minor": 850 })),
        event("order_line", 7, json!({ "order_id": "b", "item_id": "1", "amount_minor": 400 })),
        event("order_line", 7, json!({ "order_id": "b", "item_id": "2", "amount_minor": 100 })),
        event("order_paid", 2, json!({ "amount_minor": 10 })),
        event("order_paid", 3, json!({ "amount_minor": 20 })),
        event("order_refunded", 1, json!({ "order_id": "lost", "amount_minor": 5 })),
    ];
    let found = orders(events);
    let told: Vec<_> = found
        .iter()
        .map(|o| {
            (
                o.order_id.as_str(),
                o.sum.at,
                o.sum.state,
                o.sum.paid_minor,
                o.sum.refunded_minor,
                o.lines.len(),
            )
        })
        .collect();
    let expected = [
        // Only lines are known: their sum was paid.
        ("b", 7, Paid, 500, 0, 2),
        // The order says what was paid, less a discount on the lines.
        ("a", 6, PartlyRefunded, 850, 300, 2),
        ("", 3, Paid, 20, 0, 0),
        ("", 2, Paid, 10, 0, 0),
        ("lost", 1, Unknown, 0, 5, 0),
    ];
    assert_eq!(told, expected);
    let worth = value(&found, 6 + 3 * DAY);
    assert_eq!(
        (worth.orders, worth.paid_minor, worth.refunded_minor, worth.net_minor),
        (4, 1_380, 305, 1_075)
    );
    assert_eq!((worth.average_minor, worth.days_since), (Some(269), Some(2)));
    let nothing = value(&[], 0);
    assert_eq!((nothing.orders, nothing.average_minor, nothing.last_order), (0, None, None));
}

#[test]
fn refunds_are_taken_from_the_lines_they_name() {
    let line = |id: &str, item: &str, amount: i64| {
        event(
            "order_line",
            5,
            json!({ "order_id": "a", "line_id": id, "item_id": item, "amount_minor": amount }),
        )
    };
    let back = |amount: i64, of: Json| {
        let mut props = json!({ "order_id": "a", "amount_minor": amount });
        props.as_object_mut().expect("an object").extend(of.as_object().expect("an object").clone());
        event("order_refunded", 9, props)
    };
    let events = vec![
        line("1", "p", 300),
        line("2", "p", 300),
        line("3", "q", 200),
        line("3", "q", 250),
        back(400, json!({ "item_id": "p" })),
        back(50, json!({ "line_id": "3" })),
        back(10, json!({})),
    ];
    let found = orders(events);
    let told: Vec<_> =
        found[0].lines.iter().map(|l| (l.line_id.as_str(), l.amount_minor, l.refunded_minor)).collect();
    assert_eq!(told, [("1", Some(300), 300), ("2", Some(300), 100), ("3", Some(250), 50)]);
    assert_eq!((found[0].sum.paid_minor, found[0].sum.refunded_minor), (850, 460));
}

#[test]
fn stages_follow_the_stated_rule() {
    use Stage::{Active, Cooling, Lost, New};
    use StageBasis::{Activity, Order};
    // Days since: first seen, last seen, orders.
    type Case<'a> = (&'a str, i64, i64, &'a [i64], Stage, StageBasis, i64);
    let cases: [Case<'_>; 10] = [
        ("just came", 3, 1, &[], New, Activity, 1),
        ("the last day of being new", 30, 0, &[], New, Activity, 0),
        ("bought once", 10, 1, &[5], New, Order, 5),
        ("bought twice at once", 10, 1, &[5, 2], Active, Order, 2),
        ("bought lately", 400, 1, &[60], Active, Order, 60),
        ("looks but does not buy any more", 400, 1, &[61], Cooling, Order, 61),
        ("the last day of cooling", 400, 1, &[180], Cooling, Order, 180),
        ("long ago", 400, 1, &[181], Lost, Order, 181),
        ("never bought, still looks", 400, 10, &[], Active, Activity, 10),
        ("never bought, gone", 400, 300, &[], Lost, Activity, 300),
    ];
    let now = 1_000 * DAY;
    for (name, first, last, bought, stage, basis, days) in cases {
        let events =
            bought.iter().map(|days| event("order_paid", now - days * DAY, json!({ "amount_minor": 1 })));
        let worth = value(&orders(events.collect()), now);
        let found = lifecycle(Some(now - first * DAY), Some(now - last * DAY), &worth, now).expect("seen");
        assert_eq!((found.stage, found.basis, found.days), (stage, basis, days), "{name}");
    }
    assert_eq!(lifecycle(None, None, &value(&[], now), now), None);
}

#[tokio::test]
async fn orders_of_a_person_with_the_names_of_items() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    let person = setup.person("login:a", json!({}));
    let named = siyu_types::record::ItemChange::Set(
        [("name".to_owned(), siyu_types::Value::Text("拿铁".to_owned()))].into(),
    );
    setup.project.people.write().change_item("product", "p1", &named, 1);
    for n in 1..=3 {
        let id = format!("o{n}");
        setup.event(
            person,
            "order_line",
            10 - n,
            json!({ "order_id": id, "item_id": "p1", "amount_minor": 900, "quantity": 1 }),
        );
        setup.event(person, "order_paid", 10 - n, json!({ "order_id": id, "amount_minor": 900 }));
    }
    setup.event(person, "order_refunded", 1, json!({ "order_id": "o1", "amount_minor": 900 }));
    setup.event(person, "order_refunded", 1, json!({ "order_id": "o2", "amount_minor": 100 }));
    let (status, page) = setup.call(Viewer, "GET", "/people/0/orders?limit=2", json!(null)).await;
    assert_eq!((status, &page["total"], &page["next_cursor"]), (200, &json!(3), &json!("2")));
    let told = |page: &Json| {
        let order =
            |o: &Json| format!("{} {} {}", o["order_id"], o["state"], o["net_minor"]).replace('"', "");
        page["items"].as_array().expect("orders").iter().map(order).collect::<Vec<_>>()
    };
    assert_eq!(told(&page), ["o3 paid 900", "o2 partly_refunded 800"]);
    assert_eq!(page["items"][0]["lines"][0]["name"], "拿铁");
    let (_, rest) = setup.call(Viewer, "GET", "/people/0/orders?limit=2&cursor=2", json!(null)).await;
    assert_eq!((told(&rest), &rest["next_cursor"]), (vec!["o1 refunded 0".to_owned()], &json!(null)));
    let (_, head) = setup.call(Viewer, "GET", "/people/0", json!(null)).await;
    assert_eq!(head["value"]["net_minor"], 1_700);
    assert_eq!(
        (&head["lifecycle"]["stage"], &head["stats"]["first_source"]),
        (&json!("active"), &json!("test"))
    );
    let advised = head["advice"].as_array().expect("a list");
    assert_eq!(
        advised.last().map(|one| &one["kind"]),
        Some(&json!("contact")),
        "only a log-in is known: {head}"
    );
    assert_eq!(setup.call(Viewer, "GET", "/people/0/orders?cursor=x", json!(null)).await.0, 422);
    assert_eq!(setup.call(Viewer, "GET", "/people/9/orders", json!(null)).await.0, 404);
}

/// "Same question, same number": the person's page, the list of orders, its totals and a
/// condition.
#[tokio::test]
async fn pages_and_conditions_say_the_same() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    let mut step = 7u64;
    let mut next = |below: u64| {
        step = step.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (step >> 33) % below
    };
    let people: Vec<PersonNo> = (0..6).map(|n| setup.person(&format!("login:u{n}"), json!({}))).collect();
    for _ in 0..160 {
        let person = people[next(6) as usize];
        let name =
            ["order_placed", "order_paid", "order_paid", "order_line", "order_refunded", "order_cancelled"]
                [next(6) as usize];
        let order = json!({ "order_id": format!("{}-{}", person.0, next(6)), "amount_minor": 100 * next(9),
            "store_id": format!("s{}", next(2)) });
        setup.event(person, name, next(60) as i64, order);
    }
    let mut net = 0;
    for person in &people {
        let no = person.0;
        let (_, head) = setup.call(Viewer, "GET", &format!("/people/{no}"), json!(null)).await;
        let value = &head["value"];
        net += value["net_minor"].as_i64().expect("a number");
        for (measure, field) in [
            ("count", "orders"),
            ("net", "net_minor"),
            ("paid", "paid_minor"),
            ("refunded", "refunded_minor"),
            ("average", "average_minor"),
            ("days_since_last", "days_since"),
        ] {
            let Some(number) = value[field].as_f64() else { continue };
            let condition = json!({ "kind": "order", "filters": [], "window": { "kind": "all" },
                "measure": { "kind": measure }, "compare": "equal", "value": number });
            let condition = serde_json::from_value(condition).expect("a condition");
            let found = crate::evaluate(&setup.project, &condition, setup.audience.now()).expect("answers");
            assert!(found.contains(no), "{measure} of {no} is {number}");
        }
        let (_, own) =
            setup.call(Viewer, "GET", &format!("/people/{no}/orders?limit=200"), json!(null)).await;
        for order in own["items"].as_array().expect("orders") {
            let id = order["order_id"].as_str().expect("text");
            let (status, one) = setup.call(Viewer, "GET", &format!("/orders/{id}"), json!(null)).await;
            assert_eq!((status, &one), (200, order));
        }
    }
    let (_, totals) = setup.call(Viewer, "GET", "/orders/totals", json!(null)).await;
    assert_eq!(totals["net_minor"], json!(net));
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/orders?limit=7{cursor}");
        let (status, page) = setup.call(Viewer, "GET", &path, json!(null)).await;
        assert_eq!(status, 200, "{page}");
        seen.extend(page["items"].as_array().expect("orders").clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let sum: i64 = seen.iter().map(|order| order["net_minor"].as_i64().expect("a number")).sum();
    assert_eq!(sum, net);
    let at = |order: &Json| order["at"].as_str().expect("a time").to_owned();
    assert!(seen.windows(2).all(|two| at(&two[0]) >= at(&two[1])), "newest first");
}

#[tokio::test]
async fn orders_of_all_by_what_is_known_of_them() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    let (a, b) = (setup.person("login:a", json!({ "name": "王小明" })), setup.person("login:b", json!({})));
    let paid = |id: &str, store: &str, channel: &str| json!({ "order_id": id, "amount_minor": 1_000, "store_id": store, "channel": channel, "staff_id": "g1" });
    setup.event(a, "order_paid", 3, paid("o1", "s1", "wx"));
    setup.event(a, "order_line", 3, json!({ "order_id": "o1", "item_id": "p1", "amount_minor": 1_000 }));
    setup.event(b, "order_paid", 2, paid("o2", "s2", "pos"));
    setup.event(b, "order_placed", 1, json!({ "order_id": "o3", "store_id": "s1" }));
    setup.event(b, "order_refunded", 1, json!({ "order_id": "o1", "amount_minor": 5 }));
    let ids = async |query: &str| {
        let (status, page) = setup.call(Viewer, "GET", &format!("/orders?{query}"), json!(null)).await;
        assert_eq!(status, 200, "{page}");
        let ids = page["items"]
            .as_array()
            .expect("orders")
            .iter()
            .map(|o| o["order_id"].as_str().expect("text").to_owned());
        ids.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(ids("").await, "o3 o1 o2 o1");
    assert_eq!(ids("store=s1").await, "o3 o1");
    assert_eq!(ids("channel=pos").await, "o2");
    assert_eq!(ids("item=p1").await, "o1");
    assert_eq!(ids("staff=g1").await, "o2 o1");
    assert_eq!(ids("state=placed").await, "o3");
    assert_eq!(ids("query=3").await, "o3");
    // Today is the 22nd.
    assert_eq!(ids("from=2026-11-20&to=2026-11-20").await, "o2");
    assert_eq!(ids("to=2026-11-19").await, "o1");
    let (_, one) = setup.call(Viewer, "GET", "/orders/o1", json!(null)).await;
    assert_eq!((&one["person"], &one["person_name"]), (&json!(0), &json!("王**")), "the paid one");
    let (_, other) = setup.call(Viewer, "GET", "/orders/o1?person=1", json!(null)).await;
    assert_eq!(other["state"], json!("unknown"));
    assert_eq!(setup.call(Viewer, "GET", "/orders/none", json!(null)).await.0, 404);
    for wrong in ["state=lost", "from=yesterday", "cursor=x"] {
        assert_eq!(
            setup.call(Viewer, "GET", &format!("/orders?{wrong}"), json!(null)).await.0,
            422,
            "{wrong}"
        );
    }
}
