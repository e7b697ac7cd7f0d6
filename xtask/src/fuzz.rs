//! `cargo xtask fuzz`: broken input for every decoder and file parser, for a while.

use crate::{Outcome, shell};

const MINUTES: u64 = 60;

pub fn main(words: &[String]) -> Outcome {
    let (mut minutes, mut seed) = (MINUTES, None);
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let number = || rest.clone().next().and_then(|word| word.parse::<u64>().ok());
        match (word.as_str(), number()) {
            ("--minutes", Some(number)) => minutes = number,
            ("--seed", Some(number)) => seed = Some(number),
            _ => return Err("fuzz takes --minutes N and --seed N".to_owned()),
        }
        rest.next();
    }
    // With debug assertions: an overflow is a finding.
    let mut command = shell::cargo();
    command.args(["run", "--quiet", "--package", "siyu-ingest", "--example", "fuzz", "--"]);
    command.arg(minutes.to_string()).args(seed.map(|seed| seed.to_string()));
    let status = command.status().map_err(|error| format!("start cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err("the fuzzer found something; see above".to_owned()) }
}
