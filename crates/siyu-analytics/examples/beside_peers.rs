//! Measures siyu's own answers to the questions of `xtask/peers/peers.py`: generated
//! events through the event store, then trend, funnel and segment over its scans.
//! Usage: `beside_peers <folder> <events>`; prints one JSON object per line.

use std::path::{Path, PathBuf};
use std::time::Instant;

use roaring::RoaringBitmap;
use rustc_hash::FxHashSet;
use serde_json::json;
use siyu_analytics::analyses::{funnel, trend};
use siyu_analytics::{AttributeColumn, Context, PersonColumns, conditions};
use siyu_events::{EventRow, EventStore, Remap, Scan, ScanRequest, StoreOptions};
use siyu_testkit::scale::{ScaleOptions, scale};
use siyu_types::analysis::{
    Breakdown, DateRange, EventMatch, FunnelQuery, FunnelWindow, Interval, Measure, TrendQuery, TrendSeries,
};
use siyu_types::condition::{Compare, Condition, EventCondition, PersonMeasure};
use siyu_types::relation::RelationSide;
use siyu_types::{PersonNo, Result, calendar};

const ROUNDS: usize = 5;
const ZONE: &str = "Asia/Shanghai";
/// 2026-08-23T16:00:00Z: midnight in Shanghai, 90 days before the questions' day.
const FROM: i64 = 1_787_500_800_000;
const DAYS: u32 = 90;
const CHECKPOINT_ROWS: usize = 1_000_000;
const STEPS: [&str; 3] = ["e00", "e01", "e02"];

struct Everybody(RoaringBitmap);

impl PersonColumns for Everybody {
    fn universe(&self) -> &RoaringBitmap {
        &self.0
    }
    fn attribute(&self, _name: &str) -> Option<AttributeColumn<'_>> {
        None
    }
    fn tag(&self, _id: i64) -> Option<AttributeColumn<'_>> {
        None
    }
    fn segment(&self, _id: i64) -> Option<&RoaringBitmap> {
        None
    }
    fn related(&self, _: &str, _: RelationSide, _: i64) -> Option<Vec<(u32, u32)>> {
        None
    }
    fn person(&self, number: u32) -> u32 {
        number
    }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "target/bench".to_owned()));
    let events = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(2_000_000);
    std::fs::create_dir_all(&folder)?;
    let (store, users) = fill(&folder.join("events"), events)?;
    let as_of = FROM + i64::from(DAYS) * 86_400_000 - 1;
    write_questions(&folder, as_of)?;
    ask_all(&store, &Everybody((0..users).collect()), as_of)
}

/// Writes the deterministic rows once per key, as ingestion would.
fn fill(folder: &Path, events: u64) -> Result<(EventStore, u32)> {
    let _ = std::fs::remove_dir_all(folder);
    let store = EventStore::open(folder, StoreOptions::default(), None)?;
    let options = ScaleOptions { days: DAYS, ..ScaleOptions::of_events(events, FROM) };
    let (mut seen, mut batch, mut seq) = (FxHashSet::default(), Vec::new(), 0);
    let begin = Instant::now();
    for event in scale(options) {
        // Sessions that start late on the last day run past the range; the peers have no "as of".
        if event.time >= FROM + i64::from(DAYS) * 86_400_000
            || !seen.insert((event.user, event.time, event.key))
        {
            continue;
        }
        let record = event.record();
        let siyu_types::record::Body::Event { name, props } = record.body else { continue };
        seq += 1;
        batch.push(EventRow {
            person: PersonNo(event.user),
            time: event.time,
            seq,
            name,
            props,
            ids: record.ids,
            source: record.source,
            received_at: event.received_at,
        });
        if batch.len() == CHECKPOINT_ROWS {
            store.append(std::mem::take(&mut batch))?;
            store.checkpoint()?;
        }
    }
    store.append(batch)?;
    store.checkpoint()?;
    let written = begin.elapsed();
    let begin = Instant::now();
    store.compact()?;
    let state = store.checkpoint()?;
    store.retire(&state)?;
    let stats = store.stats();
    let line = json!({"engine": "siyu", "query": "load", "events": stats.events, "segments": stats.segments,
        "disk_bytes": stats.disk_bytes, "bytes_per_event": stats.disk_bytes as f64 / stats.events as f64,
        "write_seconds": written.as_secs_f64(), "compact_seconds": begin.elapsed().as_secs_f64()});
    println!("{line}");
    Ok((store, options.users))
}

fn write_questions(folder: &Path, as_of: i64) -> Result<()> {
    let zone = calendar::zone(ZONE)?;
    let month = calendar::resolve(&DateRange::LastDays { days: 30 }, as_of, &zone)?;
    let questions = json!({"steps": STEPS, "segment_from": month.from, "segment_to": month.to});
    Ok(std::fs::write(folder.join("questions.json"), questions.to_string())?)
}

fn ask_all(store: &EventStore, people: &Everybody, as_of: i64) -> Result<()> {
    let zone = calendar::zone(ZONE)?;
    let remap = Remap::default();
    let scan = |columns: &[&str], events: &[&str]| {
        store.scan(&ScanRequest { columns, events: Some(events), from: None, to: None, remap: &remap })
    };
    let context = |scan: &Scan, answer: &dyn Fn(&Context<'_>) -> Result<Vec<u64>>| {
        answer(&Context { people, scan, as_of, zone: &zone })
    };
    for (name, measure, breakdown) in [
        ("trend", Measure::Count, None),
        ("trend_people", Measure::People, None),
        ("trend_breakdown", Measure::Count, Some("channel")),
    ] {
        let query = trend_query(measure, breakdown);
        let columns: Vec<&str> = breakdown.into_iter().collect();
        report(name, || context(&scan(&columns, &STEPS[..1])?, &|c| trend_answer(&query, c)))?;
    }
    let steps = funnel_query();
    report("funnel", || {
        context(&scan(&[], &STEPS)?, &|c| {
            let result = funnel::run(&steps, c, None)?;
            Ok(result.groups[0].steps.iter().map(|step| step.people).collect())
        })
    })?;
    let segment = segment_condition();
    report("segment", || {
        context(&scan(&[], &STEPS[..2])?, &|c| Ok(vec![conditions::evaluate(&segment, c)?.len()]))
    })
}

fn trend_query(measure: Measure, breakdown: Option<&str>) -> TrendQuery {
    let series = vec![TrendSeries { event: event(STEPS[0]), measure }];
    let breakdown = breakdown.map(|name| Breakdown::Property { name: name.to_owned() });
    let range = DateRange::LastDays { days: DAYS };
    TrendQuery { breakdown, ..TrendQuery::of(series, range, Interval::Day) }
}

/// Values per day, or totals per group in the order of their names.
fn trend_answer(query: &TrendQuery, context: &Context<'_>) -> Result<Vec<u64>> {
    let mut result = trend::run(query, context, None)?;
    if query.breakdown.is_none() {
        return Ok(result.lines[0].values.iter().map(|value| value.unwrap_or(0.0) as u64).collect());
    }
    result.lines.sort_by(|a, b| a.group.cmp(&b.group));
    Ok(result.lines.iter().map(|line| line.total.unwrap_or(0.0) as u64).collect())
}

fn funnel_query() -> FunnelQuery {
    let steps = STEPS.iter().map(|step| event(step)).collect();
    FunnelQuery::of(steps, DateRange::LastDays { days: DAYS }, FunnelWindow::Elapsed { seconds: 7 * 86_400 })
}

/// At least three of the first event in 30 days, and none of the second.
fn segment_condition() -> Condition {
    let did = |event: &str, compare, value| {
        Condition::Event(EventCondition {
            event: event.to_owned(),
            filters: Vec::new(),
            window: DateRange::LastDays { days: 30 },
            measure: PersonMeasure::Count,
            compare,
            value,
        })
    };
    Condition::All { of: vec![did(STEPS[0], Compare::AtLeast, 3.0), did(STEPS[1], Compare::Equal, 0.0)] }
}

fn event(name: &str) -> EventMatch {
    EventMatch { event: name.to_owned(), filters: Vec::new() }
}

/// First run is cold (columns decoded from disk), then the median of the hot ones.
fn report(name: &str, ask: impl Fn() -> Result<Vec<u64>>) -> Result<()> {
    let timed = || -> Result<(f64, Vec<u64>)> {
        let begin = Instant::now();
        let answer = ask()?;
        Ok((begin.elapsed().as_secs_f64() * 1_000.0, answer))
    };
    let (cold, answer) = timed()?;
    let mut hot = (0..ROUNDS).map(|_| Ok(timed()?.0)).collect::<Result<Vec<f64>>>()?;
    hot.sort_by(f64::total_cmp);
    let line = json!({"engine": "siyu", "query": name, "millis": hot[ROUNDS / 2], "cold_millis": cold, "answer": answer});
    println!("{line}");
    Ok(())
}
