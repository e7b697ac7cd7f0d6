//! How people are related, from the client to the page, over merges, crashes and files.

use serde_json::{Value, json};
use siyu_types::Role;

use crate::shop::Shop;

impl Shop {
    /// Kind, end and others of whom a person is related with.
    async fn groups(&self, query: &str) -> Vec<(String, String, Vec<u64>)> {
        let person = self.find(query).await;
        let found = self.get(&format!("/api/v1/people/{person}/relations")).await;
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let group = |group: &Value| {
            let items = group["items"].as_array().expect("items").iter();
            let others = items.map(|item| item["other"]["person"].as_u64().expect("a number"));
            (text(&group["kind"]), text(&group["side"]), others.collect())
        };
        found["groups"].as_array().expect("groups").iter().map(group).collect()
    }
}

fn relation(id: &str, kind: &str, who: &str, other: &str) -> Value {
    json!({"type": "relation", "id": id, "relation": kind, "login": who, "other": {"login": other}})
}

#[tokio::test]
async fn said_by_a_client_it_survives_crashes_merges_and_splits() {
    let shop = Shop::start().await;
    shop.collect(json!([
        relation("1", "inviter", "bob", "ann"),
        {"type": "relation", "id": "2", "relation": "inviter", "identifiers": {"email": "eve@x.cn"}, "other": {"login": "bob"}},
        {"type": "relation", "id": "3", "relation": "inviter", "login": "bob", "other": {"email": "eve@x.cn"}},
        relation("4", "responsible", "bob", "guide_1"),
        {"type": "relation", "id": "5", "relation": "household", "login": "bob", "other": {"email": "eve@x.cn"}},
        relation("1", "inviter", "bob", "ann"),
    ]))
    .await;
    let (ann, bob, eve) = (shop.find("ann").await, shop.find("bob").await, shop.find("eve@x.cn").await);
    let before = shop.groups("bob").await;
    let guide = shop.find("guide_1").await;
    let group = |kind: &str, side: &str, others: &[u64]| (kind.to_owned(), side.to_owned(), others.to_vec());
    assert_eq!(
        before,
        [
            group("inviter", "to", &[ann]),
            group("inviter", "from", &[eve]),
            group("responsible", "to", &[guide]),
            group("household", "to", &[eve]),
        ]
    );
    let conflicts = shop.get("/api/v1/relations/conflicts").await;
    assert_eq!((&conflicts["items"][0]["obstacle"], &conflicts["total"]), (&json!("circle"), &json!(1)));
    // People are named as the caller may see them, and that they were is a look at them.
    let named = |conflicts: &Value| conflicts["items"][0]["from"]["identifiers"][0]["value"].clone();
    let masked = shop.app.user(Role::Viewer).await.get(&shop.app, "/api/v1/relations/conflicts").await.ok();
    assert_eq!((named(&conflicts), named(&masked)), (json!("eve@x.cn"), json!("e**@x.cn")));
    let refused = &conflicts["items"][0]["from"]["person"];
    let looks = shop.get(&format!("/api/v1/people/{refused}/looks?what=listed")).await;
    assert_eq!(looks["items"][0]["detail"], "relation_conflicts", "{looks}");

    // Once from the log alone, once from the snapshot.
    let shop = Shop { app: shop.app.crash().await, ..shop };
    assert_eq!(shop.groups("bob").await, before);
    let shop = Shop { app: shop.app.restart().await, ..shop };
    assert_eq!(shop.groups("bob").await, before);
    assert_eq!(shop.get("/api/v1/relations/conflicts").await["total"], 1);

    let merge = json!({"with": eve, "reason": "同一位"});
    let merged = shop.owner.post(&shop.app, &format!("/api/v1/people/{ann}/merge"), merge).await.ok();
    let one = ann.min(eve);
    assert_eq!(shop.groups("bob").await[0], group("inviter", "to", &[one]));
    let undo = format!("/api/v1/identity/decisions/{}/undo", merged["id"]);
    shop.owner.post(&shop.app, &undo, json!({"reason": "不是"})).await.ok();
    assert_eq!(shop.groups("bob").await, before, "as it was");

    shop.collect(json!([{"type": "relation_end", "id": "9", "relation": "responsible", "login": "bob",
        "other": {"login": "guide_1"}}]))
        .await;
    assert!(!shop.groups("bob").await.iter().any(|(kind, _, _)| kind == "responsible"));
    assert_eq!(shop.get(&format!("/api/v1/people/{bob}/relations")).await["past_total"], 1);
}

#[tokio::test]
async fn what_names_nobody_or_no_kind_is_set_aside_with_its_reason() {
    let shop = Shop::start().await;
    let answer = shop
        .collect(json!([
            {"type": "relation", "id": "1", "login": "bob", "other": {"login": "ann"}},
            {"type": "relation", "id": "2", "relation": "staff", "login": "bob", "other": {}},
            {"type": "relation", "id": "3", "relation": "staff", "login": "bob", "side": "up", "other": {"login": "ann"}},
            {"type": "relation", "id": "4", "relation": "unheard_of", "login": "bob", "other": {"login": "ann"}},
        ]))
        .await;
    let rejected: Vec<(&Value, &Value)> = answer["rejected"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (&one["code"], &one["field"]))
        .collect();
    let expected = [("missing_field", "relation"), ("no_identifier", "other"), ("wrong_type", "side")];
    let expected: Vec<_> = expected.iter().map(|(code, field)| (json!(code), json!(field))).collect();
    assert_eq!(rejected, expected.iter().map(|(code, field)| (code, field)).collect::<Vec<_>>());
    let conflicts = shop.get("/api/v1/relations/conflicts").await;
    assert_eq!(conflicts["items"][0]["obstacle"], "unknown_kind");
}

#[tokio::test]
async fn people_of_then_are_counted_as_they_were_told_apart() {
    let shop = Shop::start().await;
    let track = |id: &str, who: Value| {
        let mut item = json!({"type": "track", "id": id, "event": "viewed"});
        item.as_object_mut().expect("an object").extend(who.as_object().expect("an object").clone());
        item
    };
    shop.collect(json!([
        track("1", json!({"login": "ann"})),
        track("2", json!({"identifiers": {"email": "ann@x.cn"}})),
    ]))
    .await;
    let query = json!({"kind": "trend", "series": [{"event": "viewed", "measure": {"kind": "people"}}],
        "range": {"kind": "last_days", "days": 30}, "interval": "day"});
    let total = async |at: &str| {
        let path = format!("/api/v1/analyses/answer{at}");
        shop.owner.post(&shop.app, &path, query.clone()).await.ok()["result"]["lines"][0]["total"].clone()
    };
    assert_eq!(total("").await, 2.0);
    let before = "2026-11-21T08:00:00Z";
    shop.app.clock.advance(60_000);
    shop.collect(
        json!([{"type": "identify", "id": "3", "login": "ann", "identifiers": {"email": "ann@x.cn"}}]),
    )
    .await;
    assert_eq!(total("").await, 1.0);
    assert_eq!(total(&format!("?identity_as_of={before}")).await, 2.0);
    let count = json!({"condition": {"kind": "all", "of": []}, "identity_as_of": before});
    let counted = shop.owner.post(&shop.app, "/api/v1/segments/count", count).await.ok();
    assert_eq!((&counted["count"], &counted["total"]), (&json!(2), &json!(2)));
}
