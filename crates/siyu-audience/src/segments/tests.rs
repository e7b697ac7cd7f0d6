//! Segments: counts, snapshots, circles, use.

use serde_json::{Value as Json, json};
use siyu_testkit::databases;
use siyu_types::Role::{Analyst, Owner, Viewer};
use siyu_types::record::Evidence;

use super::rules;
use crate::testing::{Setup, ids_of};

fn city(name: &str) -> Json {
    json!({ "kind": "attribute", "name": "city", "test": { "op": "is", "values": [name] } })
}

fn bought(times: f64) -> Json {
    json!({ "kind": "event", "event": "order_paid", "window": { "kind": "last_days", "days": 30 },
        "measure": { "kind": "count" }, "compare": "at_least", "value": times })
}

/// Five people: a and b in Hangzhou, c and d in Suzhou, e nowhere; a and c bought.
fn fill(setup: &Setup) {
    for (login, city) in [("a", "杭州"), ("b", "杭州"), ("c", "苏州"), ("d", "苏州")] {
        setup.person(&format!("login:{login}"), json!({ "city": city }));
    }
    setup.person("login:e", json!({}));
    for (login, days) in [("a", 1), ("a", 2), ("c", 3), ("d", 40)] {
        let atom = setup.person(&format!("login:{login}"), json!({}));
        setup.event(atom, "order_paid", days, json!({ "amount_minor": 1000 }));
    }
}

async fn create(setup: &Setup, name: &str, condition: Json) -> Json {
    let body = json!({ "name": name, "condition": condition });
    let (status, segment) = setup.call(Analyst, "POST", "/segments", body).await;
    assert_eq!(status, 201, "{segment}");
    segment
}

#[tokio::test]
async fn counting_while_editing() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    fill(&setup);
    let cases = [
        (json!({ "kind": "all", "of": [] }), 5),
        (city("杭州"), 2),
        (json!({ "kind": "not", "of": city("杭州") }), 3),
        (bought(1.0), 2),
        (bought(2.0), 1),
        (json!({ "kind": "all", "of": [city("杭州"), bought(1.0)] }), 1),
        (json!({ "kind": "any", "of": [city("杭州"), bought(1.0)] }), 3),
    ];
    for (condition, expected) in cases {
        let body = json!({ "condition": condition });
        let (status, answer) = setup.call(Viewer, "POST", "/segments/count", body).await;
        assert_eq!(
            (status, &answer["count"], &answer["total"]),
            (200, &json!(expected), &json!(5)),
            "{condition}"
        );
        assert!(answer["took_micros"].is_u64());
    }
    let wrong = [
        (json!({ "kind": "attribute", "name": "planet", "test": { "op": "is_present" } }), "condition.name"),
        (json!({ "kind": "not", "of": { "kind": "segment", "segment": 77 } }), "condition.of.segment"),
        (
            json!({ "kind": "all", "of": [{ "kind": "tag", "tag": 9, "test": { "op": "is_present" } }] }),
            "condition.of[0].tag",
        ),
    ];
    for (condition, field) in wrong {
        let body = json!({ "condition": condition });
        let (status, answer) = setup.call(Viewer, "POST", "/segments/count", body).await;
        assert_eq!(status, 422, "{answer}");
        assert_eq!(answer["error"]["code"], "unknown_name");
        assert_eq!(answer["error"]["field"], field);
    }
}

#[tokio::test]
async fn the_life_of_a_segment() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        fill(&setup);
        let hangzhou = create(&setup, "杭州", city("杭州")).await;
        assert_eq!((&hangzhou["count"], &hangzhou["kind"]), (&json!(2), &json!("dynamic")));
        let id = hangzhou["id"].as_i64().expect("id");
        let taken = json!({ "name": "杭州", "condition": city("苏州") });
        let (status, answer) = setup.call(Owner, "POST", "/segments", taken).await;
        assert_eq!((status, &answer["error"]["code"]), (409, &json!("conflict")));

        // A segment of a segment follows it without anybody computing anything.
        let nested = json!({ "kind": "all", "of": [{ "kind": "segment", "segment": id }, bought(1.0)] });
        let buyers = create(&setup, "杭州买家", nested).await;
        assert_eq!(buyers["count"], 1);
        let b = setup.person("login:b", json!({}));
        setup.event(b, "order_paid", 0, json!({ "amount_minor": 5 }));
        setup.clock.advance(rules::STALE_MILLIS);
        let path = format!("/segments/{}", buyers["id"]);
        let (_, again) = setup.call(Viewer, "GET", &path, json!(null)).await;
        assert_eq!(again["count"], 2);
        let sizes: Vec<&Json> =
            again["history"].as_array().expect("list").iter().map(|size| &size["count"]).collect();
        assert_eq!(sizes, [&json!(1), &json!(2)]);

        // It may neither be removed while it is used nor made part of itself.
        let path = format!("/segments/{id}");
        let (status, answer) = setup.call(Analyst, "DELETE", &path, json!(null)).await;
        assert_eq!((status, &answer["error"]["params"]["users"]), (409, &json!("segment:杭州买家")));
        let circle =
            json!({ "condition": { "kind": "not", "of": { "kind": "segment", "segment": buyers["id"] } } });
        let (status, answer) = setup.call(Analyst, "PATCH", &path, circle).await;
        assert_eq!((status, &answer["error"]["field"]), (422, &json!("condition")));
        let (status, changed) =
            setup.call(Analyst, "PATCH", &path, json!({ "name": "苏州", "condition": city("苏州") })).await;
        assert_eq!((status, &changed["count"], &changed["name"]), (200, &json!(2), &json!("苏州")));
        let (status, _) = setup.call(Viewer, "PATCH", &path, json!({ "name": "x" })).await;
        assert_eq!(status, 403);

        let path = format!("/segments/{}", buyers["id"]);
        assert_eq!(setup.call(Analyst, "DELETE", &path, json!(null)).await.0, 204);
        assert_eq!(setup.call(Analyst, "DELETE", &format!("/segments/{id}"), json!(null)).await.0, 204);
        assert_eq!(setup.call(Analyst, "DELETE", &path, json!(null)).await.0, 404);
        let actions = setup.audit_actions().await;
        let of_segments: Vec<&str> =
            actions.iter().filter_map(|action| action.strip_prefix("segments.")).collect();
        assert_eq!(of_segments, ["create", "create", "change", "delete", "delete"]);
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_keeps_its_people_through_merges_and_restarts() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        fill(&setup);
        let body = json!({ "name": "冻结", "kind": "snapshot", "condition": city("苏州") });
        let (_, snapshot) = setup.call(Owner, "POST", "/segments", body).await;
        assert_eq!(snapshot["count"], 2);
        let id = snapshot["id"].as_i64().expect("id");
        let d = setup.person("login:d", json!({ "city": "上海" }));
        let members = || crate::members(&setup.project, id, setup.audience.now()).expect("known");
        assert!(members().contains(d.0), "moving away does not leave a snapshot");

        // d turns out to be somebody known earlier by a device.
        let device = setup.person("device:phone9", json!({}));
        let both = ids_of("login:d device:phone9");
        setup.project.people.write().identify(&both, Evidence::Strong, "test", 1);
        let person_of = |atom| setup.project.people.read().person_of(atom);
        let merged = person_of(d);
        assert_eq!(merged, person_of(device));
        assert!(members().contains(merged.0) && members().len() == 2);
        setup.project.people.write().unlink(&both, "test", 2);
        assert!(members().contains(d.0) && members().len() == 2);

        let (status, _) = setup
            .call(Owner, "PATCH", &format!("/segments/{id}"), json!({ "condition": city("杭州") }))
            .await;
        assert_eq!(status, 409);
        setup.project.people.write().drop_segment(id);
        setup.audience.start(&setup.project).await.expect("starts again");
        assert_eq!(members().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn people_behind_a_number_become_a_segment() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    fill(&setup);
    let (status, chosen) = setup
        .call(Owner, "POST", "/segments/from_people", json!({ "name": "选中", "people": [0, 2, 999] }))
        .await;
    assert_eq!((status, &chosen["count"], &chosen["kind"]), (201, &json!(2), &json!("snapshot")));
    assert_eq!(chosen["condition"], json!({ "kind": "segment", "segment": chosen["id"] }));
    let query = json!({ "series": [{ "event": "order_paid", "measure": { "kind": "people" } }],
        "range": { "kind": "last_days", "days": 30 }, "interval": "day" });
    let cell =
        json!({ "kind": "trend", "query": query, "cell": { "series": 0, "group": { "kind": "whole" } } });
    let (status, behind) =
        setup.call(Owner, "POST", "/segments/from_people", json!({ "name": "图上", "people": cell })).await;
    assert_eq!((status, &behind["count"]), (201, &json!(2)), "{behind}");
    let path = format!("/segments/{}/people?limit=1", behind["id"]);
    let (_, first) = setup.call(Viewer, "GET", &path, json!(null)).await;
    assert_eq!((&first["items"][0]["person"], &first["total"]), (&json!(2), &json!(2)));
    let path = format!("{path}&cursor={}", first["next_cursor"].as_str().expect("more"));
    let (_, second) = setup.call(Viewer, "GET", &path, json!(null)).await;
    assert_eq!((&second["items"][0]["person"], &second["next_cursor"]), (&json!(0), &json!(null)));
}

#[tokio::test]
async fn who_came_and_went_is_known_over_restarts() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let hour = 3_600_000;
        let a = setup.person("login:a", json!({ "city": "杭州" }));
        let new = json!({ "name": "杭州", "condition": city("杭州") });
        let (_, made) = setup.call(Owner, "POST", "/segments", new).await;
        let path = format!("/segments/{}", made["id"]);
        let refresh = async || {
            setup.clock.advance(hour);
            let done = setup.call(Owner, "POST", &format!("{path}/refresh"), json!(null)).await;
            assert_eq!(done.0, 200);
        };
        refresh().await;
        let b = setup.person("login:b", json!({ "city": "杭州" }));
        refresh().await;
        setup.person("login:a", json!({ "city": "苏州" }));
        refresh().await;
        let flow = async || setup.call(Viewer, "GET", &format!("{path}/flow"), json!(null)).await.1;
        let seen = flow().await;
        let steps: Vec<_> = seen["items"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|step| (step["joined"].as_u64(), step["left"].as_u64(), step["people"].as_u64()))
            .collect();
        let step = |joined, left, people| (Some(joined), Some(left), Some(people));
        assert_eq!(steps, [step(0, 1, 1), step(1, 0, 2), step(1, 0, 1)], "{seen}");
        assert_eq!(seen["items"][2]["after"], json!(null), "who is in it now may have been for long");
        let people = |at: &Json, side: &str| {
            let at = at["at"].as_str().expect("a time").to_owned();
            format!("{path}/flow/people?at={at}&side={side}")
        };
        let left = setup.call(Viewer, "GET", &people(&seen["items"][0], "left"), json!(null)).await.1;
        assert_eq!((&left["items"][0]["person"], &left["total"]), (&json!(a.0), &json!(1)), "{left}");
        let of_b = || setup.call(Viewer, "GET", "/people/1", json!(null));
        let since = of_b().await.1["segments"][0].clone();
        assert_eq!((b.0, &since["since"]), (1, &seen["items"][1]["at"]), "{since}");
        assert_eq!(since["not_before"], seen["items"][1]["after"]);

        setup.audience.start(&setup.project).await.expect("starts again");
        assert_eq!(flow().await, seen);
        assert_eq!(of_b().await.1["segments"][0], since);
        let redefined = json!({ "condition": city("苏州") });
        setup.clock.advance(hour);
        assert_eq!(setup.call(Owner, "PATCH", &path, redefined).await.0, 200);
        let seen = flow().await;
        assert_eq!(seen["items"][0]["redefined"], json!(true));
        assert_eq!((&seen["items"][0]["joined"], &seen["items"][0]["left"]), (&json!(1), &json!(1)));
    })
    .await;
}

#[test]
fn history_is_kept_short() {
    let hour = 3_600_000;
    let mut history = Vec::new();
    for (at, count) in [(0, 5), (10, 5), (20, 6), (30, 6), (20 + hour, 6)] {
        rules::remember(&mut history, at, count);
    }
    assert_eq!(history, [(0, 5), (20, 6), (20 + hour, 6)]);
    (0..1_000).for_each(|n| rules::remember(&mut history, hour * n, n as u64));
    assert_eq!(history.len(), rules::HISTORY_MAX);
}
