//! Items and orders over HTTP: described by SDK, file and hand, used in conditions and
//! charts, sold, listed; all of it over a crash and a merge.

use serde_json::{Value, json};

use crate::shop::Shop;

impl Shop {
    async fn count(&self, condition: &Value) -> u64 {
        let body = json!({ "condition": condition });
        let answer = self.owner.post(&self.app, "/api/v1/segments/count", body).await.ok();
        answer["count"].as_u64().expect("a number")
    }
}

fn order(login: &str, id: &str, item: &str, store: &str, amount: i64) -> [Value; 2] {
    let event = |name: &str, properties: Value| json!({ "type": "track", "id": format!("{id}-{name}"), "login": login, "event": name, "properties": properties });
    [
        event("order_paid", json!({ "order_id": id, "amount_minor": amount, "store_id": store })),
        event(
            "order_line",
            json!({ "order_id": id, "item_id": item, "amount_minor": amount, "quantity": 1 }),
        ),
    ]
}

fn of_product(name: &str, value: &str) -> Value {
    json!({ "property": "item_id", "item": { "kind": "attribute", "item_type": "product", "name": name },
        "test": { "op": "is", "values": [value] } })
}

fn bought(filter: Value) -> Value {
    json!({ "kind": "event", "event": "order_line", "filters": [filter], "window": { "kind": "all" },
        "measure": { "kind": "count" }, "compare": "at_least", "value": 1 })
}

fn net(filters: Value, compare: &str, value: i64) -> Value {
    json!({ "kind": "order", "filters": filters, "window": { "kind": "all" }, "measure": { "kind": "net" },
        "compare": compare, "value": value })
}

#[tokio::test]
async fn what_is_known_of_items_chooses_people() {
    let shop = Shop::start().await;
    let mut batch = vec![
        json!({ "type": "item_set", "id": "i1", "item_type": "product", "item_id": "p1", "properties": { "name": "可颂", "category": "烘焙" } }),
        json!({ "type": "item_set", "id": "i2", "item_type": "product", "item_id": "p2", "properties": { "name": "红茶", "category": "茶" } }),
        json!({ "type": "item_tag", "id": "i3", "item_type": "store", "item_id": "s1", "tags": ["旗舰店", "新开"] }),
        json!({ "type": "item_untag", "id": "i4", "item_type": "store", "item_id": "s1", "tags": ["新开"] }),
    ];
    batch.extend(order("ann", "o1", "p1", "s1", 1_000));
    batch.extend(order("bob", "o2", "p2", "s2", 800));
    batch.extend(order("eve", "o3", "p1", "s2", 500));
    let answer = shop.collect(json!(batch)).await;
    assert_eq!(answer["rejected"], json!([]));

    let flagship = json!({ "property": "store_id", "item": { "kind": "tags", "item_type": "store" },
        "test": { "op": "is", "values": ["旗舰店"] } });
    assert_eq!(shop.count(&bought(of_product("category", "烘焙"))).await, 2);
    assert_eq!(shop.count(&net(json!([flagship]), "at_least", 1)).await, 1);
    assert_eq!(shop.count(&net(json!([of_product("category", "烘焙"), flagship]), "at_least", 1)).await, 1);
    let gone = json!({ "property": "store_id", "item": { "kind": "tags", "item_type": "store" },
        "test": { "op": "is", "values": ["新开"] } });
    assert_eq!(shop.count(&net(json!([gone]), "at_least", 1)).await, 0);

    // The value now: what changes is counted anew, also over a crash.
    let patch = json!({ "set": { "category": "烘焙" }, "tag": ["新品"] });
    let item = shop.owner.patch(&shop.app, "/api/v1/items/product/p2", patch).await.ok();
    assert_eq!(item["tags"][0]["tag"], "新品");
    assert_eq!(shop.count(&bought(of_product("category", "烘焙"))).await, 3);
    let Shop { app, owner, site } = shop;
    let shop = Shop { app: app.crash().await, owner, site };
    assert_eq!(shop.count(&bought(of_product("category", "烘焙"))).await, 3);

    // A chart by the item's category, and a word that is no attribute.
    let trend = json!({ "kind": "trend", "series": [{ "event": "order_line", "filters": [], "measure": { "kind": "sum", "property": "amount_minor" } }],
        "range": { "kind": "last_days", "days": 7 }, "interval": "day",
        "breakdown": { "kind": "item", "property": "item_id",
            "field": { "kind": "attribute", "item_type": "product", "name": "name" } } });
    let chart = shop.owner.post(&shop.app, "/api/v1/analyses/answer", trend.clone()).await.ok();
    let lines: Vec<_> = chart["result"]["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|l| (l["group"]["value"].clone(), l["total"].clone()))
        .collect();
    assert_eq!(lines, [(json!("可颂"), json!(1_500.0)), (json!("红茶"), json!(800.0))]);
    let mut unknown = trend;
    unknown["breakdown"]["field"]["name"] = json!("colour");
    let refused = shop.owner.post(&shop.app, "/api/v1/analyses/answer", unknown).await;
    assert_eq!(
        (refused.status, refused.code(), &refused.body["error"]["field"]),
        (422, "unknown_name", &json!("breakdown.field"))
    );
}

#[tokio::test]
async fn orders_follow_refunds_repeats_and_merges() {
    let shop = Shop::start().await;
    let mut batch: Vec<Value> = order("ann", "o1", "p1", "s1", 1_000).into();
    batch.extend(order("ann", "o2", "p1", "s1", 600));
    batch.push(json!({ "type": "track", "id": "r1", "login": "ann", "event": "order_refunded",
        "properties": { "order_id": "o1", "amount_minor": 1_000, "refund_id": "R1" } }));
    // Another source tells of the same payment and refund again, with ids of its own.
    batch.push(json!({ "type": "track", "id": "again-1", "login": "ann", "event": "order_paid",
        "properties": { "order_id": "o2", "amount_minor": 600, "store_id": "s1" } }));
    batch.push(json!({ "type": "track", "id": "again-2", "login": "ann", "event": "order_refunded",
        "properties": { "order_id": "o1", "amount_minor": 1_000, "refund_id": "R1" } }));
    for _ in 0..2 {
        shop.collect(json!(batch)).await;
    }
    let totals = shop.get("/api/v1/orders/totals").await;
    let told = |totals: &Value| {
        ["orders", "refunded_orders", "paid_minor", "refunded_minor", "net_minor"]
            .map(|name| totals[name].as_i64().expect("a number"))
    };
    assert_eq!(told(&totals), [1, 1, 1_600, 1_000, 600]);
    assert_eq!(shop.count(&net(json!([]), "equal", 600)).await, 1);

    // A refund that comes under another identifier is money back, and finds its order once they
    // are one person.
    shop.collect(json!([{ "type": "track", "id": "r2", "identifiers": { "phone": "13800138000" }, "event": "order_refunded",
        "properties": { "order_id": "o2", "amount_minor": 100, "refund_id": "R2" } }]))
    .await;
    assert_eq!(told(&shop.get("/api/v1/orders/totals").await), [1, 1, 1_600, 1_100, 500]);
    shop.collect(
        json!([{ "type": "identify", "id": "m", "login": "ann", "identifiers": { "phone": "13800138000" } }]),
    )
    .await;
    assert_eq!(told(&shop.get("/api/v1/orders/totals").await), [1, 1, 1_600, 1_100, 500]);
    let order = shop.get("/api/v1/orders/o2").await;
    assert_eq!(
        (&order["state"], &order["net_minor"], &order["payments"][0]["amount_minor"]),
        (&json!("partly_refunded"), &json!(500), &json!(600))
    );
    let sold = shop.get("/api/v1/items/store/s1/sales").await;
    assert_eq!((&sold["orders"], &sold["net_minor"]), (&json!(1), &json!(500)));
    let person = shop.get("/api/v1/people?query=ann").await["items"][0]["person"].clone();
    let head = shop.get(&format!("/api/v1/people/{person}")).await;
    assert_eq!((&head["value"]["net_minor"], &head["value"]["orders"]), (&json!(500), &json!(1)));
    assert_eq!(shop.count(&net(json!([]), "equal", 500)).await, 1);
}
