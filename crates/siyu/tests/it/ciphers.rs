//! What clients encrypt is set aside as it came, and read once its key is registered.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use siyu_types::Role;

use crate::support::{Client, TestApp};

const EVENTS: &str = include_str!("../../../../testdata/ciphers/events.body");
const SINGLE: &str = include_str!("../../../../testdata/ciphers/single.body");
const PRIVATE: &str = include_str!("../../../../testdata/ciphers/private.b64");
const OTHER: &str = include_str!("../../../../testdata/ciphers/other.b64");

async fn send(app: &TestApp, key: &str, body: impl Into<String>) {
    let request = Request::post(format!("/sa?project=default&token={key}")).body(Body::from(body.into()));
    let answer = app.send(request.expect("a request")).await;
    // Whatever becomes of it: nobody is told whether something opened.
    assert_eq!((answer.status, answer.body), (200, json!("")));
    app.drain().await;
}

/// The id of a write key.
async fn id_of(app: &TestApp, owner: &Client, name: &str) -> Value {
    let keys = owner.get(app, "/api/v1/keys").await.ok();
    let items = keys["items"].as_array().cloned().unwrap_or_default();
    items.into_iter().find(|key| key["name"] == name).expect("made")["id"].clone()
}

/// How many bodies are aside for want of a key.
async fn aside(app: &TestApp, owner: &Client) -> Option<usize> {
    let found = owner.get(app, "/api/v1/plan/quarantine?reason=no_key").await.ok();
    found["items"].as_array().map(Vec::len)
}

/// Prices of the events of the one person, sorted.
async fn prices(app: &TestApp, owner: &Client) -> Vec<f64> {
    let page = owner.get(app, "/api/v1/people/0/events").await;
    let items = page.body["items"].as_array().cloned().unwrap_or_default();
    let mut prices: Vec<f64> = items.iter().filter_map(|item| item["props"]["price"].as_f64()).collect();
    prices.sort_by(f64::total_cmp);
    prices
}

async fn replay(app: &TestApp, owner: &Client) -> Value {
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
    let id = id_of(&app, &owner, "app").await;
    send(&app, &key, EVENTS).await;
    let found = owner.get(&app, "/api/v1/plan/quarantine?reason=no_key").await.ok();
    assert_eq!(
        (found["items"].as_array().map(Vec::len), &found["items"][0]["replayable"]),
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
    // From now on bodies are opened as they come; sent again by the phone they are known.
    send(&app, &key, SINGLE).await;
    send(&app, &key, SINGLE).await;
    assert_eq!(aside(&app, &owner).await, Some(1), "the one that was given back");
    assert_eq!(prices(&app, &owner).await, [1.0, 2.0, 4.0, 12.5]);

    // Without the key, a replay of the log knows all of it still.
    owner.delete(&app, &format!("/api/v1/ciphers/{}", made["id"])).await.ok();
    let app = app.crash().await;
    app.drain().await;
    let owner = app.user(Role::Owner).await;
    assert_eq!(prices(&app, &owner).await, [1.0, 2.0, 4.0, 12.5]);
    let listed = owner.get(&app, "/api/v1/ciphers").await.ok();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    assert!(!listed.to_string().contains("MII") && !listed.to_string().contains("sealed"));
}

#[tokio::test]
async fn a_private_key_is_for_one_source_and_nobody_is_told_what_it_opens() {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    let (phone, _) = (app.write_key("phone").await, app.write_key("web").await);
    let (mine, other) = (id_of(&app, &owner, "phone").await, id_of(&app, &owner, "web").await);
    let register = async |key: &Value, text: &str| {
        owner.post(&app, "/api/v1/ciphers", json!({"key": key, "private_key": text})).await
    };
    let made = register(&other, PRIVATE).await.ok();
    send(&app, &phone, SINGLE).await;
    assert_eq!(aside(&app, &owner).await, Some(1), "that of another source is not used");
    assert_eq!(register(&other, PRIVATE).await.status, 422, "registered already");
    assert_eq!(register(&json!(999), PRIVATE).await.status, 404);
    let secret = made.to_string();
    assert!(!secret.contains("MII") && !secret.contains("sealed"), "{secret}");

    // What does not open, for whatever reason, is set aside as it came.
    register(&mine, PRIVATE).await.ok();
    let (head, tail) = SINGLE.split_at(300);
    let torn = format!("{head}AAAA{}", &tail[4..]);
    let forged = format!(r#"gzip=9&data_list={{"ekey":"{}==","payloads":["AAAA"]}}"#, "A".repeat(342));
    for (count, body) in
        [(2, &*torn), (3, &*forged), (4, "gzip=9&data_list=AAAA"), (5, "gzip=13&data=%7B%7D")]
    {
        send(&app, &phone, body).await;
        assert_eq!(aside(&app, &owner).await, Some(count), "{body}");
    }
    // Keys that no longer exist cannot be removed.
    let path = format!("/api/v1/ciphers/{}", made["id"]);
    assert_eq!(owner.delete(&app, &path).await.status, 204);
    assert_eq!(owner.delete(&app, &path).await.status, 404);
    let trail = owner.get(&app, "/api/v1/audit").await.ok().to_string();
    assert!(trail.contains("ciphers.register") && trail.contains("ciphers.remove"), "{trail}");
}
