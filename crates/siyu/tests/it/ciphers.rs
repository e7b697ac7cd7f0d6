//! What clients encrypt is set aside as it came, and read once its key is registered.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use siyu_types::Role;

use crate::support::{Client, TestApp};

const EVENTS: &str = include_str!("../../../../testdata/ciphers/events.body");
const SINGLE: &str = include_str!("../../../../testdata/ciphers/single.body");
const PRIVATE: &str = include_str!("../../../../testdata/ciphers/private.pem");
const OTHER: &str = include_str!("../../../../testdata/ciphers/other.pem");

async fn send(app: &TestApp, key: &str, body: &'static str) {
    let request = Request::post(format!("/sa?project=default&token={key}")).body(Body::from(body));
    assert_eq!(app.send(request.expect("a request")).await.status, 200);
    app.drain().await;
}

/// Prices of the events of the one person, sorted.
async fn prices(app: &TestApp, owner: &Client) -> Vec<f64> {
    let page = owner.get(app, "/api/v1/people/0/events").await;
    let items = page.body["items"].as_array().cloned().unwrap_or_default();
    let mut prices: Vec<f64> = items.iter().filter_map(|item| item["props"]["price"].as_f64()).collect();
    prices.sort_by(f64::total_cmp);
    prices
}

async fn replay(app: &TestApp, owner: &Client) -> serde_json::Value {
    let body = json!({"filter": {"reason": "no_key"}, "fixes": []});
    let started = owner.post(app, "/api/v1/plan/quarantine/replay", body).await.ok();
    app.run_jobs().await;
    owner.get(app, &format!("/api/v1/jobs/{}", started["job_id"])).await.ok()["result"].clone()
}

#[tokio::test]
async fn what_was_encrypted_is_read_once_its_key_is_registered() {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    let key = app.write_key("app").await;
    let keys = owner.get(&app, "/api/v1/keys").await.ok();
    let id = keys["items"][0]["id"].clone();
    send(&app, &key, EVENTS).await;
    let aside = owner.get(&app, "/api/v1/plan/quarantine?reason=no_key").await.ok();
    assert_eq!(
        (aside["items"].as_array().map(Vec::len), &aside["items"][0]["replayable"]),
        (Some(1), &json!(true))
    );

    // The key of somebody else opens nothing, and nothing is lost by trying.
    let register = |text: &str| json!({"key": id, "private_key": text});
    owner.post(&app, "/api/v1/ciphers", register(OTHER)).await.ok();
    let refused = owner.post(&app, "/api/v1/ciphers", register("a public key")).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let result = replay(&app, &owner).await;
    assert_eq!((&result["replayed"], &result["refused"]), (&json!(0), &json!(1)));

    let made = owner.post(&app, "/api/v1/ciphers", register(PRIVATE)).await.ok();
    assert_eq!((&made["bits"], made["private_key"].is_null()), (&json!(2048), true));
    assert_eq!(replay(&app, &owner).await["replayed"], 1);
    assert_eq!(prices(&app, &owner).await, [1.0, 2.0, 12.5]);
    // Sent again by the phone it is known; from now on bodies are opened as they come.
    send(&app, &key, EVENTS).await;
    send(&app, &key, SINGLE).await;
    assert_eq!(prices(&app, &owner).await, [1.0, 2.0, 4.0, 12.5]);

    // Without the key, a replay of the log knows all of it still.
    owner.delete(&app, &format!("/api/v1/ciphers/{}", made["id"])).await.ok();
    let app = app.crash().await;
    app.drain().await;
    let owner = app.user(Role::Owner).await;
    assert_eq!(prices(&app, &owner).await, [1.0, 2.0, 4.0, 12.5]);
    let listed = owner.get(&app, "/api/v1/ciphers").await.ok();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    assert!(!listed.to_string().contains("PRIVATE") && !listed.to_string().contains("sealed"));
}
