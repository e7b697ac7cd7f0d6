//! The kinds of files. A kind is one file, with how it is recognised and read, and
//! one line in the list below.

mod archive;
mod compound;
mod delimited;
mod json_lines;
mod parquet_rows;
mod quotes;
mod sheet;
mod sniff;
#[cfg(test)]
mod tests;
mod wide;
mod xls;
mod xlsx;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use siyu_types::Result;

use super::rows::{Choice, Opened, unsupported};

/// What is looked at to recognise a file.
pub const HEAD_BYTES: u64 = 1 << 20;

/// How a kind of file is recognised and read.
pub struct FileKind {
    /// As the API says it.
    pub name: &'static str,
    /// By the first bytes; its name says nothing reliable.
    pub recognises: fn(&[u8]) -> bool,
    /// Given the first bytes as well.
    pub open: fn(&Path, &[u8], &Choice) -> Result<Opened>,
}

/// Every kind, in the order in which they are asked: delimited text takes what is
/// left.
pub const KINDS: &[FileKind] =
    &[parquet_rows::KIND, xlsx::KIND, xls::KIND, json_lines::KIND, delimited::KIND];

pub fn head(path: &Path) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(head)
}

/// Recognises a file and opens it.
pub fn open(path: &Path, choice: &Choice) -> Result<(&'static FileKind, Opened)> {
    let head = head(path)?;
    if head.is_empty() {
        return Err(unsupported("the file is empty", "empty"));
    }
    if head.starts_with(&[0x1f, 0x8b]) || head.starts_with(b"%PDF") || head.starts_with(b"Rar!") {
        return Err(unsupported("is compressed or not a table", "compressed"));
    }
    match KINDS.iter().find(|kind| (kind.recognises)(&head)) {
        Some(kind) => Ok((kind, (kind.open)(path, &head, choice)?)),
        None => Err(unsupported("is of no kind that is read", "kind")),
    }
}
