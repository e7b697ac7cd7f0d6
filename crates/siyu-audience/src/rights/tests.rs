//! What stays out of copies, conditions in words, finding, corrections.

use serde_json::{Value as Json, json};
use siyu_testkit::databases;
use siyu_types::Role::{Analyst, Operator, Owner};
use siyu_types::condition::Condition;
use siyu_types::{Props, Value};

use super::reasons;
use super::rules::{KEY, SOMEBODY_ELSE, may_be_contact, names_others, own_json, own_props, without_keys};
use crate::projects::Definitions;
use crate::relations::Relations;
use crate::testing::{Setup, ids_of};

#[test]
fn names_that_tell_of_others_are_known() {
    let others = [
        "inviter_id",
        "$inviterPhone",
        "invited_by",
        "invitee",
        "referrer_id",
        "referrer_phone",
        "referred_by",
        "推荐人手机",
        "被邀请人",
    ];
    let own =
        ["referrer", "referrer_url", "$referrer_host", "phone", "city", "invite_code_type", "share_count"];
    assert!(others.iter().all(|name| names_others(name)), "{others:?}");
    assert!(!own.iter().any(|name| names_others(name)), "{own:?}");
}

#[test]
fn what_concerns_others_and_keys_stay_out() {
    for (text, contact) in [
        ("13800138000", true),
        ("+86 138-0013-8000", true),
        ("a@b.cn", true),
        ("2026-11-21 10:00", false),
        ("42", false),
        ("@烘焙", false),
    ] {
        assert_eq!(may_be_contact(text), contact, "{text}");
    }
    let secret = "a".repeat(24);
    let link = format!("https://siyu.test/preferences/{}?lang=zh", "b".repeat(50));
    for (text, clean) in [
        (format!("key sk_{secret}."), format!("key {KEY}.")),
        (format!("wk_{secret}"), KEY.to_owned()),
        (link, format!("https://siyu.test/preferences/{KEY}?lang=zh")),
        ("task_list".to_owned(), "task_list".to_owned()),
        ("https://shop.example/u/alice".to_owned(), "https://shop.example/u/alice".to_owned()),
    ] {
        assert_eq!(without_keys(&text), clean);
    }
    let text = |text: &str| Value::Text(text.to_owned());
    let props: Props = [
        ("inviter".to_owned(), text("bob")),
        ("invitee".to_owned(), text("alice")),
        ("contact".to_owned(), text("b@x.cn")),
        ("mine".to_owned(), text("a@x.cn")),
        ("phones".to_owned(), Value::List(vec!["13900139000".to_owned(), "茶".to_owned()])),
        ("inviter_no".to_owned(), Value::Number(7.0)),
        ("amount".to_owned(), Value::Number(13_900_139_000.0)),
    ]
    .into();
    let others = |text: &str| ["b@x.cn", "13900139000"].contains(&text);
    let own = |text: &str| text == "alice" || text == "a@x.cn";
    let shown = own_props(props, &others, &own);
    assert_eq!(shown["inviter"], text(SOMEBODY_ELSE));
    assert_eq!(shown["invitee"], text("alice"), "that is the person");
    assert_eq!(shown["contact"], text(SOMEBODY_ELSE));
    assert_eq!(shown["mine"], text("a@x.cn"));
    assert_eq!(shown["phones"], Value::List(vec![SOMEBODY_ELSE.to_owned(), "茶".to_owned()]));
    assert_eq!(shown["inviter_no"], text(SOMEBODY_ELSE));
    assert_eq!(shown["amount"], text(SOMEBODY_ELSE), "a phone number sent as a number");
    let nested = own_json(json!({ "cells": { "邀请人": "bob", "x": ["b@x.cn", 3] } }), &others, &own);
    assert_eq!(nested, json!({ "cells": { "邀请人": SOMEBODY_ELSE, "x": [SOMEBODY_ELSE, 3] } }));
}

#[test]
fn conditions_read_as_sentences() {
    let condition: Condition = serde_json::from_value(json!({ "kind": "all", "of": [
        { "kind": "attribute", "name": "city", "test": { "op": "is", "values": ["上海", "杭州"] } },
        { "kind": "any", "of": [
            { "kind": "event", "event": "order_paid", "window": { "kind": "last_days", "days": 30 },
              "filters": [{ "property": "category", "test": { "op": "contains", "value": "茶" } }],
              "measure": { "kind": "sum", "property": "amount_minor" }, "compare": "at_least", "value": 100 },
            { "kind": "event", "event": "login", "window": { "kind": "all" }, "measure": { "kind": "count" },
              "compare": "equal", "value": 0 },
        ] },
        { "kind": "not", "of": { "kind": "segment", "segment": 9 } },
        { "kind": "relation", "relation": "inviter", "side": "from", "compare": "at_least", "value": 3 },
        { "kind": "relation", "relation": "family_doctor", "side": "to", "compare": "equal", "value": 1,
          "with": { "kind": "people", "numbers": [4, 7] } },
    ] }))
    .expect("a condition");
    let told = reasons::condition(&condition, &Definitions::default(), &Relations::default());
    assert_eq!(
        told.zh,
        "属性“city”是 上海、杭州，且（最近 30 天内，“order_paid”（category包含 茶）的“amount_minor”合计至少为 100，\
         或有史以来，没有做过“login”），且不满足：属于人群“?”，\
         且“邀请来的人”的人数至少为 3，且“family_doctor”（限选定的 2 人）的人数等于 1"
    );
    assert_eq!(
        told.en,
        "attribute “city” is 上海, 杭州, and (the sum of “amount_minor” of “order_paid” with category contains 茶 \
         in the last 30 days is at least 100, or did not do “login” at any time), and not: a member of the segment “?”, \
         and the number of people related as “invited by them” is at least 3, and the number of people related as \
         “family_doctor” among 2 chosen people is 1"
    );
}

fn matches(found: &Json) -> Vec<(u64, &str, &str)> {
    found["people"]
        .as_array()
        .expect("people")
        .iter()
        .map(|item| {
            (
                item["person"]["person"].as_u64().expect("a number"),
                item["by"].as_str().expect("a text"),
                item["name"].as_str().expect("a text"),
            )
        })
        .collect()
}

#[tokio::test]
async fn people_are_found_by_whatever_they_say() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let alice = setup.person("login:alice phone:13800138000", json!({ "身份证": "31010119900101123X" }));
        let bob = setup.person("openid:wx1:o_bob", json!({ "email": "bob@example.com" }));
        // Alice has another phone now; the first one is a former value.
        setup.person("login:alice phone:13900139000", json!({}));
        let find =
            async |text: &str| setup.call(Operator, "POST", "/rights/find", json!({ "text": text })).await.1;
        for (text, person, by, name) in [
            ("alice", alice, "identifier", "login"),
            (" 139 0013 9000 ", alice, "identifier", "phone"),
            ("13800138000", alice, "former", "phone"),
            ("31010119900101123X", alice, "attribute", "身份证"),
            ("bob@example.com", bob, "attribute", "email"),
        ] {
            assert_eq!(matches(&find(text).await), [(u64::from(person.0), by, name)], "{text}");
        }
        assert_eq!(matches(&find("alic").await), [], "nobody is found by guessing");
        let (status, _) = setup.call(Analyst, "POST", "/rights/find", json!({ "text": "alice" })).await;
        assert_eq!(status, 403);
        let audit: Vec<String> =
            sqlx::query_scalar("SELECT detail FROM audit WHERE action = 'rights.find' ORDER BY seq")
                .fetch_all(db.read())
                .await
                .expect("reads");
        assert_eq!(audit[0], format!("{{\"people\":[{}],\"requests\":0}}", alice.0));
        assert!(!audit.concat().contains("138"), "what was looked for is not kept");
    })
    .await;
}

#[tokio::test]
async fn a_correction_holds_until_it_is_taken_back() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let alice = setup.person("login:alice phone:13800138000", json!({ "city": "苏州", "age": 30 }));
        let path = format!("/people/{}", alice.0);
        let correct = async |name: &str, value: Json| {
            let body = json!({ "reason": "写错了", "attribute": { "name": name, "value": value } });
            setup.call(Owner, "POST", &format!("{path}/corrections"), body).await
        };
        let value =
            async |name: &str| setup.call(Owner, "GET", &path, json!({})).await.1["attributes"][name].clone();
        assert_eq!(correct("city", json!("杭州")).await.0, 201);
        assert_eq!(value("city").await, "杭州");
        // The source says the wrong thing again, and another wrong thing.
        setup.clock.advance(1_000);
        setup.person("login:alice", json!({ "city": "苏州" }));
        setup.person("phone:13800138000", json!({ "city": "无锡" }));
        assert_eq!(value("city").await, "杭州");
        let (_, second) = correct("city", json!("宁波")).await;
        assert_eq!(value("city").await, "宁波", "corrected again");
        let (_, history) =
            setup.call(Owner, "GET", &format!("{path}/attributes/city/history"), json!({})).await;
        let told: Vec<_> = history["items"]
            .as_array()
            .expect("changes")
            .iter()
            .filter(|change| change["holds"] == true)
            .map(|change| (change["kind"].clone(), change["value"].clone(), change["source"].clone()))
            .collect();
        assert_eq!(told, [(json!("correct"), json!("宁波"), json!("correction"))]);
        let undo = async |id: &Json| {
            let path = format!("/rights/corrections/{id}/undo");
            setup.call(Owner, "POST", &path, json!({ "reason": "也不对" })).await
        };
        setup.clock.advance(1_000);
        assert_eq!(undo(&second["id"]).await.0, 200);
        assert_eq!(value("city").await, "杭州", "the one before holds again");
        assert_eq!(undo(&second["id"]).await.1["error"]["code"], "not_undoable");

        assert_eq!(correct("age", Json::Null).await.0, 201);
        assert_eq!(value("age").await, Json::Null, "there is nothing to say");
        assert_eq!(correct("age", json!("thirty")).await.1["error"]["code"], "type_mismatch");
        assert_eq!(correct("colour", json!("red")).await.1["error"]["code"], "unknown_name");
        let (_, made) = setup.call(Operator, "GET", &format!("{path}/corrections"), json!({})).await;
        assert_eq!(made["total"], 3, "{made}");
        assert!(made["items"][1]["undone_at"].is_string() && made["items"][0]["reason"] == "写错了");
        let refused = setup.call(Analyst, "GET", &format!("{path}/corrections"), json!({})).await;
        assert_eq!(refused.0, 403);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_identifier_goes_and_does_not_come_back() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let alice = setup.person("login:alice phone:13800138000", json!({}));
        setup.person("login:carol phone:13700137000", json!({}));
        let node = async |value: &str| {
            let (_, identity) =
                setup.call(Owner, "GET", &format!("/people/{}/identity", alice.0), json!({})).await;
            let held = identity["identifiers"].as_array().expect("identifiers").iter();
            held.clone().find(|held| held["value"] == value).map(|held| held["node"].clone())
        };
        let wrong = node("+8613800138000").await.expect("is theirs");
        let correct = async |wrong: Json, right: Json| {
            let body = json!({ "reason": "号码写错", "identifier": { "wrong": wrong, "right": right } });
            setup.call(Owner, "POST", &format!("/people/{}/corrections", alice.0), body).await
        };
        let phone = |value: &str| json!({ "namespace": "phone", "value": value });
        assert_eq!(correct(Json::Null, phone("13700137000")).await.1["error"]["code"], "conflict", "carol's");
        assert_eq!(correct(Json::Null, phone("137****7000")).await.1["error"]["code"], "invalid_input");
        let (status, made) = correct(wrong, phone("13900139000")).await;
        assert_eq!(status, 201, "{made}");
        assert!(node("+8613900139000").await.is_some() && node("+8613800138000").await.is_none());
        // The shop's till says the old number with the log-in again.
        setup.person("login:alice phone:13800138000", json!({}));
        let person = |id: &str| setup.project.people.read().lookup(&ids_of(id)[0]);
        assert_eq!(person("login:alice"), person("phone:13900139000"));
        assert_ne!(person("login:alice"), person("phone:13800138000"), "a split by hand holds");
        let path = format!("/rights/corrections/{}/undo", made["id"]);
        let undone = setup.call(Owner, "POST", &path, json!({ "reason": "其实没错" })).await;
        assert_eq!(undone.0, 200, "{undone:?}");
        assert_eq!(person("login:alice"), person("phone:13800138000"));
        assert_ne!(person("login:alice"), person("phone:13900139000"));
    })
    .await;
}
