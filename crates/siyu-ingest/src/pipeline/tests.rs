//! The pipeline against a model: whatever is killed whenever, nothing accepted is
//! lost and nothing is applied twice.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use siyu_audience::ProjectSettings;
use siyu_types::{Identifier, Value};

use super::*;
use crate::frame::{Frame, ProtocolId, Terms};

const RECEIVED_AT: i64 = 1_795_304_200_000;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> i64 {
        RECEIVED_AT
    }
}

fn open(dir: &Path, options: PipelineOptions) -> Pipeline {
    let settings =
        ProjectSettings { name: "测试".into(), zone: jiff::tz::TimeZone::UTC, currency: "CNY".into() };
    let listeners: Listeners = Arc::new(RwLock::new(Vec::new().into()));
    let pseudonyms = crate::erasure::test_pseudonyms();
    Pipeline::open(dir, ProjectId(1), settings, Arc::new(Fixed), options, listeners, pseudonyms)
        .expect("opens")
}

fn options() -> PipelineOptions {
    // Checkpoints happen only when the test asks for one.
    PipelineOptions {
        checkpoint_every: Duration::from_secs(3600),
        keep_frames: 3,
        ..PipelineOptions::default()
    }
}

/// One request: for each number an event and an increment of its person.
fn frame(numbers: &[u8]) -> Bytes {
    let items: Vec<_> = numbers
        .iter()
        .flat_map(|number| {
            let login = format!("u{}", number % 7);
            [
                json!({"type": "track", "id": format!("e{number}"), "event": "paid", "login": login,
                       "time": RECEIVED_AT - i64::from(*number)}),
                json!({"type": "profile_increment", "id": format!("p{number}"), "login": login,
                       "properties": {"points": 1}, "time": RECEIVED_AT}),
            ]
        })
        .chain([json!({"type": "track", "event": "nobody did this", "id": "x"})])
        .collect();
    let body = json!({"batch": items}).to_string();
    let protocol = ProtocolId::Own;
    Frame {
        protocol,
        terms: Terms::default(),
        received_at: RECEIVED_AT,
        source: "web",
        route: "",
        query: "",
        body: body.as_bytes(),
    }
    .encode()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
}

fn points(pipeline: &Pipeline, login: u8) -> Option<f64> {
    let people = pipeline.project().people.read();
    let person = people.lookup(&Identifier::new("login", format!("u{login}")))?;
    people.value(person, "points").as_ref().and_then(Value::as_number)
}

/// Compares everything that can be seen with what was accepted.
fn agrees(pipeline: &Pipeline, accepted: &BTreeSet<u8>, requests: u64) {
    assert_eq!(pipeline.project().events.stats().events, accepted.len() as u64);
    for login in 0..7 {
        let expected = accepted.iter().filter(|number| *number % 7 == login).count();
        let found = points(pipeline, login).unwrap_or_default();
        assert_eq!(found, expected as f64, "points of u{login}");
    }
    let people = pipeline.project().people.read();
    for number in accepted {
        let person = people.lookup(&Identifier::new("login", format!("u{}", number % 7))).expect("known");
        let activity = accepted.iter().filter(|other| *other % 7 == number % 7).count();
        let page = siyu_events::TimelinePage { before: None, limit: 1000 };
        let rows = pipeline.project().events.person(&people.numbers(person), page).expect("readable");
        assert_eq!(rows.len(), activity);
    }
    assert_eq!(pipeline.stats().rejected, requests, "one item of each request is set aside, once");
}

#[derive(Clone, Debug)]
enum Step {
    Send(Vec<u8>),
    /// Waits until everything is applied.
    Drain,
    Checkpoint,
    /// Dies in the middle of a checkpoint.
    KillInCheckpoint,
    Kill,
    Stop,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => proptest::collection::vec(any::<u8>(), 1..12).prop_map(Step::Send),
        2 => Just(Step::Drain),
        2 => Just(Step::Checkpoint),
        1 => Just(Step::KillInCheckpoint),
        2 => Just(Step::Kill),
        1 => Just(Step::Stop),
    ];
    proptest::collection::vec(step, 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn nothing_accepted_is_lost_or_applied_twice(steps in steps()) {
        let dir = tempfile::tempdir().expect("temporary folder");
        let runtime = runtime();
        let (mut accepted, mut requests) = (BTreeSet::new(), 0);
        let mut pipeline = open(dir.path(), options());
        for step in steps {
            match step {
                Step::Send(numbers) => {
                    runtime.block_on(pipeline.append(vec![frame(&numbers)])).expect("accepted");
                    accepted.extend(numbers);
                    requests += 1;
                    continue;
                }
                Step::Drain => {
                    runtime.block_on(pipeline.drain()).expect("applied");
                    agrees(&pipeline, &accepted, requests);
                    continue;
                }
                Step::Checkpoint => {
                    pipeline.checkpoint().expect("saved");
                    continue;
                }
                Step::KillInCheckpoint => {
                    pipeline.write_parts().expect("written");
                    pipeline.stop(false);
                }
                Step::Kill => pipeline.stop(false),
                Step::Stop => pipeline.stop(true),
            }
            drop(pipeline);
            pipeline = open(dir.path(), options());
        }
        runtime.block_on(pipeline.drain()).expect("applied");
        agrees(&pipeline, &accepted, requests);
    }
}

#[test]
fn a_clean_stop_leaves_nothing_to_replay_and_a_checkpoint_trims_the_log() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let runtime = runtime();
    let pipeline = open(dir.path(), options());
    for number in 0..20 {
        runtime.block_on(pipeline.append(vec![frame(&[number])])).expect("accepted");
    }
    runtime.block_on(pipeline.drain()).expect("applied");
    pipeline.stop(true);
    drop(pipeline);
    let pipeline = open(dir.path(), options());
    let stats = pipeline.stats();
    assert_eq!((stats.applied, stats.log_end, stats.checkpoint, stats.items), (20, 20, 20, 0));
    assert_eq!(stats.rejected, 20);
    assert_eq!(points(&pipeline, 3), Some(3.0));
}

#[test]
fn an_old_duplicate_is_known_after_a_restart() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let runtime = runtime();
    for round in 0..3 {
        let pipeline = open(dir.path(), options());
        runtime.block_on(pipeline.append(vec![frame(&[1, 2, 3])])).expect("accepted");
        runtime.block_on(pipeline.drain()).expect("applied");
        assert_eq!(pipeline.project().events.stats().events, 3, "round {round}");
        pipeline.stop(true);
    }
}

#[test]
fn the_live_view_shows_the_newest_first() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let pipeline = open(dir.path(), options());
    runtime().block_on(async {
        pipeline.append(vec![frame(&[1]), frame(&[2])]).await.expect("accepted");
        pipeline.drain().await.expect("applied");
    });
    let seqs: Vec<_> = pipeline.live(10, |_| true).into_iter().map(|row| row.seq).collect();
    assert_eq!(seqs, [1, 0]);
    assert_eq!(pipeline.live(10, |row| row.name == "other").len(), 0);
    let gate = pipeline.gate();
    let aside: Vec<_> = gate.quarantine.entries().iter().collect();
    assert_eq!(aside.len(), 2);
    let held = crate::plan::read(&gate.quarantine.shelf(), aside[0]).expect("readable").expect("there");
    assert!(held.raw.expect("it is no record").excerpt.contains("nobody did this"));
}
