//! The doors, through the router: what each client sees.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn_with_state;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value as Json, json};
use siyu_audience::ProjectSettings;
use siyu_govern::keys::KeyKind;
use siyu_govern::sealing::Keyring;
use siyu_govern::{Govern, GovernOptions};
use siyu_types::{Clock, ProjectId, Viewer};
use tower::ServiceExt;

use super::CollectOptions;
use crate::ciphers::Ciphers;
use crate::hooks::Hooks;
use crate::ingest::{Ingest, IngestOptions};

const NOW: i64 = 1_795_304_200_000;

pub(crate) struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> i64 {
        NOW
    }
}

pub(crate) struct Doors {
    router: Router,
    pub ingest: Arc<Ingest>,
    pub project: ProjectId,
    pub hooks: Arc<Hooks>,
    pub key: String,
    _dir: tempfile::TempDir,
}

pub(crate) fn govern_options() -> GovernOptions {
    GovernOptions {
        secure_cookies: false,
        origin: "http://localhost".into(),
        requests_per_second: 1000,
        behind_proxy: false,
        copies: std::path::PathBuf::new(),
        vault: None,
        rng: rand::SeedableRng::seed_from_u64(1),
    }
}

pub(crate) async fn doors() -> Doors {
    doors_with(CollectOptions::default()).await
}

pub(crate) async fn doors_with(options: CollectOptions) -> Doors {
    let dir = tempfile::tempdir().expect("temporary folder");
    let clock: Arc<dyn Clock> = Arc::new(Fixed);
    let url = format!("sqlite:{}", dir.path().join("siyu.db").display());
    let db = siyu_db::Db::open(&url).await.expect("a database");
    let hooks = Hooks::new(db.clone(), Arc::clone(&clock));
    let keyring = Keyring::unkept(rand::SeedableRng::seed_from_u64(1)).expect("a keyring");
    let ciphers = Ciphers::new(db.clone(), Arc::clone(&clock), Arc::new(keyring));
    let govern = Govern::new(db, Arc::clone(&clock), govern_options());
    let project = govern.create_project("店", "Asia/Shanghai", "CNY").await.expect("a project").id;
    let (_, key) =
        govern.create_key(&Viewer::system(project), KeyKind::Write, "web", None).await.expect("a key");
    let settings = |_| {
        let zone = siyu_types::calendar::zone("Asia/Shanghai")?;
        Ok(ProjectSettings { name: "店".into(), zone, currency: "CNY".into() })
    };
    let ingest = Ingest::start(
        IngestOptions::new(dir.path(), crate::erasure::test_pseudonyms()),
        clock,
        Box::new(settings),
    );
    let door = super::Door::new(Arc::clone(&ingest), govern, Arc::clone(&hooks), ciphers, options);
    let elsewhere = Router::new()
        .fallback(async || StatusCode::IM_A_TEAPOT)
        .layer(from_fn_with_state(door.clone(), super::anywhere));
    let (router, _) = super::routes(&door).split_for_parts();
    let router = router.fallback_service(elsewhere);
    Doors { router, ingest, project, hooks, key, _dir: dir }
}

pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: Vec<u8>,
}

impl Doors {
    pub async fn send(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().collect().await.expect("a body").to_bytes().to_vec();
        assert_eq!(headers["access-control-allow-origin"], "*", "{target}");
        assert_eq!(headers["access-control-expose-headers"], "retry-after", "{target}");
        Answer { status, headers, body }
    }

    pub async fn events(&self) -> u64 {
        self.ingest.drain(self.project).await.expect("applied");
        self.ingest.projects().get(self.project).expect("open").events.stats().events
    }
}

#[tokio::test]
async fn own_batches_get_a_verdict_per_item() {
    let doors = doors().await;
    let bearer = format!("Bearer {}", doors.key);
    let body = json!({"batch": [
        {"type": "track", "event": "paid", "device": "d", "id": "1"},
        {"type": "track", "device": "d"},
        {"type": "page", "device": "d", "id": "1"},
    ]});
    let answer =
        doors.send(Method::POST, "/api/v1/collect", &[("authorization", &bearer)], body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK);
    let verdict: Json = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(verdict["accepted"], 2);
    assert_eq!(verdict["rejected"][0]["index"], 1);
    assert_eq!(verdict["rejected"][0]["code"], "missing_field");
    assert_eq!(doors.events().await, 1, "the same message id counts once");

    let by_query = format!("/api/v1/collect?key={}", doors.key);
    type Headers = &'static [(&'static str, &'static str)];
    let cases: &[(&str, Headers, Vec<u8>, u16)] = &[
        ("/api/v1/collect", &[], body.to_string().into_bytes(), 401),
        ("/api/v1/collect", &[("authorization", "Bearer wk_wrong")], body.to_string().into_bytes(), 401),
        (&by_query, &[], b"{\"batch\":5}".to_vec(), 400),
        (&by_query, &[], b"no json".to_vec(), 400),
        (&by_query, &[], vec![b' '; crate::protocols::BODY_BYTES_MAX + 1], 413),
        (&by_query, &[], b"{\"batch\":[]}".to_vec(), 200),
    ];
    for (target, headers, body, status) in cases {
        let answer = doors.send(Method::POST, target, headers, body.clone()).await;
        assert_eq!(answer.status, *status, "{target} {}", String::from_utf8_lossy(&answer.body));
    }
}

#[tokio::test]
async fn sensors_clients_are_always_told_that_all_is_well() {
    let doors = doors().await;
    let data = |event: &str| {
        use base64::Engine;
        let json =
            json!({"type": "track", "event": event, "distinct_id": "d", "time": NOW, "properties": {}});
        base64::engine::general_purpose::STANDARD.encode(json.to_string())
    };
    let query = format!("project=default&token={}", doors.key);
    let image = format!("/sa.gif?{query}&data={}", data("a").replace('+', "%2B").replace('=', "%3D"));
    let answer = doors.send(Method::GET, &image, &[], "").await;
    assert_eq!(
        (answer.status, answer.headers["content-type"].as_bytes()),
        (StatusCode::OK, b"image/gif".as_slice())
    );
    assert!(answer.body.starts_with(b"GIF89a"));

    let text = [("content-type", "text/plain;charset=UTF-8")];
    let post = doors.send(Method::POST, &format!("/sa?{query}"), &text, format!("data={}", data("b"))).await;
    assert_eq!(post.status, StatusCode::OK);
    assert_eq!(doors.events().await, 2);

    // A bad record, an unknown key and an oversized body are no reason to make a phone delete or hoard.
    for (target, body) in [
        (format!("/sa?{query}"), b"data=%%%".to_vec()),
        ("/sa?project=default&token=T0K".to_owned(), format!("data={}", data("c")).into_bytes()),
        (format!("/sa?{query}"), vec![b'x'; crate::protocols::BODY_BYTES_MAX + 1]),
    ] {
        assert_eq!(doors.send(Method::POST, &target, &[], body).await.status, StatusCode::OK, "{target}");
    }
    assert_eq!(doors.events().await, 2);
    assert_eq!(doors.ingest.stats(doors.project).expect("open").rejected, 2, "each with its reason");
    assert_eq!(doors.ingest.unassigned().latest(10).expect("readable").len(), 1);

    let debug = format!("/debug?{query}");
    let stranger = doors.send(Method::POST, "/debug?token=T0K", &[], format!("data={}", data("d"))).await;
    assert_eq!(stranger.status, StatusCode::BAD_REQUEST);
    assert!(stranger.body.starts_with(b"unknown_key"), "debug mode is for being told");
    let good = doors.send(Method::POST, &debug, &[("dry-run", "true")], format!("data={}", data("d"))).await;
    assert_eq!((good.status, good.body.as_slice()), (StatusCode::OK, b"{}".as_slice()));
    let bad = doors.send(Method::POST, &debug, &[], "data=%%%").await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    assert_eq!(doors.events().await, 2, "a dry run keeps nothing");
    let kept = doors.send(Method::POST, &debug, &[("dry-run", "false")], format!("data={}", data("d"))).await;
    assert_eq!(kept.status, StatusCode::OK);
    assert_eq!(doors.events().await, 3);
}

#[tokio::test]
async fn segment_clients_find_their_keys_wherever_they_put_them() {
    use base64::Engine;
    let doors = doors().await;
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{}:", doors.key));
    let basic = format!("Basic {basic}");
    let message = |id: &str| json!({"event": "e", "type": "track", "userId": "u", "messageId": id});
    let in_body = |id: &str| {
        let mut message = message(id);
        message["writeKey"] = json!(doors.key);
        message.to_string()
    };
    let cases = [
        (
            "/v1/t",
            vec![("authorization", basic.as_str()), ("content-type", "text/plain")],
            message("1").to_string(),
        ),
        ("/v1/track", vec![], in_body("2")),
        (
            "/v1/batch",
            vec![("authorization", basic.as_str())],
            json!({"batch": [message("3"), message("1")]}).to_string(),
        ),
    ];
    for (target, headers, body) in cases {
        let answer = doors.send(Method::POST, target, &headers, body).await;
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (StatusCode::OK, b"{\"success\":true}".as_slice())
        );
    }
    assert_eq!(doors.events().await, 3);
    let stray = doors.send(Method::POST, "/v1/t", &[], message("4").to_string()).await;
    assert_eq!(stray.status, StatusCode::OK);
    assert_eq!(doors.ingest.unassigned().latest(10).expect("readable").len(), 1);

    let settings =
        doors.send(Method::GET, "/v1/projects/wk_x/settings", &[("host", "cdp.example.com")], "").await;
    let settings: Json = serde_json::from_slice(&settings.body).expect("JSON");
    assert_eq!(settings["integrations"]["Segment.io"]["apiHost"], "cdp.example.com/v1");
}

#[tokio::test]
async fn preflights_are_answered_for_every_door() {
    let doors = doors().await;
    for target in [
        "/api/v1/collect",
        "/sa.gif",
        "/debug",
        "/v1/t",
        "/v1/batch",
        "/shop/x?token=t",
        "/shop/debug?project=p",
    ] {
        let headers = [
            ("origin", "https://shop.example.com"),
            ("access-control-request-headers", "dry-run,x-retry-count"),
        ];
        let answer = doors.send(Method::OPTIONS, target, &headers, "").await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{target}");
        assert_eq!(answer.headers["access-control-allow-headers"], "dry-run,x-retry-count");
        assert!(answer.headers.contains_key("access-control-max-age"));
    }
}
