//! Counters against a naive twin, over crashes, and their bounds.

mod report;
mod times;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use parking_lot::RwLock;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use siyu_audience::ProjectSettings;
use siyu_types::clock::Millis;
use siyu_types::record::{Body, Evidence};
use siyu_types::{Clock, Identifier, ProjectId, Props, Record, Value};

use super::cells::{HOUR, PROPERTIES_MAX};
use super::counters::{self, Counters, DAYS_KEPT, HOURS_KEPT, OTHER, SERIES_MAX, SOURCES_MAX};
use super::state::Quality;
use crate::frame::{Frame, ProtocolId, Terms};
use crate::pipeline::{Pipeline, PipelineOptions};

const NOW: Millis = 1_795_304_200_000;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> i64 {
        NOW
    }
}

fn open(dir: &Path) -> Pipeline {
    let settings = ProjectSettings { name: "测试".into(), zone: TimeZone::UTC, currency: "CNY".into() };
    let options =
        PipelineOptions { checkpoint_every: Duration::from_secs(3600), ..PipelineOptions::default() };
    let listeners = Arc::new(RwLock::new(Vec::new().into()));
    let pseudonyms = crate::erasure::test_pseudonyms();
    Pipeline::open(dir, ProjectId(1), settings, Arc::new(Fixed), options, listeners, pseudonyms)
        .expect("opens")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
}

fn send(
    pipeline: &Pipeline,
    protocol: ProtocolId,
    terms: Terms,
    received_at: Millis,
    source: &str,
    body: &[u8],
) {
    let frame = Frame { protocol, terms, received_at, source, route: "batch", query: "", body };
    let runtime = runtime();
    runtime.block_on(pipeline.append(vec![frame.encode()])).expect("accepted");
}

fn drain(pipeline: &Pipeline) {
    runtime().block_on(pipeline.drain()).expect("applied");
}

/// What the twin counts of a source and event in an hour.
#[derive(Clone, PartialEq, Debug, Default)]
struct Naive {
    records: u64,
    duplicates: u64,
    rejected: u64,
}

#[derive(Clone, Debug)]
enum Move {
    /// Hours later, from this source: numbers of items, some of them refused.
    Send(i64, u8, Vec<u8>),
    Checkpoint,
    Kill,
    Stop,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => (0..30_i64, 0..3_u8, proptest::collection::vec(0..60_u8, 1..8)).prop_map(|(h, s, n)| Move::Send(h, s, n)),
        2 => Just(Move::Checkpoint),
        2 => Just(Move::Kill),
        1 => Just(Move::Stop),
    ];
    proptest::collection::vec(one, 1..16)
}

/// Every fifth number is no event at all, every seventh lies in the future.
fn item(number: u8, at: Millis) -> Json {
    let time = if number % 7 == 3 { at + 48 * HOUR } else { at - Millis::from(number) * 60_000 };
    let kind = if number % 5 == 4 { "dance" } else { "track" };
    let props = match number % 3 {
        0 => json!({"a": 1, "b": "x"}),
        1 => json!({"a": "1", "c": ""}),
        _ => json!({"b": null, "c": ["y"]}),
    };
    json!({"type": kind, "id": format!("{number}"), "event": format!("e{}", number % 2), "device": "d",
        "time": time, "properties": props})
}

fn counted(pipeline: &Pipeline) -> BTreeMap<(String, String, i64), Naive> {
    pipeline.counters(|counters| {
        let mut all = BTreeMap::new();
        for series in &counters.series {
            let source = counters.sources[usize::from(series.source)].name.to_string();
            for cell in &series.hours {
                let counts = &cell.counts;
                let naive = Naive {
                    records: counts.records,
                    duplicates: counts.duplicates,
                    rejected: counts.rejected,
                };
                all.insert((source.clone(), series.event.to_string(), cell.at), naive);
            }
            let hours: u64 = series.hours.iter().map(|cell| cell.counts.records).sum();
            let days: u64 = series.days.iter().map(|cell| cell.counts.records).sum();
            assert_eq!(hours, days, "hours and days are two views of the same");
        }
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn counters_agree_with_a_naive_twin_whatever_is_killed_when(moves in moves()) {
        let dir = tempfile::tempdir().expect("temporary folder");
        let mut pipeline = open(dir.path());
        let mut at = NOW;
        let mut expected: BTreeMap<(String, String, i64), Naive> = BTreeMap::new();
        // Keys are forgotten in whole generations, so the twin only repeats within the window.
        let mut seen: BTreeMap<u8, Millis> = BTreeMap::new();
        for step in moves {
            match step {
                Move::Send(later, source, numbers) => {
                    at += later * HOUR / 30;
                    let items: Vec<_> = numbers.iter().map(|number| item(*number, at)).collect();
                    let body = json!({"batch": items}).to_string();
                    let source = format!("s{source}");
                    send(&pipeline, ProtocolId::Own, Terms::default(), at, &source, body.as_bytes());
                    for number in numbers {
                        let unreadable = number % 5 == 4;
                        let event = if unreadable { counters::UNREADABLE.to_owned() } else { format!("e{}", number % 2) };
                        let naive = expected.entry((source.clone(), event, at.div_euclid(HOUR))).or_default();
                        if unreadable {
                            naive.rejected += 1;
                        } else if seen.insert(number, at).is_some() {
                            naive.duplicates += 1;
                        } else if number % 7 == 3 {
                            naive.rejected += 1;
                        } else {
                            naive.records += 1;
                        }
                    }
                    continue;
                }
                Move::Checkpoint => {
                    pipeline.checkpoint().expect("saved");
                    continue;
                }
                Move::Kill => pipeline.stop(false),
                Move::Stop => pipeline.stop(true),
            }
            drop(pipeline);
            pipeline = open(dir.path());
        }
        drain(&pipeline);
        prop_assert_eq!(counted(&pipeline), expected);
    }

    /// Counting properties side by side gives what counting them one by one gives.
    #[test]
    fn property_cells_agree_with_a_naive_twin(
        events in proptest::collection::vec(proptest::collection::btree_map("[a-e]", 0..6_u8, 0..5), 1..30),
    ) {
        let mut counters = Counters::default();
        let mut naive: BTreeMap<String, (u64, u64, [u64; 4])> = BTreeMap::new();
        for props in &events {
            let value = |kind: u8| match kind {
                0 => Value::Bool(true),
                1 => Value::Number(1.0),
                2 => Value::Text("x".into()),
                3 => Value::Text("未取到值".into()),
                4 => Value::List(vec![]),
                _ => Value::List(vec!["x".into()]),
            };
            for (name, kind) in props {
                let (present, empty, kinds) = naive.entry(name.clone()).or_default();
                *present += 1;
                *empty += u64::from(matches!(kind, 3 | 4));
                kinds[match kind { 0 => 0, 1 => 1, 2 | 3 => 2, _ => 3 }] += 1;
            }
            let props = props.iter().map(|(name, kind)| (name.clone(), value(*kind))).collect();
            let source = counters.begin("s", NOW, None);
            counters.applied(source, &event("e", NOW, props));
        }
        let cells = counters.series[0].days[0].properties.iter();
        let found: BTreeMap<_, _> = cells.map(|cell| (cell.name.to_string(), (cell.present, cell.empty, cell.kinds))).collect();
        prop_assert_eq!(found, naive);
    }
}

fn event(name: &str, at: Millis, props: Props) -> Record {
    Record {
        key: 0,
        time: at,
        received_at: at,
        ids: vec![Identifier::new("device", "d")],
        evidence: Evidence::Weak,
        body: Body::Event { name: name.to_owned(), props },
        source: "s".to_owned(),
    }
}

#[test]
fn counters_are_bounded_and_forget_what_is_old() {
    let mut counters = Counters::default();
    for number in 0..SERIES_MAX + SOURCES_MAX {
        let source = counters.begin(&format!("s{number}"), NOW, Some(&("lib".into(), number.to_string())));
        let props = (0..PROPERTIES_MAX + 7).map(|n| (format!("p{n:03}"), Value::Bool(true))).collect();
        counters.applied(source, &event(&format!("e{number}"), NOW, props));
    }
    assert_eq!(counters.sources.len(), SOURCES_MAX);
    assert!(counters.series.len() <= SERIES_MAX, "{}", counters.series.len());
    let other = counters.sources.iter().find(|source| &*source.name == OTHER).expect("a row of others");
    assert!(other.libraries.len() <= counters::LIBRARIES_MAX);
    let total: u64 =
        counters.series.iter().flat_map(|series| &series.days).map(|day| day.counts.records).sum();
    assert_eq!(total, (SERIES_MAX + SOURCES_MAX) as u64, "what is beyond a bound is counted as other");
    let day = &counters.series[0].days[0];
    assert_eq!((day.properties.len(), day.others), (PROPERTIES_MAX, 7));

    for day in 0..2 * DAYS_KEPT + 40 {
        let at = NOW + day * 24 * HOUR;
        let source = counters.begin("s0", at, None);
        counters.applied(source, &event("steady", at, Props::new()));
    }
    let steady = counters.series.iter().find(|series| &*series.event == "steady").expect("kept");
    assert!(steady.days.len() as i64 <= DAYS_KEPT + 1 && steady.hours.len() as i64 <= HOURS_KEPT / 24 + 1);
    assert_eq!(counters.series.len(), 1, "what was not seen for so long is forgotten");

    let dir = tempfile::tempdir().expect("temporary folder");
    let mut quality = Quality::default();
    *quality.change() = counters.clone();
    let safe = crate::safe::Safe::default();
    let state = quality.snapshot(dir.path(), &safe).expect("written");
    assert_eq!(Quality::load(dir.path(), &state, &safe).expect("read").counters, counters);
}
