//! Where others went wrong (reference/03 §5), as far as it takes the whole app to show that nothing
//! of the kind happens here.

use serde_json::{Value, json};

use crate::shop::Shop;

fn visit(id: &str, who: &str, name: &str) -> Value {
    json!({ "type": "track", "id": id, "event": "visit", who: name, "time": "2026-11-20T09:00:00Z" })
}

/// Two who visited, one who is only known, and one who is to be erased.
async fn start() -> Shop {
    let shop = Shop::start().await;
    shop.collect(json!([
        visit("1", "login", "ann"),
        visit("2", "device", "kitchen-tablet"),
        visit("3", "login", "zoe"),
        { "type": "identify", "id": "4", "login": "idle", "properties": { "city": "上海" } },
    ]))
    .await;
    shop
}

impl Shop {
    async fn said(&self, path: &str, body: Value) -> Value {
        self.owner.post(&self.app, path, body).await.ok()
    }

    async fn one_number(&self, sql: &str) -> Value {
        self.said("/api/v1/sql/run", json!({ "sql": sql })).await["rows"][0][0].clone()
    }

    async fn merge_ann(&self) {
        let (ann, tablet) = (self.find("ann").await, self.find("kitchen-tablet").await);
        let body = json!({ "with": tablet, "reason": "同一位顾客" });
        self.said(&format!("/api/v1/people/{ann}/merge"), body).await;
        self.app.drain().await;
    }
}

fn visitors() -> Value {
    json!({ "kind": "trend", "series": [{ "event": "visit", "measure": { "kind": "people" } }],
        "range": { "kind": "between", "from": "2026-11-20", "to": "2026-11-20" }, "interval": "day" })
}

#[tokio::test]
async fn pitfall_20_people_who_were_merged_count_once_and_numbers_are_not_given_again() {
    let shop = start().await;
    let (ann, tablet, zoe) =
        (shop.find("ann").await, shop.find("kitchen-tablet").await, shop.find("zoe").await);
    let new = json!({ "name": "早先圈选", "people": [ann, tablet, zoe] });
    let kept = shop.said("/api/v1/segments/from_people", new).await;
    assert_eq!(kept["count"], 3);
    shop.merge_ann().await;
    let members = "select count(*) from segments where segment = '早先圈选'";
    let told = async || {
        let list = shop.get(&format!("/api/v1/segments/{}/people", kept["id"])).await;
        let condition = json!({ "condition": { "kind": "segment", "segment": kept["id"] } });
        let counted = shop.said("/api/v1/segments/count", condition).await["count"].clone();
        [json!(list["items"].as_array().map(Vec::len)), counted, shop.one_number(members).await]
    };
    assert_eq!(told().await, [2, 2, 2]);

    let reason = json!({ "reason": "本人要求" });
    shop.said(&format!("/api/v1/people/{zoe}/erasure"), reason).await;
    shop.app.run_jobs().await;
    shop.app.drain().await;
    assert_eq!(told().await, [1, 1, 1]);
    shop.collect(json!([visit("9", "login", "newcomer")])).await;
    let newcomer = shop.find("newcomer").await;
    assert!(![ann, tablet, zoe].contains(&newcomer), "{newcomer} was somebody else's");
    assert_eq!(told().await, [1, 1, 1], "who comes later is not in what was kept before");
}

#[tokio::test]
async fn pitfall_21_did_not_is_asked_of_everybody_who_is_known() {
    let shop = start().await;
    let did_not = json!({ "condition": { "kind": "event", "event": "visit", "window": { "kind": "all" },
        "measure": { "kind": "count" }, "compare": "equal", "value": 0 } });
    let by_hand = "select count(*) from people p
        where not exists (select 1 from events e where e.person_no = p.person_no and e.event = 'visit')";
    for everybody in [4, 3] {
        let counted = shop.said("/api/v1/segments/count", did_not.clone()).await;
        assert_eq!((&counted["count"], &counted["total"]), (&json!(1), &json!(everybody)), "{counted}");
        assert_eq!(shop.one_number(by_hand).await, 1);
        if everybody == 4 {
            shop.merge_ann().await;
        }
    }
}

#[tokio::test]
async fn pitfall_23_who_is_recognised_later_changes_the_past_which_can_be_kept() {
    let shop = start().await;
    let before = shop.said("/api/v1/analyses/answer", visitors()).await;
    assert_eq!(before["result"]["lines"][0]["total"], 3.0);
    let as_of = before["result"]["as_of"].as_i64().expect("an answer says what it is true for");
    shop.app.clock.advance(60_000);
    shop.merge_ann().await;
    let now = shop.said("/api/v1/analyses/answer", visitors()).await;
    assert_eq!(now["result"]["lines"][0]["total"], 2.0, "yesterday's number is that of who is known now");
    assert_eq!(now["result"]["as_of"], as_of + 60_000);

    let then = "2026-11-21T08:00:00Z";
    let asked = format!("/api/v1/analyses/answer?identity_as_of={then}");
    assert_eq!(shop.said(&asked, visitors()).await["result"]["lines"], before["result"]["lines"]);
    let saved = json!({ "name": "月报", "query": visitors(), "identity_as_of": then });
    assert_eq!(shop.said("/api/v1/analyses", saved).await["identity_as_of"], "2026-11-21T08:00:00.000Z");
    let table = json!({ "query": visitors(), "identity_as_of": then, "language": "en" });
    assert_eq!(shop.said("/api/v1/analyses/table", table).await["rows"][0][1], 3.0);
    let mut cell = visitors();
    cell.as_object_mut().expect("an object").remove("kind");
    let cell =
        json!({ "kind": "trend", "query": cell, "cell": { "series": 0, "group": { "kind": "whole" } } });
    for (path, count) in
        [("/api/v1/analyses/people", 2), (&format!("/api/v1/analyses/people?identity_as_of={then}"), 3)]
    {
        assert_eq!(shop.said(path, cell.clone()).await["count"], count, "{path}");
    }
}
