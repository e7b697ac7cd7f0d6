//! How a client of each protocol says the same things.

use serde_json::{Value, json};

use super::packing::{base64, escaped, gzip, java_hash};
use crate::Outcome;
use crate::http::Client;

pub const EVENT: &str = "crash_test";
pub const SIGN_UP: &str = "$SignUp";

/// What one record says of a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fact {
    /// Something happened.
    Event,
    /// One point more: counted twice or not at all, the sum is wrong.
    Point,
    /// An attribute, the same whenever it is set.
    Nick,
    /// The person's device.
    Device,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    pub login: String,
    /// Its own, and that of no other.
    pub number: String,
    pub fact: Fact,
}

pub fn nick(login: &str) -> String {
    format!("nick of {login}")
}

pub fn device(login: &str) -> String {
    format!("device-of-{login}")
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    Own,
    Sensors,
    Segment,
    Webhook,
}

/// Every protocol that clients speak.
pub const WAYS: &[Way] = &[Way::Own, Way::Sensors, Way::Segment, Way::Webhook];

/// The forms in which Sensors' clients send a batch.
const FORMS: u64 = 3;

impl Way {
    /// What clients of this protocol can say; the first most often.
    pub fn facts(self) -> &'static [Fact] {
        match self {
            Way::Own | Way::Sensors => &[Fact::Event, Fact::Point, Fact::Nick, Fact::Device],
            Way::Segment => &[Fact::Event, Fact::Nick, Fact::Device],
            Way::Webhook => &[Fact::Event],
        }
    }

    /// Whether the record shows among the events of its person.
    pub fn is_event(self, fact: Fact) -> bool {
        fact == Fact::Event || (self, fact) == (Way::Sensors, Fact::Device)
    }

    /// Sends a batch; an error if the server did not say that it has it. The attempt is
    /// told to protocols whose clients send a repetition with other bytes.
    pub fn send(self, client: &Client, key: &str, records: &[Record], attempt: u64) -> Outcome {
        match self {
            Way::Own => own(client, key, records),
            Way::Sensors => sensors(client, key, records, attempt),
            Way::Segment => segment(client, key, records),
            Way::Webhook => webhook(client, key, records),
        }
    }
}

/// The mapping that reads the bodies of [`Way::Webhook`].
pub fn hook_mapping() -> Value {
    json!({"list": "/orders", "event": {"always": EVENT}, "id": {"at": "/no"},
        "identifiers": {"login": {"at": "/buyer"}}, "properties": {"number": {"take": {"at": "/no"}}}})
}

fn own(client: &Client, key: &str, records: &[Record]) -> Outcome {
    let item = |record: &Record| {
        let (login, id) = (&record.login, &record.number);
        match record.fact {
            Fact::Event => json!({"type": "track", "id": id, "event": EVENT, "login": login,
                "properties": {"number": id}}),
            Fact::Point => json!({"type": "profile_increment", "id": id, "login": login,
                "properties": {"points": 1}}),
            Fact::Nick => json!({"type": "profile_set", "id": id, "login": login,
                "properties": {"nick": nick(login)}}),
            Fact::Device => json!({"type": "identify", "id": id, "login": login, "device": device(login)}),
        }
    };
    let body = json!({"batch": records.iter().map(item).collect::<Vec<_>>()});
    let client = client.clone().with("authorization", &format!("Bearer {key}"));
    let answer = client.post("/api/v1/collect", &body)?;
    let accepted = answer["accepted"].as_u64().unwrap_or(0);
    if accepted == records.len() as u64 { Ok(()) } else { Err(format!("accepted only {accepted}: {answer}")) }
}

/// As web pages, mini-programs and phones send their batches: plain, base64, and
/// base64 of gzip with a checksum. Every attempt has a flush time of its own.
fn sensors(client: &Client, key: &str, records: &[Record], attempt: u64) -> Outcome {
    let item = |record: &Record| {
        let login = &record.login;
        let mut item = json!({"distinct_id": login, "login_id": login, "lib": {"$lib": "js"},
            "identities": {"$identity_login_id": login}, "_track_id": record.number,
            "_flush_time": 1_795_302_808_861_u64 + attempt});
        let (kind, properties) = match record.fact {
            Fact::Event => ("track", json!({"number": record.number})),
            Fact::Point => ("profile_increment", json!({"points": 1})),
            Fact::Nick => ("profile_set", json!({"nick": nick(login)})),
            Fact::Device => ("track_signup", json!({"number": record.number})),
        };
        item["type"] = json!(kind);
        item["properties"] = properties;
        match record.fact {
            Fact::Event => item["event"] = json!(EVENT),
            Fact::Device => {
                item["event"] = json!(SIGN_UP);
                item["original_id"] = json!(device(login));
            }
            Fact::Point | Fact::Nick => {}
        }
        item
    };
    let items = json!(records.iter().map(item).collect::<Vec<_>>()).to_string();
    let body = match (attempt + records.len() as u64) % FORMS {
        0 => items,
        1 => format!("data_list={}", escaped(&base64(items.as_bytes()))),
        _ => {
            let text = base64(&gzip(items.as_bytes()));
            format!("crc={}&gzip=1&data_list={}", java_hash(&text), escaped(&text))
        }
    };
    succeeded(client, &format!("/sa?project=default&token={key}"), "text/plain", &body)
}

fn segment(client: &Client, key: &str, records: &[Record]) -> Outcome {
    let item = |record: &Record| {
        let (login, id) = (&record.login, &record.number);
        match record.fact {
            Fact::Event | Fact::Point => json!({"type": "track", "messageId": id, "userId": login,
                "event": EVENT, "properties": {"number": id}}),
            Fact::Nick => json!({"type": "identify", "messageId": id, "userId": login,
                "traits": {"nick": nick(login)}}),
            Fact::Device => json!({"type": "identify", "messageId": id, "userId": login,
                "anonymousId": device(login)}),
        }
    };
    let body = json!({"batch": records.iter().map(item).collect::<Vec<_>>()}).to_string();
    let basic = base64(format!("{key}:").as_bytes());
    let client = client.clone().with("authorization", &format!("Basic {basic}"));
    succeeded(&client, "/v1/batch", "application/json", &body)
}

fn webhook(client: &Client, key: &str, records: &[Record]) -> Outcome {
    let item = |record: &Record| json!({"buyer": record.login, "no": record.number});
    let body = json!({"orders": records.iter().map(item).collect::<Vec<_>>()}).to_string();
    succeeded(client, &format!("/hook/{key}"), "application/json", &body)
}

fn succeeded(client: &Client, path: &str, content_type: &str, body: &str) -> Outcome {
    let answer = client.send("POST", path, content_type, body.as_bytes())?;
    match answer.status {
        200..300 => Ok(()),
        status => Err(format!("{path} answered {status}")),
    }
}
