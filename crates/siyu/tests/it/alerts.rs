//! Alerts over the whole app: the job that looks, and what is done with what it finds.

use serde_json::{Value, json};

use crate::shop::Shop;

const NOW: i64 = 1_795_248_000_000;
const HOUR: i64 = 3_600_000;

fn alert(event: &str) -> Value {
    json!({
        "name": "昨天的支付", "measure": "number",
        "cell": {"kind": "trend",
            "query": {"series": [{"event": event, "filters": [], "measure": {"kind": "sum", "property": "amount_minor"}}],
                "range": {"kind": "last_days", "days": 7}, "interval": "day"},
            "cell": {"series": 0, "bucket": "2026-11-20", "group": {"kind": "whole"}}},
        "rule": {"kind": "above", "number": 1_000.0}, "rhythm": {"kind": "daily", "hour": 8},
    })
}

#[tokio::test]
async fn the_job_looks_when_its_time_has_come() {
    let shop = Shop::start().await;
    let paid = |id: &str, amount: u64| {
        json!({"type": "track", "id": id, "login": "u1", "event": "order_paid",
            "properties": {"order_id": id, "amount_minor": amount}})
    };
    shop.collect(json!([paid("o1", 900)])).await;
    let made = shop.owner.post(&shop.app, "/api/v1/alerts", alert("order_paid")).await.ok();
    assert_eq!((&made["found"]["state"], &made["found"]["value"]), (&json!("ok"), &json!(0.0)), "{made}");
    shop.collect(json!([paid("o2", 400)])).await;
    let open = async || shop.get("/api/v1/alerts?open=true").await["items"].as_array().map_or(0, Vec::len);
    shop.app.run_jobs().await;
    assert_eq!(open().await, 0, "the day is not over");

    // It is four o'clock in Shanghai: eight o'clock of the next day is sixteen hours later.
    assert_eq!(made["next_at"], json!("2026-11-22T00:00:00.000Z"));
    let due = NOW + 16 * HOUR;
    shop.app.clock.set(due - HOUR);
    shop.app.run_jobs().await;
    assert_eq!(open().await, 0, "nobody looks before its time");
    shop.app.clock.set(due + 5 * 60_000);
    shop.app.run_jobs().await;
    assert_eq!(open().await, 1);
    let detail = shop.get(&format!("/api/v1/alerts/{}", made["id"])).await;
    assert_eq!(detail["alert"]["found"]["value"], json!(1_300.0), "{detail}");
    let audit = shop.get("/api/v1/audit?limit=50").await.to_string();
    assert!(audit.contains("alerts.create") && audit.contains("alerts.fires"), "{audit}");
    assert!(!audit.contains("alerts.ends"), "{audit}");
}

#[tokio::test]
async fn a_tag_that_an_alert_asks_for_stays() {
    let shop = Shop::start().await;
    shop.collect(json!([
        {"type": "track", "id": "e1", "login": "u1", "event": "page_view", "properties": {}},
    ]))
    .await;
    let condition = json!({"kind": "all", "of": []});
    let segment = json!({"name": "所有人", "condition": condition});
    let segment = shop.owner.post(&shop.app, "/api/v1/segments", segment).await.ok();
    let mut body = alert("page_view");
    body["cell"]["query"]["series"][0]["measure"] = json!({"kind": "count"});
    body["cell"]["query"]["segment"] = segment["id"].clone();
    let made = shop.owner.post(&shop.app, "/api/v1/alerts", body).await.ok();
    let path = format!("/api/v1/segments/{}", segment["id"]);
    let refused = shop.owner.delete(&shop.app, &path).await;
    assert_eq!((refused.status, refused.code()), (409, "in_use"), "{}", refused.body);
    assert!(refused.body.to_string().contains("昨天的支付"), "{}", refused.body);
    shop.owner.delete(&shop.app, &format!("/api/v1/alerts/{}", made["id"])).await;
    assert_eq!(shop.owner.delete(&shop.app, &path).await.status, 204);
}
