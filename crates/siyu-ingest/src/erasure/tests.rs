//! Erasing within the pipeline against a model: whatever is killed whenever, whoever was
//! erased stays erased, everybody else has exactly what they had, and the log lets go.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::RwLock;
use proptest::prelude::*;
use serde_json::json;
use siyu_audience::ProjectSettings;
use siyu_types::erasure::ErasureOrder;
use siyu_types::record::{Body, Evidence, key_of};
use siyu_types::{Clock, Identifier, ProjectId, Record, Value};

use crate::frame::{Frame, ProtocolId, Terms};
use crate::pipeline::{Pipeline, PipelineOptions};
use crate::protocols::encode_records;

const NOW: i64 = 1_795_304_200_000;
const LOGINS: u8 = 5;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> i64 {
        NOW
    }
}

fn open(dir: &Path) -> Pipeline {
    let settings =
        ProjectSettings { name: "测试".into(), zone: jiff::tz::TimeZone::UTC, currency: "CNY".into() };
    let listeners = Arc::new(RwLock::new(Vec::new().into()));
    let options =
        PipelineOptions { checkpoint_every: Duration::from_secs(3600), ..PipelineOptions::default() };
    let pseudonyms = super::test_pseudonyms();
    Pipeline::open(dir, ProjectId(1), settings, Arc::new(Fixed), options, listeners, pseudonyms)
        .expect("opens")
}

fn frame(protocol: ProtocolId, body: &[u8]) -> Bytes {
    let (terms, received_at) = (Terms::default(), NOW);
    Frame { protocol, terms, received_at, source: "web", route: "", query: "", body }.encode()
}

fn login(number: u8) -> String {
    format!("login-{}", number % LOGINS)
}

/// For each number an event and an increment of its person, in one request.
fn sent(numbers: &[u8]) -> Bytes {
    let items: Vec<_> = numbers
        .iter()
        .flat_map(|number| {
            [
                json!({"type": "track", "id": format!("e{number}"), "event": "paid", "login": login(*number),
                       "time": NOW - 1_000 - i64::from(*number)}),
                json!({"type": "profile_increment", "id": format!("p{number}"), "login": login(*number),
                       "properties": {"points": 1}, "time": NOW - 1_000}),
            ]
        })
        .collect();
    frame(ProtocolId::Own, json!({"batch": items}).to_string().as_bytes())
}

fn order(erasure: i64, person: u32) -> Bytes {
    let record = Record {
        key: key_of(&[b"erasure", &erasure.to_le_bytes()]),
        time: NOW,
        received_at: NOW,
        ids: Vec::new(),
        evidence: Evidence::Weak,
        body: Body::Erasure(ErasureOrder { erasure, person }),
        source: "siyu".to_owned(),
    };
    frame(ProtocolId::Internal, &encode_records(&[record]).expect("encodes"))
}

#[derive(Clone, Debug)]
enum Step {
    Send(Vec<u8>),
    Erase(u8),
    Checkpoint,
    Crash,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => prop::collection::vec(0u8..40, 1..6).prop_map(Step::Send),
        2 => (0..LOGINS).prop_map(Step::Erase),
        1 => Just(Step::Checkpoint),
        1 => Just(Step::Crash),
        1 => Just(Step::Restart),
    ]
}

/// What is known of a login: its number, points and events.
fn known(pipeline: &Pipeline, number: u8) -> Option<(u32, f64, usize)> {
    let people = pipeline.project().people.read();
    let person = people.lookup(&Identifier::new("login", login(number)))?;
    let points = people.value(person, "points").as_ref().and_then(Value::as_number).unwrap_or(0.0);
    let page = siyu_events::TimelinePage { before: None, limit: 1_000 };
    let events = pipeline.project().events.person(&people.numbers(person), page).expect("reads");
    Some((person.0, points, events.len()))
}

fn in_log(dir: &Path, text: &str) -> bool {
    std::fs::read_dir(dir.join("log")).expect("readable").any(|entry| {
        let bytes = std::fs::read(entry.expect("readable").path()).expect("readable");
        memchr::memmem::find(&bytes, text.as_bytes()).is_some()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whoever_is_erased_stays_so(steps in prop::collection::vec(step(), 1..25)) {
        let dir = tempfile::tempdir().expect("temp");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let mut pipeline = open(dir.path());
        let (mut seen, mut counts) = (BTreeSet::new(), BTreeMap::<u8, usize>::new());
        let (mut erased, mut numbers) = (BTreeMap::<u8, i64>::new(), BTreeMap::<u8, u32>::new());
        for step in steps {
            match step {
                Step::Send(sent_now) => {
                    runtime.block_on(pipeline.append(vec![sent(&sent_now)])).expect("appends");
                    for number in sent_now {
                        let who = number % LOGINS;
                        if !erased.contains_key(&who) && seen.insert(number) {
                            *counts.entry(who).or_default() += 1;
                        }
                    }
                }
                Step::Erase(who) => {
                    runtime.block_on(pipeline.drain()).expect("drains");
                    if let Some((person, _, _)) = known(&pipeline, who) {
                        let erasure = erased.len() as i64 + 1;
                        // Twice in the log, as after a crash between the two writes.
                        let orders = vec![order(erasure, person), order(erasure, person)];
                        runtime.block_on(pipeline.append(orders)).expect("appends");
                        runtime.block_on(pipeline.drain()).expect("drains");
                        prop_assert_eq!(pipeline.erased(erasure).expect("obeyed").numbers, vec![person]);
                        erased.insert(who, erasure);
                        counts.remove(&who);
                    }
                }
                Step::Checkpoint => {
                    runtime.block_on(pipeline.drain()).expect("drains");
                    pipeline.checkpoint().expect("writes");
                }
                Step::Crash | Step::Restart => {
                    pipeline.stop(matches!(step, Step::Restart));
                    drop(pipeline);
                    pipeline = open(dir.path());
                }
            }
            runtime.block_on(pipeline.drain()).expect("drains");
            for who in 0..LOGINS {
                let found = known(&pipeline, who);
                let expected = counts.get(&who).copied();
                prop_assert_eq!(found.map(|(_, points, events)| (points as usize, events)), expected.map(|n| (n, n)));
                if let Some((number, _, _)) = found {
                    prop_assert_eq!(*numbers.entry(who).or_insert(number), number, "{} keeps its number", who);
                }
            }
        }
        let given: BTreeSet<&u32> = numbers.values().collect();
        prop_assert_eq!(given.len(), numbers.len(), "no number is given twice");
        for erasure in erased.values() {
            let person = pipeline.erased(*erasure).expect("obeyed");
            pipeline.forget_events(&person).expect("forgets");
        }
        pipeline.checkpoint().expect("writes");
        pipeline.clean_log().expect("rewrites");
        let end = pipeline.log().end();
        pipeline.stop(false);
        for who in 0..LOGINS {
            let there = in_log(dir.path(), &login(who));
            prop_assert!(!erased.contains_key(&who) || !there, "{} is still in the log", login(who));
        }
        drop(pipeline);
        let pipeline = open(dir.path());
        prop_assert_eq!(pipeline.log().end(), end);
        for (who, count) in &counts {
            prop_assert_eq!(known(&pipeline, *who).map(|(_, points, events)| (points as usize, events)), Some((*count, *count)));
        }
    }
}

#[test]
fn late_data_leaves_the_log_by_itself() {
    let dir = tempfile::tempdir().expect("temp");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let pipeline = open(dir.path());
    runtime.block_on(pipeline.append(vec![sent(&[1, 2]), order(1, 0)])).expect("appends");
    runtime.block_on(pipeline.drain()).expect("drains");
    pipeline.checkpoint().expect("writes");
    pipeline.clean_log().expect("rewrites");
    assert!(!in_log(dir.path(), "login-1"));
    runtime.block_on(pipeline.append(vec![sent(&[6, 7])])).expect("appends");
    runtime.block_on(pipeline.drain()).expect("drains");
    assert!(in_log(dir.path(), "login-1"), "accepted means durable");
    assert_eq!((known(&pipeline, 1), known(&pipeline, 2).map(|(_, _, events)| events)), (None, Some(2)));
    // The checkpoint at the end covers it; what covers it, cleans.
    pipeline.stop(true);
    assert!(!in_log(dir.path(), "login-1"));
    drop(pipeline);
    assert_eq!(known(&open(dir.path()), 2).map(|(_, points, events)| (points, events)), Some((2.0, 2)));
}
