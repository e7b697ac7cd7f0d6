//! The plan through the pipeline: nothing is lost, nothing counts twice, and a
//! replay of the log decides the same.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use parking_lot::RwLock;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use siyu_audience::ProjectSettings;
use siyu_events::TimelinePage;
use siyu_types::record::{Body, Identifier};
use siyu_types::value::props_from_json;
use siyu_types::{Clock, ProjectId, Record, Value};

use super::super::decree::{Decree, Return, encode};
use super::super::entry::EntryState;
use super::super::model::*;
use super::super::shelf::read;
use super::{AT, policy, property};
use crate::frame::{Frame, ProtocolId};
use crate::pipeline::{Listeners, Pipeline, PipelineOptions};

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> i64 {
        AT
    }
}

fn open(dir: &Path) -> Pipeline {
    let settings =
        ProjectSettings { name: "测试".into(), zone: jiff::tz::TimeZone::UTC, currency: "CNY".into() };
    let listeners: Listeners = Arc::new(RwLock::new(Vec::new().into()));
    let options = PipelineOptions {
        checkpoint_every: Duration::from_secs(3600),
        retry_every: Duration::from_millis(1),
        ..PipelineOptions::default()
    };
    let pseudonyms = crate::erasure::test_pseudonyms();
    Pipeline::open(dir, ProjectId(1), settings, Arc::new(Fixed), options, listeners, pseudonyms)
        .expect("opens")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
}

fn send(pipeline: &Pipeline, frames: Vec<bytes::Bytes>) {
    runtime().block_on(async {
        pipeline.append(frames).await.expect("accepted");
        pipeline.drain().await.expect("applied");
    });
}

fn frame(items: &[Json]) -> bytes::Bytes {
    let body = json!({ "batch": items }).to_string();
    let protocol = ProtocolId::Own;
    Frame {
        protocol,
        terms: crate::frame::Terms::default(),
        received_at: AT,
        source: "web",
        route: "",
        query: "",
        body: body.as_bytes(),
    }
    .encode()
}

fn decree(decree: Decree) -> bytes::Bytes {
    encode(&decree, AT).expect("fits")
}

fn track(id: usize, event: &str, properties: Json) -> Json {
    json!({"type": "track", "id": format!("m{id}"), "event": event, "login": "u1", "time": AT + id as i64,
        "properties": properties})
}

/// The stored events, by time: name and properties.
fn stored(pipeline: &Pipeline) -> Vec<(String, Json)> {
    let people = pipeline.project().people.read();
    let Some(person) = people.lookup(&Identifier::new("login", "u1")) else { return Vec::new() };
    let page = TimelinePage { before: None, limit: 1_000 };
    let mut rows = pipeline.project().events.person(&people.numbers(person), page).expect("readable");
    rows.sort_by_key(|row| row.time);
    rows.into_iter().map(|row| (row.name, json!(row.props))).collect()
}

/// What is open: reason, event, and the properties that are kept.
fn aside(pipeline: &Pipeline) -> Vec<(AsideReason, String, Json)> {
    let gate = pipeline.gate();
    let open = gate.quarantine.entries().iter().filter(|entry| entry.state == EntryState::Open);
    open.map(|entry| {
        let held = read(&gate.quarantine.shelf(), entry).expect("readable").expect("there");
        let Body::Event { props, .. } = held.record.expect("a record").body else { panic!("an event") };
        (entry.reason, entry.subject.clone(), json!(props))
    })
    .collect()
}

/// The open entries as a decree, each record changed.
fn give_back(pipeline: &Pipeline, mend: impl Fn(&mut Record)) -> bytes::Bytes {
    let gate = pipeline.gate();
    let open = gate.quarantine.entries().iter().filter(|entry| entry.state == EntryState::Open);
    let returns = open.map(|entry| {
        let held = read(&gate.quarantine.shelf(), entry).expect("readable").expect("there");
        let mut record = held.record.expect("a record");
        mend(&mut record);
        Return { entry: entry.seq, record: Some(record), ..Return::default() }
    });
    decree(Decree::Returns(returns.collect()))
}

#[test]
fn what_was_set_aside_comes_back_once() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let pipeline = open(dir.path());
    send(&pipeline, vec![decree(Decree::Policy(policy(PlanMode::Strict)))]);
    let items = [
        track(1, "paid", json!({"amount": 5, "coupon": "A1"})),
        track(2, "payed", json!({"amount": 7})),
        track(3, "paid", json!({"amount": "8元"})),
    ];
    send(&pipeline, vec![frame(&items), frame(&items)]);
    assert_eq!(stored(&pipeline), [("paid".into(), json!({"amount": 5.0}))]);
    let expected = [
        (PlanReason::KeyUndeclared.into(), "paid".to_owned(), json!({"coupon": "A1"})),
        (PlanReason::EventUndeclared.into(), "payed".to_owned(), json!({"amount": 7.0})),
        (PlanReason::TypeMismatch.into(), "paid".to_owned(), json!({"amount": "8元"})),
    ];
    assert_eq!(aside(&pipeline), expected, "each once, though it was sent twice");

    // Without a change of the plan nothing comes back, and nothing goes.
    send(&pipeline, vec![give_back(&pipeline, |_| {})]);
    assert_eq!(aside(&pipeline), expected);

    let mut declared = policy(PlanMode::Strict);
    declared.revision = 2;
    declared.subjects[0].properties.push(property("coupon", PlanStatus::Planned, None, false));
    let mend = |record: &mut Record| {
        let Body::Event { name, props } = &mut record.body else { return };
        *name = "paid".into();
        if let Some(Value::Text(text)) = props.get("amount") {
            let number = text.trim_end_matches('元').parse().expect("digits");
            props.insert("amount".into(), Value::Number(number));
        }
    };
    send(&pipeline, vec![decree(Decree::Policy(declared))]);
    let again = give_back(&pipeline, mend);
    pipeline.checkpoint().expect("the event is on disk now");
    send(&pipeline, vec![again.clone()]);
    let all = [
        ("paid".to_owned(), json!({"amount": 5.0, "coupon": "A1"})),
        ("paid".to_owned(), json!({"amount": 7.0})),
        ("paid".to_owned(), json!({"amount": 8.0})),
    ];
    assert_eq!((stored(&pipeline), aside(&pipeline)), (all.to_vec(), Vec::new()));
    // A second replay, and the client's own retry, change nothing; nor does a crash.
    send(&pipeline, vec![again, frame(&items)]);
    assert_eq!((stored(&pipeline), aside(&pipeline)), (all.to_vec(), Vec::new()));
    pipeline.stop(false);
    drop(pipeline);
    let pipeline = open(dir.path());
    runtime().block_on(pipeline.drain()).expect("applied");
    assert_eq!((stored(&pipeline), aside(&pipeline)), (all.to_vec(), Vec::new()));
}

#[test]
fn a_record_that_was_stored_before_strict_mode_is_not_set_aside_when_it_is_sent_again() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let pipeline = open(dir.path());
    let item = frame(&[track(1, "shown", json!({}))]);
    send(&pipeline, vec![item.clone(), decree(Decree::Policy(policy(PlanMode::Strict))), item]);
    assert_eq!((stored(&pipeline).len(), aside(&pipeline).len(), pipeline.stats().duplicates), (1, 0, 1));
}

/// Whether the pipeline gets into this state; only a pipeline that never does lets the test fail.
fn becomes_waiting(pipeline: &Pipeline, waiting: bool) -> bool {
    (0..20_000).any(|_| {
        std::thread::park_timeout(Duration::from_millis(1));
        pipeline.stats().waiting == waiting
    })
}

#[test]
fn a_disk_that_takes_nothing_is_waited_for() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let pipeline = open(dir.path());
    send(&pipeline, vec![decree(Decree::Policy(policy(PlanMode::Strict)))]);
    // A folder that is a file takes nothing, as little as a full disk does.
    let folder = dir.path().join("plan").join("quarantine");
    std::fs::create_dir_all(dir.path().join("plan")).expect("made");
    std::fs::write(&folder, "").expect("in the place of the folder");
    let (bad, good) = (track(2, "payed", json!({})), track(3, "paid", json!({"amount": 1})));
    let accepted = runtime().block_on(pipeline.append(vec![frame(&[bad]), frame(&[good])]));
    accepted.expect("the log takes it");
    assert!(becomes_waiting(&pipeline, true));
    let later = runtime().block_on(pipeline.append(vec![frame(&[])])).expect_err("clients are to come later");
    assert_eq!(later.code, siyu_types::ErrorCode::Overloaded);

    // Stopped and started in this state, it waits again, and knows nothing of the half.
    pipeline.stop(true);
    drop(pipeline);
    let pipeline = open(dir.path());
    assert!(becomes_waiting(&pipeline, true));
    std::fs::remove_file(&folder).expect("there is room again");
    runtime().block_on(pipeline.drain()).expect("applied by itself");
    assert!(becomes_waiting(&pipeline, false));
    assert_eq!(stored(&pipeline), [("paid".into(), json!({"amount": 1.0}))]);
    assert_eq!(aside(&pipeline).len(), 1);
    send(&pipeline, vec![frame(&[track(4, "paid", json!({"amount": 2}))])]);
    assert_eq!(stored(&pipeline).len(), 2, "and takes what comes");
}

/// What could not be read is read again: each good item once, whoever sends it twice.
#[test]
fn what_could_not_be_read_is_read_again() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let pipeline = open(dir.path());
    let bad = [track(1, "seen", json!({})), json!({"type": "dance", "login": "u1"})];
    send(&pipeline, vec![frame(&bad), frame(&[json!({"type": "dance"})])]);
    let open_raw = |pipeline: &Pipeline| {
        let gate = pipeline.gate();
        let open = gate.quarantine.entries().iter().filter(|entry| entry.state == EntryState::Open);
        open.map(|entry| (entry.seq, entry.reason.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(open_raw(&pipeline), [(0, "unknown_type"), (1, "unknown_type")]);
    let kept = |pipeline: &Pipeline, seq| {
        let gate = pipeline.gate();
        let entry = gate.quarantine.entry(seq).expect("there").clone();
        let held = read(&gate.quarantine.shelf(), &entry).expect("readable").expect("there");
        held.raw.expect("bytes").frame.expect("kept whole")
    };
    let again =
        |entry, frame| Decree::Returns(vec![Return { entry, frame: Some(frame), ..Return::default() }]);
    // As it was it is refused as before, and stays.
    let unchanged: Vec<_> = [0, 1].map(|seq| decree(again(seq, kept(&pipeline, seq)))).into();
    send(&pipeline, unchanged);
    assert_eq!(open_raw(&pipeline).len(), 2);
    // Mended, it goes through the pipeline once; a copy of what is stored is a duplicate.
    let mended = |items: &[Json]| base64::engine::general_purpose::STANDARD.encode(frame(items));
    let whole = mended(&[track(1, "seen", json!({})), track(2, "danced", json!({}))]);
    pipeline.checkpoint().expect("saved");
    send(&pipeline, vec![decree(again(0, whole.clone())), decree(again(0, whole))]);
    let expected = [("seen".to_owned(), json!({})), ("danced".to_owned(), json!({}))];
    assert_eq!((stored(&pipeline), open_raw(&pipeline).len()), (expected.to_vec(), 1));
    pipeline.stop(false);
    drop(pipeline);
    let pipeline = open(dir.path());
    runtime().block_on(pipeline.drain()).expect("applied");
    assert_eq!((stored(&pipeline), open_raw(&pipeline).len()), (expected.to_vec(), 1));
}

#[derive(Clone, Debug)]
enum Step {
    Send(Vec<(usize, &'static str, Json)>),
    Policy(PlanMode),
    GiveBack,
    Checkpoint,
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    let amount = prop_oneof![Just(json!(1)), Just(json!("2")), Just(json!("3元")), Just(json!(null))];
    let extra = prop_oneof![Just(json!(null)), Just(json!("x")), Just(json!(true))];
    let name = prop::sample::select(vec!["paid", "shown", "$AppStart"]);
    let item = (0..40_usize, name, amount, extra)
        .prop_map(|(id, name, amount, extra)| (id, name, json!({"amount": amount, "extra": extra})));
    prop_oneof![
        6 => prop::collection::vec(item, 1..6).prop_map(Step::Send),
        2 => prop::sample::select(vec![PlanMode::Strict, PlanMode::Lenient]).prop_map(Step::Policy),
        1 => Just(Step::GiveBack),
        1 => Just(Step::Checkpoint),
        2 => Just(Step::Kill),
    ]
}

/// Everything that is stored or kept, by the time that is each record's own.
fn everything(pipeline: &Pipeline) -> Vec<(i64, Json)> {
    let people = pipeline.project().people.read();
    let mut all: std::collections::BTreeMap<i64, serde_json::Map<String, Json>> = Default::default();
    let mut add = |time: i64, props: Json| {
        let Json::Object(props) = props else { panic!("an object") };
        all.entry(time).or_default().extend(props);
    };
    if let Some(person) = people.lookup(&Identifier::new("login", "u1")) {
        let page = TimelinePage { before: None, limit: 1_000 };
        for row in pipeline.project().events.person(&people.numbers(person), page).expect("readable") {
            add(row.time, json!(row.props));
        }
    }
    let gate = pipeline.gate();
    for entry in gate.quarantine.entries().iter().filter(|entry| entry.state == EntryState::Open) {
        let held = read(&gate.quarantine.shelf(), entry).expect("readable").expect("there");
        let record = held.record.expect("a record");
        let Body::Event { props, .. } = record.body else { panic!("an event") };
        add(record.time, json!(props));
    }
    all.into_iter().map(|(time, props)| (time, Json::Object(props))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the plan says and whenever the process dies: every key of every
    /// record is stored or kept, once; and a pipeline that never died has the same.
    #[test]
    fn nothing_is_lost_and_a_replay_decides_the_same(steps in prop::collection::vec(step(), 1..20)) {
        let (dir, twin_dir) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
        let (mut pipeline, twin) = (open(dir.path()), open(twin_dir.path()));
        let mut accepted: std::collections::BTreeMap<i64, Json> = Default::default();
        let mut revision = 0;
        for step in steps {
            let frames = match step {
                Step::Send(items) => {
                    let items: Vec<Json> = items
                        .into_iter()
                        .map(|(id, name, props)| {
                            let first = accepted.entry(AT + id as i64).or_insert_with(|| {
                                json!(props_from_json(props.as_object().expect("object").clone()))
                            });
                            // An id is sent with one content only.
                            track(id, name, first.clone())
                        })
                        .collect();
                    vec![frame(&items)]
                }
                Step::Policy(mode) => {
                    revision += 1;
                    vec![decree(Decree::Policy(Policy { revision, ..policy(mode) }))]
                }
                Step::GiveBack => vec![give_back(&pipeline, |_| {})],
                Step::Checkpoint => {
                    pipeline.checkpoint().expect("saved");
                    continue;
                }
                Step::Kill => {
                    pipeline.stop(false);
                    drop(pipeline);
                    pipeline = open(dir.path());
                    runtime().block_on(pipeline.drain()).expect("applied");
                    continue;
                }
            };
            send(&pipeline, frames.clone());
            send(&twin, frames);
        }
        let read_alike = |mut json: Json| {
            // Strict mode reads "2" as 2, which says the same.
            if json["amount"] == json!("2") {
                json["amount"] = json!(2.0);
            }
            json
        };
        let expected: Vec<(i64, Json)> =
            accepted.into_iter().map(|(time, props)| (time, read_alike(props))).collect();
        let found: Vec<(i64, Json)> =
            everything(&pipeline).into_iter().map(|(time, props)| (time, read_alike(props))).collect();
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(aside(&pipeline), aside(&twin));
        prop_assert_eq!(stored(&pipeline), stored(&twin));
        prop_assert_eq!(&pipeline.gate().seen.subjects, &twin.gate().seen.subjects);
    }
}
