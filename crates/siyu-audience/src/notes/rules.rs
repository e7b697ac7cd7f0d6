//! What a note may be, and what of it is shown to whom.

use siyu_govern::masking::{self, Personal};
use siyu_types::{Error, Permission, Result, Viewer};

/// Longest note, in characters.
pub const TEXT_CHARS_MAX: usize = 2_000;
/// Digits in a row that may be a phone or a card number.
const DIGITS_HIDDEN: usize = 7;

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
pub(crate) fn shown(viewer: &Viewer, text: &str) -> String {
    if viewer.may(Permission::PeopleReadPersonal) {
        return text.to_owned();
    }
    // Of words joined by other scripts only the part in Latin letters and digits.
    let part = |c: char| c.is_ascii_alphanumeric() || "@._+-".contains(c);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(part) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !part(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        shown.push_str(before);
        shown.push_str(&masked(word));
        rest = after;
    }
    shown.push_str(rest);
    shown
}

fn masked(word: &str) -> String {
    let digits = word.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    if word.contains('@') && word.len() > 2 {
        return masking::mask(Personal::Email, word);
    }
    if digits >= DIGITS_HIDDEN { masking::mask(Personal::Phone, word) } else { word.to_owned() }
}
