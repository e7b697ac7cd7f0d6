//! From the bytes of a Sensors request to its records as JSON (§2a.2).

use memchr::memmem;
use serde_json::Value as Json;

use super::super::body::{base64_decoded, base64_text, inflate, java_hash, percent_decoded};
use super::super::{Reason, ReasonCode};
use crate::ciphers::Envelope;
use crate::frame::Frame;

/// Values of the field `gzip` that mean "encrypted".
const ENCRYPTED: &[&str] = &["9", "13"];

#[derive(Default)]
struct Form {
    data: Option<Vec<u8>>,
    crc: Option<i32>,
    gzip: Option<String>,
}

/// The records of a request, from its body or, for images, its query.
pub fn items(frame: &Frame<'_>) -> Result<Vec<Json>, Reason> {
    records(&json(frame)?)
}

/// The text of these records, not read yet.
pub fn json(frame: &Frame<'_>) -> Result<Vec<u8>, Reason> {
    let body = inflate(frame.body.to_vec())?;
    let start = body.iter().find(|b| !b.is_ascii_whitespace());
    if matches!(start, Some(b'{' | b'[')) {
        return Ok(body);
    }
    let form = if body.is_empty() { form(frame.query.as_bytes()) } else { form(&body) };
    from_form(form)
}

/// What a client encrypted; `None` if it did not, or in a way nobody knows. The bytes are
/// looked at first: next to no body is encrypted.
pub fn envelopes(frame: &Frame<'_>) -> Option<Vec<Envelope>> {
    const MARKS: &[&[u8]] = &[b"ekey", b"gzip=9", b"gzip=13"];
    if !MARKS.iter().any(|mark| memmem::find(frame.body, mark).is_some()) {
        return None;
    }
    let data = match frame.body.trim_ascii_start().first()? {
        b'{' | b'[' => frame.body.to_vec(),
        _ => form(frame.body).data?,
    };
    let text = match data.trim_ascii_start().first()? {
        b'{' | b'[' => data,
        _ => inflate(base64_decoded(&base64_text(&data)).ok()?).ok()?,
    };
    let envelopes = match super::super::json::parse(&text).ok()? {
        Json::Array(items) => items.iter().map(envelope).collect::<Option<Vec<_>>>()?,
        one => vec![envelope(&one)?],
    };
    Some(envelopes).filter(|envelopes| !envelopes.is_empty())
}

fn envelope(json: &Json) -> Option<Envelope> {
    let payloads = json.get("payloads")?.as_array()?.iter();
    Some(Envelope {
        key: json.get("ekey")?.as_str()?.to_owned(),
        payloads: payloads.map(|payload| payload.as_str().map(str::to_owned)).collect::<Option<_>>()?,
        flush_time: json.get("flush_time").cloned(),
    })
}

/// Fields of a form or query. `+` is kept: the values are base64.
fn form(text: &[u8]) -> Form {
    let mut form = Form::default();
    for part in text.split(|b| *b == b'&') {
        let Some(at) = part.iter().position(|b| *b == b'=') else { continue };
        let value = percent_decoded(&part[at + 1..]);
        match part[..at].trim_ascii() {
            b"data" | b"data_list" => form.data = Some(value),
            b"crc" => form.crc = number(&value),
            b"ext" => form.crc = value.strip_prefix(b"crc=").and_then(number).or(form.crc),
            b"gzip" => form.gzip = String::from_utf8(value).ok(),
            _ => {}
        }
    }
    form
}

fn number(text: &[u8]) -> Option<i32> {
    std::str::from_utf8(text.trim_ascii()).ok()?.parse().ok()
}

fn from_form(form: Form) -> Result<Vec<u8>, Reason> {
    if form.gzip.as_deref().is_some_and(|gzip| ENCRYPTED.contains(&gzip)) {
        return Err(no_key());
    }
    let Some(data) = form.data else {
        return Err(Reason::new(ReasonCode::MissingField, "data", "is missing"));
    };
    if matches!(data.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return Ok(data);
    }
    let text = base64_text(&data);
    if form.crc.is_some_and(|crc| crc != java_hash(&text)) {
        return Err(Reason::new(ReasonCode::ChecksumMismatch, "crc", "does not fit the data"));
    }
    inflate(base64_decoded(&text)?)
}

/// A list or one of them; the envelopes of the encryption plugins say so themselves.
fn records(text: &[u8]) -> Result<Vec<Json>, Reason> {
    match super::super::json::parse(text)? {
        Json::Array(items) if items.iter().any(|item| item.get("ekey").is_some()) => Err(no_key()),
        Json::Array(items) => Ok(items),
        single if single.get("ekey").or(single.get("key_id")).is_some() => Err(no_key()),
        single => Ok(vec![single]),
    }
}

fn no_key() -> Reason {
    Reason::new(ReasonCode::NoKey, "data", "is encrypted and no key for it is registered")
}
