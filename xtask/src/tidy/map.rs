//! ARCHITECTURE.md is a map: what it names must be there.

use super::{Kept, exists};
use crate::Outcome;

/// First words of paths that the map names.
const STARTS: &[&str] = &["crates/", "console/", "docs/", "sdk/", "testdata/", "xtask/", ".ci/", "siyu-"];

pub fn check(files: &[Kept]) -> Outcome<Vec<String>> {
    let map = files.iter().find(|file| file.path == "ARCHITECTURE.md");
    let text = map.map(Kept::text).ok_or("there is no ARCHITECTURE.md")?;
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for path in paths(line) {
            if !exists(&path) {
                found.push(format!("ARCHITECTURE.md:{} names {path}", index + 1));
            }
        }
    }
    Ok(found)
}

/// The paths that a line names, up to a `<placeholder>`.
fn paths(line: &str) -> Vec<String> {
    let ends_word = |c: char| c.is_whitespace() || matches!(c, '`' | '(' | ')' | ',' | ';' | '│' | '|' | '*');
    line.split(ends_word)
        .map(|word| word.trim_end_matches(['.', ':', '…']))
        .filter(|word| word.contains('/') && STARTS.iter().any(|start| word.starts_with(start)))
        .map(|word| {
            let fixed = word.split('<').next().unwrap_or_default();
            let fixed = if fixed.len() < word.len() {
                fixed.rsplit_once('/').map_or(fixed, |(f, _)| f)
            } else {
                fixed
            };
            if fixed.starts_with("siyu-") { format!("crates/{fixed}") } else { fixed.to_owned() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_a_line() {
        let cases: [(&str, &[&str]); 4] = [
            (
                "  decode   crates/siyu-ingest/src/protocols/<protocol>.rs",
                &["crates/siyu-ingest/src/protocols"],
            ),
            ("ports in `siyu-types/src/ports.rs`, joined", &["crates/siyu-types/src/ports.rs"]),
            ("[adr](docs/adr).", &["docs/adr"]),
            ("POST /api/v1/collect and projects/<id>/log/", &[]),
        ];
        for (line, expected) in cases {
            assert_eq!(paths(line), expected, "{line}");
        }
    }
}
