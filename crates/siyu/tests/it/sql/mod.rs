//! SQL over the whole app: what statements answer agrees with everything else, nothing that
//! is masked can be learned by any of them, none writes or reaches beyond, and each limit is
//! an answer.

mod answers;
mod limits;
mod masking;
mod tags;
mod uses;

use serde_json::{Value, json};
use siyu_types::Role;

use crate::support::{Answer, Client, TestApp};

/// A small shop: two people that were merged, one that was erased, orders with refunds, an
/// event of tomorrow, a segment, a tag, items.
pub(super) struct Shop {
    pub app: TestApp,
    pub owner: Client,
    site: Client,
}

pub(super) const PHONE: &str = "13987654321";
pub(super) const NAME: &str = "欧阳锦瑟";
pub(super) const EMAIL: &str = "jinse.ouyang@example.com";

fn event(id: &str, who: &str, event: &str, time: &str, properties: Value) -> Value {
    let kind = if who.starts_with("d-") { "device" } else { "login" };
    json!({ "type": "track", "id": id, kind: who, "event": event,
        "time": format!("2026-11-{time}:00Z"), "properties": properties })
}

fn records() -> Value {
    let about = json!({ "name": NAME, "city": "杭州", "age": 31, "vip": true, "likes": ["茶", "咖啡"],
        "remark": format!("电话 {PHONE}"), "mobile": PHONE, "tel_no": 13_987_654_321_u64 });
    json!([
        { "type": "identify", "id": "i1", "login": "ann", "time": "2026-11-18T08:00:00Z",
            "identifiers": { "phone": PHONE, "email": EMAIL }, "properties": about },
        { "type": "identify", "id": "i2", "login": "bob", "time": "2026-11-18T08:00:00Z",
            "properties": { "city": "上海", "age": 40, "vip": false, "name": "=1+2" } },
        { "type": "identify", "id": "i3", "device": "d-mei", "time": "2026-11-18T09:00:00Z",
            "properties": { "city": "杭州" } },
        { "type": "identify", "id": "i4", "login": "zoe", "time": "2026-11-18T08:00:00Z",
            "properties": { "city": "北京", "name": "左伊" } },
        event("e1", "ann", "page_view", "19T10:00", json!({ "url": "/a", "seconds": 1.5, "mobile": PHONE })),
        event("e2", "ann", "page_view", "20T10:00", json!({ "url": "/b", "seconds": 2.5, "tags": ["x", "y"] })),
        event("e3", "d-mei", "page_view", "20T16:30", json!({ "url": "/a", "seconds": 4, "first": true })),
        event("e4", "bob", "page_view", "20T11:00", json!({ "url": "/a", "receiver": NAME })),
        event("e5", "zoe", "page_view", "20T11:00", json!({ "url": "/z" })),
        event("e6", "bob", "page_view", "21T20:00", json!({ "url": "/tomorrow" })),
        event("o1", "ann", "order_paid", "20T12:00",
            json!({ "order_id": "A1", "amount_minor": 10_000, "channel": "小程序", "store_id": "s1" })),
        event("o2", "d-mei", "order_paid", "20T13:00", json!({ "order_id": "A2", "amount_minor": 5_000 })),
        event("o3", "bob", "order_paid", "20T14:00", json!({ "order_id": "B1", "amount_minor": 3_000 })),
        event("o4", "bob", "order_refunded", "21T01:00",
            json!({ "order_id": "B1", "amount_minor": 3_000, "refund_id": "r1" })),
        event("o5", "zoe", "order_paid", "20T14:00", json!({ "order_id": "Z1", "amount_minor": 9_999 })),
        event("l1", "ann", "order_line", "20T12:00",
            json!({ "order_id": "A1", "line_id": "1", "item_id": "p1", "quantity": 2, "amount_minor": 4_000 })),
        event("l2", "ann", "order_line", "20T12:01",
            json!({ "order_id": "A1", "line_id": "1", "item_id": "p1", "quantity": 3, "amount_minor": 6_000 })),
        event("l3", "ann", "order_line", "20T12:00",
            json!({ "order_id": "A1", "line_id": "2", "item_id": "p2", "quantity": 1, "amount_minor": 4_000 })),
        { "type": "item_set", "id": "t1", "item_type": "product", "item_id": "p1",
            "properties": { "name": "可颂", "category": "烘焙", "price_minor": 2_000 } },
        { "type": "item_set", "id": "t2", "item_type": "product", "item_id": "p2",
            "properties": { "name": "红茶", "category": "茶" } },
        { "type": "item_set", "id": "t3", "item_type": "staff", "item_id": "g1",
            "properties": { "name": "小王", "mobile": PHONE } },
        { "type": "item_tag", "id": "t4", "item_type": "product", "item_id": "p1", "tags": ["新品"] },
    ])
}

impl Shop {
    pub async fn start() -> Shop {
        Shop::of(TestApp::start().await).await
    }

    pub async fn of(app: TestApp) -> Shop {
        let owner = app.user(Role::Owner).await;
        let site = Client::bearer(&app.write_key("网站").await);
        let shop = Shop { app, owner, site };
        shop.collect(records()).await;
        let (ann, also) = (shop.find("ann").await, shop.find("d-mei").await);
        let merge = json!({ "with": also, "reason": "同一位顾客" });
        shop.owner.post(&shop.app, &format!("/api/v1/people/{ann}/merge"), merge).await.ok();
        let zoe = shop.find("zoe").await;
        let erase = json!({ "reason": "本人要求" });
        shop.owner.post(&shop.app, &format!("/api/v1/people/{zoe}/erasure"), erase).await.ok();
        shop.app.run_jobs().await;
        shop.app.drain().await;
        shop
    }

    pub async fn collect(&self, batch: Value) {
        self.site.post(&self.app, "/api/v1/collect", json!({ "batch": batch })).await.ok();
        self.app.drain().await;
    }

    pub async fn find(&self, who: &str) -> u64 {
        let found = self.owner.get(&self.app, &format!("/api/v1/people?query={who}")).await.ok();
        found["items"][0]["person"].as_u64().expect("somebody")
    }

    pub async fn ask_as(&self, client: &Client, sql: &str) -> Answer {
        client.post(&self.app, "/api/v1/sql/run", json!({ "sql": sql })).await
    }

    /// The rows of an answer to the owner.
    pub async fn rows(&self, sql: &str) -> Value {
        let answer = self.ask_as(&self.owner, sql).await;
        assert_eq!(answer.status, 200, "{sql}: {}", answer.body);
        answer.body["rows"].clone()
    }
}
