//! Encoding and separator of delimited text, from its first bytes.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use csv::ReaderBuilder;
use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

use super::HEAD_BYTES;

const SNIFF_ROWS: usize = 50;
const DELIMITERS: &[u8] = b",\t;|";

pub fn decoded(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

/// The encoding and the length of its mark.
pub fn encoding_of(head: &[u8]) -> (&'static Encoding, usize) {
    if let Some((encoding, mark)) = Encoding::for_bom(head) {
        // The transcoder of wide text eats the mark itself.
        return (encoding, if encoding == UTF_8 { mark } else { 0 });
    }
    if let Some(encoding) = unmarked_wide(head) {
        return (encoding, 0);
    }
    let valid = match std::str::from_utf8(head) {
        Ok(_) => true,
        // A character cut by the end of what was read is no error.
        Err(error) => error.error_len().is_none() && head.len() as u64 == HEAD_BYTES,
    };
    if valid {
        return (UTF_8, 0);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, (head.len() as u64) < HEAD_BYTES);
    let guess = detector.guess(Some(b"cn"), Utf8Detection::Allow);
    // GB18030 holds all of GBK.
    (if guess == GBK { GB18030 } else { guess }, 0)
}

/// UTF-16 without a mark: separators, digits and line ends have a zero byte on the
/// same side each.
fn unmarked_wide(head: &[u8]) -> Option<&'static Encoding> {
    let zeros = |side: usize| head.iter().skip(side).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    if (first + second) * 10 < head.len() {
        return None;
    }
    match (first, second) {
        (first, second) if second > 10 * first => Some(UTF_16LE),
        (first, second) if first > 10 * second => Some(UTF_16BE),
        _ => None,
    }
}

/// The separator with which the first rows have the same number of cells, most of
/// them. In GB18030 a `|` may be half of a character.
pub fn delimiter_of(sample: &[u8], cut: bool, single_byte: bool) -> u8 {
    let mut best = (b',', 1);
    for &delimiter in DELIMITERS {
        if delimiter == b'|' && !single_byte {
            continue;
        }
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(sample);
        let mut widths: Vec<usize> =
            reader.byte_records().take(SNIFF_ROWS).filter_map(|row| Some(row.ok()?.len())).collect();
        if cut && widths.len() < SNIFF_ROWS {
            // The last row may be half.
            widths.pop();
        }
        let Some(&first) = widths.first() else { continue };
        if widths.iter().filter(|width| **width == first).count() * 10 >= widths.len() * 9 && first > best.1 {
            best = (delimiter, first);
        }
    }
    best.0
}
