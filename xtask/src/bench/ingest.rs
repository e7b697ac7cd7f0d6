//! Events per second over HTTP, by protocol, with the generator on the same machine.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{build, bytes_in, machine_load, number};
use crate::http::Client;
use crate::server::{self, Build, Server, Setup, pause, program};
use crate::{Outcome, shell};

const CONNECTIONS: &str = "16";
const EVENTS_PER_REQUEST: u64 = 50;
const EVENTS: u64 = 500_000;
const RUNS: u64 = 3;
/// Requests of one event cost more each, so fewer are sent.
const ONE_OF: u64 = 5;
/// How long the half load lasts.
const HALF_LOAD_SECONDS: f64 = 5.0;
const LOOK_EVERY: Duration = Duration::from_millis(20);
const STUCK_AFTER: Duration = Duration::from_secs(30);

/// Name, protocol, events per request.
const CASES: &[(&str, &str, u64)] = &[
    ("own", "own", EVENTS_PER_REQUEST),
    ("sensors", "sensors", EVENTS_PER_REQUEST),
    ("segment", "segment", EVENTS_PER_REQUEST),
    ("webhook", "webhook", EVENTS_PER_REQUEST),
    ("webhook-one", "webhook", 1),
];

/// What one run told, in the order of the table's columns.
#[derive(Clone, Copy, Default)]
struct Figures {
    answered: f64,
    queryable: f64,
    p50: f64,
    p99: f64,
    log_bytes: f64,
    store_bytes: f64,
    peak_megabytes: f64,
}

impl Figures {
    fn columns(&self) -> [f64; 7] {
        [
            self.answered,
            self.queryable,
            self.p50,
            self.p99,
            self.log_bytes,
            self.store_bytes,
            self.peak_megabytes,
        ]
    }
}

pub fn main(words: &[&str]) -> Outcome {
    let (mut only, mut events, mut runs) = (None, EVENTS, RUNS);
    for pair in words.chunks(2) {
        match *pair {
            ["--protocol", name] => only = Some(name),
            ["--events", count] => events = number(count)?,
            ["--runs", count] => runs = number(count)?.max(1),
            _ => return Err("bench ingest takes --protocol, --events and --runs".to_owned()),
        }
    }
    let log = build(&["--package", "siyu", "--package", "siyu-testkit", "--bins"])?;
    println!(
        "{events} events over {CONNECTIONS} connections, medians of {runs} runs; load of the machine {}",
        machine_load()
    );
    println!(
        "{:12} {:>11} {:>11} {:>8} {:>8} {:>9} {:>9} {:>8}",
        "protocol", "answered/s", "queryable/s", "p50 ms", "p99 ms", "log B/ev", "disk B/ev", "peak MB"
    );
    for case in CASES.iter().filter(|case| only.is_none_or(|only| only == case.0)) {
        let mut told = Vec::new();
        for _ in 0..runs {
            told.push(run(&log, case, events)?.columns());
        }
        let [answered, queryable, p50, p99, log_bytes, store_bytes, peak] =
            std::array::from_fn(|column| median(told.iter().map(|row| row[column]).collect()));
        println!(
            "{:12} {answered:11.0} {queryable:11.0} {p50:8.2} {p99:8.2} {log_bytes:9.1} {store_bytes:9.1} {peak:8.0}",
            case.0
        );
    }
    println!("load of the machine afterwards {}", machine_load());
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// A fresh server: as fast as it goes, then half of that at a fixed rate.
fn run(log: &Path, &(_, protocol, batch): &(&str, &str, u64), events: u64) -> Outcome<Figures> {
    let data = shell::workshop("bench-data")?;
    server::fresh(&data)?;
    let listen = server::free_address()?;
    let setup = Setup { build: Build::Release, data, listen, log: log.to_owned(), words: Vec::new() };
    server::create_owner(&setup)?;
    let key = server::create_write_key(&setup, "load")?;
    let server = Server::start(&setup)?;
    let api = server.client.sign_in(server::EMAIL, server::PASSWORD)?;
    if protocol == "webhook" {
        map_webhook(&api)?;
    }
    let events = if batch == 1 { events / ONE_OF } else { events };
    let loadgen = |events: u64, seed: &str, rate: Option<f64>| -> Outcome<Value> {
        let mut load = Command::new(program(Build::Release, "loadgen"));
        load.args([
            &setup.listen,
            protocol,
            &key,
            &events.to_string(),
            CONNECTIONS,
            &batch.to_string(),
            seed,
        ]);
        load.args(rate.map(|rate| format!("{rate:.0}")));
        serde_json::from_str(&shell::output(&mut load)?).map_err(|e| e.to_string())
    };
    let began = Instant::now();
    let fast = loadgen(events, "1", None)?;
    let making = began.elapsed().as_secs_f64() - told(&fast, "seconds");
    wait_for(&api, told(&fast, "unique"))?;
    let seconds = began.elapsed().as_secs_f64() - making;
    let answered = told(&fast, "events_per_second");
    let queryable = told(&fast, "events") / seconds;
    let rate = answered.min(queryable) / 2.0;
    let half = loadgen((rate * HALF_LOAD_SECONDS) as u64, "2", Some(rate))?;
    let (sent, unique) =
        (told(&fast, "events") + told(&half, "events"), told(&fast, "unique") + told(&half, "unique"));
    wait_for(&api, unique)?;
    let refused = told(&fast, "refused_requests") + told(&half, "refused_requests");
    if refused > 0.0 {
        return Err(format!("{refused} requests of {protocol} were refused"));
    }
    let peak_megabytes = server.peak_megabytes();
    let project = setup.data.join("projects/1");
    let log_bytes = bytes_in(&project.join("log")) as f64 / sent;
    // The end writes a checkpoint, so that everything stands where it stays.
    server.stop()?;
    let store: u64 = ["events", "people"].iter().map(|folder| bytes_in(&project.join(folder))).sum();
    let millis = |name: &str| half["answer_millis"][name].as_f64().unwrap_or(0.0);
    Ok(Figures {
        answered,
        queryable,
        p50: millis("p50"),
        p99: millis("p99"),
        log_bytes,
        store_bytes: store as f64 / unique,
        peak_megabytes,
    })
}

fn told(report: &Value, name: &str) -> f64 {
    report[name].as_f64().unwrap_or(0.0)
}

/// Something was refused or lost if they are not there after so long without a change.
fn wait_for(api: &Client, events: f64) -> Outcome {
    let (mut seen, mut changed) = (0.0, Instant::now());
    loop {
        let now = api.get("/api/v1/overview")?["events_total"].as_f64().unwrap_or(0.0);
        if now >= events {
            return Ok(());
        }
        if now > seen {
            (seen, changed) = (now, Instant::now());
        }
        if changed.elapsed() > STUCK_AFTER {
            return Err(format!("{events} events were accepted and {now} can be asked for"));
        }
        pause(LOOK_EVERY);
    }
}

fn map_webhook(api: &Client) -> Outcome {
    let keys = api.get("/api/v1/keys")?;
    let key = keys["items"][0]["id"].as_i64().ok_or("the server names no key")?;
    let mapping = program(Build::Release, "loadgen");
    let mapping = shell::output(Command::new(mapping).arg("hook-mapping"))?;
    let mapping: Value = serde_json::from_str(&mapping).map_err(|e| e.to_string())?;
    api.put(&format!("/api/v1/hooks/{key}"), &json!({"mapping": mapping}))?;
    Ok(())
}
