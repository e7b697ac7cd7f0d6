//! `cargo xtask crash`: kills the real server at random points while clients
//! send, starts it again, and compares what it kept with what it acknowledged.

mod check;
mod mails;
mod sender;

use std::path::Path;
use std::time::Duration;

use crate::http::Client;
use crate::server::{self, Build, Server, Setup};
use crate::steps::Counts;
use crate::{Outcome, shell};

/// The first seed of a run; every round adds one.
pub const SEED: u64 = 20_261_122;
/// Clients that send at the same time.
const SENDERS: u64 = 4;
/// The kill comes after so many milliseconds of load.
const LOAD_MILLIS: std::ops::Range<u64> = 100..1_500;
/// After so many rounds, and after the last, every event of all rounds is compared; after the
/// others those of the round, so that a thousand rounds do not take a thousand times a thousand.
const ALL_EVERY: u32 = 25;

pub fn main(words: &[String]) -> Outcome {
    let (mut rounds_wanted, mut seed, mut build) = (20, SEED, Build::Debug);
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match (word, words.next().map(str::parse::<u64>)) {
            ("--rounds", Some(Ok(number))) => rounds_wanted = number as u32,
            ("--seed", Some(Ok(number))) => seed = number,
            ("--release", None) => build = Build::Release,
            _ => return Err("crash takes --rounds N, --seed N and, last, --release".to_owned()),
        }
    }
    let log = shell::workshop("logs")?.join("crash.log");
    println!("building the server");
    let mut cargo = shell::cargo();
    cargo.args(["build", "--package", "siyu"]);
    if build == Build::Release {
        cargo.arg("--release");
    }
    shell::run(&log, &mut cargo)?;
    let counts = run(&log, rounds_wanted, seed, build)?;
    println!("crash: {} passed, {} failed", counts.passed, counts.failed);
    if counts.failed == 0 { Ok(()) } else { Err(String::new()) }
}

/// A short run for the tests.
pub fn rounds(log: &Path, rounds: u32, seed: u64) -> Outcome<Counts> {
    run(log, rounds, seed, Build::Debug)
}

/// All rounds use one data folder: what an earlier round left must survive the
/// later ones.
fn run(log: &Path, rounds: u32, seed: u64, build: Build) -> Outcome<Counts> {
    let data = shell::workshop("crash-data")?;
    server::fresh(&data)?;
    let listen = server::free_address()?;
    let setup = Setup { build, data, listen, log: log.with_extension("server.log"), words: Vec::new() };
    server::create_owner(&setup)?;
    let key = server::create_write_key(&setup, "crash")?;
    let mut counts = Counts::default();
    let mut ledger = sender::Ledger::default();
    for round in 0..rounds {
        let seed = seed + u64::from(round);
        let (told, waited) = one_round(&setup, &key, round, seed, &mut ledger)?;
        let server = Server::start(&setup)?;
        sender::resend(&setup.listen, &key, &mut ledger)?;
        let api = server.client.sign_in(server::EMAIL, server::PASSWORD)?;
        let all = round + 1 == rounds || (round + 1).is_multiple_of(ALL_EVERY);
        let reach = if all { check::Reach::All } else { check::Reach::Round(round) };
        let problems = check::compare(&api, &ledger, reach)?;
        let verdict = if problems.is_empty() { "whole" } else { "BROKEN" };
        println!(
            "      round {} (seed {seed}): killed after {waited} ms, {told} events acknowledged, {} in all: {verdict}",
            round + 1,
            ledger.acknowledged(),
        );
        problems.iter().take(10).for_each(|problem| println!("        {problem}"));
        if problems.is_empty() {
            counts.passed += 1;
        } else {
            counts.failed += 1;
        }
        server.kill()?;
    }
    let data = shell::workshop("crash-mail-data")?;
    let mails = mails::rounds(&Setup { data, ..setup }, rounds.div_ceil(2), seed)?;
    Ok(Counts { passed: counts.passed + mails.passed, failed: counts.failed + mails.failed })
}

/// Loads the server and kills it. Answers how many events it acknowledged.
fn one_round(
    setup: &Setup,
    key: &str,
    round: u32,
    seed: u64,
    ledger: &mut sender::Ledger,
) -> Outcome<(u64, u64)> {
    let before = ledger.acknowledged();
    let server = Server::start(setup)?;
    let mut random = sender::Random::new(seed);
    let waited = LOAD_MILLIS.start + random.draw() % (LOAD_MILLIS.end - LOAD_MILLIS.start);
    let client = Client::new(&setup.listen).with("authorization", &format!("Bearer {key}"));
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let client = client.clone();
            let seed = random.draw();
            std::thread::spawn(move || sender::send_until_dead(&client, round, sender, seed))
        })
        .collect();
    server::pause(Duration::from_millis(waited));
    server.kill()?;
    for sender in senders {
        ledger.add(sender.join().map_err(|_| "a sender failed".to_owned())?);
    }
    Ok((ledger.acknowledged() - before, waited))
}
