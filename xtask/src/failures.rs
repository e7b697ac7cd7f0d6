//! What failed, picked out of a long log: the end of a run over many test
//! binaries says nothing of a test that failed in the first of them, and the
//! machine that ran it may be gone when somebody asks.

use crate::shell;

/// Lines shown of each failure, and of all of a step.
const LINES_EACH: usize = 12;
const LINES_ALL: usize = 60;

/// The failures of cargo test, Vitest and node's runner with their first lines
/// of reason, in the order of the log; empty when no line looks like one.
pub fn failures(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut left = 0;
    for line in text.lines() {
        if begins_failure(line) {
            left = LINES_EACH;
        } else if line.starts_with("failures:") || line.starts_with("test result:") {
            left = 0;
        }
        if left > 0 && !line.trim().is_empty() {
            found.push(shell::cut(line));
            left -= 1;
        }
        if found.len() == LINES_ALL {
            break;
        }
    }
    found
}

/// `---- name stdout ----` of cargo test, ` FAIL  file > name` of Vitest, and
/// `✖ name` of node. What a passing test printed is not shown by any of them.
fn begins_failure(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("---- ") && line.ends_with(" ----")
        || line.starts_with("FAIL ")
        || line.starts_with("✖ ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_of_every_runner_are_found_with_their_reasons() {
        let cargo = "running 2 tests\ntest a ... ok\ntest b::c ... FAILED\n\nfailures:\n\n\
            ---- b::c stdout ----\n\nthread 'b::c' panicked at src/b.rs:3:5:\nleft: 1\n\n\nfailures:\n    b::c\n\n\
            test result: FAILED. 1 passed; 1 failed\nrunning 1 test\ntest d ... ok\n";
        assert_eq!(
            failures(cargo),
            ["---- b::c stdout ----", "thread 'b::c' panicked at src/b.rs:3:5:", "left: 1"]
        );
        assert_eq!(failures("✔ fine\n✖ breaks (3ms)\n  reason"), ["✖ breaks (3ms)", "  reason"]);
        assert_eq!(failures(" FAIL  a.test.ts > b\nError: c"), [" FAIL  a.test.ts > b", "Error: c"]);
        assert!(failures("test a ... ok\ntest result: ok. 1 passed; 0 failed").is_empty());
    }

    #[test]
    fn a_long_failure_is_cut() {
        let text = format!("---- a stdout ----\n{}", "line\n".repeat(100));
        assert_eq!(failures(&text).len(), LINES_EACH);
        assert_eq!(failures(&text.repeat(20)).len(), LINES_ALL);
    }
}
