//! What is read, however broken, and that the two ways of reading agree.

use proptest::prelude::*;
use serde_json::{Value, json};
use xxhash_rust::xxh3::Xxh3;

use super::*;

fn parse(body: &[u8]) -> Result<Value, Reason> {
    Text::of(body).parse().map(Json::value)
}

#[test]
fn broken_but_common_json_is_read() {
    let cases: &[(&[u8], Value)] = &[
        (b"\xef\xbb\xbf{\"a\":1}", json!({"a": 1})),
        (br#"{"a":"x\ud83d"}"#, json!({"a": "x\u{FFFD}"})),
        (br#"{"a":"\uDE00y"}"#, json!({"a": "\u{FFFD}y"})),
        (br#"{"a":"\ud83d\ud83d\ude00"}"#, json!({"a": "\u{FFFD}😀"})),
        (br#"{"a":"\ud83d\ude00"}"#, json!({"a": "😀"})),
        (br#"{"a":"\\ud83d"}"#, json!({"a": "\\ud83d"})),
        (br#"{"a":123456789012345678901234}"#, json!({"a": "123456789012345678901234"})),
        (br#"{"a":-9223372036854775809}"#, json!({"a": "-9223372036854775809"})),
        (br#"{"a":"123456789012345678901234"}"#, json!({"a": "123456789012345678901234"})),
        (br#"{"a":[1,-2.5,1e3]}"#, json!({"a": [1, -2.5, 1000.0]})),
        (b"{\"a\":\"\xed\xa0\xbd\"}", json!({"a": "\u{FFFD}\u{FFFD}\u{FFFD}"})),
    ];
    for (input, expected) in cases {
        assert_eq!(&parse(input).expect("repairable"), expected, "{}", String::from_utf8_lossy(input));
    }
}

#[test]
fn depth_is_limited_outside_of_text_only() {
    let deep = "[".repeat(DEPTH_MAX + 1) + &"]".repeat(DEPTH_MAX + 1);
    assert_eq!(parse(deep.as_bytes()).expect_err("too deep").code, ReasonCode::TooDeep);
    let text = format!("{:?}", "[".repeat(DEPTH_MAX + 1));
    assert!(parse(text.as_bytes()).is_ok());
}

#[test]
fn the_content_hash_ignores_order_and_the_named_keys() {
    let a = json!({"a": 1, "b": {"_flush_time": 1, "c": [true, null]}, "_flush_time": 5});
    let mut b = json!({"_flush_time": 6, "b": {"c": [true, null], "_flush_time": 1}, "a": 1});
    let hash = |json: &Value| content_hash(&[b"x"], &json.clone().into(), &["_flush_time"]);
    assert_eq!(hash(&a), hash(&b));
    b["b"]["_flush_time"] = json!(2);
    assert_ne!(hash(&a), hash(&b), "only the outermost key varies between retries");
}

/// As the hash was first written: what is stored was made by it.
fn first_hash(hasher: &mut Xxh3, json: &Value, without: &[&str]) {
    match json {
        Value::Null => hasher.update(b"n"),
        Value::Bool(value) => hasher.update(if *value { b"t" } else { b"f" }),
        Value::Number(number) => first_part(hasher, b'0', number.to_string().as_bytes()),
        Value::String(text) => first_part(hasher, b's', text.as_bytes()),
        Value::Array(items) => {
            first_part(hasher, b'[', &(items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| first_hash(hasher, item, &[]));
        }
        Value::Object(map) => {
            hasher.update(b"{");
            let mut keys: Vec<_> = map.keys().filter(|key| !without.contains(&key.as_str())).collect();
            keys.sort_unstable();
            for key in keys {
                first_part(hasher, b'k', key.as_bytes());
                first_hash(hasher, &map[key], &[]);
            }
            hasher.update(b"}");
        }
    }
}

fn first_part(hasher: &mut Xxh3, kind: u8, bytes: &[u8]) {
    hasher.update(&[kind]);
    hasher.update(&(bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

/// Texts close to JSON: of its pieces, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(
        &[
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\"a\"",
            "\"b\":",
            "{\"k\":",
            "1",
            "-",
            "0",
            ".5",
            "e9",
            "E+2",
            "true",
            "null",
            "fals",
            "\\",
            "\\u",
            "d83d",
            "\\ude00",
            "\\n",
            " ",
            "\n",
            "\u{1}",
            "中",
            "12345678901234567890",
            "1e999",
            "\"long enough text\"",
        ][..],
    );
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((".{0,9}", inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    /// What is read in one pass is read alike the slow way.
    #[test]
    fn both_ways_of_reading_agree_on_broken_text(text in pieces()) {
        if let Some(json) = read::read(&text) {
            prop_assert_eq!(repair::parse(text.as_bytes()).ok(), Some(json.value()), "{}", text);
        }
    }

    #[test]
    fn both_ways_of_reading_agree_and_so_do_the_hashes(json in any_json(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) };
        let text = text.expect("serialises");
        let slow = repair::parse(text.as_bytes()).expect("valid");
        let fast = read::read(&text);
        if let Some(fast) = &fast {
            prop_assert_eq!(&fast.clone().value(), &slow);
        }
        prop_assert!(fast.is_some() || text.contains(|c: char| c.is_ascii_digit()), "{} is plain", text);
        let mut twin = Xxh3::new();
        first_part(&mut twin, b'#', b"salt");
        first_hash(&mut twin, &slow, &["a"]);
        prop_assert_eq!(content_hash(&[b"salt"], &slow.into(), &["a"]), twin.digest128());
    }

    #[test]
    fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _either = parse(&body);
    }

    #[test]
    fn valid_json_is_not_changed(text in ".{0,60}", number: i32, list in proptest::collection::vec(any::<bool>(), 0..5)) {
        let json = json!({"t": text, "n": [number, {"l": list}]});
        prop_assert_eq!(parse(json.to_string().as_bytes()).expect("valid"), json);
    }
}
