//! Rules about which files exist, how they are called and how large they are.

use super::Kept;
use crate::Outcome;

/// Everything that may lie in the root folder.
const ROOT: &[&str] = &[
    ".cargo",
    ".ci",
    ".gitignore",
    "ARCHITECTURE.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "README.zh-CN.md",
    "CONTRIBUTING.md",
    "clippy.toml",
    "console",
    "crates",
    "deny.toml",
    "docs",
    "rustfmt.toml",
    "sdk",
    "testdata",
    "xtask",
];

const SIZE_MAX: usize = 200_000;
/// Written by tools, and large by nature.
const SIZE_EXEMPT: &[&str] = &["Cargo.lock", "package-lock.json", "openapi.json", "schema.ts"];

/// Words that say nothing about what a file holds.
const BANNED: &[&str] =
    &["common", "util", "utils", "helper", "helpers", "misc", "stuff", "legacy", "tmp", "v2"];
/// Words that will be untrue soon, at the start of a name.
const BANNED_FIRST: &[&str] = &["new", "old"];

pub fn root_entries(files: &[Kept]) -> Outcome<Vec<String>> {
    let mut found: Vec<String> = files
        .iter()
        .filter_map(|file| file.path.split('/').next())
        .filter(|entry| !ROOT.contains(entry))
        .map(|entry| format!("{entry} does not belong in the root folder"))
        .collect();
    found.dedup();
    Ok(found)
}

pub fn names(files: &[Kept]) -> Outcome<Vec<String>> {
    let sentence = |file: &Kept| banned(&file.path).map(|word| format!("{} is called {word:?}", file.path));
    Ok(files.iter().filter_map(sentence).collect())
}

fn banned(path: &str) -> Option<String> {
    path.split('/').find_map(|name| {
        let words: Vec<String> = name.split(['_', '-', '.']).map(str::to_lowercase).collect();
        let first = words.first().filter(|word| words.len() > 1 && BANNED_FIRST.contains(&word.as_str()));
        first.or(words.iter().find(|word| BANNED.contains(&word.as_str()))).cloned()
    })
}

pub fn sizes(files: &[Kept]) -> Outcome<Vec<String>> {
    let large = |file: &&Kept| file.bytes.len() > SIZE_MAX && !SIZE_EXEMPT.contains(&file.name());
    Ok(files
        .iter()
        .filter(large)
        .map(|file| format!("{} has {} bytes", file.path, file.bytes.len()))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banned_words_are_found_where_they_are_words() {
        let cases = [
            ("crates/a/src/utils.rs", true),
            ("crates/a/src/date_helper.rs", true),
            ("crates/a/src/new_store.rs", true),
            ("crates/a/cases/midnight_belongs_to_the_new_day.txt", false),
            ("crates/a/src/commonest.rs", false),
        ];
        for (path, expected) in cases {
            assert_eq!(banned(path).is_some(), expected, "{path}");
        }
    }
}
