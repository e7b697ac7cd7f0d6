//! The slow way: a body is walked once for what clients are known to break and for the
//! limits, and read by serde_json, which says where it is no JSON.

use std::borrow::Cow;

use serde_json::Value;

use super::{DEPTH_MAX, LONG_INTEGER_DIGITS, Reason, ReasonCode, VALUES_MAX};

/// Parses a body, repairing what clients are known to break.
pub fn parse(body: &[u8]) -> Result<Value, Reason> {
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
