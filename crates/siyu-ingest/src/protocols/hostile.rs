//! Bodies that mean harm, through every protocol: a reason instead of a panic, and
//! what can be read is read.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use siyu_types::Value;
use siyu_types::record::Body;

use super::{DEPTH_MAX, Decoded, INFLATED_BYTES_MAX, ITEMS_MAX, ReasonCode, VALUES_MAX, decode};
use crate::frame::{Frame, ProtocolId, Terms};

/// The protocols that take bodies from outside.
const OUTSIDE: &[ProtocolId] =
    &[ProtocolId::Own, ProtocolId::Sensors, ProtocolId::Segment, ProtocolId::Webhook];
const MAPPING: &str =
    r#"{"event":{"at":"/event"},"identifiers":{"login":{"at":"/userId"}},"list":"/batch","rest":true}"#;

fn read(protocol: ProtocolId, body: &[u8]) -> Decoded {
    let query = if protocol == ProtocolId::Webhook { MAPPING } else { "" };
    decode(&Frame {
        protocol,
        terms: Terms::default(),
        received_at: 1_795_304_200_000,
        source: "x",
        route: "track",
        query,
        body,
    })
}

/// One event in the shape of a protocol, with these properties, written as they stand.
fn event(protocol: ProtocolId, props: &str) -> String {
    match protocol {
        ProtocolId::Own => {
            format!(r#"{{"batch":[{{"type":"track","event":"e","login":"u","properties":{props}}}]}}"#)
        }
        ProtocolId::Sensors => format!(
            r#"{{"type":"track","event":"e","distinct_id":"u","time":1795304199000,"properties":{props}}}"#
        ),
        ProtocolId::Segment => {
            format!(r#"{{"batch":[{{"type":"track","event":"e","userId":"u","properties":{props}}}]}}"#)
        }
        _ => format!(r#"{{"batch":[{{"event":"e","userId":"u",{}]}}"#, &props[1..]),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn every_protocol_names_the_reason() {
    let deep = format!("{}{}", "[".repeat(DEPTH_MAX + 1), "]".repeat(DEPTH_MAX + 1));
    let many = format!("[{}1]", "1,".repeat(VALUES_MAX));
    let cases: Vec<(&str, Vec<u8>, ReasonCode)> = vec![
        ("a gzip bomb", gzip(&vec![b' '; INFLATED_BYTES_MAX + 1]), ReasonCode::TooLarge),
        ("torn gzip", gzip(b"{}")[..12].to_vec(), ReasonCode::BadGzip),
        ("deep JSON", format!(r#"{{"batch":{deep}}}"#).into_bytes(), ReasonCode::TooDeep),
        ("a giant list", format!(r#"{{"batch":{many}}}"#).into_bytes(), ReasonCode::TooLarge),
        ("torn JSON", br#"{"batch":[{"#.to_vec(), ReasonCode::NotJson),
        ("raw control bytes", b"{\"a\":\"\0\"}".to_vec(), ReasonCode::NotJson),
        ("two values", b"{}{}".to_vec(), ReasonCode::NotJson),
    ];
    for (what, body, code) in cases {
        for protocol in OUTSIDE {
            let decoded = read(*protocol, &body);
            assert!(decoded.records.is_empty(), "{what} by {protocol:?}");
            assert_eq!(decoded.refusals[0].reason.code, code, "{what} by {protocol:?}");
        }
    }
    let items = format!(r#"{{"batch":[{}{{}}]}}"#, "{},".repeat(ITEMS_MAX));
    for protocol in [ProtocolId::Own, ProtocolId::Segment, ProtocolId::Webhook] {
        let decoded = read(protocol, items.as_bytes());
        assert_eq!((decoded.refusals.len(), decoded.refusals[0].reason.code), (1, ReasonCode::TooLarge));
    }
}

#[test]
fn what_is_odd_but_readable_is_read_alike_by_all() {
    let cases = [
        (r#"{"p":"a\u0000b"}"#, Value::Text("a\0b".into())),
        (r#"{"p":"x\ud83d"}"#, Value::Text("x\u{FFFD}".into())),
        (r#"{"p":9007199254740993}"#, Value::Text("9007199254740993".into())),
        (r#"{"p":-9007199254740993}"#, Value::Text("-9007199254740993".into())),
        (r#"{"p":123456789012345678901234567890}"#, Value::Text("123456789012345678901234567890".into())),
        (r#"{"p":9007199254740992}"#, Value::Number(9_007_199_254_740_992.0)),
        (r#"{"p":1,"p":2}"#, Value::Number(2.0)),
        (r#"{"p":{"a":[1,{"b":null}]}}"#, Value::Text(r#"{"a":[1,{"b":null}]}"#.into())),
        (r#"{"p":[1,"x",null]}"#, Value::List(vec!["1".into(), "x".into(), "null".into()])),
    ];
    for (props, expected) in cases {
        for protocol in OUTSIDE {
            let decoded = read(*protocol, event(*protocol, props).as_bytes());
            assert_eq!(decoded.refusals.len(), 0, "{props} by {protocol:?}: {:?}", decoded.refusals);
            let Body::Event { props: found, .. } = &decoded.records[0].1.body else { panic!("an event") };
            assert_eq!(found["p"], expected, "{props} by {protocol:?}");
        }
    }
}

#[test]
fn a_record_beyond_a_limit_costs_only_itself() {
    let cases = [
        ("properties.p", format!(r#"{{"p":"{}"}}"#, "x".repeat(40_000))),
        ("properties.p", format!(r#"{{"p":[{}"x"]}}"#, r#""x","#.repeat(1_000))),
        (
            "properties",
            format!(r#"{{{}"q":1}}"#, (0..500).map(|at| format!("\"p{at}\":1,")).collect::<String>()),
        ),
        ("properties", format!(r#"{{"{}":1}}"#, "名".repeat(201))),
    ];
    for (field, props) in &cases {
        for protocol in OUTSIDE {
            let decoded = read(*protocol, event(*protocol, props).as_bytes());
            assert_eq!((decoded.items, decoded.records.len()), (1, 0), "{field} by {protocol:?}");
            let reason = &decoded.refusals[0].reason;
            assert_eq!((reason.code, reason.field.as_str()), (ReasonCode::TooLarge, *field), "{protocol:?}");
        }
    }
}
