//! Decodes the pages of a text column straight to codes, without making a text
//! of every row.

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};
use siyu_types::{Error, Result};

use super::format::parquet_error;
use super::texts::Texts;
use crate::block::TEXT_MISSING;

/// Appends `take` rows after the first `skip` of a column chunk.
pub(crate) fn read_texts(
    pages: &mut dyn PageReader,
    optional: bool,
    skip: usize,
    take: usize,
    out: &mut Texts,
) -> Result<()> {
    let mut dictionary = Dictionary::default();
    let (mut skip, mut take) = (skip, take);
    while take > 0 {
        let peek = pages.peek_next_page().map_err(parquet_error)?;
        let Some(peek) = peek else { return Err(damaged("ends early")) };
        let rows = peek.num_rows.or(peek.num_levels).unwrap_or(0);
        if !peek.is_dict && rows > 0 && rows <= skip {
            pages.skip_next_page().map_err(parquet_error)?;
            skip -= rows;
            continue;
        }
        match pages.get_next_page().map_err(parquet_error)? {
            Some(Page::DictionaryPage { buf, num_values, .. }) => {
                dictionary = Dictionary::new(buf, num_values as usize)?;
            }
            Some(Page::DataPage { buf, num_values, encoding, .. }) => {
                let rows = num_values as usize;
                let from = skip.min(rows);
                let to = rows.min(from + take);
                read_page(&buf, encoding, optional, &mut dictionary, from..to, out)?;
                skip -= from;
                take -= to - from;
            }
            _ => return Err(damaged("has a page of an unknown kind")),
        }
    }
    Ok(())
}

/// The words of a column chunk. Only those that a row has are looked up in what is read into: of few
/// rows these are few.
#[derive(Default)]
struct Dictionary {
    page: Bytes,
    words: Vec<Word>,
}

/// Where a word stands in the page, and its code in what is read into, once it has one.
struct Word {
    start: usize,
    code: u32,
}

impl Dictionary {
    fn new(page: Bytes, count: usize) -> Result<Dictionary> {
        let mut words = Vec::new();
        let mut at = 0;
        for _ in 0..count {
            words.push(Word { start: at, code: TEXT_MISSING });
            at += 4 + le_u32(&page, at)? as usize;
        }
        Ok(Dictionary { page, words })
    }

    fn code(&mut self, word: u32, out: &mut Texts) -> Result<u32> {
        let word = self.words.get_mut(word as usize).ok_or_else(|| damaged("has a code without a text"))?;
        if word.code == TEXT_MISSING {
            let mut at = word.start;
            word.code = out.words.code(plain_text(&self.page, &mut at)?);
        }
        Ok(word.code)
    }
}

fn read_page(
    page: &Bytes,
    encoding: Encoding,
    optional: bool,
    dictionary: &mut Dictionary,
    wanted: std::ops::Range<usize>,
    out: &mut Texts,
) -> Result<()> {
    let mut at = 0;
    let mut present = Vec::new();
    if optional {
        let length = le_u32(page, 0)? as usize;
        let levels = page.get(4..4 + length).ok_or_else(|| damaged("has short levels"))?;
        hybrid(levels, 1, wanted.end, &mut present)?;
        at = 4 + length;
    }
    let held = |rows: std::ops::Range<usize>| match optional {
        true => present[rows].iter().filter(|&&level| level == 1).count(),
        false => rows.len(),
    };
    let (before, values) = (held(0..wanted.start), held(0..wanted.end));
    let mut codes = Vec::with_capacity(values);
    match encoding {
        Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY => {
            if values > 0 {
                let width = *page.get(at).ok_or_else(|| damaged("has no codes"))?;
                hybrid(&page[at + 1..], u32::from(width), values, &mut codes)?;
            }
            for code in &mut codes[before..] {
                *code = dictionary.code(*code, out)?;
            }
        }
        Encoding::PLAIN => {
            for value in 0..values {
                let text = plain_text(page, &mut at)?;
                codes.push(if value < before { TEXT_MISSING } else { out.words.code(text) });
            }
        }
        _ => return Err(damaged("has an unknown encoding")),
    }
    let mut codes = codes[before..].iter().copied();
    if !optional {
        out.codes.extend(codes);
        return Ok(());
    }
    let code = |level: &u32| if *level == 1 { codes.next().unwrap_or(TEXT_MISSING) } else { TEXT_MISSING };
    out.codes.extend(present[wanted].iter().map(code));
    Ok(())
}

/// Parquet's mixture of runs and bit-packed groups of eight.
fn hybrid(data: &[u8], width: u32, count: usize, out: &mut Vec<u32>) -> Result<()> {
    let mut at = 0;
    let end = out.len() + count;
    out.reserve(count);
    if width > 32 {
        return Err(damaged("has codes wider than 32 bits"));
    }
    while out.len() < end {
        let header = varint(data, &mut at)?;
        let left = end - out.len();
        if header & 1 == 0 {
            let bytes = width.div_ceil(8) as usize;
            let mut value = [0; 4];
            let run = data.get(at..at + bytes).ok_or_else(|| damaged("has a short run"))?;
            value[..bytes].copy_from_slice(run);
            at += bytes;
            out.resize(out.len() + left.min((header >> 1) as usize), u32::from_le_bytes(value));
        } else {
            let bytes = (header >> 1) as usize * width as usize;
            let packed = &data[at.min(data.len())..data.len().min(at.saturating_add(bytes))];
            at += bytes;
            unpack(packed, width, left.min((header >> 1) as usize * 8), out)?;
        }
    }
    Ok(())
}

fn unpack(packed: &[u8], width: u32, count: usize, out: &mut Vec<u32>) -> Result<()> {
    if packed.len() * 8 < count * width as usize {
        return Err(damaged("has a short bit-packed run"));
    }
    let mask = (1u64 << width) - 1;
    let (mut bits, mut held, mut at) = (0u64, 0, 0);
    for _ in 0..count {
        while held < width {
            bits |= u64::from(packed[at]) << held;
            at += 1;
            held += 8;
        }
        out.push((bits & mask) as u32);
        bits >>= width;
        held -= width;
    }
    Ok(())
}

fn varint(data: &[u8], at: &mut usize) -> Result<u64> {
    let mut value = 0;
    for shift in (0..63).step_by(7) {
        let byte = *data.get(*at).ok_or_else(|| damaged("has a short header"))?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(damaged("has a long header"))
}

fn plain_text<'a>(data: &'a [u8], at: &mut usize) -> Result<&'a str> {
    let length = le_u32(data, *at)? as usize;
    let bytes = data.get(*at + 4..*at + 4 + length).ok_or_else(|| damaged("has a short text"))?;
    *at += 4 + length;
    std::str::from_utf8(bytes).map_err(|_| damaged("has a text that is not UTF-8"))
}

fn le_u32(data: &[u8], at: usize) -> Result<u32> {
    let bytes = data.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    bytes.map(u32::from_le_bytes).ok_or_else(|| damaged("has a short length"))
}

fn damaged(why: &str) -> Error {
    Error::internal(format!("a text column {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_packed_groups() {
        // A run of 5 × 3, then a packed group 0..8 of three bits (the example of the Parquet specification).
        let data = [5 << 1, 3, (1 << 1) | 1, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        let mut out = Vec::new();
        hybrid(&data, 3, 13, &mut out).expect("valid");
        assert_eq!(out, [3, 3, 3, 3, 3, 0, 1, 2, 3, 4, 5, 6, 7]);
        assert!(hybrid(&data, 3, 14, &mut Vec::new()).is_err(), "too short");
        let mut out = Vec::new();
        hybrid(&[200 << 1 & 0x7f | 0x80, 3], 0, 200, &mut out).expect("a run without bits");
        assert_eq!(out, vec![0; 200]);
    }
}
