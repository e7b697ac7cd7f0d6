//! A hash of JSON by what it says, for records without an id of their own. It is part of
//! what is stored: the same content must hash alike in every version.

use std::io::Write;

use xxhash_rust::xxh3::xxh3_128;

use super::tree::Json;

/// A hash of JSON that does not depend on the order of keys, leaving out some
/// keys of the outermost object.
pub fn content_hash(salt: &[&[u8]], json: &Json<'_>, without: &[&str]) -> u128 {
    let mut bytes = Vec::with_capacity(1024);
    for part in salt {
        put(&mut bytes, b'#', part);
    }
    put_json(&mut bytes, json, without);
    xxh3_128(&bytes)
}

fn put_json(bytes: &mut Vec<u8>, json: &Json<'_>, without: &[&str]) {
    match json {
        Json::Null => bytes.push(b'n'),
        Json::Bool(value) => bytes.push(if *value { b't' } else { b'f' }),
        Json::Number(number) => {
            put(bytes, b'0', b"");
            let start = bytes.len();
            // Memory takes everything.
            let _written = write!(bytes, "{number}");
            let length = (bytes.len() - start) as u64;
            bytes[start - 8..start].copy_from_slice(&length.to_le_bytes());
        }
        Json::Text(text) => put(bytes, b's', text.as_bytes()),
        Json::List(items) => {
            put(bytes, b'[', &(items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| put_json(bytes, item, &[]));
        }
        Json::Object(object) => {
            bytes.push(b'{');
            for (name, value) in object.iter().filter(|(name, _)| !without.contains(name)) {
                put(bytes, b'k', name.as_bytes());
                put_json(bytes, value, &[]);
            }
            bytes.push(b'}');
        }
    }
}

fn put(bytes: &mut Vec<u8>, kind: u8, part: &[u8]) {
    bytes.push(kind);
    bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
    bytes.extend_from_slice(part);
}
