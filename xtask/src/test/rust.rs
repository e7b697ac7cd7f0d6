//! The steps that drive cargo.

use crate::server::Build;
use crate::steps::{Context, Counts, count_tests};
use crate::{Outcome, codegen, crash, erase, shell};

/// Rounds of the erasure test that belong to every run.
const ERASE_ROUNDS: u32 = 3;
/// Rounds of the crash test that belong to every run; `cargo xtask crash` does more.
const CRASH_ROUNDS: u32 = 3;

pub fn fmt(context: &Context) -> Outcome<Counts> {
    shell::run(&context.log, shell::cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Counts::ONE)
}

/// Everything in one build, so that later steps share its features and files.
pub fn build(context: &Context) -> Outcome<Counts> {
    shell::run(&context.log, shell::cargo().args(["build", "--locked", "--workspace", "--all-targets"]))?;
    Ok(Counts::ONE)
}

pub fn clippy(context: &Context) -> Outcome<Counts> {
    let arguments = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
    shell::run(&context.log, shell::cargo().args(arguments))?;
    Ok(Counts::ONE)
}

pub fn test(context: &Context) -> Outcome<Counts> {
    let arguments = ["test", "--locked", "--workspace", "--no-fail-fast"];
    let text = shell::run(&context.log, shell::cargo().args(arguments))?;
    // The runner's own closing lines, for readers that know them better than ours.
    let closing = text.lines().filter(|line| line.starts_with("test result:"));
    for line in closing.filter(|line| count_tests(line) != Counts::default()) {
        println!("{line}");
    }
    Ok(count_tests(&text))
}

pub fn codegen(context: &Context) -> Outcome<Counts> {
    codegen::check(&context.log)?;
    Ok(Counts::ONE)
}

pub fn crash(context: &Context) -> Outcome<Counts> {
    crash::rounds(&context.log, CRASH_ROUNDS, crash::SEED)
}

pub fn erase(context: &Context) -> Outcome<Counts> {
    erase::rounds(&context.log, ERASE_ROUNDS, erase::SEED, Build::Debug)
}
