//! Who is erased, and by which ways they come in: siyu's protocol, Sensors' (compressed),
//! Segment's, and a file; beside others in the same requests.

use serde_json::{Value, json};

use crate::Outcome;
use crate::crash::{base64, escaped, gzip};
use crate::http::Client;
use crate::server;
use std::time::{Duration, Instant};

/// They stay.
pub const OTHERS: &[&str] = &["other-ann", "other-bob"];
const APPLIED_MAX: Duration = Duration::from_secs(30);
const HOUR: i64 = 3_600_000;

pub struct Victim {
    login: String,
    phone: String,
    email: String,
    device: String,
    mark: String,
    /// When they did what they did.
    at: i64,
}

pub fn others(client: &Client, key: &str) -> Outcome {
    let at = server::now() as i64 - 2 * HOUR;
    let records: Vec<Value> = OTHERS
        .iter()
        .map(|login| {
            json!({"type": "identify", "id": format!("i-{login}"), "login": login, "time": at,
            "properties": {"name": login}})
        })
        .collect();
    own(client, key, &json!(records))
}

fn own(client: &Client, key: &str, batch: &Value) -> Outcome {
    let body = json!({"batch": batch});
    let client = client.clone().with("authorization", &format!("Bearer {key}"));
    let answer = client.post("/api/v1/collect", &body)?;
    if answer["accepted"].is_null() { Err(format!("refused: {answer}")) } else { Ok(()) }
}

impl Victim {
    pub fn of(round: u32, now: i64) -> Victim {
        Victim {
            login: format!("victim-{round}-q7"),
            phone: format!("139{:08}", 71_000_000 + round),
            email: format!("victim{round}.q7@example.net"),
            device: format!("dev-{round}-9f3c2ab7"),
            mark: format!("MARKZQ{round}Q7"),
            at: now - HOUR,
        }
    }

    pub fn needles(&self) -> Vec<String> {
        [&self.login, &self.phone, &self.email, &self.device, &self.mark].map(String::clone).to_vec()
    }

    pub fn find(&self, api: &Client) -> Outcome<Option<u64>> {
        let found = api.get(&format!("/api/v1/people?query={}", self.login))?;
        Ok(found["items"][0]["person"].as_u64())
    }

    /// Comes in by every way, and is written about.
    pub fn arrive(&self, client: &Client, api: &Client, key: &str) -> Outcome {
        self.send(client, api, key, "first")?;
        let began = Instant::now();
        let person = loop {
            let found = self.find(api)?;
            let all = found.map(|person| api.get(&format!("/api/v1/people/{person}"))).transpose()?;
            match (found, all) {
                // Own, Sensors, Segment; the file brings an attribute.
                (Some(person), Some(all))
                    if all["stats"]["events"] == 4 && !all["attributes"]["note"].is_null() =>
                {
                    break person;
                }
                _ if began.elapsed() > APPLIED_MAX => return Err("what was sent is not applied".to_owned()),
                _ => server::pause(Duration::from_millis(20)),
            }
        };
        let note = json!({"text": format!("{} rang from {}", self.mark, self.phone)});
        api.post(&format!("/api/v1/people/{person}/notes"), &note)?;
        Ok(())
    }

    /// What was on its way when they were erased.
    pub fn come_late(&self, client: &Client, api: &Client, key: &str) -> Outcome {
        let before = OTHERS.iter().map(|login| events(api, login)).sum::<Outcome<u64>>()?;
        self.send(client, api, key, "late")?;
        let began = Instant::now();
        // What came beside it is applied, so it was looked at.
        while OTHERS.iter().map(|login| events(api, login)).sum::<Outcome<u64>>()? < before + 2 {
            if began.elapsed() > APPLIED_MAX {
                return Err("what came beside late data is not applied".to_owned());
            }
            server::pause(Duration::from_millis(20));
        }
        Ok(())
    }

    fn send(&self, client: &Client, api: &Client, key: &str, way: &str) -> Outcome {
        let Victim { login, phone, email, device, mark, at } = self;
        let id = |what: &str| format!("{what}-{way}-{login}");
        own(
            client,
            key,
            &json!([
                {"type": "track", "id": id("a"), "device": device, "event": "seen", "time": at, "properties": {"note": mark}},
                {"type": "track", "id": format!("b-{way}-{at}"), "login": OTHERS[0], "event": "seen", "time": at, "properties": {"note": "x"}},
                {"type": "identify", "id": id("c"), "login": login, "device": device, "time": at,
                 "identifiers": {"phone": phone, "email": email}, "properties": {"name": mark}},
                {"type": "track", "id": id("d"), "login": login, "event": "future", "time": at + 90 * 24 * HOUR, "properties": {"note": mark}},
                {"type": "track", "id": id("e"), "login": login, "event": "seen", "time": at, "properties": {"note": mark}},
            ]),
        )?;
        let sensors = |who: &str, note: &str| {
            json!({"type": "track", "event": format!("sensors_{way}"), "distinct_id": who, "time": at, "_track_id": 7,
                "properties": {"$is_login_id": true, "note": note, "of": login.len()}})
        };
        let list = json!([sensors(login, mark), sensors(OTHERS[1], &format!("beside {way} {at}"))]);
        let data = escaped(&base64(&gzip(list.to_string().as_bytes())));
        let body = format!("data_list={data}&gzip=1");
        let path = format!("/sa?project=default&token={key}");
        client.send("POST", &path, "application/x-www-form-urlencoded", body.as_bytes())?;
        let segment = json!({"batch": [{"type": "track", "event": "segment_seen", "userId": login,
            "messageId": id("s"), "originalTimestamp": at, "timestamp": at, "properties": {"note": mark}}]});
        let basic = format!("Basic {}", base64(format!("{key}:").as_bytes()));
        client.clone().with("authorization", &basic).post("/v1/batch", &segment)?;
        if way == "first" {
            let mapping =
                json!({"kind": "people", "columns": {"login": {"to": "login"}, "note": {"to": "property"}}});
            let rows = format!("login,note\r\n{login},{mark}\r\n,{mark} {login}\r\n");
            api.upload(
                "/api/v1/imports",
                ("people.csv", rows.as_bytes()),
                ("mapping", &mapping.to_string()),
            )?;
        }
        Ok(())
    }
}

fn events(api: &Client, login: &str) -> Outcome<u64> {
    let found = api.get(&format!("/api/v1/people?query={login}"))?;
    let person = found["items"][0]["person"].as_u64().ok_or("somebody else is gone")?;
    let all = api.get(&format!("/api/v1/people/{person}"))?;
    Ok(all["stats"]["events"].as_u64().unwrap_or(0))
}
