//! Members, projects and the audit trail over HTTP.

use axum::http::StatusCode;
use serde_json::{Value, json};
use siyu_types::Role;

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn members_are_added_changed_and_removed() {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    let new = json!({ "email": "Wei@Example.com", "name": "魏", "role": "analyst", "password": PASSWORD });
    let made = owner.post(&app, "/api/v1/users", new.clone()).await.ok();
    assert_eq!((&made["email"], &made["role"]), (&json!("wei@example.com"), &json!("analyst")));
    owner.post(&app, "/api/v1/users", new).await.refused(StatusCode::CONFLICT, "conflict");

    let member = app.log_in("wei@example.com", PASSWORD).await.expect("logs in");
    let path = format!("/api/v1/users/{}", made["id"]);
    let patch = json!({ "role": "viewer", "password": "another password" });
    assert_eq!(owner.patch(&app, &path, patch).await.ok()["role"], "viewer");
    assert_eq!(member.get(&app, "/api/v1/session").await.status, 401, "a new password ends old sessions");
    assert_eq!(owner.get(&app, "/api/v1/users").await.ok()["total"], 2);
    assert_eq!(owner.delete(&app, &path).await.status, 204);
    owner.delete(&app, &path).await.refused(StatusCode::NOT_FOUND, "not_found");
    let gone = app.log_in("wei@example.com", "another password").await.expect("the account is still there");
    gone.get(&app, "/api/v1/project").await.refused(StatusCode::UNAUTHORIZED, "unauthenticated");

    let users = owner.get(&app, "/api/v1/users").await.ok();
    let own = format!("/api/v1/users/{}", users["items"][0]["id"]);
    owner.delete(&app, &own).await.refused(StatusCode::CONFLICT, "wrong_state");
}

#[tokio::test]
async fn a_project_s_settings_reach_the_running_project() {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    let open = app.app.parts.projects.get(app.project).expect("opens");
    assert_eq!(open.currency(), "CNY");
    let patch = json!({ "zone": "America/New_York", "currency": "USD" });
    assert_eq!(owner.patch(&app, "/api/v1/project", patch).await.ok()["name"], "咖啡");
    assert_eq!((open.currency().as_str(), open.zone().iana_name()), ("USD", Some("America/New_York")));
    let wrong = owner.patch(&app, "/api/v1/project", json!({ "zone": "Mars/Base" })).await;
    wrong.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid_time_zone");
}

#[tokio::test]
async fn every_change_leaves_a_row_and_no_secret() {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    owner.patch(&app, "/api/v1/project", json!({ "name": "新" })).await.ok();
    let key = owner.post(&app, "/api/v1/keys", json!({ "name": "网站", "kind": "write" })).await.ok();
    owner.delete(&app, &format!("/api/v1/keys/{}", key["id"])).await;
    let new = json!({ "email": "a@b.cc", "name": "n", "role": "viewer", "password": PASSWORD });
    let user = owner.post(&app, "/api/v1/users", new).await.ok();
    owner.patch(&app, &format!("/api/v1/users/{}", user["id"]), json!({ "name": "m" })).await.ok();
    owner.delete(&app, &format!("/api/v1/users/{}", user["id"])).await;
    let page = owner.get(&app, "/api/v1/audit?limit=6").await.ok();
    let actions: Vec<&str> =
        page["items"].as_array().expect("items").iter().filter_map(|row| row["action"].as_str()).collect();
    assert_eq!(
        actions,
        [
            "accounts.remove",
            "accounts.change",
            "accounts.add",
            "keys.revoke",
            "keys.create",
            "projects.change"
        ]
    );
    assert_eq!(page["items"][0]["actor"], "user:1");
    let text = page.to_string();
    assert!(
        !text.contains(PASSWORD)
            && !text.contains(key["secret"].as_str().expect("text"))
            && !text.contains("a@b.cc")
    );
    let cursor = page["next_cursor"].as_str().expect("there is more");
    let next = owner.get(&app, &format!("/api/v1/audit?limit=6&cursor={cursor}")).await.ok();
    assert_eq!(next["items"][0]["action"], "accounts.log_in");
    assert_eq!(next["next_cursor"], Value::Null);
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    let app = app.restart().await;
    assert_eq!(owner.get(&app, "/api/v1/project").await.ok()["name"], "咖啡");
}
