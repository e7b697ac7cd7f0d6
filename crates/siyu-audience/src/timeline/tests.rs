//! One order of everything, visits, filters, and what is masked.

use serde_json::{Value as Json, json};
use siyu_govern::consent::{ConsentState, How, MARKETING, Statement};
use siyu_testkit::databases;
use siyu_types::Role::{Operator, Viewer};
use siyu_types::record::Evidence;

use super::model::{Kind, Place};
use super::rules::{Either, SESSION_GAP, merged, sessions};
use crate::testing::{Setup, ids_of};

#[test]
fn visits_end_with_a_long_pause() {
    let minute = 60_000;
    let events = [
        (200 * minute, Kind::Event),
        (150 * minute, Kind::Message),
        (100 * minute + SESSION_GAP + 1, Kind::Event),
        (100 * minute, Kind::Order),
        (90 * minute, Kind::Message),
        (100 * minute - SESSION_GAP, Kind::Event),
    ];
    let first = Some(100 * minute - SESSION_GAP);
    let expected = [Some(200 * minute), None, Some(100 * minute + SESSION_GAP + 1), first, None, first];
    assert_eq!(sessions(&events), expected);
    assert_eq!(sessions(&[]), []);
}

#[test]
fn two_lists_become_one() {
    let place = |time| Place { time, rank: 0, seq: 0 };
    let left = [(place(9), 'a'), (place(5), 'b'), (place(1), 'c')];
    let right = [(place(7), 1), (place(6), 2), (place(0), 3)];
    let all: Vec<String> = merged(left.into_iter(), right.into_iter())
        .map(|entry| match entry {
            Either::Left(_, letter) => letter.to_string(),
            Either::Right(_, number) => number.to_string(),
        })
        .collect();
    assert_eq!(all, ["a", "1", "2", "b", "c", "3"]);
    let parsed = Place { time: -5, rank: 3, seq: 9 };
    assert_eq!(Place::parse(&parsed.text()), Some(parsed));
    assert_eq!(["", "1.2", "1.2.3.4", "a.0.1"].map(Place::parse), [None; 4]);
}

fn told(page: &Json) -> Vec<String> {
    let one = |item: &Json| match item["event"]["name"].as_str() {
        Some(name) => name.to_owned(),
        None => item["kind"].as_str().expect("a kind").to_owned(),
    };
    page["items"].as_array().expect("items").iter().map(one).collect()
}

async fn filled(setup: &Setup) {
    let device = setup.person("device:d-phone-1", json!({}));
    let alice = setup.person("login:alice phone:13800138000", json!({}));
    setup.event(device, "page_view", 9, json!({ "title": "茶具", "phone": "13800138000" }));
    setup.event(alice, "order_paid", 5, json!({ "order_id": "o1", "amount_minor": 990 }));
    setup.event(alice, "message_sent", 2, json!({ "channel": "email" }));
    setup.event(alice, "page_view", 1, json!({ "title": "咖啡" }));
    let both = ids_of("login:alice device:d-phone-1");
    let at = siyu_types::Clock::now(&setup.clock) - 3 * 24 * 3_600_000;
    setup.project.people.write().identify(&both, Evidence::Strong, "app", at);
    let consent = Statement {
        person: alice,
        numbers: vec![alice.0],
        version: Some(1),
        how: How::Checkbox,
        evidence: String::new(),
        identifier: String::new(),
        actor: "system".to_owned(),
        key: None,
        channel: "email".to_owned(),
        purpose: MARKETING.to_owned(),
        state: ConsentState::Granted,
        source: "form".to_owned(),
        at: siyu_types::Clock::now(&setup.clock) - 4 * 24 * 3_600_000,
    };
    setup.audience.inner.govern.record_consent(setup.project.id, &consent).await.expect("records");
    let (status, _) = setup.call(Operator, "POST", "/people/0/notes", json!({ "text": "打过电话" })).await;
    assert_eq!(status, 201);
}

#[tokio::test]
async fn everything_in_one_order() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    filled(&setup).await;
    let get = |query: &'static str| setup.call(Viewer, "GET", query, json!(null));
    let (status, whole) = get("/people/1/timeline").await;
    assert_eq!(status, 200, "{whole}");
    // The link between the log-in and the phone stands where both were first seen.
    let all =
        ["note", "identity", "page_view", "message_sent", "identity", "consent", "order_paid", "page_view"];
    assert_eq!(told(&whole), all);
    assert!(!whole.to_string().contains("13800138000"), "masked for a viewer");
    // Page by page it is the same.
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let (_, page) =
            setup.call(Viewer, "GET", &format!("/people/0/timeline?limit=3{cursor}"), json!(null)).await;
        seen.extend(told(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, all);
    let cases: [(&str, &[&str]); 8] = [
        ("kinds=order,note", &["note", "order_paid"]),
        ("kinds=message", &["message_sent"]),
        ("events=page_view", &["page_view", "page_view"]),
        ("query=%E8%8C%B6", &["page_view"]),
        ("query=%E7%94%B5%E8%AF%9D", &["note"]),
        ("query=13800138000", &[]),
        ("kinds=event&before=2026-11-20T00:00:00Z", &["page_view"]),
        ("kinds=consent&query=form", &["consent"]),
    ];
    for (query, expected) in cases {
        let (status, page) =
            setup.call(Viewer, "GET", &format!("/people/0/timeline?{query}"), json!(null)).await;
        assert_eq!(
            (status, told(&page)),
            (200, expected.iter().map(|n| (*n).to_owned()).collect()),
            "{query}"
        );
    }
    for query in ["kinds=party", "cursor=1", &format!("query={}", "a".repeat(101))] {
        assert_eq!(
            setup.call(Viewer, "GET", &format!("/people/0/timeline?{query}"), json!(null)).await.0,
            422
        );
    }
    assert_eq!(get("/people/77/timeline").await.0, 404);
}

#[tokio::test]
async fn an_outline_counts_what_there_is() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    filled(&setup).await;
    let (status, outline) = setup.call(Viewer, "GET", "/people/0/timeline/outline", json!(null)).await;
    assert_eq!(status, 200, "{outline}");
    let kinds = json!([
        { "kind": "event", "count": 2 },
        { "kind": "order", "count": 1 },
        { "kind": "message", "count": 1 },
        { "kind": "consent", "count": 1 },
        { "kind": "identity", "count": 2 },
        { "kind": "note", "count": 1 },
    ]);
    assert_eq!(outline["kinds"], kinds);
    assert_eq!(outline["events"][0], json!({ "event": "page_view", "kind": "event", "count": 2 }));
    let days = outline["days"].as_array().expect("days");
    assert_eq!((&days[0], days.len()), (&json!({ "date": "2026-11-13", "count": 1 }), 7));
    assert_eq!(days.last().expect("today"), &json!({ "date": "2026-11-22", "count": 2 }));
}
