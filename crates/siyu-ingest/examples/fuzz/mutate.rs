//! Changes that know what they change: bytes, forms, base64, gzip, JSON, tables.

use std::io::{Cursor, Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use rand::Rng;
use rand::rngs::StdRng;
use serde_json::{Map, Value as Json};
use siyu_ingest::frame::ProtocolId;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// An input, or what inputs are made from.
#[derive(Clone)]
pub struct Seed {
    /// None: a file.
    pub protocol: Option<ProtocolId>,
    pub route: String,
    pub query: String,
    pub body: Vec<u8>,
}

/// Pieces that parsers trip over.
const PIECES: &[&[u8]] = &[
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\\ud800",
    b"\\udc00",
    b"\\u0000",
    b"\\",
    b"\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"&",
    b"=",
    b"+",
    b"%",
    b"%2",
    b"%00",
    b"\r\n",
    b"9007199254740993",
    b"-9223372036854775809",
    b"1e999",
    b"-0",
    b"123456789012345678901234567890",
    b"nan",
    b"null",
    b"true",
    b"gzip=1",
    b"gzip=9",
    b"crc=1",
    b"data=",
    b"data_list=",
    b"ext=crc%3D",
    b"\xf0\x9f\x98",
    b"$identity_x+",
    b"+",
    b"\x1f\x8b",
    b"PAR1",
    b"PK\x03\x04",
    b"<c r=\"XFD1048576\">",
    b"<row r=\"4294967295\">",
    b"<v>1e308</v>",
    b"&#x110000;",
    b"]]>",
];
const TEXTS: &[&str] = &[
    "",
    " ",
    "a+b",
    "$identity_login_id+u+1",
    "\u{0}",
    "未取到值",
    "2026-01-02 03:04:05.6",
    "9007199254740993",
    "1e3",
    "😀",
    "$pageview",
    "track",
    "profile_increment",
    "item_set",
    "identify",
    "alias",
    "page",
    "login",
    "undefined",
];
const TEXT_LETTERS_MAX: usize = 40_000;
const LIST_MAX: usize = 2_000;
const REPEATED_BYTES_MAX: usize = 200_000;
const DEEP: usize = 40;

impl Seed {
    /// From a recorded request: a request line, headers, an empty line, the body.
    pub fn request(protocol: ProtocolId, file: &[u8]) -> Seed {
        let text = String::from_utf8_lossy(file);
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let target = head.split_whitespace().nth(1).unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (mut route, mut query) = (path.rsplit('/').next().unwrap_or_default(), query);
        let mapping = head.lines().find_map(|line| line.strip_prefix("mapping: "));
        if protocol == ProtocolId::Webhook {
            (route, query) = ("", mapping.unwrap_or_default());
        }
        Seed {
            protocol: Some(protocol),
            route: route.to_owned(),
            query: query.to_owned(),
            body: body.trim_end_matches('\n').as_bytes().to_vec(),
        }
    }

    pub fn file(body: Vec<u8>) -> Seed {
        Seed { protocol: None, route: String::new(), query: String::new(), body }
    }
}

pub fn file(seed: &Seed, others: &[Seed], rng: &mut StdRng) -> Seed {
    let mut out = seed.clone();
    // Checksums of an archive hide what is inside from all but whole changes of a part.
    if seed.body.starts_with(b"PK")
        && rng.random_range(0..8) > 0
        && let Some(body) = inside_zip(&seed.body, rng)
    {
        return Seed { body, ..out };
    }
    for _ in 0..rng.random_range(1..6) {
        bytes(&mut out.body, others, rng);
    }
    out
}

pub fn request(seed: &Seed, others: &[Seed], rng: &mut StdRng) -> Seed {
    let mut out = seed.clone();
    match rng.random_range(0..10) {
        // Half of the inputs stay well formed on the outside, so that the inside is reached.
        0..=5 => {
            let (json, wrapped) = unwrap(&out.body);
            if let Some(mut json) = json {
                for _ in 0..rng.random_range(1..5) {
                    tree(&mut json, rng, 0);
                }
                out.body = wrap(&json, wrapped, rng);
            } else {
                bytes(&mut out.body, others, rng);
            }
        }
        6 | 7 => {
            for _ in 0..rng.random_range(1..8) {
                bytes(&mut out.body, others, rng);
            }
        }
        8 => {
            let mut query = out.query.into_bytes();
            bytes(&mut query, &[], rng);
            out.query = String::from_utf8_lossy(&query).into_owned();
        }
        _ => out.protocol = Some(ProtocolId::ALL[rng.random_range(0..ProtocolId::ALL.len())]),
    }
    out
}

/// The archive with one part changed.
fn inside_zip(body: &[u8], rng: &mut StdRng) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(body)).ok()?;
    let (count, mut out) = (archive.len(), ZipWriter::new(Cursor::new(Vec::new())));
    let changed = rng.random_range(0..count.max(1));
    for index in 0..count {
        let mut part = archive.by_index(index).ok()?;
        let name = part.name().ok()?.into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).ok()?;
        if index == changed {
            for _ in 0..rng.random_range(1..5) {
                bytes(&mut content, &[], rng);
            }
        }
        out.start_file(name, SimpleFileOptions::default()).ok()?;
        out.write_all(&content).ok()?;
    }
    Some(out.finish().ok()?.into_inner())
}

fn bytes(body: &mut Vec<u8>, others: &[Seed], rng: &mut StdRng) {
    let at = rng.random_range(0..=body.len());
    match rng.random_range(0..7) {
        0 => {
            if let Some(byte) = body.get_mut(at) {
                *byte ^= 1 << rng.random_range(0..8);
            }
        }
        1 => body.truncate(at),
        2 => {
            let end = rng.random_range(at..=body.len());
            body.drain(at..end);
        }
        3 if !others.is_empty() => {
            let other = &others[rng.random_range(0..others.len())].body;
            let from = rng.random_range(0..=other.len());
            body.truncate(at);
            body.extend_from_slice(&other[from..]);
        }
        4 => {
            let end = rng.random_range(at..=body.len()).min(at + 200);
            let again = body[at..end].repeat(rng.random_range(1..50));
            body.splice(at..at, again);
        }
        _ => {
            let piece = PIECES[rng.random_range(0..PIECES.len())];
            body.splice(at..at, piece.iter().copied());
        }
    }
}

/// How a body holds its JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrapped {
    Plain,
    Form,
}

/// The JSON of a body, and what was around it.
fn unwrap(body: &[u8]) -> (Option<Json>, Wrapped) {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    let data = form.iter().find(|(name, _)| name == "data" || name == "data_list");
    let Some((_, text)) = data else { return (serde_json::from_slice(body).ok(), Wrapped::Plain) };
    let Ok(bytes) = STANDARD.decode(text.replace(' ', "+")) else { return (None, Wrapped::Form) };
    let mut inflated = Vec::new();
    let bytes = match GzDecoder::new(bytes.as_slice()).read_to_end(&mut inflated) {
        Ok(_) => inflated,
        Err(_) => bytes,
    };
    (serde_json::from_slice(&bytes).ok(), Wrapped::Form)
}

fn wrap(json: &Json, wrapped: Wrapped, rng: &mut StdRng) -> Vec<u8> {
    let plain = json.to_string().into_bytes();
    let gzipped = rng.random_range(0..2) == 0;
    let packed = if gzipped { gzip(&plain) } else { plain.clone() };
    match wrapped {
        Wrapped::Plain if rng.random_range(0..4) > 0 => plain,
        Wrapped::Plain => packed,
        Wrapped::Form => {
            let name = if json.is_array() { "data_list" } else { "data" };
            let value: String =
                url::form_urlencoded::byte_serialize(STANDARD.encode(packed).as_bytes()).collect();
            format!("{name}={value}{}", if gzipped { "&gzip=1" } else { "" }).into_bytes()
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail.
    let _written = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// Changes one place of a JSON value.
fn tree(json: &mut Json, rng: &mut StdRng, depth: usize) {
    let descend = depth < DEEP && rng.random_range(0..4) > 0;
    match json {
        Json::Object(map) if descend && !map.is_empty() => {
            let at = rng.random_range(0..map.len());
            if let Some(value) = map.values_mut().nth(at) {
                return tree(value, rng, depth + 1);
            }
        }
        Json::Array(items) if descend && !items.is_empty() => {
            let at = rng.random_range(0..items.len());
            return tree(&mut items[at], rng, depth + 1);
        }
        _ => {}
    }
    match (rng.random_range(0..6), json) {
        (0, Json::Object(map)) => {
            if let Some(name) = map.keys().nth(rng.random_range(0..map.len().max(1))).cloned() {
                map.remove(&name);
            }
        }
        (1, Json::Object(map)) => {
            map.insert(text(rng), value(rng));
        }
        (0, Json::Array(items)) if !items.is_empty() => {
            let again = items[rng.random_range(0..items.len())].clone();
            // Lists of lists would otherwise grow without end.
            let room = REPEATED_BYTES_MAX / again.to_string().len().max(1);
            let times = rng.random_range(0..room.min(LIST_MAX) + 1);
            items.extend(std::iter::repeat_n(again, times));
        }
        (1, Json::Array(items)) => items.push(value(rng)),
        (_, json) => *json = value(rng),
    }
}

fn text(rng: &mut StdRng) -> String {
    let text = TEXTS[rng.random_range(0..TEXTS.len())];
    match rng.random_range(0..20) {
        0 => text.repeat(TEXT_LETTERS_MAX / text.len().max(1)),
        _ => text.to_owned(),
    }
}

fn value(rng: &mut StdRng) -> Json {
    match rng.random_range(0..12) {
        0 => Json::Null,
        1 => rng.random::<bool>().into(),
        2 => rng.random::<i64>().into(),
        3 => rng.random::<u64>().into(),
        4 => Json::from(f64::from_bits(rng.random())),
        5 => Json::from(rng.random_range(-5..5)),
        6 => Json::Array(vec![text(rng).into(); rng.random_range(0..5)]),
        7 => (0..rng.random_range(0..DEEP)).fold(Json::from(1), |inner, _| Json::Array(vec![inner])),
        8 => Json::Object(Map::from_iter([(text(rng), text(rng).into())])),
        9 => Json::Object((0..rng.random_range(0..600)).map(|at| (format!("p{at}"), at.into())).collect()),
        _ => text(rng).into(),
    }
}
