//! Bounds of a zipped workbook, held before anything of it is read into memory: what
//! it says of its own sizes is not believed, it is inflated and counted.

use std::io::{BufReader, Read};

use quick_xml::events::Event;
use siyu_govern::sealing::StoredFile;
use siyu_types::{Error, ErrorCode, Result};
use zip::ZipArchive;

use super::super::rows::unsupported;

/// Parts of one workbook.
const PARTS_MAX: usize = 10_000;
/// One sheet, inflated; it is read as a stream.
const SHEET_BYTES_MAX: u64 = 8 << 30;
/// Everything else that is read, inflated: above all the shared texts, which stay in
/// memory while the sheet is read.
const SHARED_BYTES_MAX: u64 = 512 << 20;
/// Between two tags, which the reader of XML holds in memory.
const RUN_BYTES_MAX: usize = 1 << 20;
const BUFFER_BYTES: usize = 1 << 16;
/// The part that holds the texts of all sheets, and the least that one of them takes: `<si/>`.
const SHARED_TEXTS: &str = "sharedstrings.xml";
const TEXT_BYTES_MIN: u64 = 5;

/// Checks the parts of a workbook that would be read.
pub fn check(path: &StoredFile) -> Result<()> {
    let damaged = || unsupported("the workbook is damaged", "damaged");
    let mut archive = ZipArchive::new(BufReader::new(path.open()?)).map_err(|_| damaged())?;
    if archive.len() > PARTS_MAX {
        return Err(too_large("parts", PARTS_MAX as u64));
    }
    let mut shared = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| damaged())?;
        let name = part.name().map_err(|_| damaged())?.to_lowercase();
        if !(name.ends_with(".xml") || name.ends_with(".rels")) {
            continue;
        }
        let sheet = name.starts_with("xl/worksheets/");
        let (before, limit) = if sheet { (0, SHEET_BYTES_MAX) } else { (shared, SHARED_BYTES_MAX) };
        let bytes = counted(part, before, limit, damaged)?;
        if !sheet {
            shared += bytes;
        }
        if name.rsplit('/').next() == Some(SHARED_TEXTS) {
            let part = archive.by_index(index).map_err(|_| damaged())?;
            if claimed_texts(part).is_none_or(|texts| texts > bytes / TEXT_BYTES_MIN) {
                return Err(damaged());
            }
        }
    }
    Ok(())
}

/// How many shared texts a part says it has, 0 if it does not say; `None` if it is broken. The
/// library makes room for as many before it reads the first.
fn claimed_texts(part: impl Read) -> Option<u64> {
    let mut xml = quick_xml::Reader::from_reader(BufReader::new(part));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer).ok()? {
            Event::Start(tag) if tag.local_name().as_ref() == "sst" => {
                let mut attributes = tag.attributes();
                let claim =
                    attributes.with_checks(false).flatten().find(|claim| claim.key.as_ref() == "uniqueCount");
                return claim.map_or(Some(0), |claim| claim.value.trim().parse().ok());
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// Bytes of one part; an error if they, with those before, are more than the limit.
fn counted(mut part: impl Read, before: u64, limit: u64, damaged: impl Fn() -> Error) -> Result<u64> {
    let (mut buffer, mut bytes, mut run) = (vec![0; BUFFER_BYTES], 0, 0);
    loop {
        let read = part.read(&mut buffer).map_err(|_| damaged())?;
        if read == 0 {
            return Ok(bytes);
        }
        bytes += read as u64;
        if before + bytes > limit {
            return Err(too_large("inflated", limit));
        }
        let mut rest = &buffer[..read];
        while let Some(tag) = memchr::memchr(b'<', rest) {
            run += tag;
            if run > RUN_BYTES_MAX {
                break;
            }
            run = 0;
            rest = &rest[tag + 1..];
        }
        run += rest.len();
        if run > RUN_BYTES_MAX {
            return Err(too_large("text", RUN_BYTES_MAX as u64));
        }
    }
}

fn too_large(what: &str, limit: u64) -> Error {
    Error::new(ErrorCode::TooLarge, "the workbook inflates to more than is read")
        .at("file")
        .with("what", what)
        .with("limit_bytes", limit.to_string())
}
