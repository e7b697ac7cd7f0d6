//! The crate graph, held against the table in ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Kept;
use crate::{Outcome, shell};

const DEPTH_MAX: usize = 6;

/// One row of the table.
struct Row {
    /// `None` for crates outside the levels: tests and automation.
    level: Option<usize>,
    uses: BTreeSet<String>,
    /// "all above" was written.
    uses_all: bool,
}

pub fn check(files: &[Kept]) -> Outcome<Vec<String>> {
    let map = files.iter().find(|file| file.path == "ARCHITECTURE.md");
    let table = table(map.map(Kept::text).ok_or("there is no ARCHITECTURE.md")?);
    let graph = graph()?;
    let mut found = Vec::new();
    for name in graph.keys().filter(|name| !table.contains_key(*name)) {
        found.push(format!("{name} is not in the table"));
    }
    for name in table.keys().filter(|name| !graph.contains_key(*name)) {
        found.push(format!("the table names {name}, which is no crate"));
    }
    for (name, uses) in &graph {
        let Some(row) = table.get(name) else { continue };
        for used in uses {
            let listed = row.uses_all || row.uses.contains(used) || used == "siyu-types";
            if !listed {
                found.push(format!("{name} uses {used}, which the table does not say"));
            }
            let points_down = match (row.level, table.get(used).and_then(|row| row.level)) {
                (Some(level), Some(below)) => below < level,
                // The test kit may be used by the levels, and may use them.
                _ => true,
            };
            if !points_down {
                found.push(format!("{name} uses {used}, which is not below it"));
            }
        }
        for idle in row.uses.iter().filter(|used| !uses.contains(*used)) {
            found.push(format!("the table says that {name} uses {idle}; it does not"));
        }
    }
    let deepest = graph.keys().map(|name| depth(name, &graph)).max().unwrap_or(0);
    if deepest > DEPTH_MAX {
        found.push(format!("the graph is {deepest} deep, more than {DEPTH_MAX}"));
    }
    Ok(found)
}

/// Rows look like `| 2 | `siyu-db` | job | `siyu-types` | … |`.
fn table(text: &str) -> BTreeMap<String, Row> {
    let mut rows = BTreeMap::new();
    let mut uses_column = 3;
    for line in text.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if cells.first() == Some(&"Level") {
            uses_column = cells.iter().position(|cell| *cell == "Uses").unwrap_or(uses_column);
        }
        let (Some(first), Some(name)) = (cells.first(), cells.get(1).and_then(|cell| ticked(cell).pop()))
        else {
            continue;
        };
        let level = first.parse().ok();
        if level.is_none() && *first != "–" {
            continue;
        }
        let uses = cells.get(uses_column).copied().unwrap_or_default();
        rows.insert(
            name,
            Row { level, uses: ticked(uses).into_iter().collect(), uses_all: uses.starts_with("all") },
        );
    }
    rows
}

fn ticked(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn metadata() -> Outcome<Value> {
    let text =
        shell::output(shell::cargo().args(["metadata", "--format-version", "1", "--no-deps", "--locked"]))?;
    serde_json::from_str(&text).map_err(|e| format!("read cargo metadata: {e}"))
}

fn texts<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// Every crate of ours and those of ours that it uses outside of its tests.
fn graph() -> Outcome<BTreeMap<String, BTreeSet<String>>> {
    let metadata = metadata()?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let ours: BTreeSet<&str> = packages.iter().map(|package| texts(package, "name")).collect();
    let uses = |package: &Value| {
        let dependencies = package["dependencies"].as_array().cloned().unwrap_or_default();
        let outside_tests =
            dependencies.iter().filter(|d| d["kind"].is_null() || texts(d, "kind") == "build");
        outside_tests
            .map(|d| texts(d, "name").to_owned())
            .filter(|name| ours.contains(name.as_str()))
            .collect()
    };
    Ok(packages.iter().map(|package| (texts(package, "name").to_owned(), uses(package))).collect())
}

fn depth(name: &str, graph: &BTreeMap<String, BTreeSet<String>>) -> usize {
    // The test kit and the automation stand beside the levels.
    let uses = graph.get(name).into_iter().flatten().filter(|used| *used != "siyu-testkit");
    1 + uses.map(|used| depth(used, graph)).max().unwrap_or(0)
}

/// A dependency that no source file of its crate names.
pub fn unused_dependencies(files: &[Kept]) -> Outcome<Vec<String>> {
    let metadata = metadata()?;
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let manifest = texts(package, "manifest_path");
        let root = shell::root();
        let folder = manifest.trim_end_matches("Cargo.toml");
        let folder = folder.strip_prefix(&format!("{}/", root.display())).unwrap_or(folder);
        let sources: Vec<&Kept> =
            files.iter().filter(|f| f.is_rust() && f.path.starts_with(folder)).collect();
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let name = dependency["rename"].as_str().unwrap_or(texts(dependency, "name"));
            let word = name.replace('-', "_");
            if !sources.iter().any(|file| names_crate(file.text(), &word)) {
                found.push(format!("{} does not use {name}", texts(package, "name")));
            }
        }
    }
    found.dedup();
    Ok(found)
}

fn names_crate(text: &str, word: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().last();
        let after = text[at + word.len()..].chars().next();
        before.is_none_or(|c| !is_name(c)) && after.is_none_or(|c| !is_name(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        let text = "| Level | Crate | Its one job | Uses | Must not know |\n|---|---|---|---|---|\n\
                    | 2 | `siyu-db` | pools | `siyu-types` `siyu-x` | – |\n\
                    | 6 | `siyu` | joins | all above | |\n| – | `xtask` | runs | | |\n| `a` | b |\n";
        let table = table(text);
        assert_eq!(table.keys().collect::<Vec<_>>(), ["siyu", "siyu-db", "xtask"]);
        assert_eq!(table["siyu-db"].level, Some(2));
        assert_eq!(table["siyu-db"].uses.iter().collect::<Vec<_>>(), ["siyu-types", "siyu-x"]);
        assert!(table["siyu"].uses_all && table["xtask"].level.is_none());
    }

    #[test]
    fn depth_counts_crates_on_the_longest_way() {
        let edge =
            |name: &str, uses: &[&str]| (name.to_owned(), uses.iter().map(|u| (*u).to_owned()).collect());
        let graph = BTreeMap::from([edge("a", &["b", "c"]), edge("b", &["c"]), edge("c", &[])]);
        assert_eq!(depth("a", &graph), 3);
    }
}
