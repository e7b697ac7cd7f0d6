//! A project with a few people and events, and its API, for tests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{Method, Request, StatusCode};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value as Json;
use siyu_audience::{Project, ProjectSettings, Projects};
use siyu_db::{Db, JobHandler, Jobs};
use siyu_events::{EventRow, StoreOptions};
use siyu_govern::{Govern, GovernOptions};
use siyu_testkit::clock::MockClock;
use siyu_types::permission::Actor;
use siyu_types::ports::{PortFuture, Tells};
use siyu_types::record::{Evidence, ProfileChange};
use siyu_types::telling::{Receiver, TeamMessage, Told};
use siyu_types::value::props_from_json;
use siyu_types::{Error, ErrorCode, Identifier, ProjectId, Result, Role, Viewer, calendar};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::Insight;
use crate::alerts::{AlertHandler, AlertWatch, TellHandler};

/// Stands in for the channels: notes what it is to tell, and answers what it was told to.
#[derive(Default)]
pub(crate) struct Heard {
    told: Mutex<Vec<(Receiver, TeamMessage)>>,
    answers: Mutex<VecDeque<Result<Told>>>,
}

impl Heard {
    /// What is answered next, one after the other; afterwards everything is accepted.
    pub(crate) fn answer(&self, answers: impl IntoIterator<Item = Result<Told>>) {
        self.answers.lock().expect("whole").extend(answers);
    }

    /// What was told since the last time.
    pub(crate) fn take(&self) -> Vec<(Receiver, TeamMessage)> {
        std::mem::take(&mut *self.told.lock().expect("whole"))
    }
}

impl Tells for Heard {
    fn check<'a>(&'a self, _: ProjectId, receiver: &'a Receiver) -> PortFuture<'a, Result<()>> {
        let found = match receiver {
            Receiver::Email { to } if !to.contains('@') => Err(Error::invalid("to", "no address")),
            Receiver::Webhook { url } if url.contains("unset") => {
                Err(Error::new(ErrorCode::ChannelNotConfigured, "no settings yet").at("url"))
            }
            _ => Ok(()),
        };
        Box::pin(async { found })
    }

    fn tell<'a>(
        &'a self,
        _: ProjectId,
        receiver: &'a Receiver,
        message: &'a TeamMessage,
    ) -> PortFuture<'a, Result<Told>> {
        self.told.lock().expect("whole").push((receiver.clone(), message.clone()));
        let answer = self.answers.lock().expect("whole").pop_front().unwrap_or(Ok(Told::Accepted));
        Box::pin(async { answer })
    }
}

pub(crate) struct Setup {
    pub(crate) insight: Insight,
    pub(crate) project: Arc<Project>,
    pub(crate) clock: MockClock,
    pub(crate) watch: Arc<AlertWatch>,
    pub(crate) heard: Arc<Heard>,
    router: Router,
    events: std::cell::Cell<u64>,
    _folder: TempDir,
}

impl Setup {
    /// Noon of 2026-11-21 in Shanghai.
    pub(crate) async fn new(db: &Db) -> Setup {
        let clock = MockClock::at("2026-11-21T12:00:00+08:00");
        let options = GovernOptions {
            secure_cookies: true,
            origin: String::new(),
            requests_per_second: 100,
            behind_proxy: false,
            copies: std::path::PathBuf::new(),
            vault: None,
            rng: StdRng::seed_from_u64(1),
        };
        let govern = Govern::new(db.clone(), clock.shared(), options);
        let id = govern.create_project("咖啡", "Asia/Shanghai", "CNY").await.expect("creates").id;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = ProjectSettings {
            name: "咖啡".to_owned(),
            zone: calendar::zone("Asia/Shanghai").expect("a known zone"),
            currency: "CNY".to_owned(),
        };
        let store = StoreOptions::default();
        let project = Project::open(folder.path(), id, settings, clock.shared(), store, None, None);
        let project = project.expect("opens");
        let projects = Projects::fixed();
        projects.insert(Arc::clone(&project));
        let insight = Insight::new(govern, Arc::new(projects));
        let jobs = Jobs::new(db.clone(), clock.shared());
        let heard = Arc::new(Heard::default());
        let tells = Arc::clone(&heard) as Arc<dyn Tells>;
        let public_url = "https://cdp.example".to_owned();
        let watch = Arc::new(AlertWatch { insight: insight.clone(), jobs, tells, public_url });
        let router = Router::from(crate::routes(insight.clone(), Arc::clone(&watch)));
        let events = std::cell::Cell::new(0);
        Setup { insight, project, clock, watch, heard, router, events, _folder: folder }
    }

    /// Runs every job that is due.
    pub(crate) async fn run_jobs(&self) {
        let handlers: Vec<Arc<dyn JobHandler>> = vec![
            Arc::new(AlertHandler(Arc::clone(&self.watch))),
            Arc::new(TellHandler(Arc::clone(&self.watch))),
        ];
        self.watch.jobs.run_pending(handlers).await.expect("runs");
    }

    /// A person with a log-in, a phone number and a city.
    pub(crate) fn person(&self, login: &str, phone: &str, city: &str) {
        let ids = [Identifier::new("login", login), Identifier::new("phone", phone)];
        let mut people = self.project.people.write();
        let number = people.identify(&ids, Evidence::Strong, "test", 0).expect("usable identifiers");
        let props = [("city".to_owned(), siyu_types::Value::Text(city.to_owned()))];
        people.apply_profile(number, &ProfileChange::Set(props.into()), 0, "test");
    }

    /// `("u1", "2026-11-21T09:00:00+08:00", "seen", {…})`
    pub(crate) fn event(&self, login: &str, time: &str, name: &str, props: Json) {
        let id = Identifier::new("login", login);
        let person = self.project.people.read().lookup(&id).expect("a known person");
        let time = time.parse::<jiff::Timestamp>().expect("an instant").as_millisecond();
        let Json::Object(props) = props else { panic!("properties are an object") };
        self.events.set(self.events.get() + 1);
        let row = EventRow {
            person,
            time,
            seq: self.events.get(),
            name: name.to_owned(),
            props: props_from_json(props),
            ids: vec![id],
            source: "test".to_owned(),
            received_at: time,
        };
        self.project.events.append(vec![row]).expect("appends");
    }

    pub(crate) fn viewer(&self, role: Role) -> Viewer {
        let actor = Actor::User { id: 1, name: "成员".to_owned() };
        Viewer::new(actor, self.project.id, role)
    }

    /// A caller of another project.
    pub(crate) fn stranger(&self) -> Viewer {
        Viewer { project: ProjectId(self.project.id.0 + 1), ..self.viewer(Role::Owner) }
    }

    pub(crate) async fn call(
        &self,
        viewer: Viewer,
        method: Method,
        path: &str,
        body: Json,
    ) -> (StatusCode, Json) {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .expect("a request");
        request.extensions_mut().insert(viewer);
        let response = self.router.clone().oneshot(request).await.expect("always answers");
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        (status, serde_json::from_slice(&bytes).unwrap_or(Json::Null))
    }

    pub(crate) async fn post(&self, path: &str, body: Json) -> (StatusCode, Json) {
        self.call(self.viewer(Role::Owner), Method::POST, path, body).await
    }
}
