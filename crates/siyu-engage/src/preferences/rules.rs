//! What a visitor asks for: in which language, of which purpose.

use super::model::Language;

/// Asked for by name, else the first of the browser's languages that we speak, else
/// Chinese.
pub(super) fn language(asked: Option<&str>, accepted: &str) -> Language {
    let known = |tag: &str| match tag.trim().to_ascii_lowercase().get(..2) {
        Some("zh") => Some(Language::Zh),
        Some("en") => Some(Language::En),
        _ => None,
    };
    asked.and_then(known).or_else(|| accepted.split(',').find_map(known)).unwrap_or(Language::Zh)
}

/// Whether it may be the id of a purpose, which stands in addresses as it is.
pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}
