//! Measures an erasure: events of many people through the pipeline, then one person erased.
//!
//! `cargo run --release -p siyu-ingest --example erase_at_scale [events] [bytes per event in the log]`

use std::sync::Arc;
use std::time::Instant;

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::json;
use siyu_audience::ProjectSettings;
use siyu_govern::sealing::Pseudonyms;
use siyu_ingest::frame::{Frame, ProtocolId, Terms};
use siyu_ingest::{Ingest, IngestOptions};
use siyu_types::erasure::ErasureOrder;
use siyu_types::ports::{Erasures, EventSink, Traces};
use siyu_types::record::{Body, Evidence, key_of};
use siyu_types::{Clock, ProjectId, Record};

const NOW: i64 = 1_795_304_200_000;
const BATCH: usize = 50;
const PEOPLE: usize = 100_000;
const PROJECT: ProjectId = ProjectId(1);

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> i64 {
        NOW
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let events = arguments.next().transpose()?.unwrap_or(1_000_000);
    let padding = arguments.next().transpose()?.unwrap_or(1_000).saturating_sub(200);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    let dir = tempfile::tempdir()?;
    let settings = |_| {
        let zone = siyu_types::calendar::zone("Asia/Shanghai")?;
        Ok(ProjectSettings { name: "demo".into(), zone, currency: "CNY".into() })
    };
    let options = IngestOptions::new(dir.path(), Pseudonyms::unkept(StdRng::seed_from_u64(1))?);
    let ingest = Ingest::start(options, Arc::new(Fixed), Box::new(settings));
    let began = Instant::now();
    runtime.block_on(async {
        for request in 0..events / BATCH {
            let body = body(request, padding);
            let frame = Frame {
                protocol: ProtocolId::Own,
                terms: Terms::default(),
                received_at: NOW,
                source: "web",
                route: "",
                query: "",
                body: &body,
            };
            while ingest.accept(PROJECT, &frame).await.is_err() {
                ingest.drain(PROJECT).await?;
            }
        }
        ingest.drain(PROJECT).await
    })?;
    ingest.checkpoint(PROJECT)?;
    let log: u64 = std::fs::read_dir(dir.path().join("projects/1/log"))?
        .filter_map(|entry| entry.ok()?.metadata().ok())
        .map(|metadata| metadata.len())
        .sum();
    println!("{events} events, {} MB of log, in {:.1} s", log >> 20, began.elapsed().as_secs_f64());
    for erasure in 1..=3 {
        erase(&runtime, &ingest, erasure)?;
    }
    ingest.stop(true);
    Ok(())
}

fn erase(
    runtime: &tokio::runtime::Runtime,
    ingest: &Arc<Ingest>,
    erasure: i64,
) -> Result<(), Box<dyn std::error::Error>> {
    let order = ErasureOrder { erasure, person: erasure as u32 * 7_919 };
    let record = Record {
        key: key_of(&[b"erasure", &erasure.to_le_bytes()]),
        time: NOW,
        received_at: NOW,
        ids: Vec::new(),
        evidence: Evidence::Weak,
        body: Body::Erasure(order),
        source: "siyu".to_owned(),
    };
    let began = Instant::now();
    runtime.block_on(async {
        ingest.emit(PROJECT, vec![record]).await?;
        ingest.settle(PROJECT).await
    })?;
    println!("erasure {erasure}: gone from reads after {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
    let erased = ingest.erased(PROJECT, erasure)?.ok_or("the order was not obeyed")?;
    let names = ingest.names(PROJECT, &erased)?;
    for step in ingest.steps() {
        let began = Instant::now();
        let removed = runtime.block_on(ingest.remove(step, PROJECT, &erased, &names))?;
        let counts: Vec<String> = removed.iter().map(|one| format!("{} {}", one.count, one.what)).collect();
        println!("  {step}: {:.2} s; {}", began.elapsed().as_secs_f64(), counts.join(", "));
    }
    Ok(())
}

fn body(request: usize, padding: usize) -> Vec<u8> {
    let items: Vec<_> = (0..BATCH)
        .map(|index| {
            let number = request * BATCH + index;
            let person = number.wrapping_mul(2_654_435_761) % PEOPLE;
            // Nobody reads it; requests of real clients are as long.
            json!({"type": "track", "id": format!("m-{number}"), "event": "product_view",
                "time": NOW - 1_000 - (number % 100_000) as i64, "login": format!("user-{person}"),
                "properties": {"sku": format!("A{}", number % 500), "price_minor": number % 9_000},
                "unread": "x".repeat(padding)})
        })
        .collect();
    json!({ "batch": items }).to_string().into_bytes()
}
