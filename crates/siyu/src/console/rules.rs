//! How files of the console are named, cached and packed; pure.

/// The start page; it shows every page of the console.
pub(super) const START: &str = "index.html";

/// Files have a dot in their last part, pages have none.
pub(super) fn is_file(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|last| last.contains('.'))
}

/// Vite names everything under `assets/` by its content, so it never changes.
pub(super) fn caching(name: &str) -> &'static str {
    if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" }
}

pub(super) fn tag(hash: &[u8]) -> String {
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

pub(super) fn knows(header: &str, tag: &str) -> bool {
    header
        .split(',')
        .map(|known| known.trim().trim_start_matches("W/"))
        .any(|known| known == tag || known == "*")
}

/// What the caller can unpack, best first, with the suffix of the packed file.
pub(super) fn encodings(accepted: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let offered: Vec<&str> = accepted
        .split(',')
        .filter(|part| !part.replace(' ', "").ends_with(";q=0"))
        .filter_map(|part| part.split(';').next().map(str::trim))
        .collect();
    [("br", ".br"), ("gzip", ".gz")].into_iter().filter(move |(name, _)| offered.contains(name))
}

/// Text is UTF-8; the file types do not say so themselves.
pub(super) fn content_type(name: &str, guessed: &str) -> String {
    let text = guessed.starts_with("text/") || name.ends_with(".js") || name.ends_with(".json");
    if text && !guessed.contains("charset") {
        format!("{guessed}; charset=utf-8")
    } else {
        guessed.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_files_go_only_to_those_who_can_unpack_them() {
        for (accepted, first) in [
            ("gzip, deflate, br", Some("br")),
            ("gzip;q=1.0", Some("gzip")),
            ("br;q=0, gzip", Some("gzip")),
            ("identity", None),
            ("", None),
        ] {
            assert_eq!(encodings(accepted).next().map(|(name, _)| name), first, "{accepted}");
        }
    }

    #[test]
    fn pages_and_files_are_told_apart() {
        for (path, file) in
            [("people/12", false), ("", false), ("assets/a-1b.js", true), ("v1.2/page", false)]
        {
            assert_eq!(is_file(path), file, "{path}");
        }
        assert!(knows("W/\"a\", \"b\"", "\"a\"") && !knows("\"ab\"", "\"a\""));
    }
}
