//! What names and descriptions of kept things may be.

use siyu_types::{Error, Result};

/// Longest names and descriptions, in characters.
const NAME_CHARS_MAX: usize = 100;
const DESCRIPTION_CHARS_MAX: usize = 2_000;

/// A name that people can tell apart.
pub(crate) fn name(field: &str, name: &str) -> Result<String> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > NAME_CHARS_MAX {
        return Err(Error::invalid(field, format!("needs 1 to {NAME_CHARS_MAX} characters")));
    }
    Ok(name.to_owned())
}

pub(crate) fn description(text: &str) -> Result<String> {
    if text.chars().count() > DESCRIPTION_CHARS_MAX {
        return Err(Error::invalid("description", format!("at most {DESCRIPTION_CHARS_MAX} characters")));
    }
    Ok(text.trim().to_owned())
}
