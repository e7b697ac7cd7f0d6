//! Compares what the server shows with what it acknowledged, event by event.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::sender::Ledger;
use crate::Outcome;
use crate::http::Client;
use crate::server::pause;

/// How long applying may take after the last answer.
const APPLY_MAX: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Every difference, as a sentence.
pub fn compare(api: &Client, ledger: &Ledger) -> Outcome<Vec<String>> {
    let mut expected: BTreeMap<(String, String), u32> = BTreeMap::new();
    for event in ledger.sent.iter().filter(|sent| sent.acknowledged).flat_map(|sent| &sent.events) {
        *expected.entry(event.clone()).or_default() += 1;
    }
    let mut problems = Vec::new();
    let count = wait_for_count(api, expected.len() as u64)?;
    if count != expected.len() as u64 {
        problems.push(format!("{} events were acknowledged, {count} are counted", expected.len()));
    }
    let kept = kept(api)?;
    for (event, times) in &expected {
        match kept.get(event) {
            None => problems.push(format!("{} of {} is lost", event.1, event.0)),
            Some(found) if found != times => problems.push(format!("{} is there {found} times", event.1)),
            Some(_) => {}
        }
    }
    for event in kept.keys().filter(|event| !expected.contains_key(*event)) {
        problems.push(format!("{} of {} was never sent", event.1, event.0));
    }
    Ok(problems)
}

/// Waits until as many events are applied; answers what it was in the end.
fn wait_for_count(api: &Client, wanted: u64) -> Outcome<u64> {
    let began = Instant::now();
    loop {
        let names = api.get("/api/v1/events/names")?;
        let of_test =
            names["items"].as_array().into_iter().flatten().find(|item| item["name"] == "crash_test");
        let count = of_test.and_then(|item| item["count"].as_u64()).unwrap_or(0);
        if count >= wanted || began.elapsed() > APPLY_MAX {
            return Ok(count);
        }
        pause(LOOK_EVERY);
    }
}

/// Every kept event: whose it is, its number, and how often it is there.
fn kept(api: &Client) -> Outcome<BTreeMap<(String, String), u32>> {
    let mut kept = BTreeMap::new();
    for person in pages(api, "/api/v1/people?limit=200", "cursor")? {
        let ids = person["identifiers"].as_array().cloned().unwrap_or_default();
        let login = ids.iter().find(|id| id["namespace"] == "login").and_then(|id| id["value"].as_str());
        let login = login.ok_or_else(|| format!("a person without a login: {person}"))?.to_owned();
        let path = format!("/api/v1/people/{}/events?limit=200", person["person"]);
        for event in pages(api, &path, "before")? {
            let number = event["props"]["number"].as_str().unwrap_or_default().to_owned();
            *kept.entry((login.clone(), number)).or_default() += 1;
        }
    }
    Ok(kept)
}

/// The items of all pages.
fn pages(api: &Client, path: &str, next: &str) -> Outcome<Vec<Value>> {
    let mut items = Vec::new();
    let mut from = String::new();
    loop {
        let page = api.get(&format!("{path}{from}"))?;
        items.extend(page["items"].as_array().cloned().unwrap_or_default());
        match page["next_cursor"].as_str() {
            Some(cursor) => from = format!("&{next}={cursor}"),
            None => return Ok(items),
        }
    }
}
