//! Who is who, over HTTP: merged, split and undone by hand, with the events and
//! values each side had; rules tried and put in force; all of it over a restart.

use serde_json::{Value, json};

use crate::shop::Shop;

/// Two people who have nothing in common: `ann` and the one behind `bob@x.cn`.
async fn two_people() -> Shop {
    let shop = Shop::start().await;
    shop.collect(json!([
        {"type": "track", "id": "1", "event": "viewed", "login": "ann", "identifiers": {"phone": "13800138000"}},
        {"type": "profile_set", "id": "2", "login": "ann", "properties": {"city": "上海", "level": "gold"}},
        {"type": "track", "id": "3", "event": "viewed", "identifiers": {"email": "bob@x.cn"}},
        {"type": "track", "id": "4", "event": "paid", "identifiers": {"email": "bob@x.cn"}},
        {"type": "profile_set", "id": "5", "identifiers": {"email": "bob@x.cn"}, "properties": {"city": "北京"}},
    ]))
    .await;
    shop
}

impl Shop {
    /// What is known of one person, and nothing of how it came about.
    async fn known(&self, query: &str) -> Value {
        let person = self.find(query).await;
        let said = self.get(&format!("/api/v1/people/{person}")).await;
        let events = self.get(&format!("/api/v1/people/{person}/events")).await;
        let events: Vec<&Value> = events["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|event| &event["event"])
            .filter(|event| !event.as_str().expect("a name").starts_with("person_"))
            .collect();
        json!({"identifiers": said["identifiers"], "attributes": said["attributes"], "events": events})
    }

    async fn decide(&self, path: &str, body: Value) -> Value {
        self.owner.post(&self.app, path, body).await.ok()
    }
}

#[tokio::test]
async fn a_merge_by_hand_is_seen_at_once_and_undone_exactly() {
    let shop = two_people().await;
    let before = (shop.known("ann").await, shop.known("bob@x.cn").await);
    let (ann, bob) = (shop.find("ann").await, shop.find("bob@x.cn").await);

    let preview = shop.decide(&format!("/api/v1/people/{ann}/merge/preview"), json!({ "with": bob })).await;
    assert_eq!((preview["already_one"].clone(), preview["contradicting"].clone()), (json!(false), json!([])));
    let path = format!("/api/v1/people/{ann}/merge");
    let nameless = shop.owner.post(&shop.app, &path, json!({"with": bob, "reason": " "})).await;
    assert_eq!((nameless.status, nameless.code()), (422, "invalid_input"));
    let merged = shop.decide(&path, json!({"with": bob, "reason": "同一位顾客"})).await;
    assert_eq!(merged["people"], json!([ann.min(bob)]));
    let again = shop.owner.post(&shop.app, &path, json!({"with": bob, "reason": "again"})).await;
    assert_eq!((again.status, again.code()), (409, "already_one_person"));

    let both = shop.known("ann").await;
    assert_eq!(both["identifiers"].as_array().expect("a list").len(), 3);
    assert_eq!(both["events"].as_array().expect("a list").len(), 3);
    assert_eq!(both["attributes"]["city"], "北京", "the later value");
    let history = shop.get(&format!("/api/v1/people/{ann}/identity")).await;
    assert_eq!(history["history"][0]["kind"], "merged");
    assert_eq!(history["history"][0]["decision"]["reason"], "同一位顾客");
    let events = shop.get(&format!("/api/v1/people/{ann}/events")).await;
    assert!(events["items"].to_string().contains("person_merged"), "{events}");

    // What comes in while they are one goes to the side it was said of.
    shop.collect(
        json!([{"type": "track", "id": "6", "event": "returned", "identifiers": {"email": "bob@x.cn"}}]),
    )
    .await;
    let undo = format!("/api/v1/identity/decisions/{}/undo", merged["id"]);
    let undone = shop.decide(&undo, json!({"reason": "其实是两人"})).await;
    assert_eq!(
        (undone["people"].clone(), undone["still_together"].clone()),
        (json!([ann.min(bob), ann.max(bob)]), json!(false))
    );
    assert_eq!(shop.known("ann").await, before.0);
    let mut bobs = before.1;
    bobs["events"].as_array_mut().expect("a list").insert(0, json!("returned"));
    assert_eq!(shop.known("bob@x.cn").await, bobs);
    let twice = shop.owner.post(&shop.app, &undo, json!({"reason": "x"})).await;
    assert_eq!((twice.status, twice.code()), (409, "not_undoable"));
}

#[tokio::test]
async fn a_split_holds_against_the_site_and_over_a_restart() {
    let shop = two_people().await;
    let bind = |id: &str| json!([{"type": "identify", "id": id, "login": "ann", "identifiers": {"email": "bob@x.cn"}}]);
    let before = (shop.known("ann").await, shop.known("bob@x.cn").await);
    shop.collect(bind("7")).await;
    let one = shop.find("ann").await;
    let identity = shop.get(&format!("/api/v1/people/{one}/identity")).await;
    let email =
        identity["identifiers"].as_array().expect("a list").iter().find(|id| id["namespace"] == "email");
    let node = email.expect("the address")["node"].clone();
    let all: Vec<_> =
        identity["identifiers"].as_array().expect("a list").iter().map(|id| &id["node"]).collect();
    let split = format!("/api/v1/people/{one}/split");
    let everything = shop.owner.post(&shop.app, &split, json!({"nodes": all, "reason": "x"})).await;
    assert_eq!((everything.status, everything.code()), (409, "nothing_would_stay"));
    shop.decide(&split, json!({"nodes": [node], "reason": "两个人"})).await;
    assert_eq!((shop.known("ann").await, shop.known("bob@x.cn").await), before);

    let shop = Shop { app: shop.app.crash().await, ..shop };
    shop.collect(bind("8")).await;
    assert_eq!((shop.known("ann").await, shop.known("bob@x.cn").await), before, "the site says it again");
    let conflicts = shop.get("/api/v1/identity/conflicts").await;
    assert_eq!(conflicts["items"][0]["kind"], "taken_apart");
    let audit = shop.get("/api/v1/audit").await;
    assert!(audit["items"].to_string().contains("identity.decide"), "{audit}");
}

#[tokio::test]
async fn rules_are_tried_before_they_are_put_in_force() {
    let shop = two_people().await;
    shop.collect(
        json!([{"type": "identify", "id": "9", "login": "ann", "identifiers": {"email": "ann@x.cn"}}]),
    )
    .await;
    let mut rules = shop.get("/api/v1/identity/rules").await;
    let cases = shop.get("/api/v1/identity/cases").await;
    assert!(cases["items"].as_array().expect("cases").iter().all(|case| case["holds"] == true), "{cases}");
    let namespaces = rules["namespaces"].as_array_mut().expect("a list");
    namespaces.iter_mut().find(|n| n["name"] == "email").expect("declared")["enabled"] = json!(false);
    namespaces.push(json!({"name": "card", "class": "strong", "normaliser": "text", "per_person": 1}));
    let tried = shop.decide("/api/v1/identity/rules/rehearse", rules.clone()).await;
    assert_eq!((tried["people_before"].clone(), tried["affected"].clone()), (json!(2), json!(1)));
    let bad = shop
        .owner
        .put(
            &shop.app,
            "/api/v1/identity/rules",
            json!({"rules": {"namespaces": [], "identifiers_max": 200}, "reason": "x"}),
        )
        .await;
    assert_eq!((bad.status, bad.code()), (422, "invalid_input"));
    shop.owner
        .put(&shop.app, "/api/v1/identity/rules", json!({"rules": rules, "reason": "会员卡"}))
        .await
        .ok();
    shop.collect(json!([{"type": "track", "id": "10", "event": "viewed", "identifiers": {"card": "C-1", "email": "carl@x.cn"}}])).await;
    let carl = shop.known("%230").await;
    assert_eq!(carl["identifiers"].as_array().map(Vec::len), Some(3), "what was known stays known: {carl}");
    let stats = shop.get("/api/v1/identity").await;
    assert_eq!(stats["quarantined"], json!({"email": 1}));
}
