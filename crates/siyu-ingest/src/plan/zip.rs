//! How far a zip would inflate, before anything reads it.

use std::io::Read;

use flate2::read::DeflateDecoder;

/// Whether a zip's entries inflate to no more than this, whatever its headers say.
pub fn inflates_within(bytes: &[u8], limit: u64) -> bool {
    let number = |at: usize, size: usize| -> Option<usize> {
        let field = bytes.get(at..at.checked_add(size)?)?;
        Some(field.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
    };
    let end = bytes.windows(4).rposition(|window| window == b"PK\x05\x06");
    let Some((mut at, entries)) = end.and_then(|end| Some((number(end + 16, 4)?, number(end + 10, 2)?)))
    else {
        return false;
    };
    let mut left = limit;
    for _ in 0..entries {
        let entry = || {
            let (method, packed, local) = (number(at + 10, 2)?, number(at + 20, 4)?, number(at + 42, 4)?);
            let skip = number(at + 28, 2)? + number(at + 30, 2)? + number(at + 32, 2)?;
            let data = local + 30 + number(local + 26, 2)? + number(local + 28, 2)?;
            Some((method, bytes.get(data..data.checked_add(packed)?)?, skip))
        };
        let Some((method, packed, skip)) = entry() else { return false };
        let inflated = if method == 0 {
            Ok(packed.len() as u64)
        } else {
            std::io::copy(&mut DeflateDecoder::new(packed).take(left + 1), &mut std::io::sink())
        };
        match inflated {
            Ok(length) if length <= left => left -= length,
            _ => return false,
        }
        at += 46 + skip;
    }
    true
}
