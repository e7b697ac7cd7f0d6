//! Words that must not stand in the repository: unfinished work, secrets, and
//! names of places that a stranger cannot reach.

use super::Kept;
use crate::Outcome;

/// In two halves, so that this list does not find itself.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    ("TO", "DO", "finish it, or file it"),
    ("FIX", "ME", "finish it, or file it"),
    ("todo", "!(", "finish it"),
    ("unimple", "mented!(", "finish it"),
    ("/wo", "rk/", "a path of one machine"),
    ("/ro", "ot/", "a path of one machine"),
    ("registry.npm", "js.org", "a registry's address"),
    ("files.python", "hosted.org", "a registry's address"),
    ("pypi.", "org", "a registry's address"),
    ("static.crates", ".io", "a registry's address"),
    ("index.crates", ".io", "a registry's address"),
    ("BEGIN PRIVATE", " KEY", "a secret"),
    ("AK", "IA0", "a secret"),
];

/// Written by tools or by others.
const EXEMPT: &[&str] = &["Cargo.lock", "LICENSE"];

pub fn check(files: &[Kept]) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !EXEMPT.contains(&file.name())) {
        for (index, line) in file.text().lines().enumerate() {
            for (head, tail, why) in FORBIDDEN {
                if has_word(line, &format!("{head}{tail}")) {
                    found.push(format!("{}:{} has {head}{tail} ({why})", file.path, index + 1));
                }
            }
        }
    }
    Ok(found)
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let starts = word.starts_with(|c: char| c.is_alphanumeric());
        !starts || line[..at].chars().last().is_none_or(|c| !c.is_alphanumeric())
    })
}
