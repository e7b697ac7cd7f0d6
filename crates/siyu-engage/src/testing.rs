//! A made-up town for tests: people, a mail server with faults, a clock that
//! stands still, and a process that can be restarted.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use fail::FailScenario;
use http::Request;
use rand::SeedableRng;
use rand::rngs::StdRng;
use roaring::RoaringBitmap;
use serde_json::{Value as Json, json};
use siyu_audience::rights::Text;
use siyu_connect::addresses::AllowList;
use siyu_connect::channels::{Environment, Timeouts};
use siyu_connect::mail_catcher::MailCatcher;
use siyu_db::{Db, Jobs};
use siyu_govern::sealing::Keyring;
use siyu_govern::{Govern, GovernOptions};
use siyu_testkit::clock::MockClock;
use siyu_types::analysis::EventMatch;
use siyu_types::calendar::InstantRange;
use siyu_types::error::Result;
use siyu_types::ports::{EventSink, PortFuture};
use siyu_types::record::Body as RecordBody;
use siyu_types::value::{Props, Value};
use siyu_types::{Identifier, ProjectId, Record, Viewer};
use tower::ServiceExt;

use crate::audience::{Audience, GoalEvent, PersonView, ProjectView};
use crate::campaigns::{self, Draft, Goal, Move, store};
use crate::content::{Content, EmailTemplate};
use crate::{Engage, EngageParts};

pub(crate) const PROJECT: ProjectId = ProjectId(1);
pub(crate) const SEGMENT: i64 = 7;

#[derive(Default)]
pub(crate) struct MadeUp {
    pub people: Mutex<BTreeMap<u32, PersonView>>,
    pub segments: Mutex<HashMap<i64, RoaringBitmap>>,
    pub goals: Mutex<Vec<GoalEvent>>,
    pub merged: Mutex<HashMap<u32, u32>>,
}

impl Audience for MadeUp {
    fn project(&self, _: ProjectId) -> Result<ProjectView> {
        let zone = siyu_types::calendar::zone("Asia/Shanghai")?;
        Ok(ProjectView { name: "喜茶铺".into(), currency: "CNY".into(), zone })
    }

    fn members(&self, _: ProjectId, segment: i64) -> Result<RoaringBitmap> {
        Ok(self.segments.lock().expect("sound")[&segment].clone())
    }

    fn assessed(&self, _: ProjectId, _: i64) -> Result<bool> {
        Ok(false)
    }

    fn assessing_tags(&self, _: ProjectId) -> Result<BTreeSet<String>> {
        Ok(BTreeSet::from(["rfm".to_owned()]))
    }

    fn segment_words(&self, _: ProjectId, segment: i64) -> Result<Text> {
        Ok(Text::new(format!("人群 {segment}"), format!("segment {segment}")))
    }

    fn everybody(&self, _: ProjectId) -> Result<RoaringBitmap> {
        Ok(self.people.lock().expect("sound").keys().copied().collect())
    }

    fn people(&self, project: ProjectId, numbers: &[u32]) -> Result<Vec<Option<PersonView>>> {
        let current = self.current(project, numbers)?;
        let people = self.people.lock().expect("sound");
        Ok(current.iter().map(|person| people.get(person).cloned()).collect())
    }

    fn current(&self, _: ProjectId, numbers: &[u32]) -> Result<Vec<u32>> {
        let merged = self.merged.lock().expect("sound");
        Ok(numbers.iter().map(|number| merged.get(number).copied().unwrap_or(*number)).collect())
    }

    fn goal_events(
        &self,
        _: ProjectId,
        _: &EventMatch,
        range: InstantRange,
        see: &mut dyn FnMut(GoalEvent),
    ) -> Result<()> {
        let goals = self.goals.lock().expect("sound");
        goals.iter().filter(|e| range.from <= e.time && e.time < range.to).for_each(|event| see(*event));
        Ok(())
    }
}

/// Keeps events once per key, as the pipeline does.
#[derive(Default)]
pub(crate) struct Collected(pub Mutex<BTreeMap<u128, Record>>);

impl EventSink for Collected {
    fn emit(&self, _: ProjectId, records: Vec<Record>) -> PortFuture<'_, Result<()>> {
        let mut kept = self.0.lock().expect("sound");
        kept.extend(records.into_iter().map(|record| (record.key, record)));
        Box::pin(async { Ok(()) })
    }

    fn settle(&self, _: ProjectId) -> PortFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

impl Collected {
    /// Events by name.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for record in self.0.lock().expect("sound").values() {
            if let RecordBody::Event { name, .. } = &record.body {
                *counts.entry(name.clone()).or_default() += 1;
            }
        }
        counts
    }
}

pub(crate) struct Town {
    pub db: Db,
    pub clock: MockClock,
    pub audience: Arc<MadeUp>,
    pub sink: Arc<Collected>,
    pub catcher: MailCatcher,
    pub engage: Arc<Engage>,
    /// Fail points are global: tests with a town run one after the other.
    _alone: FailScenario<'static>,
}

pub(crate) fn person(number: u32) -> PersonView {
    let email = format!("p{number}@example.cn");
    PersonView {
        person: number,
        attributes: Props::from([("name".into(), Value::Text(format!("客户{number}")))]),
        tags: Props::new(),
        identifiers: vec![Identifier::new("email", &email), Identifier::new("login", format!("u{number}"))],
        numbers: vec![number],
        email: Some(email),
    }
}

pub(crate) fn content() -> Content {
    Content::Email(EmailTemplate {
        subject: "{{ person.name }},新品到店".into(),
        html: "<p>你好 {{ person.name }} <a href=\"https://shop.example/new?a=1&amp;b=2\">看看</a></p>"
            .into(),
        ..EmailTemplate::default()
    })
}

impl Town {
    pub async fn open(db: Db, people: u32) -> Town {
        let alone = FailScenario::setup();
        let clock = MockClock::at("2026-11-21T10:00:00+08:00");
        let audience = Arc::new(MadeUp::default());
        *audience.people.lock().expect("sound") = (0..people).map(|n| (n, person(n))).collect();
        audience.segments.lock().expect("sound").insert(SEGMENT, (0..people).collect());
        let sink = Arc::new(Collected::default());
        let catcher = MailCatcher::start(([127, 0, 0, 1], 0).into(), None).await.expect("listens");
        make_project(&db, &clock).await;
        let engage = open(&db, &clock, &audience, &sink, 1).await;
        let town = Town { db, clock, audience, sink, catcher, engage, _alone: alone };
        town.set_up_mail().await;
        town
    }

    async fn set_up_mail(&self) {
        let settings = json!({ "host": "127.0.0.1", "port": self.catcher.address().port(),
            "security": "none", "from": "新品 <news@siyu.test>" });
        let mut tx = self.db.begin().await.expect("begins");
        self.engage.channels.set(&mut tx, PROJECT, "email", settings, 0).await.expect("valid");
        tx.commit().await.expect("commits");
    }

    /// The process ends and starts again.
    pub async fn restart(&mut self) {
        self.engage = open(&self.db, &self.clock, &self.audience, &self.sink, 2).await;
        self.engage.delivery.recover().await.expect("recovers");
    }

    pub async fn draft(&self, content: Content, control_percent: f64, goal: Option<Goal>) -> i64 {
        let channel = content.channel().to_owned();
        let draft = Draft {
            name: "秋季上新".into(),
            channel,
            segment: Some(SEGMENT),
            content,
            control_percent,
            goal,
            purpose: "marketing".into(),
            automated: false,
        };
        draft.validate().expect("valid");
        let mut tx = self.db.begin().await.expect("begins");
        let id = store::create(&mut tx, PROJECT, &draft, 0).await.expect("created");
        tx.commit().await.expect("commits");
        id
    }

    pub async fn start(&self, campaign: i64) {
        self.advance(campaign, Move::Start).await.expect("starts");
        self.engage.jobs.run_pending(self.engage.handlers()).await.expect("expands");
    }

    pub async fn advance(&self, campaign: i64, step: Move) -> Result<()> {
        campaigns::advance(&self.engage, &Viewer::system(PROJECT), campaign, step).await
    }

    /// Lets hours pass with the worker running every minute or so.
    pub async fn let_pass(&self, hours: i64) {
        for _ in 0..hours * 12 {
            self.clock.advance(300_000);
            self.engage.delivery.run_due().await.expect("works");
        }
    }

    /// Calls the API as this viewer; answers status and JSON.
    pub async fn call(&self, viewer: &Viewer, method: &str, path: &str, body: Json) -> (u16, Json) {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let mut request = request.body(body).expect("a request");
        request.extensions_mut().insert(viewer.clone());
        let (status, bytes, _) = self.send(request).await;
        (status, serde_json::from_slice(&bytes).unwrap_or(Json::Null))
    }

    /// As an owner, expecting success.
    pub async fn ok(&self, method: &str, path: &str, body: Json) -> Json {
        let (status, answer) = self.call(&Viewer::system(PROJECT), method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    pub async fn send(&self, request: Request<Body>) -> (u16, Vec<u8>, http::HeaderMap) {
        let (router, _) = self.engage.routes().split_for_parts();
        let response = router.oneshot(request).await.expect("infallible");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        (status, bytes.to_vec(), headers)
    }

    /// Follows a link from outside.
    pub async fn visit(&self, method: &str, url: &str, agent: &str) -> (u16, String, http::HeaderMap) {
        let path = url.strip_prefix("https://siyu.test").expect("one of ours");
        let request = Request::builder().method(method).uri(path).header("user-agent", agent);
        let (status, bytes, headers) = self.send(request.body(Body::empty()).expect("a request")).await;
        (status, String::from_utf8_lossy(&bytes).into_owned(), headers)
    }

    /// Sends by state.
    pub async fn states(&self, campaign: i64) -> BTreeMap<String, usize> {
        let rows = crate::delivery::of_campaign(&self.db, campaign, None, -1, 1_000_000).await;
        let mut states = BTreeMap::new();
        for row in rows.expect("readable") {
            *states.entry(row.state.as_str().to_owned()).or_default() += 1;
        }
        states
    }

    /// Mails by address.
    pub fn mails(&self) -> BTreeMap<String, usize> {
        let mut mails = BTreeMap::new();
        for mail in self.catcher.mails() {
            *mails.entry(mail.to[0].clone()).or_default() += 1;
        }
        mails
    }
}

fn govern(db: &Db, clock: &MockClock) -> Govern {
    let options = GovernOptions {
        secure_cookies: false,
        origin: "https://siyu.test".to_owned(),
        requests_per_second: 100,
        behind_proxy: false,
        copies: std::env::temp_dir().join(format!("siyu-copies-{}", std::process::id())),
        vault: None,
        rng: StdRng::seed_from_u64(3),
    };
    Govern::new(db.clone(), clock.shared(), options)
}

async fn make_project(db: &Db, clock: &MockClock) {
    let project = govern(db, clock).create_project("喜茶铺", "Asia/Shanghai", "CNY").await.expect("created");
    assert_eq!(project.id, PROJECT);
}

/// The same key at every start.
fn keyring() -> Arc<Keyring> {
    Arc::new(Keyring::unkept(StdRng::seed_from_u64(4)).expect("made"))
}

async fn open(
    db: &Db,
    clock: &MockClock,
    audience: &Arc<MadeUp>,
    sink: &Arc<Collected>,
    seed: u64,
) -> Arc<Engage> {
    let limit = Duration::from_millis(400);
    let timeouts = Timeouts { connect: limit * 10, command: limit, data: limit };
    let parts = EngageParts {
        db: db.clone(),
        govern: govern(db, clock),
        clock: clock.shared(),
        audience: Arc::clone(audience) as Arc<dyn Audience>,
        sink: Arc::clone(sink) as Arc<dyn EventSink>,
        jobs: Jobs::new(db.clone(), clock.shared()),
        environment: Environment { timeouts, allowed: AllowList::new(["127.0.0.1".to_owned()]) },
        keyring: keyring(),
        public_url: "https://siyu.test".to_owned(),
    };
    Engage::open(parts, &mut StdRng::seed_from_u64(seed)).await.expect("opens")
}

/// A receiver that answers one status after the other and notes the keys it got.
pub(crate) async fn receiver(statuses: &'static [u16]) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("binds");
    let url = format!("http://{}/hook", listener.local_addr().expect("bound"));
    let served = tokio::spawn(async move {
        let mut keys = Vec::new();
        for status in statuses {
            let (mut stream, _) = listener.accept().await.expect("a caller");
            let (mut asked, mut buffer) = (String::new(), [0; 4_096]);
            while !asked.ends_with('}') {
                let read = stream.read(&mut buffer).await.expect("readable");
                asked.push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
            let key = asked.lines().find_map(|line| line.strip_prefix("idempotency-key: "));
            keys.push(key.expect("has a key").to_owned());
            let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.expect("writable");
        }
        keys
    });
    (url, served)
}
