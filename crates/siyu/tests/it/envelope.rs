//! Errors have one shape, whatever goes wrong.

use axum::body::Body;
use axum::http::Request;
use siyu_types::Role;

use crate::support::{Client, TestApp};

#[tokio::test]
async fn broken_requests_are_answered_in_the_envelope() {
    let app = TestApp::start().await;
    let owner = app.program(Role::Owner).await;
    let (name, value) = &owner.headers[0];
    for (method, path, body, status, code, field) in [
        ("POST", "/api/v1/keys", "{\"name\":", 400, "malformed_body", None),
        ("POST", "/api/v1/keys", "[]", 400, "malformed_body", None),
        ("POST", "/api/v1/keys", r#"{"name":"k","kind":"other"}"#, 422, "invalid_input", Some("kind")),
        ("POST", "/api/v1/keys", r#"{"name":7,"kind":"api"}"#, 422, "invalid_input", Some("name")),
        ("POST", "/api/v1/keys", r#"{"name":"k","kind":"api"}"#, 422, "invalid_input", Some("role")),
        ("PATCH", "/api/v1/project", r#"{"colour":"red"}"#, 422, "invalid_input", Some("colour")),
        ("GET", "/api/v1/audit?limit=x", "", 422, "invalid_input", Some("limit")),
        ("GET", "/api/v1/audit?cursor=x", "", 422, "invalid_input", Some("cursor")),
        ("GET", "/api/v1/jobs/abc", "", 404, "not_found", None),
        ("GET", "/api/v1/jobs/12", "", 404, "not_found", None),
        ("GET", "/api/v1/nothing", "", 404, "not_found", None),
        ("POST", "/nowhere", "", 404, "not_found", None),
    ] {
        let request = Request::builder().method(method).uri(path).header(*name, value);
        let request = request.header("content-type", "application/json").body(Body::from(body));
        let answer = app.send(request.expect("a request")).await;
        let shown = format!("{method} {path} {body}: {}", answer.body);
        assert_eq!((answer.status, answer.code()), (status, code), "{shown}");
        let error = &answer.body["error"];
        assert_eq!(error["field"].as_str(), field, "{shown}");
        assert!(error["message"].is_string() && error["params"].is_object(), "{shown}");
        assert_eq!(error["request_id"], answer.headers["x-request-id"].to_str().expect("text"), "{shown}");
    }
}

#[tokio::test]
async fn the_server_says_that_it_is_well() {
    let app = TestApp::start().await;
    assert_eq!(Client::default().get(&app, "/healthz").await.ok()["status"], "ok");
    app.app.parts.projects.get(app.project).expect("opens");
    let metrics = app.program(Role::Owner).await.get(&app, "/api/v1/metrics").await.ok();
    let text = metrics.as_str().expect("text");
    assert!(text.contains("siyu_requests_total 1\n"), "{text}");
    assert!(text.contains(&format!("siyu_log_end{{project=\"{}\"}} ", app.project.0)), "{text}");
}
