//! Whether a text can stand in JSON, without reading the JSON: what a search asks of
//! every frame before it decodes one.

use std::borrow::Cow;

use memchr::memmem;

use super::Reason;
use crate::frame::Frame;

/// Of a frame by its unpacked body, or by the body itself if it cannot be unpacked: a
/// refusal quotes it.
pub fn mentions(frame: &Frame<'_>, unpacked: Result<Cow<'_, [u8]>, Reason>, text: &str) -> bool {
    unpacked.map_or_else(|_| may_hold(frame.body, text), |json| may_hold(&json, text))
}

/// False only when no string or number of the JSON can be this text.
pub fn may_hold(json: &[u8], text: &str) -> bool {
    if text.chars().any(|c| c.is_control() || matches!(c, '"' | '\\')) {
        // It stands there in one of several disguises.
        return true;
    }
    if memmem::find(json, text.as_bytes()).is_some() {
        return true;
    }
    // Any letter may be written by its number, and some writers disguise the slash.
    let by_number = if text.is_ascii() { &b"\\u00"[..] } else { &b"\\u"[..] };
    memmem::find(json, by_number).is_some() || text.contains('/') && memmem::find(json, b"\\/").is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_can_stand_there_is_found() {
        let cases = [
            (r#"{"id":"u1"}"#, "u1", true),
            (r#"{"id":"u1"}"#, "u2", false),
            (r#"{"id":12345}"#, "12345", true),
            (r#"{"id":"\u0075\u0031"}"#, "u1", true),
            (r#"{"name":"\u5f20","id":"u1"}"#, "u2", false),
            (r#"{"name":"\u5f20"}"#, "张", true),
            (r#"{"id":"a\/b"}"#, "a/b", true),
            (r#"{"id":"a\/b"}"#, "a-b", false),
            (r#"{"id":"say \"x\""}"#, r#"say "x""#, true),
        ];
        for (json, text, expected) in cases {
            assert_eq!(may_hold(json.as_bytes(), text), expected, "{json} {text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_stands_there_is_missed(text in ".{1,20}", other in ".{0,20}") {
            let json = serde_json::json!({"a": other, "b": [text.clone()]}).to_string();
            prop_assert!(may_hold(json.as_bytes(), &text), "{json}");
        }
    }
}
