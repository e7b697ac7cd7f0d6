//! What a note may be, and what of it is shown to whom.

use siyu_govern::masking;
use siyu_types::{Error, Result, Viewer};

/// Longest note, in characters.
pub const TEXT_CHARS_MAX: usize = 2_000;

pub(super) fn check_text(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid("text", "write something"));
    }
    if text.chars().count() > TEXT_CHARS_MAX {
        let message = format!("is longer than {TEXT_CHARS_MAX} characters");
        return Err(Error::invalid("text", message));
    }
    Ok(text.to_owned())
}

/// The text as this viewer may see it: numbers and addresses somebody wrote into it
/// are personal values as well.
///
/// `own` are the person's own masked values with what is shown of them: a name cannot
/// be told by its look.
pub(crate) fn shown(viewer: &Viewer, text: &str, own: &[(String, String)]) -> String {
    if viewer.sees_all() {
        return text.to_owned();
    }
    let text = own.iter().fold(text.to_owned(), |text, (value, shown)| text.replace(value, shown));
    masking::without_look_alikes(&text, true, |class, word| masking::shown_as(viewer, class, word))
}
