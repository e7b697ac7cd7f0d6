//! Measures the accept path and the pipeline: batches of 50 events through the
//! router's facade into a temporary folder, then a large CSV of order lines.
//!
//! `cargo run --release -p siyu-ingest --example throughput [events] [rows]`

use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::json;
use siyu_audience::ProjectSettings;
use siyu_govern::sealing::Pseudonyms;
use siyu_ingest::frame::{Frame, ProtocolId, Terms};
use siyu_ingest::protocols::decode;
use siyu_ingest::{ImportFile, Ingest, IngestOptions};
use siyu_types::{Clock, ProjectId};

const NOW: i64 = 1_795_304_200_000;
const BATCH: usize = 50;
/// Requests under way at the same time.
const CLIENTS: usize = 64;
const PEOPLE: usize = 50_000;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> i64 {
        NOW
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let events = arguments.next().transpose()?.unwrap_or(1_000_000);
    let rows = arguments.next().transpose()?.unwrap_or(1_469_307);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    let dir = tempfile::tempdir()?;
    let settings = |_| {
        let zone = siyu_types::calendar::zone("Asia/Shanghai")?;
        Ok(ProjectSettings { name: "demo".into(), zone, currency: "CNY".into() })
    };
    let pseudonyms = Pseudonyms::unkept(StdRng::seed_from_u64(1)).expect("a key");
    let options = IngestOptions::new(dir.path(), pseudonyms);
    let ingest = Ingest::start(options, Arc::new(Fixed), Box::new(settings));
    runtime.block_on(accept(&ingest, events))?;
    runtime.block_on(import(&ingest, dir.path(), rows))?;
    ingest.stop(true);
    Ok(())
}

fn body(request: usize) -> Vec<u8> {
    let items: Vec<_> = (0..BATCH)
        .map(|index| {
            let number = request * BATCH + index;
            let person = number.wrapping_mul(2_654_435_761) % PEOPLE;
            json!({"type": "track", "id": format!("m-{number}"), "event": "product_view",
                "time": NOW - (number % 100_000) as i64, "device": format!("d{person}"), "login": format!("u{person}"),
                "properties": {"sku": format!("A{}", number % 500), "price_minor": number % 9_000,
                    "category": "面霜", "url": "https://shop.example.com/p", "member": true}})
        })
        .collect();
    json!({"batch": items, "sent_at": NOW}).to_string().into_bytes()
}

async fn accept(ingest: &Arc<Ingest>, events: usize) -> Result<(), Box<dyn std::error::Error>> {
    let project = ProjectId(1);
    let requests = events / BATCH;
    let bodies: Arc<Vec<Vec<u8>>> = Arc::new((0..requests).map(body).collect());
    println!("{} bytes per batch of {BATCH}", bodies[0].len());
    ingest.projects().get(project)?;
    let started = Instant::now();
    let clients = (0..CLIENTS).map(|client| {
        let (ingest, bodies) = (Arc::clone(ingest), Arc::clone(&bodies));
        tokio::spawn(async move {
            for body in bodies.iter().skip(client).step_by(CLIENTS) {
                let frame = Frame {
                    terms: Terms::default(),
                    protocol: ProtocolId::Own,
                    received_at: NOW,
                    source: "web",
                    route: "",
                    query: "",
                    body,
                };
                // As the door does, to answer a verdict per item.
                let decoded = decode(&frame);
                assert!(decoded.refusals.is_empty());
                ingest.accept_decoded(project, &frame, decoded).await?;
            }
            Ok::<_, siyu_types::Error>(())
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await??;
    }
    let accepted = started.elapsed();
    ingest.drain(project).await?;
    let applied = started.elapsed();
    let rate = |took: std::time::Duration| events as f64 / took.as_secs_f64();
    println!("accepted {events} events in {accepted:.2?}: {:.0}/s durable", rate(accepted));
    println!("applied in {applied:.2?}: {:.0}/s; {:?}", rate(applied), ingest.stats(project)?);
    let started = Instant::now();
    ingest.checkpoint(project)?;
    println!("checkpoint in {:.2?}", started.elapsed());
    Ok(())
}

async fn import(
    ingest: &Arc<Ingest>,
    dir: &std::path::Path,
    rows: usize,
) -> Result<(), Box<dyn std::error::Error>> {
    let project = ProjectId(2);
    let path = dir.join("lines.csv");
    let mut out = std::io::BufWriter::new(std::fs::File::create(&path)?);
    writeln!(out, "household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,week,at")?;
    for row in 0..rows {
        let (basket, day) = (row / 10, row / 4_100 % 365);
        writeln!(
            out,
            "{},{},{basket},{},{},{}.{:02},0.{:02},{},2017-01-01 {:02}:{:02}:00",
            basket % 2_469,
            basket % 457,
            row.wrapping_mul(7_919) % 68_509,
            row % 3 + 1,
            row % 17,
            row % 100,
            row % 50,
            day / 7,
            basket % 24,
            row % 60
        )?;
    }
    out.into_inner()?.sync_all()?;
    let mapping = json!({"kind": "orders", "columns": {
        "household_id": {"to": "login"}, "basket_id": {"to": "order_id"}, "product_id": {"to": "item_id"},
        "sales_value": {"to": "amount"}, "at": {"to": "time"}, "store_id": {"to": "property"},
        "quantity": {"to": "property", "type": "number"}, "retail_disc": {"to": "property", "type": "money"},
        "week": {"to": "property", "type": "number"}}});
    let file = ImportFile {
        path: siyu_govern::sealing::StoredFile::plain(path),
        mapping: serde_json::from_value(mapping)?,
        source: "lines.csv".into(),
        created_at: NOW,
        rejects: None,
        dry_run: false,
        from: Default::default(),
    };
    for round in ["first", "again"] {
        let started = Instant::now();
        let report = ingest.import_file(project, &file, &()).await?;
        let took = started.elapsed();
        let rate = report.rows as f64 / took.as_secs_f64();
        println!(
            "{round}: {} rows imported in {took:.2?}: {rate:.0}/s; {:?}",
            report.rows,
            ingest.stats(project)?
        );
    }
    Ok(())
}
