//! What fault points answer when a test configures them (feature `failpoints`).

use std::io;

/// The error a fault point is told to produce: `full` is a full disk.
pub fn injected(kind: Option<String>) -> io::Error {
    match kind.as_deref() {
        Some("full") => io::Error::from(io::ErrorKind::StorageFull),
        _ => io::Error::other("injected"),
    }
}
