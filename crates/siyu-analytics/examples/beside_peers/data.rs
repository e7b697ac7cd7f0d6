//! The events: written once per key, as ingestion would; and the late ones.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use siyu_events::{EventRow, EventStore, Remap, StoreOptions, StoreState};
use siyu_testkit::scale::{ScaleEvent, ScaleOptions, scale};
use siyu_types::record::Body;
use siyu_types::{PersonNo, Result};

use crate::{World, measure};

pub(crate) const ZONE: &str = "Asia/Shanghai";
/// 2026-08-23T16:00:00Z: midnight of a Monday in Shanghai, 90 days before the questions' day.
pub(crate) const FROM: i64 = 1_787_500_800_000;
pub(crate) const DAYS: u32 = 90;
/// The last instant of the last day.
pub(crate) const AS_OF: i64 = END - 1;
const END: i64 = FROM + DAYS as i64 * 86_400_000;
const CHECKPOINT_ROWS: usize = 1_000_000;
/// One user in so many has a second number, which a merge joins to the first.
pub(crate) const MERGED_EVERY: u32 = 200;
/// Of late events before a question there are so many, or one of so many of all if these are fewer.
const LATE_EVENTS: u64 = 1_000_000;
const LATE_SHARE: u64 = 20;
/// They arrive after everything that was loaded.
const LATE_SEQ: u64 = 1 << 40;

fn options(events: u64) -> ScaleOptions {
    ScaleOptions { days: DAYS, ..ScaleOptions::of_events(events, FROM) }
}

pub(crate) fn users(events: u64) -> u32 {
    options(events).users
}

/// The rows without duplicates. Sessions that start late on the last day run past the range, and
/// are cut there, since the peers have no "as of".
fn rows(options: ScaleOptions) -> impl Iterator<Item = ScaleEvent> {
    let mut last = None;
    scale(options).filter(move |event| event.time < END && last.replace(*event) != Some(*event))
}

fn row(event: ScaleEvent, users: u32, seq: u64) -> Option<EventRow> {
    let second = event.user.is_multiple_of(MERGED_EVERY) && event.key.is_multiple_of(2);
    let person = if second { users + event.user / MERGED_EVERY } else { event.user };
    let record = event.record();
    let Body::Event { name, props } = record.body else { return None };
    Some(EventRow {
        person: PersonNo(person),
        time: event.time,
        seq,
        name,
        props,
        ids: record.ids,
        source: record.source,
        received_at: event.received_at,
    })
}

/// Which numbers belong to whom.
pub(crate) fn merged(users: u32) -> Remap {
    let firsts = || (0..users).step_by(MERGED_EVERY as usize);
    let second = |first: u32| users + first / MERGED_EVERY;
    let mut remap = Remap::alone(second(users));
    firsts().for_each(|first| remap.join(&[first, second(first)]));
    remap
}

/// Writes all events and compacts.
pub(crate) fn fill(folder: &Path, events: u64) -> Result<StoreState> {
    // What an earlier run left would be set aside and found by the peers.
    let _ = std::fs::remove_dir_all(folder);
    let store = EventStore::open(folder, StoreOptions::default(), None)?;
    let options = options(events);
    let (mut batch, mut seq) = (Vec::new(), 0);
    let begin = Instant::now();
    for event in rows(options) {
        seq += 1;
        batch.extend(row(event, options.users, seq));
        if batch.len() == CHECKPOINT_ROWS {
            store.append(std::mem::take(&mut batch))?;
            let state = store.checkpoint()?;
            // As a server does in the background: each segment is an open file.
            store.compact()?;
            store.retire(&state)?;
        }
    }
    store.append(batch)?;
    store.checkpoint()?;
    store.compact()?;
    let state = store.checkpoint()?;
    store.retire(&state)?;
    let stats = store.stats();
    measure::fact("events", stats.events);
    measure::fact("disk_bytes", stats.disk_bytes);
    measure::fact("load_millis", begin.elapsed().as_millis() as u64);
    Ok(state)
}

/// What came after the questions were asked.
pub(crate) struct Came {
    pub(crate) what: &'static str,
    count: u64,
    /// The longest round in which it was put in its place.
    pub(crate) longest_millis: f64,
}

/// In so many seconds it comes; after each there is a round, as there is in the server.
const SECONDS: usize = 10;
/// So often a tick is a little more than a second, for which freed memory stays with the allocator.
const TICKS: usize = 11;
const TICK: Duration = Duration::from_millis(100);
/// Of so many numbers one is merged with another: 10,000 merges where there are a million people.
const MERGES_EVERY: u32 = 100;

/// Appends the next part of the late events: sessions of the same people and days beyond those that were loaded.
pub(crate) fn add_late(world: &World, events: u64, share: u64) -> Result<Came> {
    let loaded = options(events);
    let of = LATE_SHARE.max(events / LATE_EVENTS);
    let more = |shares: u64| ScaleOptions { sessions: loaded.sessions * (of + shares) / of, ..loaded };
    let known = rows(more(share)).count();
    let late = rows(more(share + 1)).skip(known).zip(LATE_SEQ + known as u64..);
    let late: Vec<EventRow> = late.filter_map(|(event, seq)| row(event, loaded.users, seq)).collect();
    let mut came = Came { what: "late events", count: late.len() as u64, longest_millis: 0.0 };
    for second in late.chunks(late.len().div_ceil(SECONDS).max(1)) {
        world.store.append(second.to_vec())?;
        came.round(world)?;
    }
    a_second();
    Ok(came)
}

/// Merges people of the first half with people of the other, each time others; all of them have had one number.
pub(crate) fn add_merges(world: &mut World, users: u32, share: u32) -> Result<Came> {
    let half = users / 2;
    let firsts: Vec<u32> = (share + 1..half).step_by(MERGES_EVERY as usize).collect();
    let mut came = Came { what: "merges", count: firsts.len() as u64, longest_millis: 0.0 };
    for second in firsts.chunks(firsts.len().div_ceil(SECONDS).max(1)) {
        second.iter().for_each(|first| world.remap.join(&[*first, first + half]));
        came.round(world)?;
    }
    a_second();
    Ok(came)
}

/// A second passes, in which freed memory is given back, as in the server.
pub(crate) fn a_second() {
    for _ in 0..TICKS {
        std::thread::park_timeout(TICK);
        siyu_events::give_back();
    }
}

impl Came {
    pub(crate) fn told(&self) -> Value {
        json!({"what": self.what, "count": self.count, "round_millis": self.longest_millis})
    }

    fn round(&mut self, world: &World) -> Result<()> {
        let begin = Instant::now();
        world.store.keep_ready(|with| with(&world.remap))?;
        self.longest_millis = self.longest_millis.max(begin.elapsed().as_secs_f64() * 1_000.0);
        Ok(())
    }
}
