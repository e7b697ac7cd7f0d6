//! What sealing costs: the same events taken in, written down and read again with nothing
//! sealed, with AES and with SM4, in turns, so that a noisy machine is noisy to all of them.
//!
//! `cargo run --release -p siyu-ingest --example sealing [events] [rounds]`

use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::json;
use siyu_audience::ProjectSettings;
use siyu_events::ScanRequest;
use siyu_govern::sealing::{FileVault, Keyring, SealWith};
use siyu_ingest::frame::{Frame, ProtocolId, Terms};
use siyu_ingest::{Ingest, IngestOptions};
use siyu_types::{Clock, ProjectId};

const NOW: i64 = 1_795_304_200_000;
const BATCH: usize = 50;
const CLIENTS: usize = 64;
const PEOPLE: usize = 50_000;
const PROJECT: ProjectId = ProjectId(1);

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> i64 {
        NOW
    }
}

type Failure = Box<dyn std::error::Error>;

/// Times of one round: taken in and applied, checkpoint, opened again, everything scanned cold.
type Times = [Duration; 4];

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let events = arguments.next().transpose()?.unwrap_or(500_000);
    let rounds = arguments.next().transpose()?.unwrap_or(5);
    let ways = [SealWith::Nothing, SealWith::Aes256Gcm, SealWith::Sm4];
    let mut all: [Vec<Times>; 3] = Default::default();
    let mut sizes = [0; 3];
    let bodies: Arc<Vec<Vec<u8>>> = Arc::new((0..events / BATCH).map(body).collect());
    for _ in 0..rounds {
        for (at, with) in ways.into_iter().enumerate() {
            let (times, bytes) = round(with, &bodies)?;
            all[at].push(times);
            sizes[at] = bytes;
        }
    }
    println!("{events} events, medians of {rounds}");
    println!("| | events/s | checkpoint | opened again | scan, cold | MB on disk |");
    println!("|---|---|---|---|---|---|");
    for (at, with) in ways.into_iter().enumerate() {
        let [applied, checkpoint, opened, scan] = [0, 1, 2, 3].map(|what| median(&all[at], what));
        let rate = events as f64 / applied.as_secs_f64();
        let megabytes = sizes[at] as f64 / 1e6;
        println!("| {with:?} | {rate:.0} | {checkpoint:.2?} | {opened:.2?} | {scan:.2?} | {megabytes:.1} |");
    }
    Ok(())
}

fn median(times: &[Times], what: usize) -> Duration {
    let mut one: Vec<Duration> = times.iter().map(|times| times[what]).collect();
    one.sort_unstable();
    one[one.len() / 2]
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

fn start(dir: &std::path::Path, with: SealWith) -> Result<Arc<Ingest>, Failure> {
    let keyring = Keyring::unkept(StdRng::seed_from_u64(1))?;
    let mut options = IngestOptions::new(dir, keyring.pseudonyms());
    options.pipeline.vault = Some(Arc::new(FileVault::new(&keyring, with, StdRng::from_os_rng())?));
    let settings = |_| {
        let zone = siyu_types::calendar::zone("Asia/Shanghai")?;
        Ok(ProjectSettings { name: "demo".into(), zone, currency: "CNY".into() })
    };
    Ok(Ingest::start(options, Arc::new(Fixed), Box::new(settings)))
}

fn round(with: SealWith, bodies: &Arc<Vec<Vec<u8>>>) -> Result<(Times, u64), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    let dir = tempfile::tempdir()?;
    let ingest = start(dir.path(), with)?;
    ingest.projects().get(PROJECT)?;
    let started = Instant::now();
    runtime.block_on(accept(&ingest, bodies))?;
    let applied = started.elapsed();
    let started = Instant::now();
    ingest.checkpoint(PROJECT)?;
    let checkpoint = started.elapsed();
    ingest.stop(true);
    drop(ingest);
    let started = Instant::now();
    let ingest = start(dir.path(), with)?;
    let project = ingest.projects().get(PROJECT)?;
    let opened = started.elapsed();
    let started = Instant::now();
    let people = project.people.read();
    let columns = ["sku", "price_minor", "category", "url", "member"];
    let request =
        ScanRequest { columns: &columns, events: None, from: None, to: None, remap: people.remap() };
    let rows: usize = project.events.scan(&request)?.blocks.iter().map(|block| block.block.times.len()).sum();
    assert_eq!(rows, bodies.len() * BATCH);
    let scan = started.elapsed();
    drop(people);
    ingest.stop(false);
    Ok(([applied, checkpoint, opened, scan], size(dir.path())?))
}

async fn accept(ingest: &Arc<Ingest>, bodies: &Arc<Vec<Vec<u8>>>) -> Result<(), Failure> {
    let clients = (0..CLIENTS).map(|client| {
        let (ingest, bodies) = (Arc::clone(ingest), Arc::clone(bodies));
        tokio::spawn(async move {
            for body in bodies.iter().skip(client).step_by(CLIENTS) {
                let (protocol, terms) = (ProtocolId::Own, Terms::default());
                let frame =
                    Frame { terms, protocol, received_at: NOW, source: "web", route: "", query: "", body };
                ingest.accept(PROJECT, &frame).await?;
            }
            Ok::<_, siyu_types::Error>(())
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await??;
    }
    Ok(ingest.drain(PROJECT).await?)
}

/// Bytes of all files below a folder.
fn size(dir: &std::path::Path) -> Result<u64, Failure> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        bytes += if path.is_dir() { size(&path)? } else { path.metadata()?.len() };
    }
    Ok(bytes)
}
