//! Unpacking bodies: forms, base64 and gzip as clients really send them.

use std::borrow::Cow;
use std::io::Read;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::MultiGzDecoder;

use super::{INFLATED_BYTES_MAX, Reason, ReasonCode};

/// Repetitive events inflate about so many times.
const INFLATED_TIMES: usize = 32;

/// Padding may be missing and stray bits may be set.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Inflates gzip up to [`INFLATED_BYTES_MAX`]; what is not gzip is handed back.
pub fn inflate<'a>(bytes: impl Into<Cow<'a, [u8]>>) -> Result<Cow<'a, [u8]>, Reason> {
    let bytes = bytes.into();
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut out = Vec::with_capacity(said_length(&bytes));
    let read = MultiGzDecoder::new(&*bytes).take(INFLATED_BYTES_MAX as u64 + 1).read_to_end(&mut out);
    if out.len() > INFLATED_BYTES_MAX {
        let message = format!("inflates to more than {INFLATED_BYTES_MAX} bytes");
        return Err(Reason::new(ReasonCode::TooLarge, "body", message));
    }
    read.map_err(|_| Reason::new(ReasonCode::BadGzip, "body", "is not whole gzip"))?;
    Ok(Cow::Owned(out))
}

/// What the end of a gzip says of its length; nobody has to believe it, so it is bounded by
/// what ordinary bodies inflate to.
fn said_length(gzip: &[u8]) -> usize {
    let said = gzip.last_chunk().map_or(0, |end| u32::from_le_bytes(*end) as usize);
    said.min(gzip.len().saturating_mul(INFLATED_TIMES)).min(INFLATED_BYTES_MAX)
}

/// Undoes percent-encoding only: `+` stays `+`, because the values are base64.
pub fn percent_decoded(text: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr::memchr(b'%', text) else { return Cow::Borrowed(text) };
    let mut out = Vec::with_capacity(text.len());
    out.extend_from_slice(&text[..first]);
    let mut rest = &text[first..];
    // Each turn begins at a percent sign.
    while let [_, after @ ..] = rest {
        let hex = |at: usize| after.get(at).and_then(|b| char::from(*b).to_digit(16));
        let plain = match (hex(0), hex(1)) {
            (Some(high), Some(low)) => {
                out.push((high << 4 | low) as u8);
                &after[2..]
            }
            _ => {
                out.push(b'%');
                after
            }
        };
        let end = memchr::memchr(b'%', plain).unwrap_or(plain.len());
        out.extend_from_slice(&plain[..end]);
        rest = &plain[end..];
    }
    Cow::Owned(out)
}

/// The base64 text the client made: proxies turn `+` into a space, and old
/// encoders wrap lines.
pub fn base64_text<'a>(value: Cow<'a, [u8]>) -> Cow<'a, [u8]> {
    if !value.iter().any(|b| matches!(b, b'\r' | b'\n' | b'\t' | b' ')) {
        return value;
    }
    let restored = value.iter().filter(|b| !matches!(b, b'\r' | b'\n' | b'\t'));
    restored.map(|&b| if b == b' ' { b'+' } else { b }).collect()
}

/// Decodes [`base64_text`]; the URL-safe alphabet is understood as well.
pub fn base64_decoded(text: &[u8]) -> Result<Vec<u8>, Reason> {
    let bad = |_| Reason::new(ReasonCode::BadBase64, "data", "is not base64");
    if memchr::memchr2(b'-', b'_', text).is_none() {
        return BASE64.decode(text).map_err(bad);
    }
    let standard: Vec<u8> = text
        .iter()
        .map(|&b| match b {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        })
        .collect();
    BASE64.decode(standard).map_err(bad)
}

/// Java's string hash over the base64 text: what Sensors calls crc (§2a.2). Four letters at a
/// time, since each step waits for the one before.
pub fn java_hash(text: &[u8]) -> i32 {
    let letter = |unit: u8| i32::from(unit);
    let (fours, rest) = text.as_chunks::<4>();
    let hash = fours.iter().fold(0_i32, |hash, &[a, b, c, d]| {
        let four = letter(a) * (31 * 31 * 31) + letter(b) * (31 * 31) + letter(c) * 31 + letter(d);
        hash.wrapping_mul(31 * 31 * 31 * 31).wrapping_add(four)
    });
    rest.iter().fold(hash, |hash, &unit| hash.wrapping_mul(31).wrapping_add(letter(unit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    }

    #[test]
    fn a_gzip_bomb_is_refused_and_torn_gzip_named() {
        let bomb = gzip(&vec![0; INFLATED_BYTES_MAX + 1]);
        assert!(bomb.len() < INFLATED_BYTES_MAX / 900);
        assert_eq!(inflate(bomb).expect_err("bomb").code, ReasonCode::TooLarge);
        let mut torn = gzip(b"{\"a\":1}");
        torn.truncate(torn.len() - 9);
        assert_eq!(inflate(torn).expect_err("torn").code, ReasonCode::BadGzip);
        assert_eq!(*inflate(&b"plain"[..]).expect("as is"), *b"plain");
    }

    proptest! {
        #[test]
        fn base64_survives_what_happens_on_the_way(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let sent = base64::engine::general_purpose::STANDARD.encode(&bytes);
            let spaced = sent.replace('+', " ");
            let unpadded = sent.trim_end_matches('=').to_owned();
            let wrapped = sent.as_bytes().chunks(7).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\r\n");
            let url_safe = base64::engine::general_purpose::URL_SAFE.encode(&bytes);
            for variant in [&sent, &spaced, &unpadded, &wrapped, &url_safe] {
                let text = base64_text(variant.as_bytes().into());
                prop_assert_eq!(&base64_decoded(&text).expect("decodes"), &bytes);
            }
        }

        #[test]
        fn percent_decoding_goes_byte_by_byte(text in "([a%]|%[0-9a-fA-F]{1,2}|[\\+é]){0,40}") {
            let (mut twin, mut at, bytes) = (Vec::new(), 0, text.as_bytes());
            while at < bytes.len() {
                let hex = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
                match (bytes[at], hex(at + 1), hex(at + 2)) {
                    (b'%', Some(high), Some(low)) => {
                        twin.push((high * 16 + low) as u8);
                        at += 3;
                    }
                    (other, ..) => {
                        twin.push(other);
                        at += 1;
                    }
                }
            }
            prop_assert_eq!(percent_decoded(bytes).into_owned(), twin);
        }

        #[test]
        fn javas_hash_goes_letter_by_letter(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let twin = bytes.iter().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(*unit)));
            prop_assert_eq!(java_hash(&bytes), twin);
        }
    }
}
