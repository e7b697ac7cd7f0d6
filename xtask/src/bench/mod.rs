//! `cargo xtask bench`: figures for docs/benchmarks.md. Nothing here is a test.
//!
//! `ingest` sends events to the real server over HTTP in the words of every protocol and
//! waits until they can be asked for. `import` sends it a large file. `peers` asks siyu,
//! chDB and DuckDB the same questions of the same rows. `kernels` counts the instructions that
//! siyu's answers take.

mod comparison;
mod import;
mod ingest;
mod kernels;
mod peers;

use std::path::{Path, PathBuf};

use crate::{Outcome, shell};

const IMPORT_MINUTES: u64 = 60;

pub fn main(words: &[String]) -> Outcome {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["ingest", ref rest @ ..] => ingest::main(rest),
        ["import", gigabytes] => import::import(number(gigabytes)?, IMPORT_MINUTES),
        ["import", gigabytes, minutes] => import::import(number(gigabytes)?, number(minutes)?),
        ["peers"] => peers::peers(2_000_000),
        ["peers", events] => peers::peers(number(events)?),
        ["kernels"] => kernels::kernels(100_000, None),
        ["kernels", events] => kernels::kernels(number(events)?, None),
        ["kernels", events, question] => kernels::kernels(number(events)?, Some(question)),
        _ => Err("bench ingest [--protocol P] [--events N] [--runs N] | bench import <GB> [minutes] \
             | bench peers [events] | bench kernels [events [question]]"
            .to_owned()),
    }
}

fn number(text: &str) -> Outcome<u64> {
    text.parse().map_err(|_| format!("{text:?} is not a number"))
}

fn build(arguments: &[&str]) -> Outcome<PathBuf> {
    let log = shell::workshop("logs")?.join("bench.log");
    println!("building for measurement");
    shell::run(&log, shell::cargo().args(["build", "--release"]).args(arguments))?;
    Ok(log)
}

/// Bytes of the files in a folder, whatever their depth; 0 of a folder that is not there.
fn bytes_in(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => bytes_in(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}

/// What the machine did beside: the mean number of programs that wanted to run.
fn machine_load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}
