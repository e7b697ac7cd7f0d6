//! The same questions of the same rows, asked of siyu, chDB and DuckDB.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::build;
use crate::server::{self, Build, program};
use crate::{Outcome, shell};

const ENGINES: [&str; 3] = ["siyu", "chdb", "duckdb"];
const PEERS: [&str; 2] = ["chdb", "duckdb"];

/// The lines of one engine's run.
#[derive(Default)]
struct Answers {
    /// By question and engine: the median in milliseconds, and the answer.
    rows: BTreeMap<String, BTreeMap<String, (f64, Value)>>,
}

impl Answers {
    fn read(&mut self, text: &str) {
        for line in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let (Some(engine), Some(query)) = (line["engine"].as_str(), line["query"].as_str()) else {
                continue;
            };
            let Some(millis) = line["millis"].as_f64() else { continue };
            let of_query = self.rows.entry(query.to_owned()).or_default();
            of_query.insert(engine.to_owned(), (millis, line["answer"].clone()));
        }
    }

    /// The table; an answer that differs is an error, since then no time counts.
    fn table(&self) -> Outcome<String> {
        let mut table = format!(
            "{:18} {:>10} {:>10} {:>10}   times the faster peer\n",
            "question", "siyu", "chdb", "duckdb"
        );
        for (query, engines) in &self.rows {
            let millis = |engine: &str| engines.get(engine).map(|(millis, _)| *millis);
            let shown = |engine: &str| millis(engine).map_or("–".to_owned(), |m| format!("{m:.1} ms"));
            let own = engines.get("siyu").ok_or_else(|| format!("siyu did not answer {query}"))?;
            if let Some(other) = PEERS.iter().find(|peer| engines.get(**peer).is_some_and(|a| a.1 != own.1)) {
                return Err(format!("{query}: siyu and {other} do not agree"));
            }
            let best = PEERS.iter().filter_map(|peer| millis(peer)).fold(f64::INFINITY, f64::min);
            let [a, b, c] = ENGINES.map(shown);
            table.push_str(&format!("{query:18} {a:>10} {b:>10} {c:>10}   {:.1}\n", best / own.0));
        }
        Ok(table)
    }
}

pub fn peers(events: u64) -> Outcome {
    let log = build(&["--package", "siyu-analytics", "--example", "beside_peers"])?;
    let python = peers_python(&log)?;
    let folder = shell::workshop("bench-peers")?;
    server::fresh(&folder)?;
    println!("siyu answers over {events} events");
    let mut answers = Answers::default();
    let example = program(Build::Release, "examples").join("beside_peers");
    answers.read(&shell::run(&log, Command::new(example).arg(&folder).arg(events.to_string()))?);
    println!("the peers answer");
    let script = shell::root().join("xtask/peers/peers.py");
    answers.read(&shell::run(&log, Command::new(python).arg(script).arg(folder.join("events")))?);
    print!("{}", answers.table()?);
    Ok(())
}

/// A Python with the peers in it, of its own so that nothing else changes.
fn peers_python(log: &Path) -> Outcome<PathBuf> {
    let environment = shell::target().join("xtask/peers-python");
    let python = environment.join("bin/python");
    if !python.exists() {
        println!("installing the peers: {}", PEERS.join(", "));
        shell::run(log, Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        shell::run(log, Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PEERS))?;
    }
    Ok(python)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_count_only_when_answers_agree() {
        let lines = |peer: u32| {
            format!(
                "noise\n{{\"engine\":\"siyu\",\"query\":\"q\",\"millis\":2.0,\"answer\":[1]}}\n\
                 {{\"engine\":\"chdb\",\"query\":\"q\",\"millis\":30.0,\"answer\":[{peer}]}}\n\
                 {{\"engine\":\"duckdb\",\"query\":\"q\",\"millis\":20.0,\"answer\":[1]}}\n"
            )
        };
        let mut answers = Answers::default();
        answers.read(&lines(1));
        assert!(answers.table().expect("they agree").contains("10.0\n"));
        answers.read(&lines(2));
        assert!(answers.table().is_err());
    }
}
