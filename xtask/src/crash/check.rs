//! Compares what the server shows with what it acknowledged, event by event.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::sender::{Ledger, round_of};
use crate::Outcome;
use crate::http::Client;
use crate::server::pause;

/// How long applying may take after the last answer.
const APPLY_MAX: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How far back the events themselves are read and compared. The count is always that of all.
#[derive(Clone, Copy)]
pub enum Reach {
    All,
    /// Only what was sent in this round. What earlier ones sent was compared then, and again
    /// by every comparison of all.
    Round(u32),
}

impl Reach {
    fn holds(self, round: Option<u32>) -> bool {
        match self {
            Reach::All => true,
            Reach::Round(this) => round == Some(this),
        }
    }
}

type Event = (String, String);

/// Every difference, as a sentence.
pub fn compare(api: &Client, ledger: &Ledger, reach: Reach) -> Outcome<Vec<String>> {
    let acknowledged = ledger.acknowledged();
    let mut problems = Vec::new();
    let count = wait_for_count(api, acknowledged)?;
    if count != acknowledged {
        problems.push(format!("{acknowledged} events were acknowledged, {count} are counted"));
    }
    let sent = ledger.sent.iter().filter(|sent| sent.acknowledged && reach.holds(Some(sent.round)));
    problems.extend(differences(sent.flat_map(|sent| &sent.events), &kept(api, reach)?));
    Ok(problems)
}

/// Events that are missing, there more than once, or never sent. No event is sent under two numbers.
fn differences<'a>(sent: impl Iterator<Item = &'a Event>, kept: &HashMap<Event, u32>) -> Vec<String> {
    let expected: HashSet<&Event> = sent.collect();
    let mut problems: Vec<String> = expected
        .iter()
        .filter_map(|event| match kept.get(*event) {
            None => Some(format!("{} of {} is lost", event.1, event.0)),
            Some(1) => None,
            Some(times) => Some(format!("{} is there {times} times", event.1)),
        })
        .collect();
    let never = kept.keys().filter(|event| !expected.contains(event));
    problems.extend(never.map(|event| format!("{} of {} was never sent", event.1, event.0)));
    problems.sort();
    problems
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

/// Every kept event in reach: whose it is, its number, and how often it is there.
fn kept(api: &Client, reach: Reach) -> Outcome<HashMap<Event, u32>> {
    let mut kept = HashMap::new();
    let everybody = |person: &Value| Some(person.clone());
    for person in pages(api, "/api/v1/people?limit=200", "cursor", everybody)? {
        let ids = person["identifiers"].as_array().cloned().unwrap_or_default();
        let login = ids.iter().find(|id| id["namespace"] == "login").and_then(|id| id["value"].as_str());
        let login = login.ok_or_else(|| format!("a person without a login: {person}"))?.to_owned();
        let path = format!("/api/v1/people/{}/events?limit=200", person["person"]);
        // Newest first, so the first event of another round ends what is in reach.
        let number = |event: &Value| {
            let number = event["props"]["number"].as_str().unwrap_or_default();
            reach.holds(round_of(number)).then(|| number.to_owned())
        };
        for number in pages(api, &path, "before", number)? {
            *kept.entry((login.clone(), number)).or_default() += 1;
        }
    }
    Ok(kept)
}

/// What `take` makes of the items of all pages, up to the first that it does not want.
fn pages<T>(api: &Client, path: &str, next: &str, take: impl Fn(&Value) -> Option<T>) -> Outcome<Vec<T>> {
    let mut taken = Vec::new();
    let mut from = String::new();
    loop {
        let page = api.get(&format!("{path}{from}"))?;
        for item in page["items"].as_array().into_iter().flatten() {
            match take(item) {
                Some(wanted) => taken.push(wanted),
                None => return Ok(taken),
            }
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => from = format!("&{next}={cursor}"),
            None => return Ok(taken),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_found() {
        let event = |number: &str| ("crash_1".to_owned(), number.to_owned());
        let sent = [event("r3-s0-b0-0"), event("r3-s0-b0-1")];
        type Case = (&'static [(&'static str, u32)], &'static [&'static str]);
        let cases: [Case; 4] = [
            (&[("r3-s0-b0-0", 1), ("r3-s0-b0-1", 1)], &[]),
            (&[("r3-s0-b0-0", 1)], &["r3-s0-b0-1 of crash_1 is lost"]),
            (&[("r3-s0-b0-0", 2), ("r3-s0-b0-1", 1)], &["r3-s0-b0-0 is there 2 times"]),
            (
                &[("r3-s0-b0-0", 1), ("r3-s0-b0-1", 1), ("r9-s0-b0-0", 1)],
                &["r9-s0-b0-0 of crash_1 was never sent"],
            ),
        ];
        for (kept, problems) in cases {
            let kept = kept.iter().map(|(number, times)| (event(number), *times)).collect();
            assert_eq!(differences(sent.iter(), &kept), problems, "{kept:?}");
        }
        assert_eq!(
            [round_of("r3-s0-b0-0"), round_of("r12-s1-b7-3"), round_of("")],
            [Some(3), Some(12), None]
        );
    }
}
