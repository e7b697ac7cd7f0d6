//! The licence gate: every crate and every npm package that we build with must
//! carry a licence from the list.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::steps::{Context, Counts};
use crate::{Outcome, shell};

/// Licences that let anyone use the product freely.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC-BY-4.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Python-2.0",
    "Unicode-3.0",
    "Unlicense",
    "WTFPL",
    "Zlib",
];

/// Folders whose npm packages are looked at.
const NPM_FOLDERS: &[&str] = &["console", "sdk/web", "sdk/clients"];

pub fn step(_: &Context) -> Outcome<Counts> {
    let mut counts = Counts::default();
    let mut packages = crates()?;
    for folder in NPM_FOLDERS {
        npm_packages(&shell::root().join(folder).join("node_modules"), &mut packages)?;
    }
    for (name, licence) in packages {
        if satisfied(&licence) {
            counts.passed += 1;
        } else {
            counts.failed += 1;
            println!("      {name} has the licence {licence:?}, which is not on the list");
        }
    }
    Ok(counts)
}

fn crates() -> Outcome<Vec<(String, String)>> {
    let text = shell::output(shell::cargo().args(["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&text).map_err(|e| format!("read cargo metadata: {e}"))?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let text_of = |package: &Value, name: &str| package[name].as_str().unwrap_or_default().to_owned();
    Ok(packages.iter().map(|package| (text_of(package, "name"), text_of(package, "license"))).collect())
}

fn npm_packages(modules: &Path, into: &mut Vec<(String, String)>) -> Outcome {
    let entries = fs::read_dir(modules).map_err(|e| format!("read {}: {e}", modules.display()))?;
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('@') {
            npm_packages(&path, into)?;
        }
        let Ok(text) = fs::read_to_string(path.join("package.json")) else { continue };
        let Ok(package) = serde_json::from_str::<Value>(&text) else { continue };
        let Some(name) = package["name"].as_str() else { continue };
        into.push((name.to_owned(), npm_licence(&path, &package)));
        if path.join("node_modules").is_dir() {
            npm_packages(&path.join("node_modules"), into)?;
        }
    }
    Ok(())
}

/// The present form is a text; old packages have an object or a list of them, or
/// point to a file, of which we know the MIT licence by its first sentence.
fn npm_licence(folder: &Path, package: &Value) -> String {
    const MIT: &str = "Permission is hereby granted, free of charge, to any person obtaining a copy";
    if let Some(file) = package["license"].as_str().and_then(|text| text.strip_prefix("SEE LICENSE IN ")) {
        let text = fs::read_to_string(folder.join(file)).unwrap_or_default();
        // Lines break where each author's editor broke them.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        return if text.contains(MIT) { "MIT".to_owned() } else { format!("file {file}") };
    }
    let one = |value: &Value| value.as_str().or(value["type"].as_str()).map(str::to_owned);
    let listed = package["licenses"].as_array().map(|list| list.iter().filter_map(one).collect::<Vec<_>>());
    one(&package["license"]).or(listed.map(|list| list.join(" OR "))).unwrap_or_default()
}

/// Evaluates an SPDX expression: `OR` needs one side, `AND` both.
fn satisfied(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    let expression = expression.trim();
    if let Some((left, right)) = split_outside(expression, " OR ") {
        return satisfied(left) || satisfied(right);
    }
    if let Some((left, right)) = split_outside(expression, " AND ") {
        return satisfied(left) && satisfied(right);
    }
    match expression.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => satisfied(inner),
        None => ALLOWED.contains(&expression),
    }
}

/// Splits at a word that stands outside of parentheses.
fn split_outside<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    text.match_indices(word).find_map(|(at, _)| {
        let before = &text[..at];
        let outside = before.matches('(').count() == before.matches(')').count();
        outside.then(|| (before, &text[at + word.len()..]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        let cases = [
            ("MIT", true),
            ("MIT/Apache-2.0", true),
            ("GPL-3.0-only", false),
            ("GPL-3.0-only OR MIT", true),
            ("MIT AND GPL-3.0-only", false),
            ("(MIT OR GPL-2.0-only) AND Unicode-3.0", true),
            ("Apache-2.0 WITH LLVM-exception OR GPL-2.0-only", true),
            ("", false),
        ];
        for (expression, expected) in cases {
            assert_eq!(satisfied(expression), expected, "{expression}");
        }
    }
}
