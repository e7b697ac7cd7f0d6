//! What is fuzzed: each decoder, the frames of the log, and each kind of file, with the
//! inputs to begin from and the figures so far.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use rand::Rng;
use rand::rngs::StdRng;
use siyu_ingest::count_rows;
use siyu_ingest::frame::{Frame, ProtocolId, Terms};
use siyu_ingest::protocols::decode;

use crate::mutate::{self, Seed};
use crate::{LAST_PANIC, finding, memory_kib, table};

/// One input may take so long in a build with debug assertions.
const TIME_MAX: Duration = Duration::from_secs(20);
/// The most memory that the whole process may ever have held.
const MEMORY_KIB_MAX: u64 = 1 << 20;

pub struct Target {
    pub name: &'static str,
    pub seeds: Vec<Seed>,
    pub inputs: u64,
    pub spent: Duration,
    pub slowest: Duration,
}

/// Every target. A kind of file is known by its bytes, so a changed one may well be read as
/// another kind; the name says what it began as.
pub fn all(testdata: &Path) -> Result<Vec<Target>, Box<dyn Error>> {
    let mut requests = kept(&testdata.join("protocols"))?;
    let files = kept(&testdata.join("fuzz"))?;
    requests.extend(table::requests()?);
    let of =
        |id: ProtocolId| requests.iter().filter(move |seed| seed.protocol == Some(id)).cloned().collect();
    let named = |ending: &'static str| files.iter().filter(move |seed| seed.route.ends_with(ending)).cloned();
    let targets: [(&'static str, Vec<Seed>); 10] = [
        ("own", of(ProtocolId::Own)),
        ("sensors", of(ProtocolId::Sensors)),
        ("segment", of(ProtocolId::Segment)),
        ("webhook", of(ProtocolId::Webhook)),
        ("internal", of(ProtocolId::Internal)),
        ("csv", named(".csv").collect()),
        ("jsonl", named(".jsonl").chain([Seed::file(table::json_lines())]).collect()),
        ("xlsx", named(".xlsx").chain([Seed::file(table::xlsx()?)]).collect()),
        ("xls", named(".xls").chain([Seed::file(table::xls())]).collect()),
        ("parquet", named(".parquet").chain([Seed::file(table::parquet()?)]).collect()),
    ];
    let new =
        |(name, seeds)| Target { name, seeds, inputs: 0, spent: Duration::ZERO, slowest: Duration::ZERO };
    Ok(targets.into_iter().map(new).filter(|target| !target.seeds.is_empty()).collect())
}

/// Requests as the decoders' tests keep them, and files of any other kind.
fn kept(folder: &Path) -> Result<Vec<Seed>, Box<dyn Error>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let protocol = ProtocolId::ALL.iter().copied().find(|id| id.as_str() == name);
            let request = path.extension().is_some_and(|extension| extension == "txt");
            match (protocol, request) {
                (Some(protocol), true) => found.push(Seed::request(protocol, &std::fs::read(&path)?)),
                (None, _) if name == "files" => {
                    let route = path.to_string_lossy().into_owned();
                    found.push(Seed { route, ..Seed::file(std::fs::read(&path)?) });
                }
                _ => {}
            }
        }
    }
    found.sort_by(|a, b| a.body.cmp(&b.body));
    Ok(found)
}

impl Target {
    /// Tries what is kept, unchanged.
    pub fn try_kept(&mut self, dir: &Path) -> Result<(), Box<dyn Error>> {
        for seed in self.seeds.clone() {
            self.note(&seed, dir)?;
        }
        Ok(())
    }

    /// Tries one changed input.
    pub fn try_one(&mut self, rng: &mut StdRng, dir: &Path) -> Result<(), Box<dyn Error>> {
        let began = Instant::now();
        let seed = &self.seeds[rng.random_range(0..self.seeds.len())];
        let input = match seed.protocol {
            Some(_) => mutate::request(seed, &self.seeds, rng),
            None => mutate::file(seed, &self.seeds, rng),
        };
        self.spent += began.elapsed();
        self.note(&input, dir)
    }

    fn note(&mut self, input: &Seed, dir: &Path) -> Result<(), Box<dyn Error>> {
        let took = match input.protocol {
            Some(protocol) => try_request(protocol, input)?,
            None => try_file(input, dir)?,
        };
        self.inputs += 1;
        self.spent += took;
        self.slowest = self.slowest.max(took);
        Ok(())
    }
}

fn try_request(protocol: ProtocolId, input: &Seed) -> Result<Duration, Box<dyn Error>> {
    let frame = Frame {
        protocol,
        terms: Terms::default(),
        received_at: 1_795_304_200_000,
        source: "fuzz",
        route: &input.route,
        query: &input.query,
        body: &input.body,
    };
    let bytes = frame.encode();
    guard(&bytes, "frame", || {
        let first = decode(&frame);
        for (index, _) in &first.records {
            assert!(*index < first.items.max(1), "a record of an item that is not there");
        }
        assert!(first == decode(&frame), "decoding twice gives two answers");
        // Any bytes may stand in a torn log.
        let _either = Frame::decode(&bytes[..bytes.len() / 2]);
    })
}

fn try_file(input: &Seed, dir: &Path) -> Result<Duration, Box<dyn Error>> {
    let path = dir.join("input");
    std::fs::write(&path, &input.body)?;
    guard(&input.body, "file", || {
        let _either = count_rows(&path);
    })
}

/// Runs one input; a finding is written to a file and ends the run.
fn guard(input: &[u8], kind: &str, run: impl FnOnce()) -> Result<Duration, Box<dyn Error>> {
    let began = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(run));
    let (took, memory) = (began.elapsed(), memory_kib());
    let what = match outcome {
        Err(_) => LAST_PANIC.lock().clone(),
        Ok(()) if took > TIME_MAX => format!("took {took:.1?}"),
        Ok(()) if memory > MEMORY_KIB_MAX => format!("the process holds {memory} KiB"),
        Ok(()) => return Ok(took),
    };
    let path = finding(kind);
    std::fs::write(&path, input)?;
    Err(format!("{what}; the input is {}", path.display()).into())
}
