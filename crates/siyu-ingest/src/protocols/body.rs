//! Unpacking bodies: forms, base64 and gzip as clients really send them.

use std::io::Read;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::MultiGzDecoder;

use super::{INFLATED_BYTES_MAX, Reason, ReasonCode};

/// Padding may be missing and stray bits may be set.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Inflates gzip up to [`INFLATED_BYTES_MAX`]; what is not gzip is handed back.
pub fn inflate(bytes: Vec<u8>) -> Result<Vec<u8>, Reason> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut out = Vec::new();
    let read =
        MultiGzDecoder::new(bytes.as_slice()).take(INFLATED_BYTES_MAX as u64 + 1).read_to_end(&mut out);
    if out.len() > INFLATED_BYTES_MAX {
        let message = format!("inflates to more than {INFLATED_BYTES_MAX} bytes");
        return Err(Reason::new(ReasonCode::TooLarge, "body", message));
    }
    read.map_err(|_| Reason::new(ReasonCode::BadGzip, "body", "is not whole gzip"))?;
    Ok(out)
}

/// Undoes percent-encoding only: `+` stays `+`, because the values are base64.
pub fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let hex = |offset: usize| text.get(at + offset).and_then(|b| char::from(*b).to_digit(16));
        if byte == b'%'
            && let (Some(high), Some(low)) = (hex(1), hex(2))
        {
            out.push((high << 4 | low) as u8);
            at += 3;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    out
}

/// The base64 text the client made: proxies turn `+` into a space, and old
/// encoders wrap lines.
pub fn base64_text(value: &[u8]) -> Vec<u8> {
    let restored = value.iter().filter(|b| !matches!(b, b'\r' | b'\n' | b'\t'));
    restored.map(|&b| if b == b' ' { b'+' } else { b }).collect()
}

/// Decodes [`base64_text`]; the URL-safe alphabet is understood as well.
pub fn base64_decoded(text: &[u8]) -> Result<Vec<u8>, Reason> {
    let standard: Vec<u8> = text
        .iter()
        .map(|&b| match b {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        })
        .collect();
    BASE64.decode(standard).map_err(|_| Reason::new(ReasonCode::BadBase64, "data", "is not base64"))
}

/// Java's string hash over the base64 text: what Sensors calls crc (§2a.2).
pub fn java_hash(text: &[u8]) -> i32 {
    text.iter().fold(0_i32, |hash, &unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
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
        assert_eq!(inflate(b"plain".to_vec()).expect("as is"), b"plain");
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
                let text = base64_text(variant.as_bytes());
                prop_assert_eq!(&base64_decoded(&text).expect("decodes"), &bytes);
            }
        }

        #[test]
        fn percent_decoding_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(percent_decoded(&bytes).len() <= bytes.len());
        }
    }
}
