//! Figures at scale: `cargo run --release -p siyu-events --example scale [events] [folder] [bytes per second]`.
//! Writes deterministic events (reference data: users with a square skew, sessions of
//! 1–9 events, 64 event names with a cubic skew, 90 days), then measures size, write
//! rate, cold and hot scans, one timeline, and the same after late events and merges; the bytes per second are those
//! of compaction.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::time::Instant;

use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use siyu_events::{
    Column, EventRow, EventStore, Remap, Scan, ScanRequest, StoreOptions, StoreState, TEXT_MISSING,
    TimelinePage,
};
use siyu_types::{Identifier, PersonNo, Props, Result, Value};

const USERS: u32 = 1_000_000;
const SPAN: i64 = 90 * 86_400_000;
const BASE: i64 = 1_780_000_000_000;
const BATCH: usize = 50_000;
const CHECKPOINT: usize = 2_000_000;
const LATE: u64 = 1_000_000;
const SESSION_EVENTS: u64 = 5;

fn hash(a: u64, b: u64) -> u64 {
    let mut x = a.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b.wrapping_mul(0xd1b5_4a32_d192_ed03);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// In [0, 1).
fn unit(a: u64, b: u64) -> f64 {
    (hash(a, b) >> 11) as f64 / (1u64 << 53) as f64
}

/// Event `index` of a session that begins at `start`.
fn event(session: u64, index: u64, start: i64, seq: u64) -> EventRow {
    let user = (unit(session, 1).powi(2) * f64::from(USERS)) as u32;
    let salt = 100 + index * 8;
    let gap: i64 = (0..=index).map(|i| (hash(session, 100 + i * 8) % 60_000) as i64).sum();
    let code = (unit(session, salt + 1).powi(3) * 64.0) as u32;
    let page = (unit(session, salt + 2).powi(2) * 2000.0) as u32;
    let mut props = Props::new();
    props.insert("channel".into(), Value::Text(format!("channel-{}", hash(session, 2) % 12)));
    props.insert("page".into(), Value::Text(format!("/page/{page}")));
    props.insert("session".into(), Value::Number(session as f64));
    if code == 7 {
        props.insert("amount_minor".into(), Value::Number((hash(session, salt + 3) % 500 * 100) as f64));
    }
    let device = format!("{:016x}", hash(u64::from(user), 3));
    EventRow {
        person: PersonNo(user),
        time: start + gap,
        seq,
        name: format!("event_{code:02}"),
        props,
        ids: vec![Identifier::new("device", device)],
        source: "web".into(),
        received_at: start + gap + 200 + (hash(session, salt + 4) % 3000) as i64,
    }
}

fn commit(store: &EventStore) -> Result<StoreState> {
    let state = store.checkpoint()?;
    store.retire(&state)?;
    Ok(state)
}

/// Adds the bytes it wrote and the seconds it took.
fn compact(store: &EventStore, (bytes, seconds): &mut (u64, f64)) -> Result<()> {
    let begun = Instant::now();
    *bytes += store.compact()?.bytes;
    *seconds += begun.elapsed().as_secs_f64();
    Ok(())
}

fn write(store: &EventStore, events: u64) -> Result<StoreState> {
    let sessions = events / SESSION_EVENTS;
    let (mut batch, mut since, mut seq) = (Vec::with_capacity(BATCH), 0, 0);
    let (mut generating, whole) = (0.0, Instant::now());
    let mut compacted = (0, 0.0);
    let mut begun = Instant::now();
    for session in 0..sessions {
        let start = BASE + (session as i64) * (SPAN / sessions as i64);
        for index in 0..1 + hash(session, 5) % 9 {
            batch.push(event(session, index, start, seq));
            seq += 1;
        }
        if batch.len() >= BATCH {
            generating += begun.elapsed().as_secs_f64();
            since += batch.len();
            store.append(std::mem::take(&mut batch))?;
            if since >= CHECKPOINT {
                since = 0;
                commit(store)?;
                compact(store, &mut compacted)?;
            }
            begun = Instant::now();
        }
    }
    store.append(batch)?;
    commit(store)?;
    compact(store, &mut compacted)?;
    let state = commit(store)?;
    let seconds = whole.elapsed().as_secs_f64() - generating;
    println!(
        "wrote {seq} events in {seconds:.1} s without generating them: {:.0}/s (append, checkpoints, compactions)",
        seq as f64 / seconds
    );
    let (bytes, seconds) = compacted;
    println!(
        "compactions wrote {:.1} MB in {seconds:.1} s: {:.2} MB/s",
        bytes as f64 / 1e6,
        bytes as f64 / 1e6 / seconds
    );
    Ok(state)
}

fn sizes(dir: &Path, state: &StoreState) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let mut columns: BTreeMap<String, i64> = BTreeMap::new();
    for segment in &state.segments {
        let file = File::open(dir.join(format!("{:010}.parquet", segment.file)))?;
        let reader = SerializedFileReader::new(file)?;
        for group in reader.metadata().row_groups() {
            for column in group.columns() {
                *columns.entry(column.column_path().string()).or_default() += column.compressed_size();
            }
        }
    }
    let rows: u64 = state.segments.iter().map(|segment| segment.rows).sum();
    let bytes: u64 = state.segments.iter().map(|segment| segment.bytes).sum();
    let per = |bytes: i64| bytes as f64 / rows as f64;
    for (name, bytes) in &columns {
        println!("  {name:<16} {:.2} B/event", per(*bytes));
    }
    let overhead = ["seq", "source", "delay", "ids", "raw"];
    let seven: i64 = columns.iter().filter(|(name, _)| !overhead.contains(&name.as_str())).map(|c| c.1).sum();
    println!("  seven columns {:.2} B/event, everything {:.2}", per(seven), bytes as f64 / rows as f64);
    println!("  {} segments, {} MB", state.segments.len(), bytes >> 20);
    Ok(())
}

/// A cheap pass over everything, as a kernel would make: (people, rows, texts, sum).
fn pass(scan: &Scan) -> (u64, u64, u64, f64) {
    let (mut people, mut rows, mut texts, mut sum) = (0, 0, 0, 0.0);
    for block in &scan.blocks {
        let page = block.block.columns.get("page");
        let amount = block.block.columns.get("amount_minor");
        for (_, range) in block.runs() {
            people += 1;
            rows += range.len() as u64;
            if let Some(Column::Text { codes, .. }) = page {
                texts += codes[range.clone()].iter().filter(|&&code| code != TEXT_MISSING).count() as u64;
            }
            if let Some(Column::Number(numbers)) = amount {
                sum += numbers[range].iter().filter(|n| !n.is_nan()).sum::<f64>();
            }
        }
    }
    (people, rows, texts, sum)
}

fn measure(label: &str, store: &EventStore, columns: &[&str], remap: &Remap) -> Result<()> {
    let begun = Instant::now();
    let scan = store.scan(&ScanRequest { columns, events: None, from: None, to: None, remap })?;
    let scanned = begun.elapsed();
    let begun = Instant::now();
    let found = pass(&scan);
    println!(
        "{label:<34} scan {:>8.1} ms, pass {:>7.1} ms: {} people, {} rows, {} texts, sum {:.0}",
        scanned.as_secs_f64() * 1e3,
        begun.elapsed().as_secs_f64() * 1e3,
        found.0,
        found.1,
        found.2,
        found.3
    );
    Ok(())
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let events: u64 = arguments.next().map_or(Ok(20_000_000), |text| text.parse())?;
    let temporary = tempfile::tempdir()?;
    let dir = arguments.next().map_or(temporary.path().to_owned(), Into::into);
    let mut options = StoreOptions::default();
    if let Some(bound) = arguments.next() {
        options.compaction_bytes_per_second = bound.parse()?;
    }
    let store = EventStore::open(&dir, options, None)?;
    let state = write(&store, events)?;
    drop(store);
    sizes(&dir, &state)?;

    let store = EventStore::open(&dir, StoreOptions::default(), Some(&state))?;
    let remap = Remap::default();
    let some = ["page", "amount_minor"];
    measure("cold, no columns", &store, &[], &remap)?;
    measure("cold, two columns", &store, &some, &remap)?;
    measure("hot, two columns", &store, &some, &remap)?;
    let begun = Instant::now();
    let rows = store.person(&[777_777], TimelinePage { before: None, limit: 50 })?;
    println!("timeline: {} events in {:.1} ms", rows.len(), begun.elapsed().as_secs_f64() * 1e3);

    let begun = Instant::now();
    let late = |n: u64| event(hash(n, 77) % (events / SESSION_EVENTS), n % 9, BASE, 1 << 40 | n);
    for first in (0..LATE).step_by(BATCH) {
        store.append((first..LATE.min(first + BATCH as u64)).map(late).collect())?;
    }
    println!("appended {LATE} late events in {:.1} s (generated included)", begun.elapsed().as_secs_f64());
    measure("after late events, first", &store, &some, &remap)?;
    measure("after late events, again", &store, &some, &remap)?;
    store.append(vec![late(LATE)])?;
    measure("after one more event", &store, &some, &remap)?;
    for round in 1..=5 {
        store.append((LATE + round * 1_000..LATE + (round + 1) * 1_000).map(late).collect())?;
        measure("after a thousand more", &store, &some, &remap)?;
    }
    let to = (0..USERS)
        .map(|n| if n % 200 == 199 { (hash(u64::from(n), 9) % u64::from(n)) as u32 / 200 * 200 } else { n });
    let merged = Remap::of(&to.collect::<Vec<u32>>());
    measure("0.5 % merged, first", &store, &some, &merged)?;
    measure("0.5 % merged, again", &store, &some, &merged)?;
    let begun = Instant::now();
    commit(&store)?;
    println!("checkpoint of late events {:.1} s", begun.elapsed().as_secs_f64());
    measure("after the checkpoint, first", &store, &some, &merged)?;
    measure("nobody merged", &store, &some, &remap)?;
    measure("nobody merged, again", &store, &some, &remap)?;
    for share in [1, 10, 30] {
        // The last of every hundred numbers are part of one of the first of an earlier hundred.
        let person = |n: u32| match (n % 100).checked_sub(100 - share) {
            Some(place) => (hash(u64::from(n), 9) % u64::from(n / 100 + 1)) as u32 * 100 + place,
            None => n,
        };
        let merged = Remap::of(&(0..USERS).map(person).collect::<Vec<u32>>());
        measure(&format!("{share} % merged, first"), &store, &some, &merged)?;
        measure(&format!("{share} % merged, again"), &store, &some, &merged)?;
    }
    let stats = store.stats();
    println!(
        "memory {} MB, disk {} MB, {} segments",
        stats.memory_bytes >> 20,
        stats.disk_bytes >> 20,
        stats.segments
    );
    Ok(())
}
