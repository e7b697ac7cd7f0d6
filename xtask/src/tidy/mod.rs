//! The architecture and style rules as checks. Each check is one function that
//! returns every violation as a sentence that names file and line.

mod console;
mod files;
mod graph;
mod lexer;
mod map;
mod pitfalls;
mod source;
mod words;

use std::path::PathBuf;
use std::process::Command;

use crate::steps::{Context, Counts};
use crate::{Outcome, shell};

/// One kept file of the repository.
pub struct Kept {
    /// From the root, with `/`.
    pub path: String,
    pub bytes: Vec<u8>,
}

impl Kept {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_default()
    }

    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

type Check = fn(&[Kept]) -> Outcome<Vec<String>>;

const CHECKS: &[(&str, Check)] = &[
    ("the crate graph is the table in ARCHITECTURE.md", graph::check),
    ("every path named in ARCHITECTURE.md exists", map::check),
    ("only known entries lie in the root folder", files::root_entries),
    ("files are named for what they hold", files::names),
    ("no file is larger than it should be", files::sizes),
    ("source files are short", source::file_lengths),
    ("functions are short", source::function_lengths),
    ("every Rust file says what it is", source::headers),
    ("SQL lives in stores and migrations", source::sql_places),
    ("rules and models do no I/O", source::pure_places),
    ("a feature is used through its front door", source::front_doors),
    ("lints are expected with a reason, never allowed", source::expectations),
    ("declared dependencies are used", graph::unused_dependencies),
    ("no unfinished work and no words of other places", words::check),
    ("every pitfall has the tests that its page names", pitfalls::check),
    ("every code and permission has its translations", console::translations),
];

pub fn main() -> Outcome {
    let files = kept_files()?;
    let mut violations = 0;
    for (title, check) in CHECKS {
        let found = check(&files)?;
        println!("{} {title}", if found.is_empty() { "ok     " } else { "BROKEN " });
        found.iter().for_each(|sentence| println!("        {sentence}"));
        violations += found.len();
    }
    if violations == 0 { Ok(()) } else { Err(format!("{violations} violations")) }
}

/// The same as a step of `cargo xtask test`.
pub fn step(_: &Context) -> Outcome<Counts> {
    let files = kept_files()?;
    let mut counts = Counts::default();
    for (title, check) in CHECKS {
        let found = check(&files)?;
        if found.is_empty() {
            counts.passed += 1;
            continue;
        }
        counts.failed += 1;
        println!("      BROKEN: {title}");
        found.iter().for_each(|sentence| println!("        {sentence}"));
    }
    Ok(counts)
}

/// Everything that git keeps or would keep: ignored files are not ours to judge.
fn kept_files() -> Outcome<Vec<Kept>> {
    let root = shell::root();
    let list = shell::output(
        Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(&root),
    )?;
    let mut files: Vec<Kept> = list
        .split('\0')
        .filter(|path| !path.is_empty())
        // A file deleted but not yet committed is listed and cannot be read.
        .filter_map(|path| Some(Kept { path: path.to_owned(), bytes: std::fs::read(root.join(path)).ok()? }))
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// True where a path of the repository exists.
fn exists(path: &str) -> bool {
    let full: PathBuf = shell::root().join(path);
    full.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_keeps_its_own_rules() {
        let files = kept_files().expect("git lists the files");
        for (title, check) in CHECKS {
            let found = check(&files).expect("the check can run");
            assert!(found.is_empty(), "{title}:\n{}", found.join("\n"));
        }
    }
}
