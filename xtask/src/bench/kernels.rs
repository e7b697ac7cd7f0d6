//! Instructions per answer, counted by callgrind: what a change to a kernel costs where times are too
//! noisy to say. A count of instructions is no time; two counts of the same question can be compared.

use std::path::Path;
use std::process::Command;

use super::build;
use crate::server::{self, Build, program};
use crate::{Outcome, shell};

/// A question is asked once, and so many times more in a second run: the difference is of answers
/// whose columns are in memory, without the program's beginning.
const MORE: u64 = 4;

pub fn kernels(events: u64, only: Option<&str>) -> Outcome {
    let log = build(&["--package", "siyu-analytics", "--example", "beside_peers"])?;
    if Command::new("valgrind").arg("--version").output().is_err() {
        return Err("valgrind counts the instructions, and is not installed".to_owned());
    }
    let folder = shell::workshop("bench-kernels")?;
    server::fresh(&folder)?;
    let example = program(Build::Release, "examples").join("beside_peers");
    let events = events.to_string();
    let ask = |words: &[&str]| shell::run(&log, Command::new(&example).arg(&folder).arg(&events).args(words));
    ask(&["load"])?;
    let answered = ask(&["ask"])?;
    let names = answered.lines().filter_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(line["query"].as_str()?.to_owned())
    });
    println!("instructions per answer over {events} events, all threads");
    for name in names.filter(|name| only.is_none_or(|only| only == name)) {
        let count =
            |rounds: u64| counted(&log, &example, &folder, [&events, "ask", &name, &rounds.to_string()]);
        let each = count(1 + MORE)?.saturating_sub(count(1)?) / MORE;
        let per_event = each as f64 / events.parse::<f64>().unwrap_or(f64::NAN);
        println!("{name:26} {each:>13} {per_event:>9.2} per event");
    }
    Ok(())
}

/// The instructions of one run.
fn counted(log: &Path, example: &Path, folder: &Path, words: [&str; 4]) -> Outcome<u64> {
    let out = folder.join("callgrind.out");
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", out.display()));
    shell::run(log, valgrind.arg(example).arg(folder).args(words))?;
    // The file says `summary: <instructions>`, or `totals:` where threads were written apart.
    let text = std::fs::read_to_string(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let line = text.lines().find_map(|line| line.strip_prefix("summary:").or(line.strip_prefix("totals:")));
    let number = line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse().ok());
    number.ok_or_else(|| "callgrind did not say how many instructions there were".to_owned())
}
