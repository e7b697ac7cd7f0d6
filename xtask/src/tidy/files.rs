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
    &["common", "util", "utils", "helper", "helpers", "misc", "stuff", "new", "old", "legacy", "tmp", "v2"];

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
    let banned = |path: &str| {
        let words = path.split(['/', '_', '-', '.']);
        words.map(str::to_lowercase).find(|word| BANNED.contains(&word.as_str()))
    };
    let sentence = |file: &Kept| banned(&file.path).map(|word| format!("{} is called {word:?}", file.path));
    Ok(files.iter().filter_map(sentence).collect())
}

pub fn sizes(files: &[Kept]) -> Outcome<Vec<String>> {
    let large = |file: &&Kept| file.bytes.len() > SIZE_MAX && !SIZE_EXEMPT.contains(&file.name());
    Ok(files
        .iter()
        .filter(large)
        .map(|file| format!("{} has {} bytes", file.path, file.bytes.len()))
        .collect())
}
