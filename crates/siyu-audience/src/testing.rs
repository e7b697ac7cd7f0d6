//! A project with a few people and events, the features around it, and a caller.

use std::sync::Arc;

use axum::Router;
use http::Request;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value as Json;
use siyu_db::{Db, Jobs};
use siyu_events::{EventRow, StoreOptions};
use siyu_govern::{Govern, GovernOptions};
use siyu_testkit::clock::MockClock;
use siyu_types::permission::Actor;
use siyu_types::ports::{EventSink, PortFuture};
use siyu_types::record::{Body, Evidence, ProfileChange};
use siyu_types::value::props_from_json;
use siyu_types::{Clock, Identifier, PersonNo, ProjectId, Record, Role, Viewer, calendar};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::relations::Told;
use crate::{Audience, Project, ProjectSettings, Projects};

pub(crate) struct Setup {
    pub audience: Audience,
    pub project: Arc<Project>,
    pub clock: MockClock,
    pub jobs: Jobs,
    _folder: TempDir,
}

impl Setup {
    pub async fn new(db: &Db) -> Setup {
        let clock = MockClock::at("2026-11-22T04:00:00Z");
        let folder = tempfile::tempdir().expect("a folder");
        let options = GovernOptions {
            secure_cookies: false,
            origin: String::new(),
            requests_per_second: 1_000,
            behind_proxy: false,
            copies: folder.path().join("copies"),
            vault: None,
            rng: StdRng::seed_from_u64(1),
        };
        let govern = Govern::new(db.clone(), clock.shared(), options);
        let id = govern.create_project("咖啡", "Asia/Shanghai", "CNY").await.expect("creates").id;
        let settings = ProjectSettings {
            name: "咖啡".to_owned(),
            zone: calendar::zone("Asia/Shanghai").expect("known"),
            currency: "CNY".to_owned(),
        };
        let project =
            Project::open(folder.path(), id, settings, clock.shared(), StoreOptions::default(), None, None)
                .expect("opens");
        let projects = Arc::new(Projects::fixed());
        projects.insert(project.clone());
        let jobs = Jobs::new(db.clone(), clock.shared());
        let sink = Arc::new(Applied { projects: Arc::clone(&projects), clock: clock.clone() });
        let audience = Audience::new(govern, projects, jobs.clone(), clock.shared(), sink);
        audience.start(&project).await.expect("starts");
        Setup { audience, project, clock, jobs, _folder: folder }
    }

    pub async fn run_jobs(&self) -> usize {
        self.jobs.run_pending(self.audience.handlers()).await.expect("jobs run")
    }

    /// `login:a phone:138…` with attributes; answers the number.
    pub fn person(&self, ids: &str, attributes: Json) -> PersonNo {
        let mut people = self.project.people.write();
        let at = self.clock.now();
        let atom = people.identify(&ids_of(ids), Evidence::Strong, "test", at).expect("usable");
        people.apply_profile(atom, &ProfileChange::Set(props(attributes)), at, "test");
        atom
    }

    /// An event so many days ago.
    pub fn event(&self, atom: PersonNo, name: &str, days_ago: i64, properties: Json) {
        let time = self.clock.now() - days_ago * 24 * 3_600_000;
        let row = EventRow {
            person: atom,
            time,
            seq: self.project.events.stats().events + 1,
            name: name.to_owned(),
            props: props(properties),
            ids: Vec::new(),
            source: "test".to_owned(),
            received_at: time,
        };
        self.project.people.write().note_event(atom, time, "test");
        self.project.events.append(vec![row]).expect("appends");
    }

    pub fn viewer(&self, role: Role) -> Viewer {
        let actor = Actor::User { id: 1, name: "test".to_owned() };
        Viewer::new(actor, self.project.id, role)
    }

    /// Calls the API as somebody with this role.
    pub async fn call(&self, role: Role, method: &str, path: &str, body: Json) -> (u16, Json) {
        let (router, _) = crate::routes(self.audience.clone()).split_for_parts();
        let router: Router = router;
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("content-type", "application/json")
            .body(axum::body::Body::from(body.to_string()))
            .expect("request");
        request.extensions_mut().insert(self.viewer(role));
        let response = router.oneshot(request).await.expect("infallible");
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("body");
        (status, serde_json::from_slice(&bytes).unwrap_or(Json::Null))
    }

    pub async fn audit_actions(&self) -> Vec<String> {
        let rows = self.audience.db();
        let project: ProjectId = self.project.id;
        sqlx::query_scalar("SELECT action FROM audit WHERE project = $1 ORDER BY seq")
            .bind(project.0)
            .fetch_all(rows.read())
            .await
            .expect("reads")
    }
}

pub(crate) fn ids_of(text: &str) -> Vec<Identifier> {
    let id = |word: &str| word.split_once(':').map(|(namespace, value)| Identifier::new(namespace, value));
    text.split_whitespace().filter_map(id).collect()
}

fn props(json: Json) -> siyu_types::Props {
    match json {
        Json::Object(object) => props_from_json(object),
        _ => siyu_types::Props::new(),
    }
}

/// Applies decisions at once, as the pipeline does in its time.
struct Applied {
    projects: Arc<Projects>,
    clock: MockClock,
}

impl EventSink for Applied {
    fn emit(&self, project: ProjectId, records: Vec<Record>) -> PortFuture<'_, siyu_types::Result<()>> {
        Box::pin(async move {
            let project = self.projects.get(project)?;
            for record in records {
                let mut people = project.people.write();
                match record.body {
                    Body::Identity(decision) => people.decide(&decision, self.clock.now()),
                    Body::Correction(correction) => people.correct(&correction, record.time),
                    Body::Item { item_type, item_id, change } => {
                        people.change_item(&item_type, &item_id, &change, record.time);
                    }
                    Body::Link => drop(people.identify(
                        &record.ids,
                        record.evidence,
                        &record.source,
                        record.received_at,
                    )),
                    Body::Unlink => drop(people.unlink(&record.ids, &record.source, record.received_at)),
                    Body::Relation(statement) => {
                        let (time, received_at) = (record.time, self.clock.now());
                        let told = Told { time, received_at, source: &record.source };
                        people.relate(&record.ids, &statement, told);
                    }
                    _ => {}
                }
            }
            Ok(())
        })
    }

    fn settle(&self, _: ProjectId) -> PortFuture<'_, siyu_types::Result<()>> {
        Box::pin(async { Ok(()) })
    }
}
