//! From the bytes of a Sensors request to its records as JSON (§2a.2).

use std::borrow::Cow;

use memchr::memmem;

use super::super::body::{base64_decoded, base64_text, inflate, java_hash, percent_decoded};
use super::super::json::{Json, Text};
use super::super::{Reason, ReasonCode};
use crate::ciphers::Envelope;
use crate::frame::Frame;

/// Values of the field `gzip` that mean "encrypted".
const ENCRYPTED: &[&str] = &["9", "13"];

#[derive(Default)]
struct Form<'a> {
    data: Option<Cow<'a, [u8]>>,
    crc: Option<i32>,
    gzip: Option<String>,
}

/// The text of a request, from its body or, for images, its query.
pub fn text<'a>(frame: &Frame<'a>) -> Result<Text<'a>, Reason> {
    match inflate(frame.body)? {
        body if body.is_empty() => from_form(form(frame.query.as_bytes())),
        // What came packed is unpacked into memory of its own.
        Cow::Owned(body) if is_json(&body) => Ok(Text::of(body)),
        Cow::Owned(body) => Ok(from_form(form(&body))?.own()),
        Cow::Borrowed(body) if is_json(body) => Ok(Text::of(body)),
        Cow::Borrowed(body) => from_form(form(body)),
    }
}

fn is_json(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// What a client encrypted; `None` if it did not, or in a way nobody knows. The bytes are
/// looked at first: next to no body is encrypted.
pub fn envelopes(frame: &Frame<'_>) -> Option<Vec<Envelope>> {
    const MARKS: &[&[u8]] = &[b"ekey", b"gzip=9", b"gzip=13"];
    let body = inflate(frame.body).ok()?;
    let body = if body.is_empty() { Cow::Borrowed(frame.query.as_bytes()) } else { body };
    if !MARKS.iter().any(|mark| memmem::find(&body, mark).is_some()) {
        return None;
    }
    let data = if is_json(&body) { body } else { form(&body).data?.into_owned().into() };
    let text = if is_json(&data) { data } else { inflate(base64_decoded(&base64_text(data)).ok()?).ok()? };
    let envelopes = match Text::of(text).parse().ok()? {
        Json::List(items) => items.iter().map(envelope).collect::<Option<Vec<_>>>()?,
        one => vec![envelope(&one)?],
    };
    Some(envelopes).filter(|envelopes| !envelopes.is_empty())
}

fn envelope(json: &Json<'_>) -> Option<Envelope> {
    let text = |json: &Json<'_>| json.as_text().map(str::to_owned);
    let payloads: Vec<String> = match (json.get("payloads"), json.get("payload")) {
        (Some(Json::List(payloads)), None) => payloads.iter().map(text).collect::<Option<_>>()?,
        (None, Some(payload)) => vec![text(payload)?],
        _ => return None,
    };
    // Every key opens an envelope with nothing in it.
    if payloads.is_empty() {
        return None;
    }
    let flush_time = json.get("flush_time").map(|time| time.clone().value());
    Some(Envelope { key: text(json.get("ekey")?)?, payloads, flush_time })
}

/// Fields of a form or query. `+` is kept: the values are base64.
fn form(text: &[u8]) -> Form<'_> {
    let mut form = Form::default();
    for part in text.split(|b| *b == b'&') {
        let Some(at) = part.iter().position(|b| *b == b'=') else { continue };
        let value = percent_decoded(&part[at + 1..]);
        match part[..at].trim_ascii() {
            b"data" | b"data_list" => form.data = Some(value),
            b"crc" => form.crc = number(&value),
            b"ext" => form.crc = value.strip_prefix(b"crc=").and_then(number).or(form.crc),
            b"gzip" => form.gzip = String::from_utf8(value.into_owned()).ok(),
            _ => {}
        }
    }
    form
}

fn number(text: &[u8]) -> Option<i32> {
    std::str::from_utf8(text.trim_ascii()).ok()?.parse().ok()
}

fn from_form(form: Form<'_>) -> Result<Text<'_>, Reason> {
    if form.gzip.as_deref().is_some_and(|gzip| ENCRYPTED.contains(&gzip)) {
        return Err(no_key());
    }
    let Some(data) = form.data else {
        return Err(Reason::new(ReasonCode::MissingField, "data", "is missing"));
    };
    if is_json(&data) {
        return Ok(Text::of(data));
    }
    let text = base64_text(data);
    if form.crc.is_some_and(|crc| crc != java_hash(&text)) {
        return Err(Reason::new(ReasonCode::ChecksumMismatch, "crc", "does not fit the data"));
    }
    Ok(Text::of(inflate(base64_decoded(&text)?)?))
}

/// A list or one of them; the envelopes of the encryption plugins say so themselves.
pub fn records<'t>(text: &'t Text<'_>) -> Result<Vec<Json<'t>>, Reason> {
    match text.parse()? {
        Json::List(items) if items.iter().any(|item| item.get("ekey").is_some()) => Err(no_key()),
        Json::List(items) => Ok(items),
        single if single.get("ekey").or(single.get("key_id")).is_some() => Err(no_key()),
        single => Ok(vec![single]),
    }
}

fn no_key() -> Reason {
    Reason::new(ReasonCode::NoKey, "data", "is encrypted, and no registered key opens it")
}
