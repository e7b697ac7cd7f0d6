//! The envelope, as a client sees it.

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::routing::{get, post};
use http::{Request, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use siyu_types::{Error, ErrorCode, ProjectId, Viewer};
use tower::ServiceExt;

use crate::{
    At, BODY_BYTES_MAX, Body, Caller, Failure, Json, Page, PageQuery, Params, Path, RequestIds, rim,
};

#[derive(Deserialize, Serialize)]
struct Plan {
    name: String,
    steps: Vec<Step>,
}

#[derive(Deserialize, Serialize)]
struct Step {
    event: String,
    within: u32,
}

fn app() -> Router {
    let router = Router::new()
        .route("/plans", post(|Body(plan): Body<Plan>| async { Json(plan) }))
        .route("/me", get(|Caller(viewer): Caller| async move { Json(viewer.actor.as_text()) }))
        .route("/list", get(|Params(page): Params<PageQuery>| async move { Json(page.limit()) }))
        .route("/things/{id}", get(|Path(id): Path<i64>| async move { Json(id) }))
        .route("/panic", get(|| async { panic!("secret detail") as () }))
        .route("/internal", get(|| async { Err::<(), _>(Failure(Error::internal("secret detail"))) }))
        .route(
            "/slow",
            get(|| async {
                let error = Error::new(ErrorCode::RateLimited, "slow down").with("retry_after_seconds", "7");
                Err::<(), _>(Failure(error))
            }),
        )
        .fallback(crate::no_such_route);
    rim(router, RequestIds::new("t"), Arc::default())
}

async fn call(request: Request<axum::body::Body>) -> (StatusCode, http::HeaderMap, Value) {
    let response = app().oneshot(request).await.expect("infallible");
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("body");
    (parts.status, parts.headers, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

fn json_post(body: impl Into<axum::body::Body>) -> Request<axum::body::Body> {
    let request = Request::post("/plans").header("content-type", "application/json; charset=utf-8");
    request.body(body.into()).expect("request")
}

#[tokio::test]
async fn bodies_that_do_not_fit_say_where() {
    let large = format!("{{\"name\":\"{}\",\"steps\":[]}}", "x".repeat(BODY_BYTES_MAX));
    let cases = [
        (r#"{"name":"a","steps":[]}"#, 200, json!(null), json!(null)),
        ("{\"name\":", 400, json!("malformed_body"), json!(null)),
        ("\"text\"", 400, json!("malformed_body"), json!(null)),
        (r#"{"name":"a","steps":[]} x"#, 400, json!("malformed_body"), json!(null)),
        (r#"{"name":"a"}"#, 400, json!("malformed_body"), json!(null)),
        (r#"{"name":1,"steps":[]}"#, 422, json!("invalid_input"), json!("name")),
        (
            r#"{"name":"a","steps":[{"event":"x","within":-1}]}"#,
            422,
            json!("invalid_input"),
            json!("steps[0].within"),
        ),
        (r#"{"name":"a\u0000","steps":[]}"#, 400, json!("malformed_body"), json!(null)),
        (r#"{"name":"a\\u0000","steps":[]}"#, 200, json!(null), json!(null)),
        (large.as_str(), 413, json!("too_large"), json!(null)),
    ];
    for (body, status, code, field) in cases {
        let shown = &body[..body.len().min(60)];
        let (got, _, answer) = call(json_post(body.to_owned())).await;
        assert_eq!(got.as_u16(), status, "{shown}");
        assert_eq!(answer["error"]["code"], code, "{shown}");
        assert_eq!(answer["error"]["field"], field, "{shown}");
    }
    let plain = Request::post("/plans").body(r#"{"name":"a","steps":[]}"#.into()).expect("request");
    assert_eq!(call(plain).await.2["error"]["code"], "malformed_body", "a form post of another site");
}

#[tokio::test]
async fn every_way_to_fail_answers_the_envelope() {
    let cases = [
        ("/me", 401, "unauthenticated"),
        ("/list?limit=many", 422, "invalid_input"),
        ("/things/abc", 404, "not_found"),
        ("/nowhere", 404, "not_found"),
        ("/panic", 500, "internal"),
        ("/internal", 500, "internal"),
        ("/slow", 429, "rate_limited"),
    ];
    for (path, status, code) in cases {
        let (got, headers, answer) = call(Request::get(path).body("".into()).expect("request")).await;
        assert_eq!(got.as_u16(), status, "{path}");
        assert_eq!(answer["error"]["code"], code, "{path}");
        assert_eq!(answer["error"]["request_id"], headers["x-request-id"].to_str().expect("text"), "{path}");
        assert!(answer["error"]["params"].is_object(), "{path}");
        assert!(!answer.to_string().contains("secret"), "{path} tells what it should not");
    }
    let (_, headers, _) = call(Request::get("/slow").body("".into()).expect("request")).await;
    assert_eq!(headers["retry-after"], "7");
}

#[tokio::test]
async fn the_caller_comes_from_the_authentication_layer() {
    let mut request = Request::get("/me").body("".into()).expect("request");
    request.extensions_mut().insert(Viewer::system(ProjectId(1)));
    assert_eq!(call(request).await.2, json!("system"));
}

#[test]
fn pages_know_whether_there_is_more() {
    for (read, limit, shown, next) in
        [(3, 2, 2, Some("1")), (2, 2, 2, None), (0, 2, 0, None), (1, 1, 1, None)]
    {
        let page = Page::cut((0..read).collect::<Vec<i64>>(), limit, ToString::to_string);
        assert_eq!((page.items.len(), page.next_cursor.as_deref()), (shown, next), "{read} of {limit}");
    }
    for (asked, limit) in [(None, 50), (Some(0), 1), (Some(201), 200), (Some(7), 7)] {
        assert_eq!(PageQuery { cursor: None, limit: asked }.limit(), limit);
    }
}

#[test]
fn instants_are_utc_text() {
    for (millis, text) in [(0, "1970-01-01T00:00:00.000Z"), (1_795_249_800_123, "2026-11-21T08:30:00.123Z")] {
        assert_eq!(serde_json::to_value(At(millis)).expect("json"), json!(text));
        assert_eq!(serde_json::from_value::<At>(json!(text)).expect("parses"), At(millis));
    }
    assert_eq!(
        serde_json::from_value::<At>(json!("2026-11-21T16:30:00.123+08:00")).expect("parses").0,
        1_795_249_800_123
    );
    assert!(serde_json::from_value::<At>(json!("yesterday")).is_err());
    assert!(!At(i64::MAX).to_string().is_empty());
}
