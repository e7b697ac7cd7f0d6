//! Events for measurements: any number of them, made from hashes of session and
//! index alone, so that every engine can be given the same rows in any order.

use siyu_types::clock::Millis;
use siyu_types::record::{Body, Evidence, Identifier, key_of, names};
use siyu_types::{Props, Record, Value};

use crate::random::mix;

pub const EVENT_NAMES: u64 = 64;
pub const CHANNELS: u64 = 12;
pub const PAGES: u64 = 2_000;
/// The one event that carries an amount.
pub const PAID: u8 = 3;
const SESSION_EVENTS_MAX: u64 = 9;
const DAY: u64 = 86_400_000;

/// How many rows, of whom, and over which time.
#[derive(Clone, Copy, Debug)]
pub struct ScaleOptions {
    pub sessions: u64,
    pub users: u32,
    pub from: Millis,
    pub days: u32,
}

impl ScaleOptions {
    /// About so many events: a session holds five on average.
    pub fn of_events(events: u64, from: Millis) -> ScaleOptions {
        let users = (events / 20).clamp(100, 10_000_000) as u32;
        ScaleOptions { sessions: events / 5, users, from, days: 90 }
    }
}

/// One row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScaleEvent {
    /// The same for a row and its duplicate.
    pub key: u64,
    pub user: u32,
    pub time: Millis,
    pub received_at: Millis,
    pub name: u8,
    pub channel: u8,
    pub page: u16,
    pub amount_minor: Option<i64>,
}

/// All rows: sessions one after another, each in its own order.
pub fn scale(options: ScaleOptions) -> impl Iterator<Item = ScaleEvent> {
    (0..options.sessions).flat_map(move |session| session_events(options, session))
}

fn session_events(options: ScaleOptions, session: u64) -> impl Iterator<Item = ScaleEvent> {
    let hash = mix(session);
    let user = skewed(hash, u64::from(options.users), 2) as u32;
    let span = u64::from(options.days) * DAY;
    let start = options.from + (mix(hash ^ 1) % span) as Millis;
    let channel = (mix(hash ^ 2) % CHANNELS) as u8;
    // One session in a hundred arrives up to ten days late.
    let late = if mix(hash ^ 3).is_multiple_of(100) { mix(hash ^ 4) % (10 * DAY) } else { 0 };
    let events = 1 + mix(hash ^ 5) % SESSION_EVENTS_MAX;
    (0..events).flat_map(move |index| {
        let hash = mix(hash.wrapping_add(index << 8));
        // One event in fifty shares the instant of the one before it.
        let minutes = index - u64::from(index > 0 && hash.is_multiple_of(50));
        let time = start + (minutes * 47_000) as Millis;
        let name = skewed(mix(hash ^ 6), EVENT_NAMES, 3) as u8;
        let row = ScaleEvent {
            key: hash,
            user,
            time,
            received_at: time + 1_000 + late as Millis,
            name,
            channel,
            page: skewed(mix(hash ^ 7), PAGES, 2) as u16,
            amount_minor: (name == PAID).then(|| 100 + (mix(hash ^ 8) % 50_000) as i64),
        };
        let copies = 1 + usize::from(mix(hash ^ 9) % 100 < 3);
        std::iter::repeat_n(row, copies)
    })
}

/// From `0..below`, small numbers more often the higher the power.
fn skewed(hash: u64, below: u64, power: i32) -> u64 {
    let unit = (hash >> 11) as f64 / (1u64 << 53) as f64;
    ((unit.powi(power) * below as f64) as u64).min(below - 1)
}

impl ScaleEvent {
    pub fn event_name(&self) -> String {
        if self.name == PAID { names::ORDER_PAID.to_owned() } else { format!("e{:02}", self.name) }
    }

    /// The login that a row belongs to; one user in two hundred also has another
    /// login, which a link joins to the first.
    pub fn login(&self) -> String {
        let second = self.user.is_multiple_of(200) && self.key.is_multiple_of(2);
        if second { format!("u{}b", self.user) } else { format!("u{}", self.user) }
    }

    pub fn record(&self) -> Record {
        let mut props = Props::from([
            ("channel".to_owned(), Value::Text(format!("channel_{}", self.channel))),
            ("path".to_owned(), Value::Text(format!("/p/{}", self.page))),
        ]);
        if let Some(amount) = self.amount_minor {
            props.insert("amount_minor".to_owned(), Value::Number(amount as f64));
        }
        Record {
            key: key_of(&[&self.key.to_le_bytes()]),
            time: self.time,
            received_at: self.received_at,
            ids: vec![Identifier::new("login", self.login())],
            evidence: Evidence::Weak,
            body: Body::Event { name: self.event_name(), props },
            source: "scale".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn shares_are_as_described() {
        let options = ScaleOptions::of_events(200_000, 0);
        let rows: Vec<ScaleEvent> = scale(options).collect();
        let all = rows.len() as f64;
        assert!((190_000.0..220_000.0).contains(&all), "{all} rows");
        let mut keys: BTreeMap<u64, u64> = BTreeMap::new();
        rows.iter().for_each(|row| *keys.entry(row.key).or_default() += 1);
        let duplicates = keys.values().filter(|count| **count > 1).count() as f64 / keys.len() as f64;
        assert!((0.025..0.035).contains(&duplicates), "{duplicates} duplicated");
        let late = rows.iter().filter(|row| row.received_at - row.time > 1_000).count() as f64 / all;
        assert!((0.005..0.015).contains(&late), "{late} late");
        let first = rows.iter().filter(|row| row.name == 0).count() as f64 / all;
        assert!((0.2..0.3).contains(&first), "{first} of the commonest event");
        assert_eq!(rows, scale(options).collect::<Vec<_>>());
    }
}
