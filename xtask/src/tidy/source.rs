//! Rules about Rust and TypeScript source: lengths, headers, and what may stand
//! where.

use super::Kept;
use super::lexer::{Lexed, lex};
use crate::Outcome;

const FILE_LINES_MAX: usize = 400;
/// Tables of cases and naive twins may be longer.
const TEST_FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;

fn is_test_file(file: &Kept) -> bool {
    file.name() == "tests.rs"
        || file.name().ends_with("_naive.rs")
        || file.name().ends_with("_tests.rs")
        || file.name().contains(".test.")
        || file.name() == "testing.rs"
        || file.path.contains("/testing/")
        || file.path.contains("/tests/")
        || file.path.contains("/e2e/")
}

fn is_generated(file: &Kept) -> bool {
    file.path.ends_with("src/api/schema.ts")
}

fn is_source(file: &Kept) -> bool {
    [".rs", ".ts", ".tsx", ".mjs", ".py", ".css"].iter().any(|end| file.path.ends_with(end))
        && !is_generated(file)
}

pub fn file_lengths(files: &[Kept]) -> Outcome<Vec<String>> {
    let long = |file: &&Kept| {
        let max = if is_test_file(file) { TEST_FILE_LINES_MAX } else { FILE_LINES_MAX };
        file.text().lines().count() > max
    };
    let sentence = |file: &Kept| format!("{} has {} lines", file.path, file.text().lines().count());
    Ok(files.iter().filter(|file| is_source(file)).filter(long).map(sentence).collect())
}

pub fn headers(files: &[Kept]) -> Outcome<Vec<String>> {
    let without = |file: &&Kept| !file.text().lines().take(3).any(|line| line.starts_with("//!"));
    let rust = files.iter().filter(|file| file.is_rust());
    Ok(rust.filter(without).map(|file| format!("{} has no //! line", file.path)).collect())
}

pub fn function_lengths(files: &[Kept]) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.is_rust() && !is_test_file(file)) {
        let code = without_tests(&lex(file.text()).code);
        for (name, line, length) in functions(&code) {
            if length > FUNCTION_LINES_MAX {
                found.push(format!("{}:{line} {name} has {length} lines", file.path));
            }
        }
    }
    Ok(found)
}

/// Replaces `#[cfg(test)] mod … { … }` by empty lines.
fn without_tests(code: &str) -> String {
    let mut code = code.to_owned();
    while let Some(start) = code.find("#[cfg(test)]") {
        let open = code[start..].find(['{', ';']).map(|at| start + at);
        let end = match open {
            Some(open) if code[open..].starts_with('{') => block_end(&code, open),
            Some(open) => open + 1,
            None => code.len(),
        };
        let blank: String = code[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        code.replace_range(start..end, &blank);
    }
    code
}

/// The byte after the brace that closes the one at `open`.
fn block_end(code: &str, open: usize) -> usize {
    let mut depth = 0usize;
    for (at, c) in code[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return open + at + c.len_utf8();
        }
    }
    code.len()
}

/// Name, first line and number of lines of every function with a body.
fn functions(code: &str) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = code[from..].find("fn ").map(|at| from + at) {
        from = at + 3;
        let starts_word = code[..at].chars().last().is_none_or(|c| !c.is_alphanumeric() && c != '_');
        let name: String = code[from..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !starts_word || name.is_empty() {
            continue;
        }
        let Some(open) = body_start(code, from) else { continue };
        let lines = |to: usize| code[..to].matches('\n').count() + 1;
        let (first, last) = (lines(at), lines(block_end(code, open)));
        found.push((name, first, last - first + 1));
    }
    found
}

/// Where the body opens; `None` for a declaration that ends with a semicolon.
fn body_start(code: &str, from: usize) -> Option<usize> {
    let mut depth = 0i32;
    for (at, c) in code[from..].char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(from + at),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

pub fn sql_places(files: &[Kept]) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.is_rust() && !is_test_file(file)) {
        let allowed = file.name() == "store.rs"
            || file.path.contains("/store/") && file.path.contains("crates/")
            || file.path.starts_with("crates/siyu-db/")
            || file.path.starts_with("crates/siyu-testkit/src/databases")
            || file.path.starts_with("xtask/");
        if allowed {
            continue;
        }
        let lexed = lex(file.text());
        let production = without_tests(&lexed.code);
        for (line, text) in &lexed.strings {
            // A string inside a blanked test module leaves no quote behind.
            let in_production = production.lines().nth(line - 1).is_some_and(|l| l.contains('"'));
            if in_production && looks_like_sql(text) {
                found.push(format!("{}:{line} holds SQL", file.path));
            }
        }
    }
    Ok(found)
}

fn looks_like_sql(text: &str) -> bool {
    let upper = text.trim_start();
    let pairs = [
        ("SELECT ", "FROM"),
        ("INSERT INTO ", ""),
        ("DELETE FROM ", ""),
        ("UPDATE ", " SET"),
        ("WITH ", "SELECT"),
    ];
    pairs.iter().any(|(start, then)| upper.starts_with(start) && upper.contains(then))
}

/// What a pure file may not name.
const IMPURE: &[&str] = &["std::fs", "std::net", "std::process", "tokio::", "sqlx::", "reqwest::"];

pub fn pure_places(files: &[Kept]) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.is_rust() && file.path.starts_with("crates/")) {
        let pure = file.path.starts_with("crates/siyu-analytics/src/")
            || file.path.starts_with("crates/siyu-types/src/")
            || matches!(file.name(), "rules.rs" | "model.rs");
        if !pure || is_test_file(file) {
            continue;
        }
        let code = without_tests(&lex(file.text()).code);
        for word in IMPURE.iter().filter(|word| code.contains(**word)) {
            found.push(format!("{} names {word}", file.path));
        }
    }
    Ok(found)
}

/// The insides of a feature folder.
const INSIDES: &[&str] = &["store", "api", "jobs", "rules", "model"];

pub fn front_doors(files: &[Kept]) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    let production = |file: &&Kept| file.is_rust() && file.path.starts_with("crates/") && !is_test_file(file);
    for file in files.iter().filter(production) {
        let own = file.path.split("/src/").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let code = without_tests(&lex(file.text()).code);
        for (index, line) in code.lines().enumerate() {
            for path in line.split("crate::").skip(1) {
                let mut words = path.split("::");
                let feature = words.next().unwrap_or_default();
                let inside = words.next().unwrap_or_default();
                let inside: String =
                    inside.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if feature != own && own != "lib.rs" && INSIDES.contains(&inside.as_str()) {
                    found.push(format!("{}:{} reaches into {feature}::{inside}", file.path, index + 1));
                }
            }
        }
    }
    Ok(found)
}

pub fn expectations(files: &[Kept]) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let Lexed { code, .. } = lex(file.text());
        for (index, line) in code.lines().enumerate() {
            if line.contains("#[allow(") || line.contains("#![allow(") {
                found.push(format!("{}:{} allows a lint", file.path, index + 1));
            }
            let window = code.lines().skip(index).take(4).collect::<Vec<_>>().join(" ");
            if line.contains("#[expect(") && !window.contains("reason =") {
                found.push(format!("{}:{} gives no reason", file.path, index + 1));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured() {
        let code = "fn a(x: [u8; 2]) {\n  if x { }\n}\ntrait T { fn b(); }\nfn c() -> u8 { 1 }\n";
        let found = functions(code);
        assert_eq!(found, [("a".into(), 1, 3), ("c".into(), 5, 1)]);
    }

    #[test]
    fn test_modules_are_blanked() {
        let code = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() {}\n}\nfn c() {}";
        let names: Vec<String> = functions(&without_tests(code)).into_iter().map(|f| f.0).collect();
        assert_eq!(names, ["a", "c"]);
    }

    #[test]
    fn sql_is_recognised() {
        let cases = [
            ("SELECT id FROM tags", true),
            ("  INSERT INTO tags VALUES ($1)", true),
            ("UPDATE tags SET name = $1", true),
            ("Select a person from the list", false),
            ("UPDATE failed", false),
        ];
        for (text, expected) in cases {
            assert_eq!(looks_like_sql(text), expected, "{text}");
        }
    }
}
