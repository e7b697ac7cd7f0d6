//! Kills the server while a campaign goes out. A mail server beside it lives on
//! and keeps what it got: nobody may get a mail twice, what the campaign calls
//! sent must have arrived, and everybody must be accounted for.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::sender::Random;
use crate::http::Client;
use crate::server::{self, Server, Setup, pause};
use crate::steps::Counts;
use crate::{Outcome, shell};

const PEOPLE: u64 = 400;
/// Calls that delivery has under way at a time: no more can end as unknown.
const UNKNOWN_MAX: u64 = 16;
/// The kill comes so many milliseconds after the start of a campaign.
const KILL_MILLIS: std::ops::Range<u64> = 20..700;
/// How long a campaign may take to end after the restart.
const END_MAX: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The mail server, in a process of its own.
struct Mailbox {
    child: Child,
    smtp: String,
}

impl Mailbox {
    fn start(setup: &Setup, folder: &Path) -> Outcome<Mailbox> {
        let (smtp, page) = (server::free_address()?, server::free_address()?);
        let child = Command::new(server::program(setup.build, "siyu"))
            .args(["mailbox", "--smtp", &smtp, "--page", &page, "--folder"])
            .arg(folder)
            .env("SIYU_DATA", &setup.data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("start the mailbox: {e}"))?;
        Ok(Mailbox { child, smtp })
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// As many rounds, each with a campaign of its own.
pub fn rounds(setup: &Setup, rounds: u32, seed: u64) -> Outcome<Counts> {
    server::fresh(&setup.data)?;
    let mails = shell::workshop("crash-mails")?;
    server::fresh(&mails)?;
    server::create_owner(setup)?;
    let key = server::create_write_key(setup, "crash")?;
    let mailbox = Mailbox::start(setup, &mails)?;
    let segment = prepare(setup, &key, &mailbox)?;
    let mut counts = Counts::default();
    for round in 0..rounds {
        let seed = seed + u64::from(round);
        let subject = format!("crash round {round} seed {seed}");
        let (campaign, waited) = one_round(setup, &segment, &subject, seed)?;
        let problems = compare(&campaign, &received(&mails, &subject)?);
        let verdict = if problems.is_empty() { "whole" } else { "BROKEN" };
        println!(
            "      campaign {} (seed {seed}): killed after {waited} ms, {}: {verdict}",
            round + 1,
            campaign["counts"]
        );
        problems.iter().for_each(|problem| println!("        {problem}"));
        if problems.is_empty() {
            counts.passed += 1;
        } else {
            counts.failed += 1;
        }
    }
    Ok(counts)
}

/// People with addresses, the channel, and the segment of all.
fn prepare(setup: &Setup, key: &str, mailbox: &Mailbox) -> Outcome<Value> {
    let server = Server::start(setup)?;
    let people: Vec<Value> = (0..PEOPLE)
        .map(|n| {
            json!({"type": "identify", "id": format!("p{n}"), "login": format!("p{n}"),
                   "identifiers": {"email": format!("p{n}@example.com")}, "properties": {}})
        })
        .collect();
    let sender = Client::new(&setup.listen).with("authorization", &format!("Bearer {key}"));
    sender.post("/api/v1/collect", &json!({ "batch": people }))?;
    let api = server.client.sign_in(server::EMAIL, server::PASSWORD)?;
    let (host, port) = mailbox.smtp.split_once(':').ok_or("the mail address has no port")?;
    let port: u16 = port.parse().map_err(|_| "the mail port is no number")?;
    let channel = json!({"host": host, "port": port, "security": "none", "from": "news@shop.example"});
    api.put("/api/v1/channels/email", &channel)?;
    api.put("/api/v1/protection", &json!({ "cap": null }))?;
    let began = Instant::now();
    while api.get("/api/v1/overview")?["people"].as_u64() != Some(PEOPLE) {
        if began.elapsed() > END_MAX {
            return Err(format!("{PEOPLE} people were sent and never appeared"));
        }
        pause(LOOK_EVERY);
    }
    let all = json!({"name": "all", "condition": {"kind": "all", "of": []}});
    let segment = api.post("/api/v1/segments", &all)?["id"].clone();
    server.stop()?;
    Ok(segment)
}

/// Starts a campaign, kills the server in the middle, starts it again and lets
/// the campaign end.
fn one_round(setup: &Setup, segment: &Value, subject: &str, seed: u64) -> Outcome<(Value, u64)> {
    let mut random = Random::new(seed);
    let waited = KILL_MILLIS.start + random.draw() % (KILL_MILLIS.end - KILL_MILLIS.start);
    let server = Server::start(setup)?;
    let api = server.client.sign_in(server::EMAIL, server::PASSWORD)?;
    let campaign = json!({"name": subject, "channel": "email", "segment_id": segment, "control_percent": 10.0,
                          "content": {"subject": subject, "html": "<p>Hello</p>"}});
    let campaign = api.post("/api/v1/campaigns", &campaign)?;
    let path = format!("/api/v1/campaigns/{}", campaign["id"]);
    api.post(&format!("{path}/start"), &json!({}))?;
    pause(Duration::from_millis(waited));
    server.kill()?;

    let server = Server::start(setup)?;
    let api = server.client.sign_in(server::EMAIL, server::PASSWORD)?;
    let began = Instant::now();
    loop {
        let campaign = api.get(&path)?;
        if campaign["state"] == "finished" {
            server.stop()?;
            return Ok((campaign, waited));
        }
        if began.elapsed() > END_MAX {
            return Err(format!("the campaign did not end within {} s: {campaign}", END_MAX.as_secs()));
        }
        pause(LOOK_EVERY);
    }
}

/// How many mails with this subject each address got.
fn received(folder: &Path, subject: &str) -> Outcome<BTreeMap<String, u64>> {
    let mut received = BTreeMap::new();
    let entries = fs::read_dir(folder).map_err(|e| format!("read {}: {e}", folder.display()))?;
    for entry in entries.flatten() {
        let bytes = fs::read(entry.path()).map_err(|e| format!("read a mail: {e}"))?;
        let text = String::from_utf8_lossy(&bytes);
        let header = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        if header("Subject:") == Some(subject) {
            *received.entry(header("To:").unwrap_or_default().to_owned()).or_default() += 1;
        }
    }
    Ok(received)
}

/// Every difference, as a sentence.
fn compare(campaign: &Value, received: &BTreeMap<String, u64>) -> Vec<String> {
    let count = |name: &str| campaign["counts"][name].as_u64().unwrap_or(0);
    let mut problems: Vec<String> = received
        .iter()
        .filter(|(_, times)| **times > 1)
        .map(|(address, times)| format!("{address} got {times} mails"))
        .collect();
    let arrived = received.len() as u64;
    if arrived < count("sent") || arrived > count("sent") + count("unknown") {
        problems.push(format!(
            "{arrived} mails arrived, {} are called sent and {} unknown",
            count("sent"),
            count("unknown")
        ));
    }
    if count("unknown") > UNKNOWN_MAX {
        problems.push(format!(
            "{} are unknown, though at most {UNKNOWN_MAX} calls can have been under way",
            count("unknown")
        ));
    }
    let ends = ["control", "suppressed", "sent", "failed", "unknown", "cancelled"];
    let accounted: u64 = ends.iter().map(|name| count(name)).sum();
    if accounted != count("chosen") || count("chosen") != PEOPLE || count("pending") != 0 {
        problems.push(format!("{accounted} of {} chosen people are accounted for", count("chosen")));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_found() {
        let campaign = |sent: u64, unknown: u64| json!({"counts": {"chosen": PEOPLE, "control": PEOPLE - sent - unknown, "sent": sent, "unknown": unknown}});
        let mails = |counts: &[u64]| {
            counts.iter().enumerate().map(|(n, times)| (format!("p{n}"), *times)).collect::<BTreeMap<_, _>>()
        };
        let cases = [
            (campaign(2, 0), mails(&[1, 1]), 0),
            (campaign(2, 1), mails(&[1, 1]), 0),
            (campaign(2, 1), mails(&[1, 1, 1]), 0),
            (campaign(2, 0), mails(&[1]), 1),
            (campaign(2, 0), mails(&[1, 2]), 1),
            (campaign(1, 0), mails(&[1, 1]), 1),
            (campaign(2, UNKNOWN_MAX), mails(&[1, 1]), 0),
            (campaign(2, UNKNOWN_MAX + 1), mails(&[1, 1]), 1),
            (json!({"counts": {"chosen": PEOPLE, "sent": 1}}), mails(&[1]), 1),
        ];
        for (campaign, received, problems) in cases {
            assert_eq!(compare(&campaign, &received).len(), problems, "{campaign} {received:?}");
        }
    }
}
