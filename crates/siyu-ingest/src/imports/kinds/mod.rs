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

use siyu_govern::sealing::StoredFile;
use siyu_types::Result;
use siyu_types::sealed::{SealedReader, cause};

use super::rows::{Choice, Opened, unsupported};

/// What is looked at to recognise a file.
pub const HEAD_BYTES: u64 = 1 << 20;

/// A file as it is read, sealed or not.
pub type Reading = SealedReader<File>;

/// How a kind of file is recognised and read.
pub struct FileKind {
    /// As the API says it.
    pub name: &'static str,
    /// By the first bytes; its name says nothing reliable.
    pub recognises: fn(&[u8]) -> bool,
    /// Given the first bytes as well.
    pub open: fn(&StoredFile, &[u8], &Choice) -> Result<Opened>,
}

/// Every kind, in the order in which they are asked: delimited text takes what is
/// left.
pub const KINDS: &[FileKind] =
    &[parquet_rows::KIND, xlsx::KIND, xls::KIND, json_lines::KIND, delimited::KIND];

pub fn head(file: &StoredFile) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    file.open()?.take(HEAD_BYTES).read_to_end(&mut head).map_err(cause)?;
    Ok(head)
}

/// Recognises a file and opens it.
pub fn open(file: &StoredFile, choice: &Choice) -> Result<(&'static FileKind, Opened)> {
    let head = head(file)?;
    if head.is_empty() {
        return Err(unsupported("the file is empty", "empty"));
    }
    if head.starts_with(&[0x1f, 0x8b]) || head.starts_with(b"%PDF") || head.starts_with(b"Rar!") {
        return Err(unsupported("is compressed or not a table", "compressed"));
    }
    match KINDS.iter().find(|kind| (kind.recognises)(&head)) {
        Some(kind) => Ok((kind, (kind.open)(file, &head, choice)?)),
        None => Err(unsupported("is of no kind that is read", "kind")),
    }
}
