//! Who gets in: sessions, keys, projects, forged requests, limits.

use axum::http::StatusCode;
use serde_json::json;
use siyu_types::{Clock, Role};

use crate::support::{Client, PASSWORD, TestApp};

#[tokio::test]
async fn a_session_lives_from_log_in_to_log_out() {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    let session = owner.get(&app, "/api/v1/session").await.ok();
    assert_eq!(session["projects"][0]["role"], "owner");
    assert_eq!(session["projects"][0]["zone"], "Asia/Shanghai");
    assert_eq!(session["user"]["email"], "user1@example.com");
    assert_eq!(owner.delete(&app, "/api/v1/session").await.status, 204);
    owner.get(&app, "/api/v1/session").await.refused(StatusCode::UNAUTHORIZED, "unauthenticated");
    owner.get(&app, "/api/v1/project").await.refused(StatusCode::UNAUTHORIZED, "unauthenticated");
}

#[tokio::test]
async fn sessions_end_when_idle_and_at_their_age() {
    const DAY: i64 = 86_400_000;
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    for _ in 0..4 {
        app.clock.advance(6 * DAY);
        owner.get(&app, "/api/v1/session").await.ok();
    }
    app.clock.advance(6 * DAY);
    assert_eq!(owner.get(&app, "/api/v1/session").await.status, 401, "thirty days after the log-in");
    let again = app.log_in("user1@example.com", PASSWORD).await.expect("logs in");
    app.clock.advance(7 * DAY);
    assert_eq!(again.get(&app, "/api/v1/session").await.status, 401, "a week without use");
    assert!(app.clock.now() > 0);
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let app = TestApp::start().await;
    app.user(Role::Viewer).await;
    let body = json!({ "email": "user1@example.com", "password": PASSWORD });
    let answer = Client::default().post(&app, "/api/v1/session", body).await;
    let cookie = answer.headers["set-cookie"].to_str().expect("text").to_owned();
    for part in ["siyu_session=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "over plain http it would be lost");
    let text = answer.body.to_string();
    let token = cookie.split(['=', ';']).nth(1).expect("a token");
    assert!(!text.contains(token), "the page can read the session");
}

#[tokio::test]
async fn forged_requests_change_nothing() {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    let other = app.user(Role::Owner).await;
    let change = json!({ "name": "新名字" });
    let stranger = other.headers.iter().find(|(name, _)| *name == "x-csrf-token").expect("a token").1.clone();
    for (what, client) in [
        ("no token", owner.clone().without("x-csrf-token")),
        ("an empty token", owner.clone().with("x-csrf-token", "")),
        ("the token of another session", owner.clone().with("x-csrf-token", &stranger)),
        ("another site", owner.clone().with("origin", "https://evil.example").with("host", "127.0.0.1")),
        ("a page without origin", owner.clone().with("origin", "null")),
    ] {
        let answer = client.patch(&app, "/api/v1/project", change.clone()).await;
        assert_eq!((answer.status, answer.code()), (403, "csrf_mismatch"), "{what}");
    }
    assert_eq!(owner.get(&app, "/api/v1/project").await.ok()["name"], "咖啡");
    let own = owner.with("origin", "http://127.0.0.1").with("host", "127.0.0.1");
    assert_eq!(own.patch(&app, "/api/v1/project", change).await.ok()["name"], "新名字");
}

#[tokio::test]
async fn keys_act_with_their_role_in_their_project() {
    let app = TestApp::start().await;
    let program = app.program(Role::Viewer).await;
    program.get(&app, "/api/v1/project").await.ok();
    let refused = program.patch(&app, "/api/v1/project", json!({ "name": "x" })).await;
    refused.refused(StatusCode::FORBIDDEN, "forbidden");
    assert_eq!(refused.body["error"]["params"]["permission"], "project.manage");
    let elsewhere = program.clone().with("x-project", "999").get(&app, "/api/v1/project").await;
    elsewhere.refused(StatusCode::FORBIDDEN, "forbidden");
    let unknown = Client::bearer("sk_unknown").get(&app, "/api/v1/project").await;
    unknown.refused(StatusCode::UNAUTHORIZED, "invalid_key");
    let write = Client::bearer(&app.write_key("site").await).get(&app, "/api/v1/project").await;
    write.refused(StatusCode::UNAUTHORIZED, "unauthenticated");

    let owner = app.user(Role::Owner).await;
    let made =
        owner.post(&app, "/api/v1/keys", json!({ "name": "k", "kind": "api", "role": "analyst" })).await.ok();
    let secret = made["secret"].as_str().expect("shown once");
    let client = Client::bearer(secret);
    client.get(&app, "/api/v1/project").await.ok();
    let listed = owner.get(&app, "/api/v1/keys").await.ok();
    assert!(!listed.to_string().contains(secret), "the list shows secrets");
    assert_eq!(owner.delete(&app, &format!("/api/v1/keys/{}", made["id"])).await.status, 204);
    client.get(&app, "/api/v1/project").await.refused(StatusCode::UNAUTHORIZED, "invalid_key");
}

#[tokio::test]
async fn members_see_only_their_projects() {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    let other =
        app.app.parts.govern.create_project("other", "UTC", "USD").await.expect("creates").id.0.to_string();
    let answer = owner.clone().with("x-project", &other).get(&app, "/api/v1/project").await;
    answer.refused(StatusCode::FORBIDDEN, "forbidden");
    let own = owner.with("x-project", &app.project.0.to_string());
    assert_eq!(own.get(&app, "/api/v1/project").await.ok()["name"], "咖啡");
    let broken = own.with("x-project", "first").get(&app, "/api/v1/project").await;
    broken.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid_input");
}

#[tokio::test]
async fn guessing_passwords_and_flooding_are_slowed_down() {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    let mut codes = Vec::new();
    for _ in 0..12 {
        let tried = app.log_in("user1@example.com", "wrong").await;
        codes.push(tried.map(|_| String::new()).unwrap_or_else(|answer| answer.code().to_owned()));
    }
    assert_eq!(codes.first().map(String::as_str), Some("wrong_credentials"));
    assert_eq!(codes.last().map(String::as_str), Some("rate_limited"));
    let mut last = owner.get(&app, "/api/v1/session").await;
    let mut asked = 1;
    while last.status == 200 && asked < 5_000 {
        last = owner.get(&app, "/api/v1/session").await;
        asked += 1;
    }
    last.refused(StatusCode::TOO_MANY_REQUESTS, "rate_limited");
    assert!(last.headers.contains_key("retry-after"));
    app.clock.advance(1_000);
    owner.get(&app, "/api/v1/session").await.ok();
}
