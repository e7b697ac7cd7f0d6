//! Measures siyu's own answers to the questions of `xtask/peers`. Usage: `beside_peers <folder>
//! <events> load` writes generated events through the event store; the same with `ask` then answers
//! every question over its scans, and at last three of them again, after late events came. These are
//! two programs, so that the first answers are cold and each has its own peak of memory. Prints one
//! JSON object per line.

mod answers;
mod data;
mod measure;
mod people;
mod questions;

use std::path::Path;

use jiff::tz::TimeZone;
use siyu_analytics::Context;
use siyu_events::{EventStore, Remap, ScanRequest, StoreOptions};
use siyu_types::analysis::ANY_EVENT;
use siyu_types::{Error, Result, calendar};

use crate::data::{AS_OF, ZONE};
use crate::people::People;
use crate::questions::Question;

/// That of the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "beside_peers <folder> <events> load|ask [question [rounds]]";
/// Below the folder: the segments, and the state that names them.
const EVENTS: &str = "events";
const STATE: &str = "state.json";
/// Rounds of a question that is asked alone.
const PROFILED: usize = 10;
/// So many events are worth more memory than is shipped.
const MUCH: u64 = 100_000_000;
const MUCH_BYTES: usize = 5 << 30;
/// Asked again after late events and merges: one that counts rows, one that walks people, one of a month.
const ASKED_AGAIN: [&str; 3] = ["trend", "funnel", "segment"];
/// Asked in between, so that nothing of a question is in the processor's caches any more.
const ASKED_BETWEEN: [&str; 2] = ["paths", "last_touch"];

/// What the questions are asked of.
pub(crate) struct World {
    store: EventStore,
    people: People,
    remap: Remap,
    as_of: i64,
    zone: TimeZone,
}

impl World {
    /// Asks of a scan of these columns and events, as the server does; any event means all.
    fn ask<R>(
        &self,
        columns: &[String],
        events: &[String],
        answer: impl FnOnce(&Context<'_>) -> Result<R>,
    ) -> Result<R> {
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        let events = (!events.contains(&ANY_EVENT)).then_some(&events[..]);
        let request = ScanRequest { columns: &columns, events, from: None, to: None, remap: &self.remap };
        let scan = self.store.scan(&request)?;
        answer(&Context { people: &self.people, scan: &scan, as_of: self.as_of, zone: &self.zone })
    }
}

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, events, what, rest @ ..] = &words[..] else { return Err(Error::internal(USAGE)) };
    let folder = Path::new(folder);
    let events = events.parse().map_err(Error::internal)?;
    match what.as_str() {
        "load" => load(folder, events),
        "ask" => ask(folder, events, rest),
        _ => Err(Error::internal(USAGE)),
    }
}

fn load(folder: &Path, events: u64) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let state = data::fill(&folder.join(EVENTS), events)?;
    let state = serde_json::to_vec(&state).map_err(Error::internal)?;
    std::fs::write(folder.join(STATE), state)?;
    measure::fact("load_peak_bytes", measure::peak_bytes());
    // The peers read both while they load.
    People::of(data::users(events)).write(&folder.join("people.csv"))?;
    std::fs::write(folder.join("questions.json"), questions::told(events)?.to_string())?;
    Ok(())
}

fn ask(folder: &Path, events: u64, only: &[String]) -> Result<()> {
    let state = std::fs::read(folder.join(STATE))?;
    let state = serde_json::from_slice(&state).map_err(Error::internal)?;
    let users = data::users(events);
    let mut world = World {
        store: EventStore::open(&folder.join(EVENTS), options(events), Some(&state))?,
        remap: data::merged(users),
        people: People::of(users),
        as_of: AS_OF,
        zone: calendar::zone(ZONE)?,
    };
    let questions = questions::all(users)?;
    if let [only, rounds @ ..] = only {
        let question = questions.iter().find(|question| question.name == *only);
        let question = question.ok_or_else(|| Error::internal("no such question"))?;
        // For a profiler: one question, often enough that its first answer does not show.
        let Some(rounds) = rounds.first() else {
            return (0..PROFILED).try_for_each(|_| measure::report(question.name, || (question.ask)(&world)));
        };
        let rounds: usize = rounds.parse().map_err(Error::internal)?;
        return (0..rounds).try_for_each(|_| (question.ask)(&world).map(drop));
    }
    for question in &questions {
        measure::report(question.name, || (question.ask)(&world))?;
    }
    measure::fact("peak_bytes", measure::peak_bytes());
    ask_again(&mut world, &questions, events)
}

/// As shipped; where there is much, with as much memory as an operator would give it then.
fn options(events: u64) -> StoreOptions {
    let cache_bytes = if events < MUCH { StoreOptions::default().cache_bytes } else { MUCH_BYTES };
    StoreOptions { cache_bytes, ..StoreOptions::default() }
}

/// Times the questions after late events that are not yet checkpointed, and after merges: rounds have put
/// both in their places among what was there.
fn ask_again(world: &mut World, questions: &[Question], events: u64) -> Result<()> {
    let named = |name: &&str| questions.iter().find(|question| question.name == *name);
    let between: Vec<&Question> = ASKED_BETWEEN.iter().filter_map(named).collect();
    let disturb = |world: &World| {
        between.iter().try_for_each(|other| (other.ask)(world).map(drop))?;
        data::a_second();
        Ok(())
    };
    // Others before each question, else the second would find the work done.
    for merges in [false, true] {
        for (share, question) in (0..).zip(ASKED_AGAIN.iter().filter_map(named)) {
            let before = measure::before(|| disturb(world), || (question.ask)(world))?;
            let came = match merges {
                false => data::add_late(world, events, share)?,
                true => data::add_merges(world, data::users(events), share as u32)?,
            };
            measure::report_again(question.name, &came, &before, || (question.ask)(world))?;
        }
    }
    Ok(())
}
