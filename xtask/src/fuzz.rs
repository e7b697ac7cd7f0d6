//! `cargo xtask fuzz`: broken input for every decoder, file parser and reader of mail, for a
//! while.

use crate::{Outcome, shell};

const MINUTES: u64 = 60;
/// The target that lives in a crate of its own; it gets as much time as each of the others.
const MAIL: &str = "mail";
const SHARE_OF_MAIL: u64 = 11;

pub fn main(words: &[String]) -> Outcome {
    let (mut minutes, mut seed, mut target) = (MINUTES, None, None);
    for pair in words.chunks(2) {
        match pair {
            [name, value] if name == "--minutes" => minutes = number(value)?,
            [name, value] if name == "--seed" => seed = Some(number(value)?),
            [name, value] if name == "--target" => target = Some(value.as_str()),
            _ => return Err("fuzz takes --minutes N, --seed N and --target NAME".to_owned()),
        }
    }
    let seed: Vec<String> = seed.iter().map(u64::to_string).collect();
    if target.is_none_or(|target| target != MAIL) {
        let named =
            target.map(|target| (seed.is_empty().then(|| DEFAULT_SEED.to_owned()), target.to_owned()));
        let rest = named.into_iter().flat_map(|(seed, target)| seed.into_iter().chain([target]));
        run("siyu-ingest", "fuzz", minutes, &seed.iter().cloned().chain(rest).collect::<Vec<_>>())?;
    }
    match target {
        Some(MAIL) => run("siyu-connect", "fuzz_mail", minutes, &seed),
        Some(_) => Ok(()),
        None => run("siyu-connect", "fuzz_mail", (minutes / SHARE_OF_MAIL).max(1), &seed),
    }
}

/// Stands before a target's name where none is given.
const DEFAULT_SEED: &str = "20261125";

fn number(text: &str) -> Outcome<u64> {
    text.parse().map_err(|_| format!("{text:?} is not a number"))
}

/// With debug assertions: an overflow is a finding.
fn run(package: &str, example: &str, minutes: u64, rest: &[String]) -> Outcome {
    let mut command = shell::cargo();
    command.args(["run", "--quiet", "--package", package, "--example", example, "--"]);
    command.arg(minutes.to_string()).args(rest);
    let status = command.status().map_err(|error| format!("start cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err("the fuzzer found something; see above".to_owned()) }
}
