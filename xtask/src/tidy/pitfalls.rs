//! The page of pitfalls names tests, and what it names must be there, or nobody notices when one
//! of them goes.

use super::Kept;
use crate::Outcome;

const PAGE: &str = "docs/guide/pitfalls.md";
const PREFIX: &str = "pitfall_";

pub fn check(files: &[Kept]) -> Outcome<Vec<String>> {
    let page = files.iter().find(|file| file.path == PAGE).ok_or("there is no page of pitfalls")?;
    let is_source = |file: &&Kept| file.is_rust() && file.path.starts_with("crates/");
    let tests: Vec<&str> = files.iter().filter(is_source).flat_map(|file| tests(file.text())).collect();
    Ok(compare(page.text(), &tests))
}

/// Names of the tests of a file that are named after a pitfall.
fn tests(text: &str) -> impl Iterator<Item = &str> {
    let names = text.lines().filter_map(|line| line.trim_start().split_once("fn "));
    names.filter_map(|(_, rest)| rest.split('(').next()).filter(|name| name.starts_with(PREFIX))
}

fn compare(page: &str, tests: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut named = Vec::new();
    let mut next = 1;
    for line in page.lines() {
        let number =
            line.strip_prefix("| ").and_then(|rest| rest.split([' ', '.']).next()?.parse::<u32>().ok());
        let Some(number) = number else { continue };
        if number != next {
            found.push(format!("{PAGE}: pitfall {next} is missing before {number}"));
        }
        next = number + 1;
        for name in line.split('`').filter(|word| word.starts_with(PREFIX)) {
            if !tests.contains(&name) {
                found.push(format!("{PAGE} names {name}, and there is no such test"));
            }
            if !name.starts_with(&format!("{PREFIX}{number:02}_")) {
                found.push(format!("{PAGE}: {name} stands with pitfall {number}"));
            }
            named.push(name);
        }
    }
    let unnamed = tests.iter().filter(|name| !named.contains(name));
    found.extend(unnamed.map(|name| format!("{PAGE} does not name {name}")));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_page_and_in_the_sources() {
        let source =
            "#[test]\nfn pitfall_01_a() {}\nasync fn pitfall_02_b() {\nfn other() {}\n// pitfall_03_c";
        let written: Vec<&str> = super::tests(source).collect();
        assert_eq!(written, ["pitfall_01_a", "pitfall_02_b"]);
        let good = "| Pitfall | Test |\n|---|---|\n| 1 one | `pitfall_01_a` |\n| 2 two | cannot be; `pitfall_02_b` |";
        assert_eq!(compare(good, &written), Vec::<String>::new());
        for (from, to) in [
            ("`pitfall_01_a`", ""),
            ("pitfall_02_b", "pitfall_02_x"),
            ("| 1 one", "| 3 one"),
            ("`pitfall_01_a`", "`pitfall_01_a` `pitfall_02_b`"),
        ] {
            assert!(!compare(&good.replace(from, to), &written).is_empty(), "{from} as {to}");
        }
    }
}
