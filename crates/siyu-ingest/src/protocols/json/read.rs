//! Reads JSON in one pass, as nearly every client writes it. It gives up, without saying why,
//! on whatever is broken, strange or beyond a limit: that is read the slow way, by
//! [`super::repair`] and serde_json, which also say what is wrong. So all that matters here is
//! that what it does read, it reads as they would.

use std::borrow::Cow;

use serde_json::Number;

use super::tree::{Json, Object};
use super::{DEPTH_MAX, LONG_INTEGER_DIGITS, VALUES_MAX};

/// The whole text as one value, if it is plain.
pub fn read(text: &str) -> Option<Json<'_>> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, commas: 0 };
    let value = reader.value(0)?;
    reader.space();
    (reader.at == reader.bytes.len()).then_some(value)
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// Commas outside of texts, by which values are counted.
    commas: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str, value: Json<'a>) -> Option<Json<'a>> {
        let found = self.bytes[self.at..].starts_with(word.as_bytes());
        self.at += word.len();
        found.then_some(value)
    }

    fn value(&mut self, depth: usize) -> Option<Json<'a>> {
        self.space();
        match self.peek()? {
            b'"' => self.string().map(Json::Text),
            b'{' => self.object(depth + 1),
            b'[' => self.list(depth + 1),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'n' => self.word("null", Json::Null),
            _ => self.number().map(Json::Number),
        }
    }

    /// Goes past a separator; true if another item follows, false at the end.
    fn more(&mut self, end: u8) -> Option<bool> {
        self.space();
        let byte = self.peek()?;
        self.at += 1;
        if byte == end {
            return Some(false);
        }
        self.commas += 1;
        (byte == b',' && self.commas < VALUES_MAX).then_some(true)
    }

    fn list(&mut self, depth: usize) -> Option<Json<'a>> {
        self.at += 1;
        self.space();
        let mut items = Vec::new();
        if depth > DEPTH_MAX {
            return None;
        }
        if self.peek()? == b']' {
            self.at += 1;
            return Some(Json::List(items));
        }
        loop {
            items.push(self.value(depth)?);
            if !self.more(b']')? {
                return Some(Json::List(items));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Json<'a>> {
        self.at += 1;
        self.space();
        if depth > DEPTH_MAX {
            return None;
        }
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(Json::Object(Object::default()));
        }
        let mut pairs = Vec::with_capacity(8);
        loop {
            self.space();
            if self.peek()? != b'"' {
                return None;
            }
            let name = self.string()?;
            self.space();
            if self.peek()? != b':' {
                return None;
            }
            self.at += 1;
            let value = self.value(depth)?;
            pairs.push((name, value));
            if !self.more(b'}')? {
                return Some(Json::Object(Object::of(pairs)));
            }
        }
    }

    /// At its opening quote.
    fn string(&mut self) -> Option<Cow<'a, str>> {
        let start = self.at + 1;
        let end = start + plain(&self.bytes[start..]);
        match *self.bytes.get(end)? {
            b'"' => {
                self.at = end + 1;
                Some(Cow::Borrowed(self.text.get(start..end)?))
            }
            b'\\' => self.escaped(start, end).map(Cow::Owned),
            _ => None,
        }
    }

    /// A text with escapes, the first of which stands at `end`.
    fn escaped(&mut self, start: usize, mut end: usize) -> Option<String> {
        let mut out = String::from(self.text.get(start..end)?);
        loop {
            match *self.bytes.get(end)? {
                b'"' => {
                    self.at = end + 1;
                    return Some(out);
                }
                b'\\' => {
                    end += 2;
                    out.push(match *self.bytes.get(end - 1)? {
                        plain @ (b'"' | b'\\' | b'/') => char::from(plain),
                        b'b' => '\u{8}',
                        b'f' => '\u{c}',
                        b'n' => '\n',
                        b'r' => '\r',
                        b't' => '\t',
                        b'u' => self.unit(&mut end)?,
                        _ => return None,
                    });
                }
                _ => return None,
            }
            let rest = end + plain(self.bytes.get(end..)?);
            out.push_str(self.text.get(end..rest)?);
            end = rest;
        }
    }

    /// A letter from one UTF-16 unit or two; halves of a pair alone are for the slow way.
    fn unit(&self, at: &mut usize) -> Option<char> {
        let hex = |at: usize| -> Option<u32> {
            let digits = self.bytes.get(at..at + 4)?;
            digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
        };
        let unit = hex(*at)?;
        *at += 4;
        if !(0xD800..0xDC00).contains(&unit) {
            return char::from_u32(unit);
        }
        if self.bytes.get(*at..*at + 2)? != b"\\u" {
            return None;
        }
        let low = hex(*at + 2).filter(|low| (0xDC00..0xE000).contains(low))?;
        *at += 6;
        char::from_u32(0x1_0000 + ((unit - 0xD800) << 10 | (low - 0xDC00)))
    }

    fn number(&mut self) -> Option<Number> {
        let start = self.at;
        let negative = self.peek()? == b'-';
        self.at += usize::from(negative);
        let first = self.at;
        let whole = self.digits()?;
        let padded = self.bytes[first] == b'0' && self.at - first > 1;
        if padded || self.at - first >= LONG_INTEGER_DIGITS {
            return None;
        }
        if !matches!(self.peek(), Some(b'.' | b'e' | b'E')) {
            return match (negative, whole) {
                (false, _) => Some(Number::from(whole)),
                // A zero with a sign is a fraction.
                (true, 0) => None,
                (true, _) => Some(Number::from(-(whole as i64))),
            };
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        self.text.get(start..self.at)?.parse().ok().and_then(Number::from_f64)
    }

    /// At least one; their value if there are no more than a `u64` holds.
    fn digits(&mut self) -> Option<u64> {
        let start = self.at;
        let mut value = 0_u64;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        (self.at > start).then_some(value)
    }
}

/// How many bytes from the start are neither a quote, a backslash nor a control character.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    let (chunks, tail) = bytes.as_chunks::<8>();
    for (index, chunk) in chunks.iter().enumerate() {
        let word = u64::from_le_bytes(*chunk);
        // The top bit of each byte that is below the bound; of bytes after the first
        // that is found it may err, which does not matter.
        let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word & TOPS;
        let (quote, escape) = (word ^ (ONES * u64::from(b'"')), word ^ (ONES * u64::from(b'\\')));
        let found = below(quote, 1) | below(escape, 1) | below(word, 0x20);
        if found != 0 {
            return index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let stops = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    chunks.len() * 8 + tail.iter().position(stops).unwrap_or(tail.len())
}
