//! Compares what the server shows with what it acknowledged: event by event, and person
//! by person.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::clients::{EVENT, SIGN_UP, device, nick};
use super::sender::{Known, Ledger, round_of};
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

/// What the server shows.
#[derive(Default)]
struct Kept {
    /// Every event in reach: whose it is, its number, and how often it is there.
    events: HashMap<Event, u32>,
    people: BTreeMap<String, Known>,
    problems: Vec<String>,
}

/// Every difference, as a sentence.
pub fn compare(api: &Client, ledger: &Ledger, reach: Reach) -> Outcome<Vec<String>> {
    let acknowledged = ledger.events();
    let mut problems = Vec::new();
    let count = wait_for_count(api, acknowledged)?;
    if count != acknowledged {
        problems.push(format!("{acknowledged} events were acknowledged, {count} are counted"));
    }
    let sent = ledger.acknowledged_sent().filter(|sent| reach.holds(Some(sent.round)));
    let events = sent.flat_map(|sent| sent.events().map(|one| (one.login.clone(), one.number.clone())));
    let rows = ledger.rows.iter().filter(|row| reach.holds(Some(row.0)));
    let rows = rows.map(|(_, login, number)| (login.clone(), number.clone()));
    let kept = kept(api, reach)?;
    problems.extend(differences(events.chain(rows), &kept.events));
    problems.extend(strangers(&ledger.people(), &kept.people));
    problems.extend(kept.problems);
    Ok(problems)
}

/// Events that are missing, there more than once, or never sent. No event is sent under two numbers.
fn differences(sent: impl Iterator<Item = Event>, kept: &HashMap<Event, u32>) -> Vec<String> {
    let expected: HashSet<Event> = sent.collect();
    let mut problems: Vec<String> = expected
        .iter()
        .filter_map(|event| match kept.get(event) {
            None => Some(format!("{} of {} is lost", event.1, event.0)),
            Some(1) => None,
            Some(times) => Some(format!("{} is there {times} times", event.1)),
        })
        .collect();
    let never = kept.keys().filter(|event| !expected.contains(*event));
    problems.extend(never.map(|event| format!("{} of {} was never sent", event.1, event.0)));
    problems.sort();
    problems
}

/// People who are missing, never named, or known otherwise than was said of them.
fn strangers(expected: &BTreeMap<String, Known>, kept: &BTreeMap<String, Known>) -> Vec<String> {
    let wrong = expected.iter().filter_map(|(login, known)| match kept.get(login) {
        None => Some(format!("{login} is nobody")),
        Some(found) if found == known => None,
        Some(found) => Some(format!("of {login} is to be known {known:?}, and known is {found:?}")),
    });
    let never = kept.keys().filter(|login| !expected.contains_key(*login));
    wrong.chain(never.map(|login| format!("nobody ever named {login}"))).collect()
}

/// Waits until as many events are applied; answers what it was in the end.
fn wait_for_count(api: &Client, wanted: u64) -> Outcome<u64> {
    let began = Instant::now();
    loop {
        let names = api.get("/api/v1/events/names")?;
        let of_test = names["items"].as_array().into_iter().flatten();
        let of_test = of_test.filter(|item| item["name"] == EVENT || item["name"] == SIGN_UP);
        let count = of_test.filter_map(|item| item["count"].as_u64()).sum();
        if count >= wanted || began.elapsed() > APPLY_MAX {
            return Ok(count);
        }
        pause(LOOK_EVERY);
    }
}

fn kept(api: &Client, reach: Reach) -> Outcome<Kept> {
    let mut kept = Kept::default();
    let everybody = |person: &Value| Some(person["person"].clone());
    for number in pages(api, "/api/v1/people?limit=200", "cursor", everybody)? {
        let person = api.get(&format!("/api/v1/people/{number}"))?;
        let (login, known) = known(&person).ok_or_else(|| format!("a person without a login: {person}"))?;
        let path = format!("/api/v1/people/{number}/events?limit=200");
        // Newest first, so the first event of another round ends what is in reach.
        let number = |event: &Value| {
            let number = event["props"]["number"].as_str().unwrap_or_default();
            reach.holds(round_of(number)).then(|| number.to_owned())
        };
        for number in pages(api, &path, "before", number)? {
            *kept.events.entry((login.clone(), number)).or_default() += 1;
        }
        let nick_there = &person["attributes"]["nick"];
        if !nick_there.is_null() && *nick_there != nick(&login).as_str() {
            kept.problems.push(format!("{login} is called {nick_there}"));
        }
        if kept.people.insert(login.clone(), known).is_some() {
            kept.problems.push(format!("{login} is two people"));
        }
    }
    Ok(kept)
}

/// The login of a person and what is known of them; a device of somebody else is not known.
fn known(person: &Value) -> Option<(String, Known)> {
    let ids = person["identifiers"].as_array()?;
    let of = |namespace: &str| {
        let ids = ids.iter().filter(move |id| id["namespace"] == namespace);
        ids.filter_map(|id| id["value"].as_str()).collect::<Vec<_>>()
    };
    let (logins, devices) = (of("login"), of("device"));
    let [login] = logins[..] else { return None };
    let attributes = &person["attributes"];
    let known = Known {
        points: attributes["points"].as_f64().unwrap_or(0.0) as u64,
        nick: attributes["nick"].is_string(),
        device: devices == [device(login)],
    };
    (devices.is_empty() || known.device).then(|| (login.to_owned(), known))
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
    use serde_json::json;

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
            assert_eq!(differences(sent.iter().cloned(), &kept), problems, "{kept:?}");
        }
        assert_eq!(
            [round_of("r3-s0-b0-0"), round_of("r12-s1-b7-3"), round_of("")],
            [Some(3), Some(12), None]
        );
    }

    #[test]
    fn people_are_known_as_was_said() {
        let person = |logins: &[&str], devices: &[&str]| {
            let id = |namespace: &str, value: &str| json!({"namespace": namespace, "value": value});
            let ids: Vec<Value> = (logins.iter().map(|login| id("login", login)))
                .chain(devices.iter().map(|device| id("device", device)))
                .collect();
            json!({"identifiers": ids, "attributes": {"points": 2, "nick": nick("a")}})
        };
        let expected = Known { points: 2, nick: true, device: true };
        assert_eq!(known(&person(&["a"], &["device-of-a"])), Some(("a".to_owned(), expected.clone())));
        assert_eq!(known(&person(&["a"], &["device-of-b"])), None);
        assert_eq!(known(&person(&["a", "b"], &[])), None, "two people became one");
        let one = |login: &str, known: &Known| BTreeMap::from([(login.to_owned(), known.clone())]);
        assert!(strangers(&one("a", &expected), &one("a", &expected)).is_empty());
        let more = Known { points: 3, ..expected.clone() };
        assert_eq!(strangers(&one("a", &expected), &one("a", &more)).len(), 1, "a point counted twice");
        assert_eq!(strangers(&one("a", &expected), &one("b", &expected)).len(), 2);
    }
}
