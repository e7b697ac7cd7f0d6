//! Reading JSON as it comes from real clients: lone surrogates left by cutting
//! text in the middle of an emoji, integers that no number type holds, byte
//! order marks and broken UTF-8 must not cost a batch.

use std::borrow::Cow;

use serde_json::Value as Json;
use xxhash_rust::xxh3::Xxh3;

use super::{DEPTH_MAX, Reason, ReasonCode, VALUES_MAX};

/// Integers with at least this many digits may not fit 64 bits; they are read as text.
const LONG_INTEGER_DIGITS: usize = 19;

/// Parses a body, repairing what clients are known to break.
pub fn parse(body: &[u8]) -> Result<Json, Reason> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let repaired = repair(body)?;
    let text = String::from_utf8_lossy(&repaired);
    serde_json::from_str(&text).map_err(|error| {
        // The error's own text may quote the body; its place does not.
        let place = format!("line {} column {}", error.line(), error.column());
        Reason::new(ReasonCode::NotJson, "body", format!("not JSON at {place}"))
    })
}

/// Replaces lone `\uD800`–`\uDFFF` by U+FFFD, quotes integers beyond 64 bits
/// and refuses what nests too deeply or holds too many values, before they take memory.
/// Anything else passes unchanged, valid or not.
fn repair(body: &[u8]) -> Result<Cow<'_, [u8]>, Reason> {
    let mut out = Patched { body, done: 0, out: Vec::new() };
    let (mut at, mut depth, mut commas, mut inside) = (0, 0_usize, 0_usize, false);
    while let Some(&byte) = body.get(at) {
        match byte {
            b'"' => inside = !inside,
            b'\\' if inside => {
                at = escape(&mut out, at);
                continue;
            }
            b'{' | b'[' if !inside => {
                depth += 1;
                if depth > DEPTH_MAX {
                    let message = format!("nested deeper than {DEPTH_MAX}");
                    return Err(Reason::new(ReasonCode::TooDeep, "body", message));
                }
            }
            b'}' | b']' if !inside => depth = depth.saturating_sub(1),
            b',' if !inside => {
                commas += 1;
                if commas >= VALUES_MAX {
                    let message = format!("holds more than {VALUES_MAX} values");
                    return Err(Reason::new(ReasonCode::TooLarge, "body", message));
                }
            }
            b'-' | b'0'..=b'9' if !inside => {
                at = number(&mut out, at);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    Ok(out.finish())
}

struct Patched<'a> {
    body: &'a [u8],
    done: usize,
    out: Vec<u8>,
}

impl<'a> Patched<'a> {
    fn replace(&mut self, from: usize, to: usize, with: &[u8]) {
        self.out.extend_from_slice(&self.body[self.done..from]);
        self.out.extend_from_slice(with);
        self.done = to;
    }

    fn finish(mut self) -> Cow<'a, [u8]> {
        if self.done == 0 {
            return Cow::Borrowed(self.body);
        }
        self.out.extend_from_slice(&self.body[self.done..]);
        Cow::Owned(self.out)
    }
}

/// Handles the escape at `at`; returns where to go on.
fn escape(out: &mut Patched<'_>, at: usize) -> usize {
    let Some(unit) = unit_at(out.body, at) else {
        return at + 2;
    };
    match unit {
        0xD800..=0xDBFF if unit_at(out.body, at + 6).is_some_and(|low| (0xDC00..=0xDFFF).contains(&low)) => {
            at + 12
        }
        0xD800..=0xDFFF => {
            out.replace(at, at + 6, "\u{FFFD}".as_bytes());
            at + 6
        }
        _ => at + 6,
    }
}

/// The UTF-16 unit of an escape `\uXXXX`.
fn unit_at(body: &[u8], at: usize) -> Option<u16> {
    let hex = body.get(at..at + 6)?.strip_prefix(b"\\u")?;
    hex.iter().try_fold(0_u16, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)? as u16))
}

/// Handles the number at `at`; returns where to go on.
fn number(out: &mut Patched<'_>, at: usize) -> usize {
    let rest = &out.body[at..];
    let length = rest
        .iter()
        .position(|b| !matches!(b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'))
        .unwrap_or(rest.len());
    let token = &rest[..length];
    let digits = token.strip_prefix(b"-").unwrap_or(token);
    let end = at + length;
    if digits.len() >= LONG_INTEGER_DIGITS && digits.iter().all(u8::is_ascii_digit) && digits[0] != b'0' {
        let mut quoted = Vec::with_capacity(length + 2);
        quoted.push(b'"');
        quoted.extend_from_slice(token);
        quoted.push(b'"');
        out.replace(at, end, &quoted);
    }
    end
}

/// A hash of JSON that does not depend on the order of keys, leaving out some
/// keys of the outermost object.
pub fn content_hash(salt: &[&[u8]], json: &Json, without: &[&str]) -> u128 {
    let mut hasher = Xxh3::new();
    for part in salt {
        update(&mut hasher, b'#', part);
    }
    hash_into(&mut hasher, json, without);
    hasher.digest128()
}

fn hash_into(hasher: &mut Xxh3, json: &Json, without: &[&str]) {
    match json {
        Json::Null => hasher.update(b"n"),
        Json::Bool(value) => hasher.update(if *value { b"t" } else { b"f" }),
        Json::Number(number) => update(hasher, b'0', number.to_string().as_bytes()),
        Json::String(text) => update(hasher, b's', text.as_bytes()),
        Json::Array(items) => {
            update(hasher, b'[', &(items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| hash_into(hasher, item, &[]));
        }
        Json::Object(map) => {
            hasher.update(b"{");
            let mut keys: Vec<_> = map.keys().filter(|key| !without.contains(&key.as_str())).collect();
            keys.sort_unstable();
            for key in keys {
                update(hasher, b'k', key.as_bytes());
                hash_into(hasher, &map[key], &[]);
            }
            hasher.update(b"}");
        }
    }
}

fn update(hasher: &mut Xxh3, kind: u8, bytes: &[u8]) {
    hasher.update(&[kind]);
    hasher.update(&(bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn broken_but_common_json_is_read() {
        let cases: &[(&[u8], Json)] = &[
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
        let hash = |json: &Json| content_hash(&[b"x"], json, &["_flush_time"]);
        assert_eq!(hash(&a), hash(&b));
        b["b"]["_flush_time"] = json!(2);
        assert_ne!(hash(&a), hash(&b), "only the outermost key varies between retries");
    }

    proptest! {
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
}
