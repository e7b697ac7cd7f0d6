//! Throws broken input at every decoder and file parser for a while:
//! `fuzz <minutes> [seed] [target]`, started by `cargo xtask fuzz`. Input is made from the
//! recorded requests and from what was interesting before (`testdata/fuzz`), by
//! changes that know forms, base64, gzip, zip and JSON. It must never panic, take long or
//! take much memory, and decoding twice must give the same. Every target gets as much
//! time as the others, and says at the end what it did with it.

mod mutate;
mod table;
mod targets;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rand::SeedableRng;
use rand::rngs::StdRng;

use targets::Target;

/// What the last panic said, and where.
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());
const REPORT_EVERY: Duration = Duration::from_secs(60);
/// Fixed, so that what is found can be found again.
const SEED: u64 = 20_261_125;

fn main() -> Result<(), Box<dyn Error>> {
    // Panics of a file's reader that are answered are no findings; those that are get told.
    std::panic::set_hook(Box::new(|panic| *LAST_PANIC.lock() = panic.to_string()));
    let mut words = std::env::args().skip(1);
    let minutes: u64 = words.next().ok_or("fuzz <minutes> [seed] [target]")?.parse()?;
    let seed = words.next().map_or(Ok(SEED), |word| word.parse())?;
    let only = words.next();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut targets = targets::all(&root.join("testdata"))?;
    targets.retain(|target| only.as_deref().is_none_or(|only| only == target.name));
    let names: Vec<String> = targets
        .iter()
        .map(|target| format!("{} ({} to begin from)", target.name, target.seeds.len()))
        .collect();
    println!("seed {seed}: {}", names.join(", "));
    let mut rng = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir()?;
    let (began, mut said) = (Instant::now(), Instant::now());
    // What is kept as it is must hold as well.
    for target in &mut targets {
        target.try_kept(dir.path())?;
    }
    while began.elapsed() < Duration::from_secs(60 * minutes) {
        // Whoever had the least time is next.
        let Some(target) = targets.iter_mut().min_by_key(|target| target.spent) else { break };
        target.try_one(&mut rng, dir.path())?;
        if said.elapsed() > REPORT_EVERY {
            said = Instant::now();
            report(&targets);
        }
    }
    println!("no finding");
    report(&targets);
    Ok(())
}

fn report(targets: &[Target]) {
    for Target { name, inputs, spent, slowest, .. } in targets {
        let minutes = spent.as_secs_f64() / 60.0;
        println!("{name:10} {minutes:6.1} min {inputs:9} inputs, slowest {slowest:.1?}");
    }
    println!("most memory {} KiB", memory_kib());
}

/// The most that this process has held, as Linux says it; elsewhere nothing is known.
fn memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Where a finding is written.
fn finding(kind: &str) -> PathBuf {
    std::env::temp_dir().join(format!("siyu-finding.{kind}"))
}
