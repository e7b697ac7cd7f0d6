//! Reads a mail well enough to show it: headers, text and HTML. Tolerant; what
//! cannot be decoded is shown as it is.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use encoding_rs::Encoding;
use serde::Serialize;

/// Parts within parts that are followed.
const DEPTH_MAX: usize = 5;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ParsedMail {
    pub from: String,
    pub to: String,
    pub subject: String,
    pub message_id: String,
    pub date: String,
    pub text: Option<String>,
    pub html: Option<String>,
    /// All headers, decoded, in order.
    pub headers: Vec<(String, String)>,
}

impl ParsedMail {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }
}

pub fn parse(raw: &[u8]) -> ParsedMail {
    let (headers, body) = split(raw);
    let mut mail = ParsedMail { headers, ..ParsedMail::default() };
    let get = |name: &str| mail.header(name).unwrap_or_default().to_owned();
    let (from, to, subject) = (get("from"), get("to"), get("subject"));
    let (message_id, date) = (get("message-id"), get("date"));
    let headers = mail.headers.clone();
    (mail.from, mail.to, mail.subject) = (from, to, subject);
    (mail.message_id, mail.date) = (message_id, date);
    part(&headers, body, &mut mail, 0);
    mail
}

fn part(headers: &[(String, String)], body: &[u8], mail: &mut ParsedMail, depth: usize) {
    let get = |name: &str| {
        headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    };
    let kind = get("content-type");
    let lower = kind.to_ascii_lowercase();
    if lower.starts_with("multipart/") {
        if let (Some(boundary), true) = (parameter(kind, "boundary"), depth < DEPTH_MAX) {
            for piece in pieces(body, &boundary) {
                let (headers, body) = split(piece);
                part(&headers, body, mail, depth + 1);
            }
        }
        return;
    }
    let slot = match lower.as_str() {
        kind if kind.starts_with("text/html") => &mut mail.html,
        kind if kind.starts_with("text/") || kind.is_empty() => &mut mail.text,
        _ => return,
    };
    if slot.is_none() {
        let bytes = decode_transfer(get("content-transfer-encoding"), body);
        *slot = Some(decode_charset(parameter(kind, "charset").as_deref(), &bytes));
    }
}

/// Headers, unfolded and decoded, and the rest.
fn split(raw: &[u8]) -> (Vec<(String, String)>, &[u8]) {
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut rest = raw;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
        let (line, after) = rest.split_at(end);
        rest = after;
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            break;
        }
        match (line.starts_with([' ', '\t']), headers.last_mut(), line.split_once(':')) {
            (true, Some((_, value)), _) => {
                value.push(' ');
                value.push_str(line.trim_start());
            }
            (false, _, Some((name, value))) => headers.push((name.to_owned(), value.trim().to_owned())),
            _ => {}
        }
    }
    for (_, value) in &mut headers {
        *value = decode_words(value);
    }
    (headers, rest)
}

/// The pieces between boundary lines.
fn pieces<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let marker = format!("--{boundary}").into_bytes();
    let mut starts = Vec::new();
    let mut at = 0;
    while at < body.len() {
        let end = body[at..].iter().position(|byte| *byte == b'\n').map_or(body.len(), |n| at + n + 1);
        if body[at..end].starts_with(&marker) {
            starts.push((at, end));
        }
        at = end;
    }
    starts.windows(2).map(|pair| &body[pair[0].1..pair[1].0]).collect()
}

fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|piece| {
        let (key, value) = piece.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn decode_transfer(encoding: &str, body: &[u8]) -> Vec<u8> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => {
            let tight: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
            BASE64.decode(&tight).unwrap_or_else(|_| body.to_vec())
        }
        "quoted-printable" => quoted_printable(body, false),
        _ => body.to_vec(),
    }
}

/// `underscore`: the variant of encoded words, where `_` is a space.
fn quoted_printable(text: &[u8], underscore: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'=' if text[at + 1..].starts_with(b"\r\n") => at += 3,
            b'=' if text[at + 1..].starts_with(b"\n") => at += 2,
            b'=' => {
                let hex = text.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
                match hex.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
                    Some(byte) => {
                        out.push(byte);
                        at += 3;
                    }
                    None => {
                        out.push(b'=');
                        at += 1;
                    }
                }
            }
            b'_' if underscore => {
                out.push(b' ');
                at += 1;
            }
            byte => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

fn decode_charset(charset: Option<&str>, bytes: &[u8]) -> String {
    let encoding = charset.and_then(|name| Encoding::for_label(name.as_bytes()));
    encoding.unwrap_or(encoding_rs::UTF_8).decode(bytes).0.into_owned()
}

/// RFC 2047: `=?utf-8?b?…?=`; white space between two encoded words is dropped.
fn decode_words(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    let mut after_word = false;
    while let Some(start) = rest.find("=?") {
        let (before, word) = rest.split_at(start);
        let Some((decoded, after)) = decode_word(word) else {
            out.push_str(&rest[..start + 2]);
            rest = &rest[start + 2..];
            after_word = false;
            continue;
        };
        if !(after_word && before.trim().is_empty()) {
            out.push_str(before);
        }
        out.push_str(&decoded);
        rest = after;
        after_word = true;
    }
    out.push_str(rest);
    out
}

fn decode_word(word: &str) -> Option<(String, &str)> {
    let mut fields = word[2..].splitn(3, '?');
    let (charset, encoding, rest) = (fields.next()?, fields.next()?, fields.next()?);
    let (text, after) = rest.split_once("?=")?;
    let bytes = match encoding {
        "b" | "B" => BASE64.decode(text).ok()?,
        "q" | "Q" => quoted_printable(text.as_bytes(), true),
        _ => return None,
    };
    Some((decode_charset(Some(charset), &bytes), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_decoded() {
        let cases = [
            ("plain", "plain"),
            ("=?utf-8?b?5L2g5aW9?=", "你好"),
            ("=?utf-8?b?5L2g?= =?utf-8?b?5aW9?= x", "你好 x"),
            ("=?gbk?B?xOO6ww==?= there", "你好 there"),
            ("=?utf-8?Q?a=20b_c?=", "a b c"),
            ("a =? b", "a =? b"),
            ("=?utf-8?b?!!?=", "=?utf-8?b?!!?="),
        ];
        for (input, expected) in cases {
            assert_eq!(decode_words(input), expected, "{input}");
        }
    }

    #[test]
    fn bodies_are_found_in_nested_parts() {
        let raw = b"Subject: s\r\nContent-Type: multipart/mixed; boundary=\"o\"\r\n\r\n--o\r\n\
            Content-Type: multipart/alternative;\r\n boundary=i\r\n\r\n--i\r\nContent-Type: text/plain\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\r\n=E4=BD=A0=\r\n=E5=A5=BD\r\n--i\r\n\
            Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+aGk8L2I+\r\n--i--\r\n--o--\r\n";
        let mail = parse(raw);
        assert_eq!(mail.text.as_deref(), Some("你好\r\n"));
        assert_eq!(mail.html.as_deref(), Some("<b>hi</b>"));
        assert_eq!(mail.subject, "s");
    }
}
