//! What stands in a cell of a file, whatever the file's kind.

use jiff::civil::DateTime;
use siyu_types::clock::Millis;

use super::values;

/// Longest text of one cell; Excel itself ends at 32,767 characters.
pub const CELL_BYTES_MAX: usize = 128 << 10;

/// What stands in a cell.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    Missing,
    Text(String),
    Int(i64),
    Number(f64),
    Bool(bool),
    Instant(Millis),
    /// A date and time without a zone.
    Local(DateTime),
    /// A number beyond the 15 digits a spreadsheet keeps: its last digits may be lost.
    Rounded(f64),
    /// Bytes that are not text in the file's encoding, or hold U+0000.
    Undecodable,
    /// Longer than [`CELL_BYTES_MAX`].
    TooLong,
    /// What a spreadsheet shows where a formula failed: `#N/A`, `#REF!`.
    FormulaError,
}

/// Words that files use for "nothing" in columns of numbers and dates.
const NOTHING: &[&str] = &["", "-", "--", "null", "NULL", "\\N", "N/A", "n/a", "NaN", "None"];

impl Cell {
    /// The text a person would read in the cell, trimmed; `None` if there is nothing.
    pub fn text(&self) -> Option<String> {
        let text = match self {
            Cell::Missing | Cell::Undecodable | Cell::TooLong | Cell::FormulaError => return None,
            Cell::Text(text) => text.trim().to_owned(),
            Cell::Int(number) => number.to_string(),
            Cell::Number(number) | Cell::Rounded(number) => number.to_string(),
            Cell::Bool(flag) => flag.to_string(),
            Cell::Instant(at) => values::rfc3339(*at),
            Cell::Local(local) => local.to_string(),
        };
        (!text.is_empty()).then_some(text)
    }

    /// Whether a column of numbers or dates has nothing here.
    pub fn is_nothing(&self) -> bool {
        match self {
            Cell::Missing => true,
            Cell::Text(text) => NOTHING.contains(&text.trim()),
            Cell::Number(number) => number.is_nan(),
            _ => false,
        }
    }

    /// A text as it came out of a file, within the limits.
    pub fn of_text(text: String) -> Cell {
        match text.len() {
            0 => Cell::Missing,
            length if length > CELL_BYTES_MAX => Cell::TooLong,
            _ if text.contains('\0') => Cell::Undecodable,
            _ => Cell::Text(text),
        }
    }
}

/// Without what programs put around a cell to keep a spreadsheet from changing it:
/// `="00123"`, a leading apostrophe, backtick or tab.
pub fn bare(text: String) -> String {
    if let Some(quoted) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        return quoted.to_owned();
    }
    let mut rest = text.chars();
    match (rest.next(), rest.as_str().chars().next()) {
        (Some('\'' | '`' | '\t'), Some(next)) if next.is_ascii_digit() || "=+-@\t".contains(next) => {
            rest.as_str().to_owned()
        }
        _ => text,
    }
}
