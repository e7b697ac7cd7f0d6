//! Golden files of every protocol, and properties that hold for all of them.
//!
//! `testdata/protocols/<protocol>/<name>.txt` is a request: a request line,
//! headers, an empty line, the body. `<name>.json` beside it is what it must
//! decode to; `GOLDEN_WRITE=1` writes it anew, to be reviewed in the diff.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use siyu_types::Value;
use siyu_types::record::{Body, Evidence};

use super::*;
use crate::frame::Terms;

/// A moment after the captured requests were sent.
const RECEIVED_AT: i64 = 1_795_304_200_000;

fn golden_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/protocols")
}

fn frame<'a>(protocol: ProtocolId, route: &'a str, query: &'a str, body: &'a [u8]) -> Frame<'a> {
    Frame { protocol, terms: Terms::default(), received_at: RECEIVED_AT, source: "test", route, query, body }
}

/// Splits a request file into route, query and body.
fn request(text: &str) -> (String, String, String) {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let target = head.split_whitespace().nth(1).expect("a request line");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let route = path.rsplit('/').next().unwrap_or_default();
    (route.to_owned(), query.to_owned(), body.trim_end_matches('\n').to_owned())
}

fn shown(decoded: &Decoded) -> Json {
    let records: Vec<_> = decoded
        .records
        .iter()
        .map(|(index, record)| {
            // JSON values hold no 128-bit numbers.
            let mut shown = serde_json::to_value(Record { key: 0, ..record.clone() }).expect("serialises");
            shown["key"] = json!(format!("{:032x}", record.key));
            shown["item"] = json!(index);
            shown
        })
        .collect();
    let refusals: Vec<_> = decoded
        .refusals
        .iter()
        .map(|refusal| json!({"item": refusal.index, "code": refusal.reason.code, "field": refusal.reason.field}))
        .collect();
    json!({"items": decoded.items, "records": records, "refusals": refusals})
}

#[test]
fn recorded_requests_decode_as_reviewed() {
    let mut seen = 0;
    for protocol in ["own", "sensors", "segment", "webhook"] {
        let id = ProtocolId::ALL.iter().copied().find(|id| id.as_str() == protocol).expect("known");
        let folder = golden_folder().join(protocol);
        for entry in std::fs::read_dir(&folder).expect("golden folder") {
            let path = entry.expect("readable").path();
            if path.extension().is_none_or(|extension| extension != "txt") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("text");
            let (route, mut query, body) = request(&text);
            if protocol == "webhook" {
                // What the server puts there: the mapping in force.
                let mapping = text.lines().find_map(|line| line.strip_prefix("mapping: "));
                query = mapping.unwrap_or_default().to_owned();
            }
            let route = if protocol == "segment" { route.as_str() } else { "" };
            let found = shown(&decode(&frame(id, long_route(route), &query, body.as_bytes())));
            let expected = path.with_extension("json");
            if std::env::var_os("GOLDEN_WRITE").is_some() {
                let text = serde_json::to_string_pretty(&found).expect("serialises") + "\n";
                std::fs::write(&expected, text).expect("writable");
            }
            let text = std::fs::read_to_string(&expected).expect("the reviewed answer");
            let expected: Json = serde_json::from_str(&text).expect("JSON");
            assert_eq!(found, expected, "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 9, "only {seen} golden files were found");
}

/// `testdata/protocols/web/` holds what the web SDK's own tests produce; here the
/// other end is held: all of it is understood, and as reviewed.
#[test]
fn what_the_web_sdk_sends_decodes_as_reviewed() {
    let folder = golden_folder().join("web");
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).expect("samples") {
        let path = entry.expect("readable").path();
        let Some(name) = path.file_name().filter(|_| path.extension().is_some_and(|it| it == "json")) else {
            continue;
        };
        let body = std::fs::read_to_string(&path).expect("text");
        let sent: Json = serde_json::from_str(&body).unwrap_or_default();
        let mut frame = frame(ProtocolId::Own, "", "", body.as_bytes());
        // A body with half a letter is no JSON value of serde's, but of ours.
        frame.received_at = sent["sent_at"].as_i64().unwrap_or(1_795_241_103_000) + 150;
        let found = decode(&frame);
        assert_eq!(found.refusals, [], "{}", path.display());
        let expected = folder.join("decoded").join(name);
        if std::env::var_os("GOLDEN_WRITE").is_some() {
            let text = serde_json::to_string_pretty(&shown(&found)).expect("serialises") + "\n";
            std::fs::write(&expected, text).expect("writable");
        }
        let text = std::fs::read_to_string(&expected).expect("the reviewed answer");
        let expected: Json = serde_json::from_str(&text).expect("JSON");
        assert_eq!(shown(&found), expected, "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 9, "only {seen} samples were found");
}

#[test]
fn what_the_load_generator_sends_is_read_whole() {
    use siyu_testkit::load::{Load, Speech, hook_mapping};
    for (speech, events_per_request) in
        Speech::ALL.map(|speech| (speech, 50)).into_iter().chain([(Speech::Webhook, 1)])
    {
        let load = Load { speech, people: 1_000, events_per_request, seed: 3, now: RECEIVED_AT };
        let request = load.request(0, "wk_key");
        let (protocol, query) = match speech {
            Speech::Own => (ProtocolId::Own, String::new()),
            Speech::Sensors => (ProtocolId::Sensors, String::new()),
            Speech::Segment => (ProtocolId::Segment, String::new()),
            Speech::Webhook => (ProtocolId::Webhook, hook_mapping().to_string()),
        };
        let decoded = decode(&frame(protocol, "batch", &query, &request.body));
        assert_eq!(decoded.refusals, [], "{speech:?}");
        assert_eq!(decoded.records.len() as u64, events_per_request, "{speech:?}");
        let logged_in = decoded.records.iter().filter(|(_, record)| record.ids.len() == 2).count();
        assert!(events_per_request == 1 || (1..40).contains(&logged_in), "{speech:?}: {logged_in}");
        for (_, record) in &decoded.records {
            let Body::Event { props, .. } = &record.body else { panic!("{speech:?}: no event") };
            assert!(props.len() >= 10, "{speech:?}: {props:?}");
            assert!((RECEIVED_AT - 600_000..=RECEIVED_AT).contains(&record.time), "{speech:?}");
        }
    }
}

fn own(items: Json) -> Decoded {
    decode(&frame(ProtocolId::Own, "", "", json!({"batch": items}).to_string().as_bytes()))
}

#[test]
fn one_bad_item_does_not_cost_the_others() {
    let decoded = own(json!([
        {"type": "track", "event": "a", "device": "d"},
        {"type": "track", "device": "d"},
        {"type": "track", "event": "a"},
        {"type": "dance", "device": "d"},
        {"type": "track", "event": "a", "device": "d", "time": "soon"},
        {"type": "track", "event": "a", "device": "d", "time": -1_000_000_000_000_i64},
        {"type": "track", "event": "a", "device": "d", "properties": 5},
        7,
        {"type": "page", "device": "d"},
    ]));
    let codes: Vec<_> = decoded.refusals.iter().map(|refusal| (refusal.index, refusal.reason.code)).collect();
    assert_eq!(
        codes,
        [
            (1, ReasonCode::MissingField),
            (2, ReasonCode::NoIdentifier),
            (3, ReasonCode::UnknownType),
            (4, ReasonCode::BadTime),
            (6, ReasonCode::WrongType),
            (7, ReasonCode::WrongType),
            (5, ReasonCode::BadTime),
        ]
    );
    let indexes: Vec<_> = decoded.records.iter().map(|(index, _)| *index).collect();
    assert_eq!((indexes, decoded.items), (vec![0, 8], 9));
    assert!(decoded.refusals[2].excerpt.contains("dance"));
}

#[test]
fn what_a_person_allows_is_an_event_that_nothing_ahead_of_time_outlasts() {
    let said = json!({
        "type": "consent", "id": "c-1", "login": "u1", "purpose": "marketing", "channel": "email", "version": 2,
        "state": "withdrawn", "page": "https://x.cn/me?phone=138#top", "time": RECEIVED_AT + 3_600_000,
    });
    let with = |name: &str, value: Json| {
        let mut said = said.clone();
        said[name] = value;
        said
    };
    let decoded = own(json!([
        said,
        with("state", json!("expired")),
        with("purpose", json!("Marketing!")),
        with("channel", json!("e mail")),
        with("version", json!("two")),
    ]));
    let (_, record) = &decoded.records[0];
    let Body::Event { name, props } = &record.body else { panic!("{record:?}") };
    assert_eq!((name.as_str(), record.time), ("consent_set", RECEIVED_AT));
    let shown: Vec<(&str, String)> =
        props.iter().map(|(name, value)| (name.as_str(), value.display())).collect();
    let key = format!("{:032x}", record.key);
    let (channel, page) = (("channel", "email".to_owned()), ("page", "https://x.cn/me".to_owned()));
    let rest =
        [("purpose", "marketing"), ("state", "withdrawn"), ("statement", key.as_str()), ("version", "2")];
    let rest = rest.map(|(name, value)| (name, value.to_owned()));
    assert_eq!(shown, [vec![channel, page], rest.to_vec()].concat());
    let fields: Vec<&str> = decoded.refusals.iter().map(|refusal| refusal.reason.field.as_str()).collect();
    assert_eq!((decoded.records.len(), fields), (1, vec!["state", "purpose", "channel", "version"]));
}

#[test]
fn what_a_client_says_of_its_clock_is_read_in_every_unit() {
    let (time, sent) = (1_795_302_808_000_i64, 1_795_302_809_000_i64);
    let sensors = |item: Json| decode(&frame(ProtocolId::Sensors, "", "", item.to_string().as_bytes()));
    let segment = |item: Json| decode(&frame(ProtocolId::Segment, "track", "", item.to_string().as_bytes()));
    let single = |item: Json, sent: Json| {
        let body = json!({"batch": [item], "sent_at": sent}).to_string();
        decode(&frame(ProtocolId::Own, "", "", body.as_bytes()))
    };
    let own = json!({"type": "track", "event": "e", "device": "d"});
    let with = |base: &Json, more: Json| {
        let mut item = base.clone();
        item.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
        item
    };
    let sa = json!({"type": "track", "event": "e", "distinct_id": "d", "properties": {}});
    let seg = json!({"type": "track", "event": "e", "anonymousId": "d", "properties": {}});
    let (iso, iso_sent) = ("2026-11-21T23:13:28Z", "2026-11-22T07:13:29+08:00");
    let cases = [
        (single(with(&own, json!({"time": time})), json!(sent)), time, Some(sent)),
        (single(with(&own, json!({"time": time / 1000})), json!(sent / 1000)), time, Some(sent)),
        (single(with(&own, json!({"time": iso})), json!(iso_sent)), time, Some(sent)),
        (single(with(&own, json!({"time": time})), json!("soon")), time, None),
        (single(own.clone(), json!(sent)), RECEIVED_AT, None),
        (sensors(with(&sa, json!({"time": time, "_flush_time": sent}))), time, Some(sent)),
        (sensors(with(&sa, json!({"time": time / 1000}))), time, None),
        // Later than it was sent: a mini-program keeping its times apart.
        (sensors(with(&sa, json!({"time": sent + 1, "_flush_time": sent}))), sent + 1, Some(sent)),
        (sensors(with(&sa, json!({"_flush_time": sent}))), RECEIVED_AT, None),
        (segment(with(&seg, json!({"timestamp": iso, "sentAt": iso_sent}))), time, Some(sent)),
        (segment(with(&seg, json!({"originalTimestamp": iso, "timestamp": iso_sent}))), time, None),
    ];
    for (index, (decoded, time, sent)) in cases.into_iter().enumerate() {
        let told: Vec<_> = sent.into_iter().map(|at| (0, at)).collect();
        assert_eq!((decoded.records[0].1.time, decoded.sent), (time, told), "case {index}");
    }
    let zoneless = single(with(&own, json!({"time": "2026-11-21 23:13:28"})), json!(null));
    assert_eq!(zoneless.refusals[0].reason.code, ReasonCode::BadTime, "whose zone would it be?");
}

#[test]
fn keys_tell_retries_from_repetitions() {
    let keys = |decoded: Decoded| decoded.records.into_iter().map(|(_, r)| r.key).collect::<Vec<_>>();
    let item = json!({"type": "page", "device": "d", "id": "m1"});
    assert_eq!(keys(own(json!([item, item])))[0], keys(own(json!([item])))[0]);
    let timed = json!({"type": "page", "device": "d", "time": 1795302808852_i64});
    assert_eq!(keys(own(json!([timed])))[0], keys(own(json!([timed])))[0]);
    let bare = json!({"type": "page", "device": "d"});
    let twice = keys(own(json!([bare, bare])));
    assert_ne!(twice[0], twice[1], "two items without id and time are two events");
}

#[test]
fn a_self_alias_says_nothing_and_contacts_are_weak() {
    let segment = |message: Json| decode(&frame(ProtocolId::Segment, "", "", message.to_string().as_bytes()));
    let alias = segment(json!({"type": "alias", "userId": "u", "previousId": "u", "messageId": "1"}));
    assert_eq!((alias.records.len(), alias.refusals.len(), alias.items), (0, 0, 1));
    let identify = segment(json!({"type": "identify", "userId": "u", "anonymousId": "a", "messageId": "2",
        "traits": {"email": "z@example.com", "phone": 13800000000_i64, "name": "张三"}}));
    let (first, second) = (&identify.records[0].1, &identify.records[1].1);
    assert_eq!((first.evidence, first.ids.len()), (Evidence::Strong, 2));
    assert_eq!((second.evidence, &second.body), (Evidence::Weak, &Body::Link));
    let ids: Vec<_> = second.ids.iter().map(|id| format!("{}:{}", id.namespace, id.value)).collect();
    assert_eq!(ids, ["login:u", "phone:13800000000", "email:z@example.com"]);
    assert_ne!(first.key, second.key);
}

#[test]
fn records_written_by_siyu_come_back_with_the_receipt_of_the_frame() {
    let records: Vec<_> = own(json!([
        {"type": "track", "event": "付款", "device": "d", "properties": {"n": 1.5, "l": ["a"], "b": true}},
        {"type": "item_set", "item_type": "sku", "item_id": "A1", "properties": {"price": 12}},
        {"type": "profile_unset", "device": "d", "names": ["a"]},
    ]))
    .records
    .into_iter()
    .map(|(_, record)| record)
    .collect();
    assert_eq!(records.len(), 3);
    let body = encode_records(&records).expect("small");
    let mut frame = frame(ProtocolId::Internal, "", "", &body);
    frame.received_at += 5;
    let back = decode(&frame);
    assert_eq!(back.records.len(), 3);
    for (record, (_, back)) in records.iter().zip(&back.records) {
        let expected = Record { received_at: RECEIVED_AT + 5, ..record.clone() };
        assert_eq!(&expected, back);
    }
}

#[test]
fn limits_refuse_with_a_reason() {
    let long = "x".repeat(TEXT_BYTES_MAX + 1);
    let cases = [
        json!({"type": "track", "event": "e".repeat(NAME_CHARS_MAX + 1), "device": "d"}),
        json!({"type": "track", "event": "e", "device": "d".repeat(IDENTIFIER_CHARS_MAX + 1)}),
        json!({"type": "track", "event": "e", "device": "d", "properties": {"p": long}}),
        json!({"type": "track", "event": "e", "device": "d", "properties": {"p": [long]}}),
    ];
    for case in cases {
        let decoded = own(json!([case]));
        assert_eq!(decoded.refusals[0].reason.code, ReasonCode::TooLarge);
        assert!(decoded.refusals[0].excerpt.len() <= EXCERPT_BYTES_MAX);
    }
    let many = Json::Array(vec![json!(0); ITEMS_MAX + 1]);
    assert_eq!(own(many).refusals.len(), 1, "refused as one");
}

#[test]
fn nested_values_and_long_numbers_stay_readable() {
    let body = br#"{"batch":[{"type":"track","event":"e","device":"d","properties":
        {"order":90071992547409931234567,"o":{"a":1},"no":null,"id":9007199254740993}}]}"#;
    let decoded = decode(&frame(ProtocolId::Own, "", "", body));
    let Body::Event { props, .. } = &decoded.records[0].1.body else { panic!("an event") };
    assert_eq!(props["order"], Value::Text("90071992547409931234567".into()));
    assert_eq!(props["o"], Value::Text("{\"a\":1}".into()));
    assert_eq!(props["id"], Value::Text("9007199254740993".into()));
    assert!(!props.contains_key("no"));
}

fn arbitrary_json() -> impl Strategy<Value = Json> {
    const WORDS: &[&str] =
        &["track", "track_signup", "profile_set", "item_set", "identify", "alias", "page", "u", "$a+b"];
    const NAMES: &[&str] = &[
        "type",
        "event",
        "device",
        "login",
        "identifiers",
        "properties",
        "distinct_id",
        "identities",
        "time",
        "login_id",
        "userId",
        "previousId",
        "traits",
        "context",
        "campaign",
        "batch",
        "sentAt",
        "item_id",
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        proptest::sample::select(WORDS).prop_map(Json::from),
        ".{0,8}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 48, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            proptest::collection::btree_map(
                proptest::sample::select(NAMES).prop_map(str::to_owned),
                inner,
                0..8
            )
            .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn arbitrary_bytes_never_panic(
        which in 0..ProtocolId::ALL.len(), query in ".{0,40}", body in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        decode(&frame(ProtocolId::ALL[which], "track", &query, &body));
    }

    #[test]
    fn arbitrary_json_is_records_or_refusals(which in 0..3_usize, json in arbitrary_json()) {
        let body = json.to_string();
        let decoded = decode(&frame(ProtocolId::ALL[which], "", "", body.as_bytes()));
        for (index, record) in &decoded.records {
            prop_assert!(*index < decoded.items);
            let is_item = matches!(record.body, Body::Item { .. });
            prop_assert!(is_item || !record.ids.is_empty());
        }
        // Decoding is a pure function of the frame.
        prop_assert_eq!(&decoded, &decode(&frame(ProtocolId::ALL[which], "", "", body.as_bytes())));
    }
}
