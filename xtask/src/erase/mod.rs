//! `cargo xtask erase`: people come in by several protocols and a file, one of them is erased on
//! the real server, which is killed at a random point of that, and again, until it is done.
//! Then every byte of the data folder is searched for them, late data arrives, and it is
//! searched again; everybody else must be as they were.

mod people;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::crash::Random;
use crate::http::Client;
use crate::server::{self, Build, Server, Setup};
use crate::steps::Counts;
use crate::{Outcome, shell};
use people::Victim;

/// The first seed of a run.
pub const SEED: u64 = 20_261_126;
/// The kill comes so many milliseconds after the order, at the latest.
const KILL_MILLIS: u64 = 400;
/// Kills within one erasure.
const KILLS: u32 = 3;
/// An erasure that was let alone must be done by then.
const DONE_MAX: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(20);
const USAGE: &str = "erase takes --rounds N, --seed N, --release, and --built for the program as it stands";

pub fn main(words: &[String]) -> Outcome {
    let (mut rounds_wanted, mut seed, mut build, mut built) = (10, SEED, Build::Debug, false);
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
    let log = shell::workshop("logs")?.join("erase.log");
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
    let counts = rounds(&log, rounds_wanted, seed, build)?;
    println!("erase: {} passed, {} failed", counts.passed, counts.failed);
    if counts.failed == 0 { Ok(()) } else { Err(String::new()) }
}

/// All rounds use one data folder: whoever was erased in an earlier one must stay so.
pub fn rounds(log: &Path, rounds: u32, seed: u64, build: Build) -> Outcome<Counts> {
    let data = shell::workshop("erase-data")?;
    server::fresh(&data)?;
    let listen = server::free_address()?;
    let setup = Setup { build, data, listen, log: log.with_extension("server.log"), words: Vec::new() };
    server::create_owner(&setup)?;
    let key = server::create_write_key(&setup, "erase")?;
    let server = Server::start(&setup)?;
    let api = server.client.sign_in(server::EMAIL, server::PASSWORD)?;
    people::others(&server.client, &key)?;
    server.stop()?;
    let (mut counts, mut random, mut gone) = (Counts::default(), Random::new(seed), Vec::new());
    for round in 0..rounds {
        let victim = Victim::of(round, server::now() as i64);
        let (kills, problems) = one_round(&setup, (&api, &key), &victim, &mut random, &mut gone)?;
        let verdict = if problems.is_empty() { "nothing is left" } else { "BROKEN" };
        println!("      round {}: killed {kills} times on the way: {verdict}", round + 1);
        problems.iter().take(10).for_each(|problem| println!("        {problem}"));
        if problems.is_empty() {
            counts.passed += 1;
        } else {
            counts.failed += 1;
        }
    }
    Ok(counts)
}

fn one_round(
    setup: &Setup,
    (api, key): (&Client, &str),
    victim: &Victim,
    random: &mut Random,
    gone: &mut Vec<String>,
) -> Outcome<(u32, Vec<String>)> {
    let mut problems = Vec::new();
    let server = Server::start(setup)?;
    victim.arrive(&server.client, api, key)?;
    let person = victim.find(api)?.ok_or("somebody who was sent is not there")?;
    let before = others(api)?;
    server.stop()?;
    if found(setup, &victim.needles())?.is_empty() {
        return Err("the search finds nothing of somebody who is there".to_owned());
    }
    let mut server = Server::start(setup)?;
    let path = format!("/api/v1/people/{person}/erasure");
    let ordered = api.post(&path, &json!({"reason": "round"}))?;
    let id = ordered["id"].as_i64().ok_or_else(|| format!("the order was refused: {ordered}"))?;
    let mut kills = 0;
    while kills < KILLS && !is_done(api, id)? {
        server::pause(Duration::from_millis(random.draw() % KILL_MILLIS));
        server.kill()?;
        kills += 1;
        server = Server::start(setup)?;
        if victim.find(api)?.is_some() {
            problems.push(format!("after kill {kills} they are there again"));
        }
    }
    let began = Instant::now();
    while !is_done(api, id)? {
        if began.elapsed() > DONE_MAX {
            return Err(format!("erasure {id} is not done after {} s", DONE_MAX.as_secs()));
        }
        server::pause(LOOK_EVERY);
    }
    if others(api)? != before {
        problems.push("the others are not as they were".to_owned());
    }
    server.stop()?;
    gone.extend(victim.needles());
    problems.extend(found(setup, gone)?.into_iter().map(|place| format!("left: {place}")));
    let server = Server::start(setup)?;
    victim.come_late(&server.client, api, key)?;
    if victim.find(api)?.is_some() {
        problems.push("late data brought them back".to_owned());
    }
    server.stop()?;
    problems.extend(found(setup, gone)?.into_iter().map(|place| format!("left by late data: {place}")));
    Ok((kills, problems))
}

fn is_done(api: &Client, id: i64) -> Outcome<bool> {
    Ok(api.get(&format!("/api/v1/erasures/{id}"))?["state"] == "done")
}

/// What the API says of everybody else.
fn others(api: &Client) -> Outcome<Vec<Value>> {
    let mut all = Vec::new();
    for login in people::OTHERS {
        let found = api.get(&format!("/api/v1/people?query={login}"))?;
        let number = found["items"][0]["person"].as_u64().ok_or("somebody else is gone")?;
        let mut person = api.get(&format!("/api/v1/people/{number}"))?;
        // Counted now and then.
        person["segments"] = Value::Null;
        all.push(person);
        all.push(api.get(&format!("/api/v1/people/{number}/events"))?);
    }
    Ok(all)
}

/// The places where words stand, by a program that unpacks what is packed.
fn found(setup: &Setup, words: &[String]) -> Outcome<Vec<String>> {
    let mut command = Command::new(server::program(setup.build, "find-bytes"));
    command.arg(&setup.data).args(words);
    Ok(shell::output(&mut command)?.lines().map(str::to_owned).collect())
}
