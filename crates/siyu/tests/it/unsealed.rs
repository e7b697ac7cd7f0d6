//! The data folder as it would be if nothing were sealed, opened with its key: for searching
//! what somebody with the key could find.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use siyu_events::LogPosition;
use siyu_govern::sealing::{FileVault, Keyring, SealWith, StoredFile};
use siyu_types::ports::Vault;

use crate::support::TestApp;

/// A folder with everything of the app's opened. Files that were never sealed stand in it as well.
pub async fn unsealed(app: &TestApp) -> tempfile::TempDir {
    let out = tempfile::tempdir().expect("a temporary folder");
    let rng = |seed| StdRng::seed_from_u64(seed);
    let ring = Keyring::read(&app.folder().join("siyu.key"), rng(1)).expect("reads").expect("there is a key");
    let vault: Arc<dyn Vault> = Arc::new(FileVault::new(&ring, SealWith::Nothing, rng(2)).expect("opens"));
    files(app.folder(), Path::new(""), &vault, out.path());
    let pipeline = app.app.parts.ingest.pipeline(app.project).expect("open");
    let log = pipeline.log();
    let mut frames = Vec::new();
    let mut next = log.start();
    while next < log.end() {
        let some = log.read(next, 1 << 20).expect("reads");
        next = LogPosition(some.last().expect("some").0.0 + 1);
        some.into_iter().for_each(|(_, bytes)| frames.extend_from_slice(&bytes));
    }
    std::fs::create_dir_all(out.path().join("projects/1/log")).expect("a folder");
    std::fs::write(out.path().join("projects/1/log/opened"), frames).expect("writes");
    let texts = app.app.parts.sealed_texts().await.expect("reads");
    std::fs::write(out.path().join("siyu.db.opened"), texts.join("\n")).expect("writes");
    out
}

fn files(root: &Path, inner: &Path, vault: &Arc<dyn Vault>, out: &Path) {
    for entry in std::fs::read_dir(root.join(inner)).expect("a folder") {
        let entry = entry.expect("an entry");
        let (path, inner) = (entry.path(), inner.join(entry.file_name()));
        if path.is_dir() {
            std::fs::create_dir_all(out.join(&inner)).expect("a folder");
            files(root, &inner, vault, out);
        } else {
            std::fs::write(out.join(&inner), opened(&path, &inner, vault)).expect("writes");
        }
    }
}

/// The content of a file, by what its place in the folder says of how it is sealed.
fn opened(path: &Path, inner: &Path, vault: &Arc<dyn Vault>) -> Vec<u8> {
    let words: Vec<&str> = inner.iter().filter_map(|word| word.to_str()).collect();
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let bytes = std::fs::read(path).expect("a file");
    let whole =
        |place: &str| vault.open(place, &bytes).expect("the key opens it").unwrap_or_else(|| bytes.clone());
    let pieces = |place: String| {
        let mut all = Vec::new();
        let mut file =
            StoredFile::new(path.to_owned(), Some(Arc::clone(vault)), place).open().expect("opens");
        file.read_to_end(&mut all).expect("reads");
        all
    };
    match words[..] {
        ["uploads", _] => pieces("uploads".to_owned()),
        ["copies", _] => entries(pieces(format!("copies/{stem}"))),
        ["unassigned", _] => {
            let text = String::from_utf8(bytes.clone()).expect("lines");
            let line = |line: &str| match line.starts_with('{') {
                true => line.as_bytes().to_vec(),
                false => {
                    let sealed = STANDARD.decode(line).expect("base64");
                    vault.open("unassigned", &sealed).expect("opens").expect("was sealed")
                }
            };
            text.lines().map(line).collect::<Vec<_>>().join(&b'\n')
        }
        ["projects", project, "events", file] => {
            let number: u64 = file.trim_end_matches(".parquet").parse().expect("a number");
            pieces(format!("events/{project}/{number}"))
        }
        ["projects", _, "people", _] => whole("people"),
        ["projects", project, part @ ("live" | "clocks" | "quality" | "erased"), _] => {
            whole(&format!("{part}/{project}"))
        }
        ["projects", project, "plan", _] => whole(&format!("plan/{project}")),
        ["projects", project, "plan", "quarantine", file] => match file.ends_with(".index") {
            true => whole(&format!("quarantine/{project}")),
            false => records(path, &bytes, project, vault),
        },
        _ => bytes,
    }
}

/// Everything in a ZIP.
fn entries(bytes: Vec<u8>) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a ZIP");
    let mut all = Vec::new();
    for at in 0..zip.len() {
        zip.by_index(at).expect("an entry").read_to_end(&mut all).expect("reads");
    }
    all
}

/// What was set aside, by the index beside it.
fn records(path: &Path, bytes: &[u8], project: &str, vault: &Arc<dyn Vault>) -> Vec<u8> {
    let number: u64 = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok()).expect("a number");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(path.parent().expect("a folder")).expect("a folder") {
        let index = entry.expect("an entry").path();
        if index.extension().is_none_or(|end| end != "index") {
            continue;
        }
        let stored = std::fs::read(&index).expect("a file");
        let place = format!("quarantine/{project}");
        let json = vault.open(&place, &stored).expect("opens").unwrap_or(stored);
        let json = zstd::decode_all(&json[..]).expect("zstd");
        let entries: Vec<Value> = serde_json::from_slice(&json).expect("JSON");
        for entry in entries.iter().filter(|entry| entry["file"] == number) {
            let (at, length) =
                (entry["at"].as_u64().expect("a place"), entry["bytes"].as_u64().expect("a length"));
            let Some(line) = bytes.get(at as usize..(at + length) as usize) else { continue };
            let place = format!("quarantine/{}/{project}", entry["seq"]);
            all.extend(vault.open(&place, line).expect("opens").unwrap_or_else(|| line.to_vec()));
        }
    }
    all
}
