//! An export and what a file that was found says about it.

use siyu_types::clock::Millis;

use super::mark::SEED_BYTES;

/// What is about to leave.
#[derive(Clone, Debug)]
pub struct NewExport {
    /// The kind of file, such as `segment_people`.
    pub what: &'static str,
    /// As its reader knows it, such as the segment's name; never a personal value.
    pub title: String,
    /// Who stands in it; empty if it is not known.
    pub people: Vec<u32>,
}

/// An export under way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Export {
    pub id: i64,
    /// `SY-7QK3-9MXA`.
    pub code: String,
    pub seed: [u8; SEED_BYTES],
    pub at: Millis,
    /// Name of the account or key.
    pub by: String,
}

/// A line of the register.
#[derive(Clone, PartialEq, Debug)]
pub struct ExportRow {
    pub export: Export,
    pub actor: String,
    pub what: String,
    pub title: String,
    /// `None` if the file was never finished.
    pub rows: Option<i64>,
}

/// Why a file is taken for one of an export.
#[derive(Clone, PartialEq, Debug)]
pub enum Match {
    /// It carries the export's code.
    Code,
    /// Its rows stand in the export's order: so many neighbours of all that were compared.
    Order { fitting: usize, compared: usize },
}
