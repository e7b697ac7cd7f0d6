//! Times and memory, one JSON object per line.

use std::time::Instant;

use serde_json::{Value, json};
use siyu_types::Result;

use crate::data::Came;

const ROUNDS: usize = 5;

fn timed<R>(ask: &impl Fn() -> Result<R>) -> Result<(f64, R)> {
    let begin = Instant::now();
    let answer = ask()?;
    Ok((begin.elapsed().as_secs_f64() * 1_000.0, answer))
}

/// The median of several runs.
fn hot<R>(ask: &impl Fn() -> Result<R>) -> Result<f64> {
    median((0..ROUNDS).map(|_| Ok(timed(ask)?.0)))
}

/// A question whose columns are in memory.
pub(crate) struct Before {
    hot: f64,
    /// Where each time comes a second after others, which fill the processor's caches with something else.
    once: f64,
}

pub(crate) fn before<R>(others: impl Fn() -> Result<()>, ask: impl Fn() -> Result<R>) -> Result<Before> {
    let once = median((0..ROUNDS).map(|_| {
        others()?;
        Ok(timed(&ask)?.0)
    }))?;
    Ok(Before { hot: hot(&ask)?, once })
}

fn median(times: impl Iterator<Item = Result<f64>>) -> Result<f64> {
    let mut times = times.collect::<Result<Vec<f64>>>()?;
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

/// The first run is cold (its columns are on disk); then the median of the hot ones.
pub(crate) fn report(name: &str, ask: impl Fn() -> Result<Vec<Value>>) -> Result<()> {
    let (cold, answer) = timed(&ask)?;
    let hot = hot(&ask)?;
    let line = json!({"engine": "siyu", "query": name, "millis": hot, "cold_millis": cold, "answer": answer});
    println!("{line}");
    Ok(())
}

/// The same a second after the last round for what came, which fills the caches with something else as well.
pub(crate) fn report_again(
    name: &str,
    came: &Came,
    before: &Before,
    ask: impl Fn() -> Result<Vec<Value>>,
) -> Result<()> {
    let (first, _) = timed(&ask)?;
    let next = hot(&ask)?;
    println!(
        "{}",
        json!({"engine": "siyu", "again": name, "came": came.told(), "first_millis": first, "millis": next,
            "once_before_millis": before.once, "before_millis": before.hot})
    );
    Ok(())
}

pub(crate) fn fact(name: &str, value: u64) {
    println!("{}", json!({"engine": "siyu", "fact": name, "value": value}));
}

/// The most memory this program held since it began; 0 where that is not known.
pub(crate) fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1_024
}
