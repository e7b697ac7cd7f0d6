//! The key file: one key a line, `<version> <id> <base64 of 32 bytes>`, the current
//! one first; `#` begins a remark.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use siyu_types::error::{Error, Result};

use super::KeyText;

const VERSION: &str = "1";
const OWNER_ONLY: u32 = 0o600;

/// What is wrong with a key file, if anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileState {
    Missing,
    /// Others than its owner may read it.
    Open,
    Well,
}

/// Looks without changing anything.
pub fn look(path: &Path) -> Result<FileState> {
    let mode = match std::fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(FileState::Missing),
        Err(error) => return Err(cannot(path, &error)),
    };
    Ok(if mode & 0o077 == 0 { FileState::Well } else { FileState::Open })
}

/// `None` where there is no file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<KeyText>>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot(path, &error)),
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let keys = lines.map(|line| {
        key(line).ok_or_else(|| Error::internal(format!("{}: a line is not a key", path.display())))
    });
    keys.collect::<Result<Vec<_>>>().map(Some)
}

fn key(line: &str) -> Option<KeyText> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [VERSION, id, text] = words[..] else { return None };
    let bytes = STANDARD.decode(text).ok()?.try_into().ok()?;
    (!id.contains(':')).then(|| KeyText { id: id.to_owned(), bytes })
}

/// Writes a new file, durably. One that came into being meanwhile is an error.
pub(super) fn create(path: &Path, key: &KeyText) -> Result<()> {
    let text = format!(
        "# Opens the secrets that are stored in the database. Keep a copy apart from it.\n{VERSION} {} {}\n",
        key.id,
        STANDARD.encode(key.bytes)
    );
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let part = path.with_extension("part");
    let write = || {
        let begin = OpenOptions::new().write(true).create(true).truncate(true).mode(OWNER_ONLY).open(&part);
        let mut file = begin?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        // Whole or not at all, and never over a key that is there already.
        std::fs::hard_link(&part, path)?;
        std::fs::remove_file(&part)?;
        // The folder's entry must survive as well: what is sealed with the key will.
        File::open(folder)?.sync_all()
    };
    write().map_err(|error: std::io::Error| cannot(path, &error))
}

fn cannot(path: &Path, error: &std::io::Error) -> Error {
    Error::internal(format!("the key file {}: {error}", path.display()))
}
