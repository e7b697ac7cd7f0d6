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
        .map(|o| (o.order_id.as_str(), o.at, o.paid, o.paid_minor, o.refunded_minor, o.lines.len()))
        .collect();
    let expected = [
        // Only lines are known: their sum was paid.
        ("b", 7, true, 500, 0, 2),
        // The order says what was paid, less a discount on the lines.
        ("a", 6, true, 850, 300, 2),
        ("", 3, true, 20, 0, 0),
        ("", 2, true, 10, 0, 0),
        ("lost", 1, false, 0, 5, 0),
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
    assert_eq!(setup.call(Viewer, "GET", "/people/0/orders?cursor=x", json!(null)).await.0, 422);
    assert_eq!(setup.call(Viewer, "GET", "/people/9/orders", json!(null)).await.0, 404);
}
