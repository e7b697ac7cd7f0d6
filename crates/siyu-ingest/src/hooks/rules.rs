//! What a mapping must keep to, and whether a body carries the right signature.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use siyu_types::{Error, Result, calendar};

use super::{HookKind, HookMapping, Signature, Take};

/// A mapping as JSON; it is stored with every body.
pub const MAPPING_BYTES_MAX: usize = 16 * 1024;
pub const ANSWER_CHARS_MAX: usize = 500;
pub const SECRET_CHARS_MAX: usize = 500;
const POINTER_CHARS_MAX: usize = 200;
const MONEY_PLACES_MAX: u8 = 4;

/// The mapping as it is stored.
pub fn check(mapping: &HookMapping) -> Result<String> {
    let text = serde_json::to_string(mapping).map_err(Error::internal)?;
    if text.len() > MAPPING_BYTES_MAX {
        return Err(Error::invalid("mapping", format!("must not be larger than {MAPPING_BYTES_MAX} bytes")));
    }
    if mapping.identifiers.is_empty() {
        return Err(Error::invalid("mapping.identifiers", "must name who it is about"));
    }
    if mapping.kind == HookKind::Event && mapping.event.is_none() {
        return Err(Error::invalid("mapping.event", "is needed for events"));
    }
    if !mapping.zone.is_empty() {
        calendar::zone(&mapping.zone).map_err(|error| error.at("mapping.zone"))?;
    }
    if mapping.money_places > MONEY_PLACES_MAX {
        return Err(Error::invalid("mapping.money_places", format!("must be at most {MONEY_PLACES_MAX}")));
    }
    pointer("mapping.list", &mapping.list)?;
    for (field, value) in [("event", &mapping.event), ("time", &mapping.time), ("id", &mapping.id)] {
        value.as_ref().map_or(Ok(()), |value| take(&format!("mapping.{field}"), value))?;
    }
    for (name, value) in &mapping.identifiers {
        take(&format!("mapping.identifiers.{}", name.as_str()), value)?;
    }
    for (name, property) in &mapping.properties {
        take(&format!("mapping.properties.{name}"), &property.take)?;
    }
    Ok(text)
}

fn take(field: &str, value: &Take) -> Result<()> {
    match value {
        Take::At(path) | Take::Body(path) => pointer(field, path),
        Take::Always(value) if value.is_object() || value.is_array() || value.is_null() => {
            Err(Error::invalid(field, "must be a text, a number or yes and no"))
        }
        Take::Always(_) => Ok(()),
    }
}

fn pointer(field: &str, path: &str) -> Result<()> {
    match path.is_empty() || (path.starts_with('/') && path.chars().count() <= POINTER_CHARS_MAX) {
        true => Ok(()),
        false => Err(Error::invalid(field, "must be empty or start with /")),
    }
}

/// A header name and a secret that can be used.
pub fn check_signature(signature: &Signature) -> Result<()> {
    if http::HeaderName::from_bytes(signature.header.as_bytes()).is_err() {
        return Err(Error::invalid("signature.header", "is not the name of a header"));
    }
    if signature.secret.is_empty() || signature.secret.chars().count() > SECRET_CHARS_MAX {
        return Err(Error::invalid("signature.secret", format!("must have 1 to {SECRET_CHARS_MAX} letters")));
    }
    Ok(())
}

/// Whether `given`, the header's value, signs the body: `sha256=<hex>`, bare
/// hexadecimal digits, or base64. The comparison takes the same time for all.
pub fn signs(signature: &Signature, body: &[u8], given: &str) -> bool {
    let given = given.trim();
    let given = given.split_once('=').filter(|(name, _)| *name == "sha256").map_or(given, |(_, value)| value);
    let bytes = hex(given).or_else(|| STANDARD.decode(given).ok()).unwrap_or_default();
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(signature.secret.as_bytes()) else { return false };
    mac.update(body);
    mac.verify_slice(&bytes).is_ok()
}

fn hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks_exact(2);
    pairs.map(|pair| Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8)).collect()
}
