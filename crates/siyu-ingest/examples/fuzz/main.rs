//! Throws broken input at every decoder and file parser for a while:
//! `fuzz <minutes> [seed]`, started by `cargo xtask fuzz`. Input is made from the
//! recorded requests and from what was interesting before (`testdata/fuzz`), by
//! changes that know forms, base64, gzip and JSON. It must never panic, take long or
//! take much memory, and decoding twice must give the same.

mod mutate;
mod table;

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use siyu_ingest::count_rows;
use siyu_ingest::frame::{Frame, ProtocolId, Terms};
use siyu_ingest::protocols::decode;

use mutate::Seed;

/// One input may take so long in a build with debug assertions.
const TIME_MAX: Duration = Duration::from_secs(20);
/// The most memory that the whole process may ever have held.
const MEMORY_KIB_MAX: u64 = 1 << 20;
/// Every so many inputs one is a file.
const FILE_EVERY: u64 = 8;
const REPORT_EVERY: Duration = Duration::from_secs(30);
/// Fixed, so that what is found can be found again.
const SEED: u64 = 20_261_125;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let minutes: u64 = words.next().ok_or("fuzz <minutes> [seed]")?.parse()?;
    let seed = words.next().map_or(Ok(SEED), |word| word.parse())?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (requests, files) = (seeds(&root.join("testdata/protocols"))?, seeds(&root.join("testdata/fuzz"))?);
    let kept: Vec<Seed> = files.iter().filter(|seed| seed.protocol.is_some()).cloned().collect();
    let requests: Vec<Seed> = requests.into_iter().chain(kept).collect();
    let mut files: Vec<Seed> = files.into_iter().filter(|seed| seed.protocol.is_none()).collect();
    files.push(Seed::file(table::parquet()?));
    println!("{} requests and {} files to start from, seed {seed}", requests.len(), files.len());
    let mut rng = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir()?;
    let (began, mut said) = (Instant::now(), Instant::now());
    let (mut inputs, mut slowest) = (0_u64, Duration::ZERO);
    // What is kept as it is must hold as well.
    for seed in &requests {
        try_request(seed)?;
    }
    while began.elapsed() < Duration::from_secs(60 * minutes) {
        inputs += 1;
        let took = if inputs.is_multiple_of(FILE_EVERY) && !files.is_empty() {
            let input = mutate::file(&files[rng.random_range(0..files.len())], &files, &mut rng);
            try_file(&input, dir.path())?
        } else {
            let input = mutate::request(&requests[rng.random_range(0..requests.len())], &requests, &mut rng);
            try_request(&input)?
        };
        slowest = slowest.max(took);
        if said.elapsed() > REPORT_EVERY {
            said = Instant::now();
            println!("{inputs} inputs; slowest {slowest:.1?}, most memory {} KiB", memory_kib());
        }
    }
    println!("{inputs} inputs and no finding; slowest {slowest:.1?}, most memory {} KiB", memory_kib());
    Ok(())
}

/// The most that this process has held, as Linux says it; elsewhere nothing is known.
fn memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Requests as the decoders' tests keep them, and files of any other kind.
fn seeds(folder: &Path) -> Result<Vec<Seed>, Box<dyn Error>> {
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
                (None, _) if name == "files" => found.push(Seed::file(std::fs::read(&path)?)),
                _ => {}
            }
        }
    }
    found.sort_by(|a, b| a.body.cmp(&b.body));
    Ok(found)
}

fn try_request(input: &Seed) -> Result<Duration, Box<dyn Error>> {
    let Some(protocol) = input.protocol else { return Ok(Duration::ZERO) };
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
    let finding = match outcome {
        Err(_) => "panicked".to_owned(),
        Ok(()) if took > TIME_MAX => format!("took {took:.1?}"),
        Ok(()) if memory > MEMORY_KIB_MAX => format!("the process holds {memory} KiB"),
        Ok(()) => return Ok(took),
    };
    let path: PathBuf = std::env::temp_dir().join(format!("siyu-finding.{kind}"));
    std::fs::write(&path, input)?;
    Err(format!("{finding}; the input is {}", path.display()).into())
}
