//! Tags: kinds, computation, changes.

use serde_json::{Value as Json, json};
use siyu_testkit::databases;
use siyu_types::Role::{Analyst, Owner, Viewer};

use super::kinds::{CLASSES, Definition, KINDS, scores};
use crate::testing::Setup;

fn fill(setup: &Setup) {
    let people = [("a", 17, "杭州"), ("b", 18, "杭州"), ("c", 30, "苏州"), ("d", 44, "苏州")];
    for (login, age, city) in people {
        setup.person(&format!("login:{login}"), json!({ "age": age, "city": city }));
    }
    setup.person("login:e", json!({ "age": "不详" }));
    // (who, days ago, amount): a often and much, b once long ago, c once lately.
    for (login, days, amount) in
        [("a", 1, 9_000), ("a", 8, 9_000), ("a", 15, 9_000), ("b", 90, 1_000), ("c", 2, 30_000)]
    {
        let atom = setup.person(&format!("login:{login}"), json!({}));
        setup.event(atom, "order_paid", days, json!({ "amount_minor": amount }));
    }
}

async fn preview(setup: &Setup, definition: Json) -> (u16, Json) {
    setup.call(Viewer, "POST", "/tags/preview", json!({ "definition": definition })).await
}

fn values(answer: &Json) -> Vec<(String, u64)> {
    let list = answer["values"].as_array().expect("a list of values");
    list.iter()
        .map(|v| (v["value"].as_str().expect("text").to_owned(), v["people"].as_u64().expect("count")))
        .collect()
}

#[tokio::test]
async fn every_kind_keeps_the_contract() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    fill(&setup);
    for info in KINDS {
        let example: Json = serde_json::from_str(info.example).expect("the example is JSON");
        let definition: Definition =
            serde_json::from_value(example.clone()).expect("the example is a definition");
        assert_eq!(definition.kind(), info.kind);
        assert_eq!(example["kind"], info.kind);
        let schema = (info.schema)();
        for field in example.as_object().expect("an object").keys().filter(|field| *field != "kind") {
            assert!(!schema["properties"][field].is_null(), "{}: the schema lacks {field}", info.kind);
        }
        let (status, answer) = preview(&setup, example).await;
        assert_eq!(status, 200, "{}: {answer}", info.kind);
        assert!(answer["coverage"].as_u64().expect("count") > 0, "{}", info.kind);
    }
    let (_, kinds) = setup.call(Viewer, "GET", "/tags/kinds", json!(null)).await;
    assert_eq!(kinds["items"].as_array().expect("list").len(), KINDS.len());
}

#[tokio::test]
async fn what_definitions_give() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    fill(&setup);
    let rfm = |method: &str, cuts: Json| {
        json!({ "kind": "rfm", "event": "order_paid", "amount": "amount_minor",
            "window": { "kind": "last_days", "days": 365 }, "method": method, "cuts": cuts })
    };
    let city =
        |name: &str| json!({ "kind": "attribute", "name": "city", "test": { "op": "is", "values": [name] } });
    let everybody = json!({ "kind": "all", "of": [] });
    type Case<'a> = (&'a str, Json, u64, Vec<(&'a str, u64)>);
    let cases: Vec<Case<'_>> = vec![
        ("as it is", json!({ "kind": "attribute", "attribute": "city" }), 4, vec![("杭州", 2), ("苏州", 2)]),
        (
            "in ranges; what is no number has none",
            json!({ "kind": "attribute", "attribute": "age", "buckets": [18, 30] }),
            4,
            vec![("≥30", 2), ("18–30", 1), ("<18", 1)],
        ),
        (
            "the first that holds wins",
            json!({ "kind": "rule", "values": [
                { "value": "本地", "condition": city("杭州") },
                { "value": "全部", "condition": everybody }] }),
            5,
            vec![("全部", 3), ("本地", 2)],
        ),
        (
            "otherwise",
            json!({ "kind": "rule", "values": [{ "value": "本地", "condition": city("杭州") }], "otherwise": "外地" }),
            5,
            vec![("外地", 3), ("本地", 2)],
        ),
        (
            "no orders, no class",
            rfm("cut", json!({ "recency_days": 30, "frequency": 3, "monetary": 20_000 })),
            3,
            vec![("general_retain", 1), ("important_develop", 1), ("important_value", 1)],
        ),
        // Scores of a, b, c: recency 4 1 2, frequency 4 1 1, money 2 1 4; means 2⅓, 2, 2⅓.
        (
            "by share",
            rfm("share", json!(null)),
            3,
            vec![("general_retain", 1), ("general_value", 1), ("important_retain", 1)],
        ),
    ];
    for (name, definition, coverage, expected) in cases {
        let (status, answer) = preview(&setup, definition).await;
        assert_eq!(status, 200, "{name}: {answer}");
        assert_eq!(answer["coverage"], coverage, "{name}");
        let mut got = values(&answer);
        let mut expected: Vec<(String, u64)> = expected.into_iter().map(|(v, n)| (v.to_owned(), n)).collect();
        got.sort();
        expected.sort();
        assert_eq!(got, expected, "{name}");
    }
}

/// Random orders and refunds of twenty people, and beside them the same sums one by one.
#[tokio::test]
async fn refunds_are_taken_off_the_money() {
    const HIGH: i64 = 10_000;
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    let mut random = siyu_testkit::random::SplitMix64::new(7);
    let mut expected = std::collections::BTreeMap::new();
    for number in 0..20 {
        let atom = setup.person(&format!("login:r{number}"), json!({}));
        let (mut paid, mut refunded, mut orders) = (0, 0, 0);
        for _ in 0..random.between(0, 4) {
            let (days, amount) = (random.between(1, 40), random.between(1, 90) * 100);
            setup.event(atom, "order_paid", days, json!({ "amount_minor": amount }));
            (paid, orders) = if days <= 30 { (paid + amount, orders + 1) } else { (paid, orders) };
        }
        for _ in 0..random.between(0, 2) {
            let (days, amount) = (random.between(1, 40), random.between(1, 90) * 100);
            setup.event(atom, "order_refunded", days, json!({ "amount_minor": amount }));
            refunded += if days <= 30 { amount } else { 0 };
        }
        // Money that was never paid cannot be taken off, and a refund makes no buyer.
        let much = (paid - refunded).max(0) >= HIGH;
        if orders > 0 {
            let class = if much { "important_value" } else { "general_value" };
            *expected.entry(class.to_owned()).or_insert(0u64) += 1;
        }
    }
    assert_eq!(expected.len(), 2, "the seed must give both: {expected:?}");
    let rfm = |event: &str| {
        json!({ "kind": "rfm", "event": event, "amount": "amount_minor", "method": "cut",
            "window": { "kind": "last_days", "days": 31 },
            "cuts": { "recency_days": 365, "frequency": 0, "monetary": HIGH } })
    };
    let (_, answer) = preview(&setup, rfm("order_paid")).await;
    let got: std::collections::BTreeMap<String, u64> = values(&answer).into_iter().collect();
    assert_eq!(got, expected);
    // A refund is no standard counterpart of other events.
    let atom = setup.person("login:z", json!({}));
    setup.event(atom, "subscribed", 1, json!({ "amount_minor": HIGH }));
    setup.event(atom, "order_refunded", 1, json!({ "amount_minor": HIGH }));
    let (_, answer) = preview(&setup, rfm("subscribed")).await;
    assert_eq!(values(&answer), [("important_value".to_owned(), 1)]);
}

#[tokio::test]
async fn definitions_that_are_wrong_say_where() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    fill(&setup);
    setup.person("login:a", json!({ "phone": "13800138000" }));
    let rule = |values: Json| json!({ "kind": "rule", "values": values });
    let everybody = json!({ "kind": "all", "of": [] });
    let rfm = |change: Json| {
        let mut definition = json!({ "kind": "rfm", "event": "order_paid", "amount": "amount_minor",
            "window": { "kind": "all" }, "method": "cut" });
        definition.as_object_mut().expect("object").extend(change.as_object().expect("object").clone());
        definition
    };
    let cases = [
        (json!({ "kind": "attribute", "attribute": "planet" }), "unknown_name", "definition.attribute"),
        (json!({ "kind": "attribute", "attribute": "phone" }), "invalid_input", "definition.attribute"),
        (
            json!({ "kind": "attribute", "attribute": "age", "buckets": [3, 2] }),
            "invalid_input",
            "definition.buckets",
        ),
        (rule(json!([])), "invalid_input", "definition.values"),
        (
            rule(json!([{ "value": "x", "condition": everybody }, { "value": "x", "condition": everybody }])),
            "invalid_input",
            "definition.values[1].value",
        ),
        (
            rule(json!([{ "value": "x", "condition": { "kind": "segment", "segment": 5 } }])),
            "unknown_name",
            "definition.values[0].condition.segment",
        ),
        (rfm(json!({})), "invalid_input", "definition.cuts"),
        (rfm(json!({ "amount": "weight" })), "unknown_name", "definition.amount"),
        (rfm(json!({ "event": "flown" })), "unknown_name", "definition.event"),
    ];
    for (definition, code, field) in cases {
        let (_, answer) = preview(&setup, definition.clone()).await;
        assert_eq!(
            (&answer["error"]["code"], &answer["error"]["field"]),
            (&json!(code), &json!(field)),
            "{definition}"
        );
    }
}

#[test]
fn scores_follow_the_share_strictly_below() {
    let cases: [(&[i64], &[u8]); 5] = [
        (&[], &[]),
        (&[7], &[1]),
        (&[1, 1, 1, 1], &[1, 1, 1, 1]),
        (&[1, 2, 3, 4, 5], &[1, 2, 3, 4, 5]),
        // Half have 1: equal values, equal scores, and some scores nobody has.
        (&[1, 1, 1, 1, 1, 2, 2, 2, 3, 9], &[1, 1, 1, 1, 1, 3, 3, 3, 5, 5]),
    ];
    for (values, expected) in cases {
        assert_eq!(scores(values.to_vec()), expected, "{values:?}");
    }
    assert_eq!(CLASSES[0b111], "important_value");
    assert_eq!(CLASSES[0b110], "general_value");
    assert_eq!(CLASSES[0b001], "important_retain");
}

#[tokio::test]
async fn the_life_of_a_tag() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        fill(&setup);
        setup.run_jobs().await;
        let body = json!({ "name": "city", "display": "城市", "directory": "基础",
            "definition": { "kind": "attribute", "attribute": "city" } });
        let (status, tag) = setup.call(Analyst, "POST", "/tags", body.clone()).await;
        assert_eq!((status, &tag["state"]), (201, &json!("queued")), "{tag}");
        assert_eq!(setup.call(Analyst, "POST", "/tags", body).await.0, 409);
        assert_eq!(setup.run_jobs().await, 1);
        let path = format!("/tags/{}", tag["id"]);
        let (_, ready) = setup.call(Viewer, "GET", &path, json!(null)).await;
        assert_eq!((&ready["state"], &ready["coverage"]), (&json!("ready"), &json!(4)));
        assert_eq!(values(&ready), [("杭州".to_owned(), 2), ("苏州".to_owned(), 2)]);

        // Others build on it, so it can neither go nor turn back on itself.
        let in_hangzhou =
            json!({ "kind": "tag", "tag": tag["id"], "test": { "op": "is", "values": ["杭州"] } });
        let body = json!({ "name": "local", "definition":
            { "kind": "rule", "values": [{ "value": "本地", "condition": in_hangzhou }] } });
        let (_, local) = setup.call(Analyst, "POST", "/tags", body).await;
        setup.run_jobs().await;
        let (_, local) = setup.call(Viewer, "GET", &format!("/tags/{}", local["id"]), json!(null)).await;
        assert_eq!((&local["coverage"], &local["display"]), (&json!(2), &json!("local")));
        let (status, answer) = setup.call(Analyst, "DELETE", &path, json!(null)).await;
        assert_eq!((status, &answer["error"]["code"]), (409, &json!("in_use")));
        let circle = json!({ "definition": { "kind": "rule", "values": [{ "value": "x", "condition":
            { "kind": "tag", "tag": local["id"], "test": { "op": "is_present" } } }] } });
        assert_eq!(setup.call(Analyst, "PATCH", &path, circle).await.0, 422);

        // After a restart the values are there again before anybody asks.
        let ids = [tag["id"].as_i64().expect("id"), local["id"].as_i64().expect("id")];
        ids.iter().for_each(|id| setup.project.people.write().drop_tag(*id));
        setup.audience.start(&setup.project).await.expect("starts");
        let person = setup.person("login:a", json!({}));
        let has = |id| setup.project.people.read().tag_value(person, id).map(|value| value.display());
        assert_eq!(ids.map(has), [Some("杭州".to_owned()), Some("本地".to_owned())]);

        // The hourly sweep follows the data.
        setup.person("login:e", json!({ "city": "杭州" }));
        setup.clock.advance(3_600_000);
        setup.run_jobs().await;
        let (_, swept) = setup.call(Viewer, "GET", &path, json!(null)).await;
        assert_eq!(swept["coverage"], 5);

        assert_eq!(setup.call(Viewer, "POST", &format!("{path}/compute"), json!(null)).await.0, 403);
        assert_eq!(setup.call(Owner, "POST", &format!("{path}/compute"), json!(null)).await.0, 202);
        let actions = setup.audit_actions().await;
        let of_tags: Vec<&str> = actions.iter().filter_map(|action| action.strip_prefix("tags.")).collect();
        assert_eq!(of_tags, ["create", "create", "compute"]);
    })
    .await;
}

#[tokio::test]
async fn a_definition_that_broke_keeps_its_values_and_says_why() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    fill(&setup);
    let in_city = json!({ "kind": "attribute", "name": "city", "test": { "op": "is_present" } });
    let body = json!({ "name": "t", "definition": { "kind": "rule", "values": [{ "value": "x", "condition": in_city }] } });
    let (_, tag) = setup.call(Analyst, "POST", "/tags", body).await;
    setup.run_jobs().await;
    // Every record with a city was taken back, and the project started afresh.
    *setup.project.people.write() = crate::People::default();
    setup.person("login:a", json!({ "age": 3 }));
    setup.call(Owner, "POST", &format!("/tags/{}/compute", tag["id"]), json!(null)).await;
    setup.run_jobs().await;
    let (_, broken) = setup.call(Viewer, "GET", &format!("/tags/{}", tag["id"]), json!(null)).await;
    assert_eq!((&broken["state"], &broken["coverage"]), (&json!("failed"), &json!(4)));
    assert!(broken["error"].as_str().expect("a reason").contains("unknown_name"), "{broken}");
}
