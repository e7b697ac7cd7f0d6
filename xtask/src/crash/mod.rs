//! `cargo xtask crash`: kills the real server at random points while clients of every
//! protocol send and a file is imported, starts it again, and compares what it kept with
//! what it acknowledged.

mod check;
mod clients;
mod imports;
mod mails;
mod packing;
mod sender;

pub use packing::{base64, escaped, gzip};
pub use sender::Random;

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::http::Client;
use crate::server::{self, Build, Server, Setup};
use crate::steps::Counts;
use crate::{Outcome, shell};

/// The first seed of a run; every round adds one.
pub const SEED: u64 = 20_261_122;
/// The kill comes after so many milliseconds of load.
const LOAD_MILLIS: std::ops::Range<u64> = 100..1_500;
/// After so many rounds, and after the last, every event of all rounds is compared; after the
/// others those of the round, so that a thousand rounds do not take a thousand times a thousand.
const ALL_EVERY: u32 = 25;
const USAGE: &str = "crash takes --rounds N, --seed N, --release, and --built for the program as it stands";

pub fn main(words: &[String]) -> Outcome {
    let (mut rounds_wanted, mut seed, mut build, mut built) = (20, SEED, Build::Debug, false);
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let mut number = || words.next().and_then(|text| text.parse::<u64>().ok());
        match word {
            "--rounds" => rounds_wanted = number().ok_or(USAGE)? as u32,
            "--seed" => seed = number().ok_or(USAGE)?,
            "--release" => build = Build::Release,
            "--built" => built = true,
            _ => return Err(USAGE.to_owned()),
        }
    }
    let log = shell::workshop("logs")?.join("crash.log");
    if !built {
        println!("building the server");
        let mut cargo = shell::cargo();
        // As the tests build it: with fewer packages the dependencies have other features.
        cargo.args(["build", "--workspace", "--all-targets"]);
        if build == Build::Release {
            cargo.arg("--release");
        }
        shell::run(&log, &mut cargo)?;
    }
    let counts = run(&log, rounds_wanted, seed, build)?;
    println!("crash: {} passed, {} failed", counts.passed, counts.failed);
    if counts.failed == 0 { Ok(()) } else { Err(String::new()) }
}

/// A short run for the tests.
pub fn rounds(log: &Path, rounds: u32, seed: u64) -> Outcome<Counts> {
    run(log, rounds, seed, Build::Debug)
}

/// What all rounds share.
struct Test {
    setup: Setup,
    key: String,
    /// Signed in: a session outlives the server.
    api: Client,
    ledger: sender::Ledger,
}

/// All rounds use one data folder: what an earlier round left must survive the
/// later ones.
fn run(log: &Path, rounds: u32, seed: u64, build: Build) -> Outcome<Counts> {
    let data = shell::workshop("crash-data")?;
    server::fresh(&data)?;
    let listen = server::free_address()?;
    let setup = Setup { build, data, listen, log: log.with_extension("server.log"), words: Vec::new() };
    let mut test = prepare(setup)?;
    let mut counts = Counts::default();
    for round in 0..rounds {
        let seed = seed + u64::from(round);
        let (told, waited, file) = one_round(&mut test, round, seed)?;
        let server = Server::start(&test.setup)?;
        sender::resend(&server.client, &test.key, &mut test.ledger)?;
        let mut problems = file.settle(&test.api)?;
        let rows = file.rows.into_iter().map(|(login, number)| (file.round, login, number));
        test.ledger.rows.extend(rows);
        let all = round + 1 == rounds || (round + 1).is_multiple_of(ALL_EVERY);
        let reach = if all { check::Reach::All } else { check::Reach::Round(round) };
        problems.extend(check::compare(&test.api, &test.ledger, reach)?);
        let verdict = if problems.is_empty() { "whole" } else { "BROKEN" };
        println!(
            "      round {} (seed {seed}): killed after {waited} ms, {told} records acknowledged, {} and {} rows in all: {verdict}",
            round + 1,
            test.ledger.acknowledged(),
            test.ledger.rows.len(),
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
    let mails = mails::rounds(&Setup { data, ..test.setup }, rounds.div_ceil(2), seed)?;
    Ok(Counts { passed: counts.passed + mails.passed, failed: counts.failed + mails.failed })
}

/// A key that every protocol takes, webhooks with a mapping.
fn prepare(setup: Setup) -> Outcome<Test> {
    server::create_owner(&setup)?;
    let key = server::create_write_key(&setup, "crash")?;
    let server = Server::start(&setup)?;
    let api = server.client.sign_in(server::EMAIL, server::PASSWORD)?;
    let keys = api.get("/api/v1/keys")?;
    let mut keys = keys["items"].as_array().into_iter().flatten();
    let made = keys.find(|key| key["name"] == "crash").ok_or("the key that was made is not listed")?;
    api.put(&format!("/api/v1/hooks/{}", made["id"]), &json!({"mapping": clients::hook_mapping()}))?;
    server.stop()?;
    Ok(Test { setup, key, api, ledger: sender::Ledger::default() })
}

/// Loads the server and kills it. Answers how many records it acknowledged, after how many
/// milliseconds it was killed, and the file whose import it may have begun.
fn one_round(test: &mut Test, round: u32, seed: u64) -> Outcome<(u64, u64, imports::File)> {
    let before = test.ledger.acknowledged();
    let server = Server::start(&test.setup)?;
    let mut random = sender::Random::new(seed);
    let waited = LOAD_MILLIS.start + random.draw() % (LOAD_MILLIS.end - LOAD_MILLIS.start);
    let senders: Vec<_> = clients::WAYS
        .iter()
        .map(|&way| {
            let (client, key, seed) = (server.client.clone(), test.key.clone(), random.draw());
            std::thread::spawn(move || sender::send_until_dead(&client, &key, round, way, seed))
        })
        .collect();
    let file = imports::File::make(round, server::now(), &mut random);
    let (api, begins) = (test.api.clone(), random.draw() % waited);
    let importing = std::thread::spawn(move || {
        server::pause(Duration::from_millis(begins));
        // The kill may come before the answer; then nobody knows whether it is there.
        let _ = file.upload(&api);
        file
    });
    server::pause(Duration::from_millis(waited));
    server.kill()?;
    for sender in senders {
        test.ledger.add(sender.join().map_err(|_| "a sender failed".to_owned())?);
    }
    let file = importing.join().map_err(|_| "the import failed".to_owned())?;
    Ok((test.ledger.acknowledged() - before, waited, file))
}
