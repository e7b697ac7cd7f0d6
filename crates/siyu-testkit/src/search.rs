//! Searches every byte of a folder: as it stands, and with everything in it unpacked that
//! looks packed, wherever it begins.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use parquet::file::reader::{FileReader, SerializedFileReader};

const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const GZIP: &[u8] = &[0x1f, 0x8b, 0x08];
/// Packed within packed within packed.
const DEPTH: usize = 4;
/// Shorter runs of letters are words.
const BASE64_MIN: usize = 24;

/// The files in which each needle stands, by their path in the folder.
pub fn found(folder: &Path, needles: &[&str]) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files(folder) {
        let bytes = std::fs::read(&path).expect("readable");
        let mut parts = Vec::new();
        unpack(&bytes, DEPTH, &mut parts);
        if path.extension().is_some_and(|extension| extension == "parquet") && bytes.starts_with(b"PAR1") {
            parts.push(rows(&path).into_bytes());
        }
        let name = path.strip_prefix(folder).expect("inside").display().to_string();
        for needle in needles {
            if parts.iter().any(|part| contains(part, needle.as_bytes())) {
                found.entry((*needle).to_owned()).or_default().push(name.clone());
            }
        }
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Every row of a segment, decoded.
fn rows(path: &Path) -> String {
    let file = std::fs::File::open(path).expect("readable");
    let reader = SerializedFileReader::new(file).expect("Parquet");
    let rows = reader.get_row_iter(None).expect("rows");
    rows.map(|row| row.expect("a row").to_string()).collect::<Vec<_>>().join("\n")
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

fn unpack(bytes: &[u8], depth: usize, parts: &mut Vec<Vec<u8>>) {
    parts.push(bytes.to_vec());
    if depth == 0 {
        return;
    }
    for at in 0..bytes.len() {
        let rest = &bytes[at..];
        let mut out = Vec::new();
        // What ends early or goes on with something else is still what it is.
        if rest.starts_with(ZSTD) {
            let mut reader = zstd::Decoder::new(rest).expect("memory").single_frame();
            let _ended = reader.read_to_end(&mut out);
        } else if rest.starts_with(GZIP) {
            let _ended = flate2::read::GzDecoder::new(rest).read_to_end(&mut out);
        }
        if !out.is_empty() {
            unpack(&out, depth - 1, parts);
        }
    }
    for run in bytes.split(|byte| !is_base64(*byte)).filter(|run| run.len() >= BASE64_MIN) {
        for decoded in decoded(run) {
            unpack(&decoded, depth - 1, parts);
        }
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'%' | b'=')
}

fn decoded(run: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(run);
    let plain = text.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    // A name may stand before it: `data_list=`.
    let tails = [plain.as_str(), plain.split_once('=').map_or("", |(_, tail)| tail)];
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let mut found = Vec::new();
    for alphabet in [&alphabet::STANDARD, &alphabet::URL_SAFE] {
        let engine = GeneralPurpose::new(alphabet, config);
        for tail in tails {
            let whole = &tail[..tail.len() - usize::from(tail.len() % 4 == 1)];
            found.extend(engine.decode(whole).ok().filter(|bytes| !bytes.is_empty()));
        }
    }
    found
}

/// What a search must find before it may be believed when it finds nothing.
pub fn must_be_in(found: &BTreeMap<String, Vec<String>>, needle: &str, places: &[&str]) {
    let files = found.get(needle).cloned().unwrap_or_default();
    for place in places {
        let there = files.iter().any(|file| file.contains(place));
        assert!(there, "{needle} was to be found in {place}, and is in {files:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_finds_what_is_packed() {
        let folder = tempfile::tempdir().expect("a folder");
        let gzip = |text: &[u8]| {
            let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            std::io::Write::write_all(&mut writer, text).expect("memory");
            writer.finish().expect("memory")
        };
        let text = b"somebody called needle-1 was here, and here, and here";
        let base64 = base64::engine::general_purpose::STANDARD.encode(gzip(text));
        let escaped = format!("data_list={}&gzip=1", base64.replace('+', "%2B").replace('=', "%3D"));
        let zstd = zstd::bulk::compress(escaped.as_bytes(), 1).expect("memory");
        let files: Vec<(&str, Vec<u8>)> = vec![
            ("plain", text.to_vec()),
            ("gzip", [b"head ".as_slice(), &gzip(text), b" tail"].concat()),
            ("deep", [b"head ".as_slice(), &zstd, b" tail"].concat()),
            ("other", b"nothing of it".to_vec()),
        ];
        for (name, bytes) in &files {
            std::fs::write(folder.path().join(name), bytes).expect("writable");
        }
        let found = found(folder.path(), &["needle-1", "needle-2"]);
        assert_eq!(found["needle-1"], ["deep", "gzip", "plain"]);
        assert_eq!(found.len(), 1);
    }
}
