//! The app under test and a client for it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use siyu::{App, Config, Entropy};
use siyu_govern::accounts::NewMember;
use siyu_govern::keys::KeyKind;
use siyu_testkit::clock::MockClock;
use siyu_testkit::databases;
use siyu_types::{ProjectId, Role, Viewer};
use tower::ServiceExt;

pub const PASSWORD: &str = "correct horse battery";

/// The whole app with one project, on a clock that stands still.
pub struct TestApp {
    pub app: App,
    pub clock: MockClock,
    pub project: ProjectId,
    config: Config,
    people: AtomicU32,
    _folder: tempfile::TempDir,
}

/// An answer, its body as JSON where it is JSON and as text where it is not.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

/// Somebody who calls the API.
#[derive(Clone, Default)]
pub struct Client {
    pub headers: Vec<(&'static str, String)>,
}

impl TestApp {
    pub async fn start() -> TestApp {
        TestApp::start_sealing("nothing").await
    }

    /// With everything that is kept of people sealed so.
    pub async fn start_sealing(with: &str) -> TestApp {
        TestApp::start_with(|config| config.with_seal_data(with).expect("a word of the settings")).await
    }

    /// With other settings.
    pub async fn start_with(change: impl FnOnce(Config) -> Config) -> TestApp {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut config = change(Config::for_testing(&PathBuf::from(folder.path())));
        if std::env::var("SIYU_TEST_DATABASE").is_ok_and(|name| name == "postgres") {
            config = config.with_db_url(databases::postgres_url().expect("PostgreSQL is not turned off"));
        }
        let clock = MockClock::at("2026-11-21T08:00:00Z");
        let app = App::start(&config, clock.shared(), Entropy::Seed(1)).await.expect("the app starts");
        let project =
            app.parts.govern.create_project("咖啡", "Asia/Shanghai", "CNY").await.expect("a project");
        app.open_projects().await.expect("opens");
        TestApp { app, clock, project: project.id, config, people: AtomicU32::new(1), _folder: folder }
    }

    /// Stops the app and starts it again on the same data, which is sealed otherwise from then on.
    pub async fn restart_sealing(self, with: &str) -> TestApp {
        let TestApp { app, clock, project, config, people, _folder } = self;
        app.stop().await.expect("stops");
        let config = config.with_seal_data(with).expect("a word of the settings");
        TestApp::again(clock, project, config, people, _folder).await
    }

    /// Stops the app, changes something, and says how it refuses to start again.
    pub async fn refuses_to_start(
        self,
        with: &str,
        change: impl FnOnce(&std::path::Path),
    ) -> siyu_types::Error {
        let TestApp { app, clock, config, _folder, .. } = self;
        app.stop().await.expect("stops");
        change(_folder.path());
        let config = config.with_seal_data(with).expect("a word of the settings");
        match App::start(&config, clock.shared(), Entropy::Seed(3)).await {
            Err(error) => error,
            Ok(app) => app.open_projects().await.expect_err("does not open"),
        }
    }

    /// Stops the app and starts it again on the same data.
    pub async fn restart(self) -> TestApp {
        let TestApp { app, clock, project, config, people, _folder } = self;
        app.stop().await.expect("stops");
        TestApp::again(clock, project, config, people, _folder).await
    }

    /// Starts again as after a power cut: no checkpoint, nothing tidied up.
    pub async fn crash(self) -> TestApp {
        let TestApp { app, clock, project, config, people, _folder } = self;
        app.parts.ingest.stop(false);
        app.parts.db.close().await;
        drop(app);
        TestApp::again(clock, project, config, people, _folder).await
    }

    async fn again(
        clock: MockClock,
        project: ProjectId,
        config: Config,
        people: AtomicU32,
        folder: tempfile::TempDir,
    ) -> TestApp {
        let app = App::start(&config, clock.shared(), Entropy::Seed(2)).await.expect("starts again");
        app.open_projects().await.expect("opens");
        TestApp { app, clock, project, config, people, _folder: folder }
    }

    /// A new member of the project, logged in as browsers are.
    pub async fn user(&self, role: Role) -> Client {
        let email = format!("user{}@example.com", self.people.fetch_add(1, Ordering::Relaxed));
        let new = NewMember {
            email: email.clone(),
            name: "测试".to_owned(),
            locale: "zh-CN".to_owned(),
            role,
            password: PASSWORD.to_owned(),
        };
        self.app.parts.govern.add_member(&Viewer::system(self.project), new).await.expect("adds");
        self.log_in(&email, PASSWORD).await.expect("logs in")
    }

    pub async fn log_in(&self, email: &str, password: &str) -> Result<Client, Answer> {
        let answer = Client::default()
            .send(
                self,
                Method::POST,
                "/api/v1/session",
                Some(json!({ "email": email, "password": password })),
            )
            .await;
        if answer.status != 200 {
            return Err(answer);
        }
        let cookie = answer.headers["set-cookie"].to_str().expect("text");
        let pair = cookie.split(';').next().expect("a pair").to_owned();
        let csrf = answer.body["csrf_token"].as_str().expect("a token").to_owned();
        Ok(Client { headers: vec![("cookie", pair), ("x-csrf-token", csrf)] })
    }

    /// A program with an API key of this role.
    pub async fn program(&self, role: Role) -> Client {
        let viewer = Viewer::system(self.project);
        let made = self.app.parts.govern.create_key(&viewer, KeyKind::Api, "test", Some(role)).await;
        Client::bearer(&made.expect("a key").1)
    }

    /// The secret of a new write key.
    pub async fn write_key(&self, source: &str) -> String {
        let viewer = Viewer::system(self.project);
        self.app.parts.govern.create_key(&viewer, KeyKind::Write, source, None).await.expect("a key").1
    }

    /// Everything the app keeps, but for a database elsewhere.
    pub fn folder(&self) -> &std::path::Path {
        self._folder.path()
    }

    /// Waits until everything that was accepted is applied.
    pub async fn drain(&self) {
        self.app.parts.ingest.drain(self.project).await.expect("drains");
    }

    /// Runs every job that is due, and those they queue.
    pub async fn run_jobs(&self) -> usize {
        self.app.parts.jobs.run_pending(self.app.handlers()).await.expect("runs")
    }

    /// Sends every message that is due, and lets the events of that be applied.
    pub async fn deliver(&self) {
        self.app.parts.engage.delivery.run_due().await.expect("delivers");
        self.drain().await;
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| text());
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

impl Client {
    pub fn bearer(secret: &str) -> Client {
        Client { headers: vec![("authorization", format!("Bearer {secret}"))] }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Client {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    #[must_use]
    pub fn without(mut self, name: &str) -> Client {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    pub async fn get(&self, app: &TestApp, path: &str) -> Answer {
        self.send(app, Method::GET, path, None).await
    }

    pub async fn post(&self, app: &TestApp, path: &str, body: Value) -> Answer {
        self.send(app, Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, app: &TestApp, path: &str, body: Value) -> Answer {
        self.send(app, Method::PATCH, path, Some(body)).await
    }

    pub async fn put(&self, app: &TestApp, path: &str, body: Value) -> Answer {
        self.send(app, Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, app: &TestApp, path: &str) -> Answer {
        self.send(app, Method::DELETE, path, None).await
    }

    pub async fn send(&self, app: &TestApp, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let body = match body {
            Some(json) => {
                request = request.header("content-type", "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        app.send(request.body(body).expect("a request")).await
    }
}

impl Answer {
    /// The body of a success; says what was answered otherwise.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.body);
        self.body
    }

    /// The error's code; `""` for a success.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    #[track_caller]
    pub fn refused(&self, status: StatusCode, code: &str) {
        assert_eq!((self.status, self.code()), (status.as_u16(), code), "{}", self.body);
    }
}
