//! Clients that send until the server is gone, and the book of what they were told.

use std::collections::BTreeMap;

use super::clients::{Fact, Record, Way};
use crate::Outcome;
use crate::http::Client;

const BATCH_MAX: u64 = 40;
const PEOPLE: u64 = 100;
/// A batch in so many is sent a second time although it was acknowledged.
const REPEAT_EVERY: u64 = 10;
/// A record in so many is not an event.
const OTHER_EVERY: u64 = 4;

/// One batch and whether the server said that it has it.
pub struct Sent {
    pub round: u32,
    way: Way,
    pub records: Vec<Record>,
    pub acknowledged: bool,
    attempts: u64,
}

impl Sent {
    fn send(&mut self, client: &Client, key: &str) -> Outcome {
        self.attempts += 1;
        self.way.send(client, key, &self.records, self.attempts)
    }

    /// The records that show as events.
    pub fn events(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(|record| self.way.is_event(record.fact))
    }
}

/// What is to be known of a person.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Known {
    pub points: u64,
    pub nick: bool,
    pub device: bool,
}

#[derive(Default)]
pub struct Ledger {
    pub sent: Vec<Sent>,
    /// Rows of files that are events: round, person and number.
    pub rows: Vec<(u32, String, String)>,
}

impl Ledger {
    pub fn add(&mut self, sent: Vec<Sent>) {
        self.sent.extend(sent);
    }

    /// Records that the server said it has, rows of files not counted.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged_sent().map(|sent| sent.records.len() as u64).sum()
    }

    pub fn acknowledged_sent(&self) -> impl Iterator<Item = &Sent> {
        self.sent.iter().filter(|sent| sent.acknowledged)
    }

    /// Events that must be there.
    pub fn events(&self) -> u64 {
        self.acknowledged_sent().map(|sent| sent.events().count() as u64).sum::<u64>()
            + self.rows.len() as u64
    }

    /// Everybody who must be there, with what must be known of them.
    pub fn people(&self) -> BTreeMap<String, Known> {
        let mut people: BTreeMap<String, Known> = BTreeMap::new();
        for record in self.acknowledged_sent().flat_map(|sent| &sent.records) {
            let known = people.entry(record.login.clone()).or_default();
            match record.fact {
                Fact::Event => {}
                Fact::Point => known.points += 1,
                Fact::Nick => known.nick = true,
                Fact::Device => known.device = true,
            }
        }
        for (_, login, _) in &self.rows {
            people.entry(login.clone()).or_default();
        }
        people
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

    /// One of the people of the test.
    pub fn login(&mut self) -> String {
        format!("crash_{}", self.draw() % PEOPLE)
    }
}

/// Sends batch after batch until one fails, which then may be stored or not.
pub fn send_until_dead(client: &Client, key: &str, round: u32, way: Way, seed: u64) -> Vec<Sent> {
    let mut random = Random::new(seed);
    let mut all = Vec::new();
    for batch in 0.. {
        let mut sent = make(&mut random, round, way, batch);
        let alive = sent.send(client, key).is_ok();
        if alive && random.draw().is_multiple_of(REPEAT_EVERY) {
            // An impatient client: the same records again must change nothing.
            let _ = sent.send(client, key);
        }
        sent.acknowledged = alive;
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

fn make(random: &mut Random, round: u32, way: Way, batch: u64) -> Sent {
    let facts = way.facts();
    let count = 1 + random.draw() % BATCH_MAX;
    let record = |index| {
        let other = random.draw().is_multiple_of(OTHER_EVERY);
        let fact = if other { facts[random.draw() as usize % facts.len()] } else { facts[0] };
        Record { login: random.login(), number: format!("r{round}-{way:?}-b{batch}-{index}"), fact }
    };
    let records = (0..count).map(record).collect();
    Sent { round, way, records, acknowledged: false, attempts: 0 }
}

/// Sends what was not acknowledged once more, as every client does.
pub fn resend(client: &Client, key: &str, ledger: &mut Ledger) -> Outcome {
    for sent in ledger.sent.iter_mut().filter(|sent| !sent.acknowledged) {
        sent.send(client, key)?;
        sent.acknowledged = true;
    }
    Ok(())
}
