//! Clocks, repeats and unlikely times of every protocol, through the pipeline.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use siyu_events::TimelinePage;
use siyu_types::Identifier;
use siyu_types::clock::Millis;

use super::super::cells::HOUR;
use super::{NOW, drain, open, runtime, send};
use crate::frame::{ProtocolId, Terms};
use crate::pipeline::Pipeline;
use crate::plan::{Decree, Return, encode, read};

/// One request of a protocol about `device`, at this time by the client's clock.
fn request(protocol: ProtocolId, device: &str, client_time: Millis, sent_at: Millis) -> Vec<u8> {
    let iso = |at: Millis| jiff::Timestamp::from_millisecond(at).expect("a time").to_string();
    match protocol {
        ProtocolId::Sensors => {
            let mut items = Vec::new();
            for (kind, props) in [("track", json!({"n": 1})), ("profile_increment", json!({"points": 5}))] {
                let mut item = json!({"type": kind, "distinct_id": device, "time": client_time,
                    "_flush_time": sent_at, "properties": props});
                if kind == "track" {
                    item["event"] = json!("paid");
                    item["_track_id"] = json!(12_345);
                }
                items.push(item);
            }
            format!("data_list={}", STANDARD.encode(Json::from(items).to_string())).into_bytes()
        }
        ProtocolId::Segment => json!({"sentAt": iso(sent_at), "batch": [
            {"type": "track", "event": "paid", "anonymousId": device, "messageId": "m1",
                "timestamp": iso(client_time), "properties": {"n": 1}}]})
        .to_string()
        .into_bytes(),
        _ => json!({"sent_at": sent_at, "batch": [
            {"type": "track", "event": "paid", "device": device, "id": "m1", "time": client_time,
                "properties": {"n": 1}},
            {"type": "profile_increment", "device": device, "id": "m2", "time": client_time,
                "properties": {"points": 5}}]})
        .to_string()
        .into_bytes(),
    }
}

fn times(pipeline: &Pipeline, device: &str) -> Vec<Millis> {
    let people = pipeline.project().people.read();
    let Some(person) = people.lookup(&Identifier::new("device", device)) else { return Vec::new() };
    let page = TimelinePage { before: None, limit: 100 };
    let rows = pipeline.project().events.person(&people.numbers(person), page).expect("readable");
    rows.into_iter().map(|row| row.time).collect()
}

const CLIENTS: [ProtocolId; 3] = [ProtocolId::Own, ProtocolId::Sensors, ProtocolId::Segment];

#[test]
fn a_clock_two_hours_wrong_is_corrected_for_every_protocol_unless_it_is_trusted() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let pipeline = open(dir.path());
    let happened = NOW - 10 * 60_000;
    let trusted = Terms { trust_time: true, ..Terms::default() };
    for protocol in CLIENTS {
        for (case, wrong, terms, expected) in [
            ("behind", -2 * HOUR, Terms::default(), happened),
            ("ahead", 2 * HOUR, Terms::default(), happened),
            ("right", 0, Terms::default(), happened),
            ("trusted", -2 * HOUR, trusted, happened - 2 * HOUR),
        ] {
            let device = format!("{}-{case}", protocol.as_str());
            let body = request(protocol, &device, happened + wrong, NOW + wrong);
            // A message id is known for the whole project, so every case has a source of its own id.
            let body = String::from_utf8(body).expect("text").replace("\"m1\"", &format!("\"{device}\""));
            let body = body.replace("\"m2\"", &format!("\"{device}2\""));
            send(&pipeline, protocol, terms, NOW, "web", body.as_bytes());
            drain(&pipeline);
            assert_eq!(times(&pipeline, &device), [expected], "{device}");
        }
    }
}

#[test]
fn a_batch_that_is_sent_three_times_counts_once_even_over_a_restart() {
    let dir = tempfile::tempdir().expect("temporary folder");
    for round in 0..3_i64 {
        let pipeline = open(dir.path());
        for protocol in CLIENTS {
            let at = NOW + round * HOUR;
            // What a resend changes: the time of sending, and of receipt.
            let body = request(protocol, protocol.as_str(), NOW - 1000, at);
            send(&pipeline, protocol, Terms { dedupe_hours: 48, ..Terms::default() }, at, "web", &body);
        }
        drain(&pipeline);
        for protocol in CLIENTS {
            assert_eq!(times(&pipeline, protocol.as_str()), [NOW - 1000], "{} {round}", protocol.as_str());
            let people = pipeline.project().people.read();
            let person = people.lookup(&Identifier::new("device", protocol.as_str())).expect("known");
            let points = people.value(person, "points").and_then(|value| value.as_number());
            let expected = if protocol == ProtocolId::Segment { None } else { Some(5.0) };
            assert_eq!(points, expected, "{} {round}", protocol.as_str());
        }
        let duplicates = pipeline.counters(|counters| -> u64 {
            counters.series.iter().flat_map(|series| &series.hours).map(|cell| cell.counts.duplicates).sum()
        });
        assert_eq!(duplicates, 5 * round as u64, "and the repeats are counted");
        pipeline.stop(round == 1);
    }
}

#[test]
fn unlikely_times_are_held_back_and_let_in_once() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let pipeline = open(dir.path());
    let terms = Terms { oldest_hours: 24 * 30, ..Terms::default() };
    let day = 24 * HOUR;
    let cases =
        [("future", NOW + 2 * day), ("old", NOW - 31 * day), ("fine", NOW - 29 * day), ("soon", NOW + day)];
    let items: Vec<_> = cases
        .iter()
        .map(|(device, time)| json!({"type": "track", "event": "e", "device": device, "time": time}))
        .collect();
    let body = json!({"batch": items}).to_string();
    send(&pipeline, ProtocolId::Own, terms, NOW, "web", body.as_bytes());
    let past = json!({"type": "track", "event": "e", "device": "trusted", "time": NOW - 4000 * day});
    let trusted = Terms { trust_time: true, ..terms };
    send(&pipeline, ProtocolId::Own, trusted, NOW, "fill", json!({"batch": [past]}).to_string().as_bytes());
    drain(&pipeline);
    let stored = |pipeline: &Pipeline| {
        let all = ["future", "old", "fine", "soon", "trusted"];
        all.into_iter().filter(|device| !times(pipeline, device).is_empty()).collect::<Vec<_>>()
    };
    assert_eq!(stored(&pipeline), ["fine", "soon", "trusted"]);
    let held = |pipeline: &Pipeline| -> Vec<_> {
        let gate = pipeline.gate();
        gate.quarantine.entries().iter().map(|entry| (entry.reason.as_str(), entry.settled_at)).collect()
    };
    assert_eq!(held(&pipeline), [("future_time", None), ("past_time", None)]);

    let give_back = |entry: usize, accepted: bool, received: bool| {
        let gate = pipeline.gate();
        let entry = gate.quarantine.entries()[entry].clone();
        let held = read(&gate.quarantine.shelf(), &entry).expect("readable").expect("there");
        drop(gate);
        let mut record = held.record.expect("whole");
        if received {
            record.time = record.received_at;
        }
        let record = Some(record);
        let one = Return { entry: entry.seq, record, time_accepted: accepted, ..Return::default() };
        let frame = encode(&Decree::Returns(vec![one]), NOW + 1).expect("fits");
        runtime().block_on(pipeline.append(vec![frame])).expect("accepted");
        drain(&pipeline);
    };
    give_back(0, false, false);
    assert_eq!(held(&pipeline)[0].1, None, "nobody said that the time is meant");
    give_back(0, true, true);
    give_back(0, true, false);
    give_back(1, true, false);
    // Sent again by the client, it is known.
    send(&pipeline, ProtocolId::Own, terms, NOW, "web", body.as_bytes());
    drain(&pipeline);
    assert_eq!(times(&pipeline, "future"), [NOW]);
    assert_eq!(times(&pipeline, "old"), [NOW - 31 * day]);
    let settled = [("future_time", Some(NOW + 1)), ("past_time", Some(NOW + 1))];
    assert_eq!(held(&pipeline), settled);
    pipeline.stop(true);
    drop(pipeline);
    let again = open(dir.path());
    assert_eq!(held(&again), settled, "and stays let in");
}

#[test]
fn equal_records_of_a_server_client_are_both_meant() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let pipeline = open(dir.path());
    let item = json!({"type": "track", "event": "scan", "distinct_id": "pos", "time": NOW, "properties": {}});
    let mut tracked = item.clone();
    tracked["distinct_id"] = json!("js");
    tracked["_track_id"] = json!(1);
    let list = Json::from(vec![item.clone(), item.clone(), tracked.clone(), tracked]).to_string();
    let body = format!("data_list={}", STANDARD.encode(list));
    for _ in 0..3 {
        send(&pipeline, ProtocolId::Sensors, Terms::default(), NOW, "pos", body.as_bytes());
    }
    drain(&pipeline);
    assert_eq!((times(&pipeline, "pos").len(), times(&pipeline, "js").len()), (2, 1));
}
