//! What an annotation must fulfil.

use siyu_types::{Error, Result, calendar};

/// It stands in a tooltip.
const NOTE_CHARS_MAX: usize = 200;

/// A day as it is kept, so that days can be compared as texts.
pub(super) fn day(text: &str) -> Result<String> {
    Ok(calendar::parse_date(text.trim()).map_err(|error| error.at("day"))?.to_string())
}

pub(super) fn note(text: &str) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > NOTE_CHARS_MAX {
        return Err(Error::invalid("note", format!("needs 1 to {NOTE_CHARS_MAX} characters")));
    }
    Ok(text.to_owned())
}
