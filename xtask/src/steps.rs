//! A list of named steps: each is timed, counted and reported; a failed step
//! stops only those that need it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::failures::failures;
use crate::{Outcome, shell};

/// One step of a longer job.
pub struct Step {
    pub name: &'static str,
    /// What it does, for the person who waits.
    pub what: &'static str,
    /// Steps that must have passed before; they come earlier in the list.
    pub needs: &'static [&'static str],
    pub run: fn(&Context) -> Outcome<Counts>,
}

/// What a step is given.
pub struct Context {
    /// Everything the step's programs write goes here.
    pub log: PathBuf,
}

/// Checks that passed and failed. A step without tests of its own is one check.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
}

impl Counts {
    pub const ONE: Counts = Counts { passed: 1, failed: 0 };

    fn add(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

enum End {
    Passed(Counts),
    Failed { counts: Counts, reason: String, failures: Vec<String> },
    Skipped(&'static str),
}

struct Report {
    step: &'static Step,
    took: Duration,
    end: End,
}

/// Runs the steps in order, prints a summary, and ends with one line that names
/// the counts. `Err` when anything failed.
pub fn run(steps: &'static [Step], only: &[String]) -> Outcome {
    let chosen = choose(steps, only)?;
    let logs = shell::workshop("logs")?;
    let mut reports: Vec<Report> = Vec::new();
    for (index, step) in chosen.iter().enumerate() {
        println!("[{}/{}] {}: {}", index + 1, chosen.len(), step.name, step.what);
        let began = Instant::now();
        let end = match missing_need(step, &reports) {
            Some(need) => End::Skipped(need),
            None => run_one(step, &logs),
        };
        let report = Report { step, took: began.elapsed(), end };
        println!("      {}", sentence(&report));
        reports.push(report);
    }
    summarise(&reports)
}

fn choose(steps: &'static [Step], only: &[String]) -> Outcome<Vec<&'static Step>> {
    if let Some(unknown) = only.iter().find(|name| steps.iter().all(|step| step.name != **name)) {
        return Err(format!("there is no step {unknown:?}; --list names them"));
    }
    let mut names: Vec<&str> = only.iter().map(String::as_str).collect();
    let mut next = 0;
    while next < names.len() {
        let step = steps.iter().find(|step| step.name == names[next]);
        let needs = step.map_or(&[][..], |step| step.needs);
        names.extend(needs.iter().filter(|need| !names.contains(need)).copied().collect::<Vec<_>>());
        next += 1;
    }
    Ok(steps.iter().filter(|step| only.is_empty() || names.contains(&step.name)).collect())
}

fn missing_need(step: &Step, reports: &[Report]) -> Option<&'static str> {
    let passed = |name: &str| {
        reports.iter().any(|report| report.step.name == name && matches!(report.end, End::Passed(_)))
    };
    step.needs.iter().find(|need| !passed(need)).copied()
}

fn run_one(step: &Step, logs: &Path) -> End {
    let log = logs.join(format!("{}.log", step.name));
    // A log of an earlier run would be counted again.
    if log.exists() && std::fs::remove_file(&log).is_err() {
        return End::Failed {
            counts: Counts::default(),
            reason: format!("cannot replace {}", log.display()),
            failures: Vec::new(),
        };
    }
    let context = Context { log };
    match (step.run)(&context) {
        Ok(counts) if counts.failed == 0 => End::Passed(counts),
        Ok(counts) => End::Failed { counts, reason: String::new(), failures: failures(&read(&context.log)) },
        Err(reason) => {
            let text = read(&context.log);
            End::Failed { counts: count_tests(&text), reason, failures: failures(&text) }
        }
    }
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

fn sentence(report: &Report) -> String {
    let seconds = report.took.as_secs_f64();
    match &report.end {
        End::Passed(counts) => format!("passed in {seconds:.1} s ({})", counts.passed),
        End::Failed { counts, reason, .. } => {
            format!("FAILED after {seconds:.1} s ({} failed)\n      {reason}", counts.failed.max(1))
        }
        End::Skipped(need) => format!("not run, because {need} did not pass"),
    }
}

fn summarise(reports: &[Report]) -> Outcome {
    let mut total = Counts::default();
    println!("\nsummary");
    for report in reports {
        let word = match &report.end {
            End::Passed(counts) => {
                total.add(*counts);
                "passed"
            }
            End::Failed { counts, .. } => {
                total.add(Counts { passed: counts.passed, failed: counts.failed.max(1) });
                "FAILED"
            }
            End::Skipped(_) => {
                total.add(Counts { passed: 0, failed: 1 });
                "not run"
            }
        };
        println!("  {word:8} {:>8.1} s  {}", report.took.as_secs_f64(), report.step.name);
    }
    for report in reports {
        if let End::Failed { failures, .. } = &report.end {
            failures.iter().for_each(|line| println!("  {} | {line}", report.step.name));
        }
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 { Ok(()) } else { Err(String::new()) }
}

/// Reads the closing lines of the test runners we use: cargo test, Vitest and
/// node's own runner.
pub fn count_tests(text: &str) -> Counts {
    let mut counts = Counts::default();
    for line in text.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("test result:") {
            counts.add(Counts { passed: before(rest, " passed"), failed: before(rest, " failed") });
        } else if let Some(rest) = line.strip_prefix("Tests ") {
            counts.add(Counts { passed: before(rest, " passed"), failed: before(rest, " failed") });
        } else if let Some((passed, word)) = node_count(line) {
            counts.add(if word {
                Counts { passed, failed: 0 }
            } else {
                Counts { passed: 0, failed: passed }
            });
        }
    }
    counts
}

/// The number that stands right before a word.
fn before(line: &str, word: &str) -> u64 {
    let Some(end) = line.find(word) else { return 0 };
    let digits = line[..end].rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().unwrap_or(0)
}

/// `# pass 3` or `ℹ pass 3`, and the same with `fail`.
fn node_count(line: &str) -> Option<(u64, bool)> {
    let rest = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "))?;
    if let Some(number) = rest.strip_prefix("pass ") {
        return Some((number.parse().ok()?, true));
    }
    Some((rest.strip_prefix("fail ")?.parse().ok()?, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_every_runner_are_counted() {
        let cases = [
            ("test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured", 12, 0),
            ("test result: FAILED. 1 passed; 2 failed; 0 ignored", 1, 2),
            ("      Tests  5 passed (5)", 5, 0),
            ("      Tests  1 failed | 4 passed (5)", 4, 1),
            ("ℹ pass 7\nℹ fail 1", 7, 1),
            ("# pass 2\n# fail 0", 2, 0),
            ("Tests are good", 0, 0),
        ];
        for (text, passed, failed) in cases {
            assert_eq!(count_tests(text), Counts { passed, failed }, "{text}");
        }
    }
}
