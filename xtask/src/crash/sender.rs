//! Clients that send until the server is gone, and the book of what they were told.

use serde_json::{Value, json};

use crate::Outcome;
use crate::http::Client;

const BATCH_MAX: u64 = 40;
const PEOPLE: u64 = 100;
/// A batch in so many is sent a second time although it was acknowledged.
const REPEAT_EVERY: u64 = 10;

/// One batch and whether the server said that it has it.
pub struct Sent {
    pub round: u32,
    /// Until it is acknowledged; nobody sends it again after that.
    body: Option<Value>,
    /// The person and the number of every event, as the server must show them.
    pub events: Vec<(String, String)>,
    pub acknowledged: bool,
}

impl Sent {
    fn acknowledge(&mut self) {
        self.acknowledged = true;
        self.body = None;
    }
}

#[derive(Default)]
pub struct Ledger {
    pub sent: Vec<Sent>,
}

impl Ledger {
    pub fn add(&mut self, sent: Vec<Sent>) {
        self.sent.extend(sent);
    }

    /// Events that the server said it has.
    pub fn acknowledged(&self) -> u64 {
        self.sent.iter().filter(|sent| sent.acknowledged).map(|sent| sent.events.len() as u64).sum()
    }
}

/// SplitMix64.
pub struct Random {
    state: u64,
}

impl Random {
    pub fn new(seed: u64) -> Random {
        Random { state: seed }
    }

    pub fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Sends batch after batch until one fails, which then may be stored or not.
pub fn send_until_dead(client: &Client, round: u32, sender: u64, seed: u64) -> Vec<Sent> {
    let mut random = Random::new(seed);
    let mut all = Vec::new();
    for batch in 0.. {
        let mut sent = make(&mut random, round, &format!("s{sender}-b{batch}"));
        let alive = post(client, &sent).is_ok();
        if alive && random.draw().is_multiple_of(REPEAT_EVERY) {
            // An impatient client: the same ids again must change nothing.
            let _ = post(client, &sent);
        }
        if alive {
            sent.acknowledge();
        }
        all.push(sent);
        if !alive {
            break;
        }
    }
    all
}

/// The round in the number of an event.
pub fn round_of(number: &str) -> Option<u32> {
    number.strip_prefix('r')?.split('-').next()?.parse().ok()
}

fn make(random: &mut Random, round: u32, name: &str) -> Sent {
    let events: Vec<(String, String)> = (0..1 + random.draw() % BATCH_MAX)
        .map(|index| (format!("crash_{}", random.draw() % PEOPLE), format!("r{round}-{name}-{index}")))
        .collect();
    let item = |(login, number): &(String, String)| {
        json!({"type": "track", "id": number, "event": "crash_test", "login": login,
               "properties": {"number": number}})
    };
    let body = json!({"batch": events.iter().map(item).collect::<Vec<_>>()});
    Sent { round, body: Some(body), events, acknowledged: false }
}

fn post(client: &Client, sent: &Sent) -> Outcome {
    let body = sent.body.as_ref().ok_or("this batch was acknowledged already")?;
    let answer = client.post("/api/v1/collect", body)?;
    let accepted = answer["accepted"].as_u64().unwrap_or(0);
    if accepted == sent.events.len() as u64 {
        Ok(())
    } else {
        Err(format!("accepted only {accepted}: {answer}"))
    }
}

/// Sends what was not acknowledged once more, as every client of ours does.
pub fn resend(address: &str, key: &str, ledger: &mut Ledger) -> Outcome {
    let client = Client::new(address).with("authorization", &format!("Bearer {key}"));
    for sent in ledger.sent.iter_mut().filter(|sent| !sent.acknowledged) {
        post(&client, sent)?;
        sent.acknowledge();
    }
    Ok(())
}
